package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"alexnet/cmd/internal/launch"
	"alexnet/net"
	"alexnet/train"
	"alexnet/train/monitor"
	"alexnet/viewer"
	"alexnet/viewer/theme"
)

// session is a run that this process trains. The window reads its board.
type session struct {
	*monitor.Board
	flags  launch.Flags
	config *train.Config
	sets   *train.Sets // nil: they are still to be opened
	first  *monitor.Snapshot

	cancel   context.CancelFunc
	leave    context.CancelFunc // nobody looks any more
	done     chan struct{}
	err      error                  // behind done
	copies   atomic.Pointer[copies] // once it has ended
	detached atomic.Bool
}

// begin starts to train, on a goroutine, until the context ends. It waits until the
// window is shown: software drivers of OpenGL and Vulkan share a compiler, and it
// was seen to crash where both began to compile at once. Sets may be nil: then it opens
// the images itself.
func begin(ctx context.Context, flags launch.Flags, config *train.Config, sets *train.Sets, shown <-chan struct{}) *session {
	s := &session{flags: flags, config: config, sets: sets, done: make(chan struct{})}
	s.first = &monitor.Snapshot{
		Run: train.Describe(config, flags.Run, nil), Solver: train.Steered{}.Solver(config), Reason: "opening the images", Since: time.Now(), Read: 1,
	}
	s.Board = monitor.NewBoard(s.first)
	looking, leave := context.WithCancel(ctx)
	ctx, s.cancel = context.WithCancel(ctx)
	s.leave = leave
	go func() {
		defer close(s.done)
		<-shown
		s.err = s.train(ctx)
		if s.err != nil && s.Latest().State.Live() {
			s.failed(s.err)
		}
		s.ended(looking)
	}()
	return s
}

// ended offers what can be done with the run from now on: a copy of its network can
// look at images, and training can go on.
func (s *session) ended(ctx context.Context) {
	if !train.HasCheckpoint(s.flags.Run) {
		return
	}
	last := *s.Latest()
	last.Resumable = true
	c := newCopies(s.Board, s.flags.Run, bestDevices, func() *monitor.Snapshot { return &last })
	s.copies.Store(c)
	go c.look(ctx)
}

// Close ends the watching; wait waits for the end of what looks at a run that has
// ended, as that of copies does.
func (s *session) Close() error {
	s.leave()
	return s.Board.Close()
}

func (s *session) wait(until <-chan struct{}) {
	if c := s.copies.Load(); c != nil {
		c.wait(until)
	}
}

// Send passes a command on. What prepares takes none: it is stopped at once.
func (s *session) Send(c monitor.Command) error {
	switch state := s.Latest().State; {
	case c.Verb == monitor.Stop && state == monitor.Preparing:
		s.cancel()
	case c.Verb == monitor.Load && s.copies.Load() != nil:
		s.copies.Load().ask()
	case !state.Live():
		return errors.New("The run has ended.")
	default:
		return s.Board.Send(c)
	}
	return nil
}

// prepares says what is done before the first step.
func (s *session) prepares(what string) {
	now := *s.first
	now.Reason = what
	s.Publish(&now)
}

// failed shows why the run did not begin.
func (s *session) failed(err error) {
	now := *s.first
	now.State, now.Reason, now.Since = monitor.Failed, "before its first step", time.Now()
	now.Notices = []monitor.Notice{{Error: true, Text: viewer.Sentence(err)}}
	if errors.Is(err, context.Canceled) {
		now.State, now.Notices = monitor.Stopped, nil
	}
	s.Publish(&now)
}

func (s *session) train(ctx context.Context) error {
	sets := s.sets
	if sets == nil {
		var err error
		if sets, err = s.flags.Sets(s.config); err != nil {
			return err
		}
	}
	devices, err := s.flags.OpenDevices(s.config.Net.Columns)
	if err != nil {
		return err
	}
	defer launch.CloseDevices(devices)
	o := s.flags.Options()
	o.OnMessage = func(text string) { fmt.Println(text) } // --weights and --resume are the terminal's
	o.Net = net.Options{Tuning: s.tuning(ctx, o.OnMessage)}
	o.OnImages = func(done, total int) {
		if done == total || done%max(1, total/50) == 0 {
			s.prepares(fmt.Sprintf("reading images: %d %%", 100*done/max(1, total)))
		}
	}
	t, err := train.Start(ctx, s.config, sets, devices, o)
	if err != nil {
		return err
	}
	defer t.Close()
	t.Board = s.Board
	t.OnMessage, t.OnProgress = s.message, s.progress()
	return launch.Train(ctx, t, s.flags.Run)
}

// tuning returns what shows how far the choice of kernels has come and stops it with the
// context; it warns once where choices cannot be remembered.
func (s *session) tuning(ctx context.Context, say func(text string)) func(net.Choosing) error {
	warned := false
	return func(c net.Choosing) error {
		what := fmt.Sprintf("choosing kernels: %v", c)
		if c.Lost == nil {
			what += " (later runs remember them)"
		} else if !warned {
			warned = true
			say("warning: " + c.Lost.Error())
		}
		s.prepares(what)
		return ctx.Err()
	}
}

// message tells on the terminal what the window no longer shows.
func (s *session) message(text string) {
	if s.detached.Load() {
		fmt.Println(text)
	}
}

// progress prints a line now and then once the window is closed.
func (s *session) progress() func(train.Progress) {
	var last time.Time
	return func(p train.Progress) {
		if s.detached.Load() && (time.Since(last) > 10*time.Second || p.Step == p.Steps) {
			last = time.Now()
			fmt.Printf("step %d, epoch %.2f: loss %s, rate %s, %.0f images/s\n", p.Step, p.Epoch, theme.Loss(p.Loss), theme.Rate(p.Rate), p.ImagesPerSecond)
		}
	}
}

// end waits for the end, and says how it ended.
func (s *session) end() error {
	if s.detached.Load() {
		fmt.Println("training goes on without a window; Ctrl-C stops it with a checkpoint")
	}
	<-s.done
	if errors.Is(s.err, train.ErrStopped) {
		fmt.Println("stopped; go on with: " + s.flags.ResumeHint())
		return nil
	}
	if errors.Is(s.err, context.Canceled) {
		return nil // before its first step
	}
	return s.err
}

// waker wakes a window that may be closed already.
type waker struct {
	mu   sync.Mutex
	wake func() // nil: it is closed
}

func (w *waker) call() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.wake != nil {
		w.wake()
	}
}

func (w *waker) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wake = nil
}

// sessions are the runs that this process trains, and those that it watches.
type sessions struct {
	ctx   context.Context
	kept  *kept
	shown chan struct{} // closed by show
	show  func()        // the window is shown, or never will be

	mu   sync.Mutex // of what goroutines that open and list runs use, too
	all  []*session
	seen []*watched
}

// begin trains in this process; sets as the function begin has them.
func (s *sessions) begin(flags launch.Flags, config *train.Config, sets *train.Sets) *session {
	one := begin(s.ctx, flags, config, sets, s.shown)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, one)
	return one
}

// see keeps a run that is watched until it is closed and what looked at it has ended.
func (s *sessions) see(w *watched) *watched {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(slices.DeleteFunc(s.seen, (*watched).ended), w)
	return w
}

// recent lists the runs for the start page. One that has just ended here lets its folder go
// first, or it would be one that trains.
func (s *sessions) recent() ([]viewer.Recent, error) {
	s.mu.Lock()
	all := slices.Clone(s.all)
	s.mu.Unlock()
	for _, one := range all {
		if one.Latest().State.Live() {
			continue
		}
		select {
		case <-one.done:
		case <-time.After(answering):
		}
	}
	return recent(s.kept.paths())
}

// demo trains the demo, with settings that are changed, on two devices, or twice on
// the only one.
func (s *sessions) demo(changed []string) (viewer.Source, error) {
	flags := launch.Flags{Devices: []string{"2"}, Set: changed}
	config, err := flags.Config(theDemo)
	if err != nil {
		return nil, err
	}
	s.kept.remember(flags.Run)
	return s.begin(flags, config, nil), nil
}

// detach lets those that train go on without a window.
func (s *sessions) detach() {
	for _, one := range s.all {
		one.detached.Store(s.ctx.Err() == nil && goesOn(one.Latest()))
	}
}

// goesOn says whether a run trains on when nobody looks: not one that was told to stop, or
// that asks whether it shall end.
func goesOn(now *monitor.Snapshot) bool {
	asks := now.Card != nil && now.Card.No.Command.Verb == monitor.Stop
	return now.State.Live() && !now.Awaits(monitor.Stop) && !asks
}

// displayLost lets what trains, or is about to, go on to its end without a window, and ends
// the process then.
func (s *sessions) displayLost(why error) {
	problem(why)
	s.show()
	s.detach()
	err := s.end()
	if err == nil {
		err = s.ctx.Err()
	}
	if err == nil && len(s.all) == 0 {
		os.Exit(1) // it has shown a run of another process
	}
	os.Exit(launch.ExitCode(s.ctx, "alexview", err))
}

// end ends what is not detached, and waits for all. Nobody looks at them any more, nor
// answers: one that is paused goes on. All are told before one is waited for: what is looked
// at may not answer, and keeps nothing from being stopped.
func (s *sessions) end() error {
	s.mu.Lock()
	seen := slices.Clone(s.seen)
	s.mu.Unlock()
	for _, w := range seen {
		w.Close() // again, but for the one that is shown
	}
	for _, one := range s.all {
		one.Close()
		if !one.detached.Load() {
			one.cancel()
		}
	}
	var all []error
	for _, one := range s.all {
		all = append(all, one.end())
	}
	ctx, cancel := context.WithTimeout(context.Background(), reading)
	defer cancel()
	for _, w := range seen {
		w.wait(ctx.Done())
	}
	for _, one := range s.all {
		one.wait(ctx.Done())
	}
	return errors.Join(all...)
}

// problem is printed where the program goes on all the same.
func problem(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "alexview:", err)
	}
}
