package monitor

import (
	"errors"
	"sync/atomic"
)

// Verb is what a command asks for.
type Verb int

// The commands to a run.
const (
	Pause Verb = iota
	Resume
	StepOnce
	SetRate     // Value
	SetMomentum // Value
	SetDecay    // Value
	SetDropout  // Value, the probability
	DropoutOn   // Value 1, DropoutOff: 0
	Validate
	Save // a checkpoint
	Stop // with a checkpoint
	GoBack
	Answer // to the card: Value 1 is yes; Text is its title
	Undo
)

// Command is a wish of the user. A trainer obeys between two steps.
type Command struct {
	Verb  Verb
	Value float64
	Text  string
}

// Watch is what the viewer shows at the moment: a trainer computes nothing that
// is not looked at.
type Watch struct {
	Hidden   bool // nobody looks: publish nothing but the log
	Kernels  bool
	Maps     bool
	Faces    bool
	Layers   bool
	Timeline bool
	Layer    string // of the maps
	Image    int    // of the validation set; -1: File
	File     string
}

// ErrBusy is what Send returns while a trainer has not yet obeyed earlier
// commands.
var ErrBusy = errors.New("the run has not yet obeyed the commands before; try again in a moment")

// waiting is how many commands may wait for a step's end.
const waiting = 16

// Board is where one side, a trainer or a reader of run directories, puts
// snapshots up and takes commands off, and the other reads and sends. Neither
// ever waits for the other.
type Board struct {
	latest   atomic.Pointer[Snapshot]
	watch    atomic.Pointer[Watch]
	changed  chan struct{}
	commands chan Command
}

// NewBoard makes a board that shows a first snapshot.
func NewBoard(first *Snapshot) *Board {
	b := &Board{changed: make(chan struct{}, 1), commands: make(chan Command, waiting)}
	b.latest.Store(first)
	b.watch.Store(&Watch{})
	return b
}

// Publish puts a snapshot up in the place of the last one. It must not change
// any more.
func (b *Board) Publish(s *Snapshot) {
	b.latest.Store(s)
	select {
	case b.changed <- struct{}{}:
	default: // the reader has not yet seen the last change: one token is enough
	}
}

// Commands is where the trainer takes commands between two steps.
func (b *Board) Commands() <-chan Command { return b.commands }

// Watched is what the viewer shows at the moment.
func (b *Board) Watched() Watch { return *b.watch.Load() }

// Latest is the newest snapshot, never nil.
func (b *Board) Latest() *Snapshot { return b.latest.Load() }

// Changed has a token after each publication that was not yet taken notice of.
func (b *Board) Changed() <-chan struct{} { return b.changed }

// Watch tells what is shown.
func (b *Board) Watch(w Watch) { b.watch.Store(&w) }

// Send passes a command on. It fails at once where the run cannot be steered or
// is busy.
func (b *Board) Send(c Command) error {
	if why := b.Latest().WatchOnly; why != "" {
		return errors.New(why)
	}
	select {
	case b.commands <- c:
		return nil
	default:
		return ErrBusy
	}
}

// Close ends the watching; the run goes on.
func (b *Board) Close() error {
	b.Watch(Watch{Hidden: true})
	return nil
}
