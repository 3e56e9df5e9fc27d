package monitor

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// Watch is what the viewer shows at the moment: a trainer computes nothing that
// is not looked at.
type Watch struct {
	Hidden   bool // nobody looks: publish nothing but the log
	Kernels  bool
	Patches  bool // that excite kernels
	Maps     bool
	Faces    bool
	Layers   bool
	Timeline bool
	Layer    string // of the maps
	Image    int    // of the validation set; -1: File
	File     string
	Frame    int  // of an animated file
	Playing  bool // one frame follows another: they may wait for each other
}

// NextFrame says of what is watched now whether only the frame of a video differs
// from what was before.
func (w Watch) NextFrame(before Watch) bool {
	if !w.Playing || !before.Playing {
		return false
	}
	before.File, before.Frame = w.File, w.Frame
	return w == before
}

// ErrBusy is what Send returns while a trainer has not yet obeyed earlier
// commands.
var ErrBusy = errors.New("the run has not yet obeyed the commands before; try again in a moment")

// waiting is how many commands may wait for a step's end.
const waiting = 16

// Board is where one side, a trainer or a reader of run directories, puts
// snapshots up and takes commands off, and the other reads and sends. Neither
// ever waits for what the other does.
type Board struct {
	latest   atomic.Pointer[Snapshot]
	watch    atomic.Pointer[Watch]
	closed   atomic.Bool
	turned   chan struct{}
	changed  chan struct{}
	commands chan Command

	mu      sync.Mutex // held for moments, of the rest
	pending []Command  // sent and not yet obeyed
}

// NewBoard makes a board that shows a first snapshot.
func NewBoard(first *Snapshot) *Board {
	b := &Board{changed: make(chan struct{}, 1), turned: make(chan struct{}, 1), commands: make(chan Command, waiting)}
	b.latest.Store(first)
	b.watch.Store(&Watch{})
	return b
}

// Publish puts a snapshot up in the place of the last one. It must not change
// any more. Commands that wait are added to what is seen of it.
func (b *Board) Publish(s *Snapshot) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.publish(s)
}

func (b *Board) publish(s *Snapshot) {
	if len(b.pending) > 0 || len(s.Pending) > 0 {
		seen := *s
		seen.Pending = slices.Clone(b.pending)
		s = &seen
	}
	b.latest.Store(s)
	signal(b.changed)
}

// Commands is where the trainer takes commands between two steps. It says Obeyed
// behind each.
func (b *Board) Commands() <-chan Command { return b.commands }

// Obeyed takes the oldest command from those that are shown as waiting.
func (b *Board) Obeyed() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.pending) > 0 {
		b.pending = b.pending[1:]
	}
}

// Watched is what the viewer shows at the moment.
func (b *Board) Watched() Watch { return *b.watch.Load() }

// Latest is the newest snapshot, never nil.
func (b *Board) Latest() *Snapshot { return b.latest.Load() }

// Changed has a token after each publication that was not yet taken notice of.
func (b *Board) Changed() <-chan struct{} { return b.changed }

// Watch tells what is shown.
func (b *Board) Watch(w Watch) {
	b.watch.Store(&w)
	signal(b.turned)
}

// Turned has a token when something else may be watched than before.
func (b *Board) Turned() <-chan struct{} { return b.turned }

// signal leaves a token for who reads a channel; one that lies there is enough.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Send passes a command on; the snapshot shows it as waiting until it is obeyed.
// It fails at once where the run cannot be steered or is busy, or can never obey.
func (b *Board) Send(c Command) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	latest := b.Latest()
	if why := latest.WatchOnly; why != "" {
		return errors.New(why)
	}
	if err := c.Check(latest.Solver); err != nil {
		return err
	}
	select {
	case b.commands <- c:
		b.pending = append(b.pending, c)
		b.publish(latest)
		return nil
	default:
		return ErrBusy
	}
}

// Close ends the watching; the run goes on.
func (b *Board) Close() error {
	b.closed.Store(true)
	b.Watch(Watch{Hidden: true}) // behind that: who wakes by it hears that nobody watches
	return nil
}

// Closed says whether nobody watches any more, or will answer.
func (b *Board) Closed() bool { return b.closed.Load() }
