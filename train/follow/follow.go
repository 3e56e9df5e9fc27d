// Package follow reads a run directory while another process writes it, or one
// that is finished, and publishes what it finds as snapshots. It only ever reads:
// training does not notice it, and it does not mind how training ends.
package follow

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"
	"time"

	"alexnet/train"
	"alexnet/train/monitor"
)

// interval is how often a run directory is looked at.
const interval = 250 * time.Millisecond

// silence is how long a run may write nothing before it is asked about. A run
// that logs seldom is given ten times the time between its lines.
const silence = 2 * time.Minute

// Follower publishes the state of a run directory.
type Follower struct {
	*monitor.Board
	path string
	run  *monitor.Run
	recipe
	log     logReader
	keep    shots
	trainer trainer

	stop   chan struct{}
	closed sync.Once
	now    func() time.Time // a test's clock
	last   string           // the fingerprint of what was published

	grown time.Time // when the log was seen to grow, by this machine's clock; zero: not yet
	held  bool      // its trainer's lock was seen
}

// Open begins to follow a run directory. Its recipe must be readable; its log and
// checkpoints may come later.
func Open(path string) (*Follower, error) {
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	go f.loop()
	return f, nil
}

func open(path string) (*Follower, error) {
	run, recipe, err := describe(path)
	if err != nil {
		return nil, err
	}
	f := &Follower{path: path, run: run, recipe: recipe, stop: make(chan struct{}), now: time.Now}
	f.log = logReader{path: filepath.Join(path, "log.jsonl"), batch: run.Batch, classes: recipe.classes}
	f.keep = f.shots()
	f.log.read() // the first thing shown is what the run is, not that it is being opened
	f.Board = monitor.NewBoard(f.snapshot(train.Locked(path)))
	return f, nil
}

func (f *Follower) shots() shots {
	return shots{run: f.path, weight: f.layer + ".weight", columns: f.run.Columns, every: f.snapshots}
}

// Read reads a run's recipe and log once. Nothing of its checkpoints is in the snapshot.
func Read(path string) (*monitor.Snapshot, error) {
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	for f.log.read() {
	}
	if f.log.problem != "" {
		return nil, fmt.Errorf("follow: run %s: %s", path, f.log.problem)
	}
	return f.snapshot(train.Locked(path)), nil
}

// Close ends the following. It does not wait for a look that has begun: on a mounted folder
// whose server does not answer that may take for ever.
func (f *Follower) Close() error {
	f.closed.Do(func() { close(f.stop) })
	return nil
}

func (f *Follower) loop() {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		// A long log is read in pieces, each of which is shown.
		for more := true; more; {
			more = f.look()
			select {
			case <-f.stop:
				return
			default:
			}
		}
		select {
		case <-f.stop:
			return
		case <-tick.C:
		}
	}
}

// look reads what is new and publishes it. It says whether there is more to read
// at once.
func (f *Follower) look() (more bool) {
	alive, before, anew := train.Locked(f.path), f.log.growth, f.log.anew
	f.held = f.held || alive
	f.renew()
	more = f.log.read()
	if f.log.growth != before {
		f.grown = f.now()
	}
	if f.log.anew > anew { // the run went back: what came behind is no more
		f.keep = f.shots()
	}
	if !more {
		more = f.keep.read(f.log.epochOf)
	}
	s := f.snapshot(alive)
	if mark := fingerprint(s); mark != f.last {
		f.last = mark
		f.Publish(s)
	}
	return more
}

// fingerprint tells snapshots apart by what can change in them.
func fingerprint(s *monitor.Snapshot) string {
	kernels := 0
	if n := len(s.Kernels); n > 0 {
		kernels = s.Kernels[n-1].Step
	}
	pasts := 0
	if n := len(s.Pasts); n > 0 {
		pasts = s.Pasts[n-1].Step
	}
	run := fmt.Sprintf("%p", s.Run) // another one is made where anything of it changes
	return fmt.Sprint(run, s.State, s.WatchOnly, s.Resumable, s.Step, s.Reason, s.Read, len(s.Points), len(s.Validations), len(s.Events), len(s.Kernels), kernels, len(s.Pasts), pasts, s.Notices)
}

func (f *Follower) snapshot(alive bool) *monitor.Snapshot {
	l := &f.log
	s := &monitor.Snapshot{
		Run: f.run, Read: l.share(),
		Points: l.points, Validations: l.validations, Events: f.events(), Kernels: f.keep.list, Pasts: f.keep.pasts,
		Step: l.step, Solver: f.solver,
	}
	s.Unreadable, _ = l.left()
	s.Solver.Rate = l.rate()
	l.steer(&s.Solver)
	if per := l.stepsPerEpoch(); per > 0 && per != f.run.StepsPerEpoch {
		f.run = f.planned(per)
		s.Run = f.run
	}
	s.State = f.stateOf(alive)
	if l.step == 0 && !s.State.Live() {
		s.Step = f.keep.newest() // the log does not tell
	}
	s.Epoch = l.epochOf(s.Step)
	if s.State.Live() {
		f.findTrainer(alive)
	}
	s.WatchOnly, s.Stoppable = f.watchOnly(s.State.Live())
	s.Resumable = !s.State.Live() && train.HasCheckpoint(f.path)
	s.Since = l.changed
	s.Notices = f.notices(s.State)
	s.Reason = f.reason(s)
	return s
}

// reason is behind the state. A run whose log does not tell its step has come at least as
// far as its newest file.
func (f *Follower) reason(s *monitor.Snapshot) string {
	switch {
	case s.State == monitor.Failed:
		return "NaN, step " + monitor.Count(max(f.log.firstNaN, f.log.failedStep))
	case s.State != monitor.Finished && s.State != monitor.Stopped:
		return ""
	case f.log.step > 0 || s.Step == 0 && s.Unreadable == 0:
		return "at step " + monitor.Count(s.Step)
	case s.Step > 0:
		return "step " + monitor.Count(s.Step) + " or later" // short: the header of a small window shows it
	}
	return "log unreadable"
}

// planned is the run with what only the log tells: how long an epoch is.
func (f *Follower) planned(perEpoch float64) *monitor.Run {
	run := *f.run // published ones do not change
	run.StepsPerEpoch = perEpoch
	if f.maxEpochs > 0 {
		steps := int(math.Ceil(f.maxEpochs * perEpoch))
		if f.maxSteps == 0 || steps < f.maxSteps {
			run.Steps = steps
		}
	}
	return &run
}

// stateOf guesses from the lock, the log and the plan what the run is doing.
func (f *Follower) stateOf(alive bool) monitor.State {
	switch {
	case !alive && f.log.broken():
		return monitor.Failed
	case !alive && (f.log.finished || f.run.Steps > 0 && f.log.step >= f.run.Steps):
		return monitor.Finished
	case alive && f.log.paused:
		return monitor.Paused
	case alive && f.log.step == 0:
		return monitor.Preparing
	case alive:
		return monitor.Training
	case !f.held && !f.log.ended && !f.grown.IsZero() && f.quiet() < max(10*time.Second, 10*f.log.usual()):
		return monitor.Training // a mounted folder shows no locks of its server, but its log grows
	}
	return monitor.Stopped
}

// quiet is for how long the log has not grown. The clock of a mounted folder's server may be
// another: where the log was seen to grow, that counts.
func (f *Follower) quiet() time.Duration {
	if f.grown.IsZero() {
		return f.now().Sub(f.log.changed)
	}
	return f.now().Sub(f.grown)
}

func (f *Follower) notices(state monitor.State) (out []monitor.Notice) {
	if f.log.problem != "" {
		out = append(out, monitor.Notice{Text: f.log.problem})
	}
	if f.log.half() && !state.Live() {
		out = append(out, monitor.Notice{Text: fmt.Sprintf("The log ends in the middle of step %s. Everything before it is shown.", monitor.Count(f.log.partialStep()))})
	}
	if n, first := f.log.left(); n > 0 {
		out = append(out, monitor.Notice{Text: fmt.Sprintf("%s of the log cannot be read and %s left out; the first is line %s.", plural(n, "line"), isAre(n), monitor.Count(first))})
	}
	if step := f.log.firstNaN; step > 0 {
		out = append(out, monitor.Notice{Error: true, Text: fmt.Sprintf("The loss became NaN at step %s. Resume from the checkpoint before with a lower rate.", monitor.Count(step))})
	}
	if r := &f.log.rise; r.Risen() {
		out = append(out, monitor.Notice{Text: r.String() + " " + r.Advice(f.path)})
	}
	if l := &f.log; l.failed != "" && l.firstNaN == 0 {
		out = append(out, monitor.Notice{Error: true, Text: l.failed + "."})
	}
	if !state.Live() {
		out = append(out, f.missing()...)
	}
	out = append(out, f.keep.notices...)
	if state.Live() && state != monitor.Paused && !f.log.changed.IsZero() {
		if quiet := f.quiet(); quiet > max(silence, 10*f.log.usual()) {
			out = append(out, monitor.Notice{Text: fmt.Sprintf("The run has been silent for %s. Is its process alive?", minutes(quiet))})
		}
	}
	return out
}

// missing tells what a run that is over should have in its folder and has not.
func (f *Follower) missing() (out []monitor.Notice) {
	k := &f.keep
	if f.log.file == nil && len(k.events)+len(k.pasts) > 0 {
		out = append(out, monitor.Notice{Text: "The log is missing: what is shown are checkpoints and snapshots."})
	}
	switch n := len(k.missing); {
	case n == 1:
		out = append(out, monitor.Notice{Text: fmt.Sprintf("The snapshot of step %s is missing.", monitor.Count(k.missing[0]))})
	case n > 1:
		out = append(out, monitor.Notice{Text: fmt.Sprintf("%s are missing; the first is that of step %s.", plural(n, "snapshot"), monitor.Count(k.missing[0]))})
	case k.none:
		out = append(out, monitor.Notice{Text: "There are no snapshots: what can be looked back at are the checkpoints."})
	}
	return out
}

// events are those that the log tells of and the checkpoints that were seen.
func (f *Follower) events() []monitor.Event { return train.WithFiles(f.log.events, f.keep.events) }

// exists says whether there is such a file.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Peek reads a run directory once.
func Peek(path string) (*monitor.Snapshot, error) {
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	for f.look() {
	}
	return f.Latest(), nil
}
