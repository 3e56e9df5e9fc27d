package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"time"

	"alexnet/engine"
	"alexnet/net"
	"alexnet/train/data"
	"alexnet/train/monitor"
)

// Progress is what a run reports after each step.
type Progress struct {
	Step, Steps     int // done, planned (0: unknown)
	Epoch           float64
	Loss, Rate      float64
	Top1Error       float64 // of the training images since the last line of the log, a fraction
	ImagesPerSecond float64
	Scale           float64 // of the loss in mixed precision (net.LossScale); 0 in float32
	Waited          float64 // share of the time that the devices waited for images
	Seconds         float64 // of training since the run's start, without pauses
}

// Validation is the outcome of one pass over the validation set. Errors are
// fractions.
type Validation struct {
	Step      int     `json:"step"`
	Loss      float64 `json:"loss"`
	Top1Error float64 `json:"top1_error"`
	Top5Error float64 `json:"top5_error"`
}

// Trainer trains one network by a recipe.
type Trainer struct {
	Config   *Config
	Net      *net.Net
	Sets     *Sets
	Schedule *Schedule
	Dir      *RunDir // nil: keep nothing
	// Board is where the run shows itself and takes commands; nil: nowhere.
	Board *monitor.Board

	// OnProgress is called after each step, OnValidation after each validation,
	// OnMessage with sentences for the user. They may be nil.
	OnProgress   func(Progress)
	OnValidation func(Validation)
	OnMessage    func(string)

	colours  *Colours
	step     int    // steps done
	cursor   uint64 // images drawn
	history  []Validation
	clock    func() time.Time // time.Now, but in tests
	started  time.Time
	rate     throughput
	lastRate float64   // of the last step
	unlogged *Progress // the last step if the log does not have it
	tally    tally
	saved    saved
	kept     snapshots

	input   net.Batch // to begin a step with
	flying  []begun   // steps in flight, oldest first
	sight   *Sight
	trained bool // a step was done in this process
	outputs bool // the network's outputs are those of the last step's batch

	steered  Steered
	steering steering
	journal  []event // changes to make again, by step
	replayed []event // those that are still to be made
	devices  []*engine.Device
	earlier  float64 // seconds of training before this start
	rise     Rise
	live     live
}

// saved is what the newest checkpoint of this process holds.
type saved struct{ step, validations, changes int }

// NewTrainer builds the network of a recipe on devices. It needs Restore, or
// prepare, before it can run.
func NewTrainer(c *Config, sets *Sets, devices []*engine.Device, o net.Options) (*Trainer, error) {
	o.Batch, o.Training = c.Batch, true
	o.ImageHeight, o.ImageWidth, o.ImageScale = c.Size, c.Size, c.Scale
	n, err := net.Build(c.Net, devices, o)
	if err != nil {
		return nil, err
	}
	t := &Trainer{Config: c, Net: n, Sets: sets, Schedule: NewSchedule(c.solverFor(sets)), saved: saved{step: -1}, devices: devices, clock: time.Now}
	t.Schedule.steered = &t.steered
	t.sight = NewSight(c, n, sets.Val)
	return t, nil
}

// prepare draws the first weights and looks through the training images for the
// mean that is subtracted and the colours that shift.
func (t *Trainer) prepare(ctx context.Context, progress func(done, total int)) error {
	var err error
	if t.colours, err = measureColours(ctx, t.Config, t.Sets, progress); err != nil {
		return err
	}
	if t.colours.unreadable != "" {
		t.say(t.colours.unreadable)
	}
	if err := t.Net.SetMean(t.colours.Mean); err != nil {
		return err
	}
	return t.Net.Initialize(t.Config.Seed)
}

// ErrStopped is returned by Run when its context was cancelled: the step was
// finished and a checkpoint written. Where that failed Run returns why, instead.
var ErrStopped = errors.New("stopped")

// stop keeps what was trained of a run that is stopped.
func (t *Trainer) stop() error {
	if err := t.save(); err != nil {
		return fmt.Errorf("train: stopped after step %d, which is not kept: %w", t.step, err)
	}
	return ErrStopped
}

// Run trains until the recipe's end or the context's, then validates and writes
// a checkpoint.
func (t *Trainer) Run(ctx context.Context) error {
	over := t.Done()
	err := t.live.begin(t)
	t.started = t.clock()
	for again := err == nil; again; {
		again, err = t.offerBack(ctx, t.run(ctx))
	}
	if err == nil || errors.Is(err, ErrStopped) {
		if failed := t.last(err == nil, over); failed != nil {
			err = failed
		}
	}
	t.live.end(t, err)
	return err
}

// last logs and keeps what a run that ended well, finished or stopped, shows in the end. One
// that was over before has that already.
func (t *Trainer) last(finished, over bool) error {
	if err := t.logLast(); err != nil || t.Dir == nil {
		return err
	}
	if t.trained && t.Config.Snapshots.Every > 0 {
		if err := t.snapshot(true); err != nil {
			return err
		}
	}
	if over {
		return nil
	}
	return t.Dir.LogEnd(t.step, finished)
}

func (t *Trainer) run(ctx context.Context) error {
	c := t.Config
	loader, err := data.NewLoader(t.Sets.Train, data.LoaderOptions{
		Batch: c.Batch, Crop: c.Crop, Train: true, Seed: c.Seed, Start: t.cursor, MaxBad: c.MaxBad,
		Augment: data.Augment{RandomCrop: c.RandomCrop, Mirror: c.Mirror, Colour: c.Colour, Components: t.colours.Components},
		Workers: max(1, runtime.NumCPU()/2), Ahead: 4, OnBad: func(_ int, err error) { t.say(err.Error() + "; another image takes its place") },
	})
	if err != nil {
		return err
	}
	defer loader.Close()
	if t.Done() {
		return nil
	}
	t.rate.start(time.Now())
	defer t.land()
	for {
		if t.Net.InFlight() == 0 {
			if over, err := t.rest(ctx); over || err != nil {
				return err
			}
		}
		for t.mayBegin(ctx) {
			if err := t.begin(loader); err != nil {
				return t.keepFlying(err)
			}
		}
		if err := t.finish(); err != nil {
			return err
		}
	}
}

// rest does what is due between two steps when none is in flight, in an order that a
// replay keeps: validation or checkpoint, the end of the run, changes of a journal,
// commands. Then it shows what is watched and keeps what may be looked back at.
func (t *Trainer) rest(ctx context.Context) (over bool, err error) {
	if ctx.Err() != nil {
		return true, t.stop()
	}
	ends := t.done() // asked once: time could end the run behind a validation not made
	if t.validationDue(ends) {
		if err := t.validate(ctx); err != nil {
			return true, err
		}
		if err := t.assist(ctx); err != nil {
			return true, err
		}
		ends = t.done()
	} else if every := t.Config.Checkpoint.Every; every > 0 && t.step > 0 && t.step%every == 0 {
		if err := t.save(); err != nil {
			return true, err
		}
	}
	if ends {
		return true, t.save()
	}
	if err := t.replay(ctx); err != nil {
		return true, err
	}
	if over, err := t.obeyAll(ctx); over || err != nil {
		return true, err
	}
	if err := t.look(); err != nil {
		return true, err
	}
	if t.snapshotDue(t.step) { // its image may overwrite the batch's outputs
		return false, t.snapshot(false)
	}
	return false, nil
}

// validationDue says whether the steps done end with a validation that was not made
// yet, perhaps because the run was stopped in it. A run that ends has one.
func (t *Trainer) validationDue(ends bool) bool {
	if last, ok := t.Last(); ok && last.Step == t.step {
		return false
	}
	return ends || t.planned(t.step)
}

// planned says whether the recipe has a validation behind a step. Those that a start ends
// with, or that a user asks for, count for no rule: how often they come changes nothing.
func (t *Trainer) planned(step int) bool {
	return step > 0 && step%ValidationSteps(t.Config, t.Sets) == 0
}

// ValidationSteps is the number of steps from one validation to the next.
func ValidationSteps(c *Config, sets *Sets) int {
	if c.Validate.Every > 0 {
		return c.Validate.Every
	}
	return max(1, (sets.Train.Len()+c.Batch-1)/c.Batch) // one pass
}

// PlannedSteps is the number of steps that a recipe plans, 0 if it sets no bound.
func PlannedSteps(c *Config, sets *Sets) int {
	n := c.Solver.MaxSteps
	if c.Solver.MaxEpochs > 0 {
		if epochs := c.stepsOf(c.Solver.MaxEpochs, sets); n == 0 || epochs < n {
			n = epochs
		}
	}
	return n
}

// stepsOf is the number of steps with which so many epochs are over.
func (c *Config) stepsOf(epochs float64, sets *Sets) int {
	return int(math.Ceil(epochs * float64(sets.Train.Len()) / float64(c.Batch)))
}

func (t *Trainer) steps() int { return PlannedSteps(t.Config, t.Sets) }

func (t *Trainer) done() bool {
	s := t.Config.Solver
	if t.Schedule.Finished || t.steps() > 0 && t.step >= t.steps() {
		return true
	}
	return s.MaxMinutes > 0 && !t.started.IsZero() && t.clock().Sub(t.started) > time.Duration(s.MaxMinutes*float64(time.Minute))
}

func (t *Trainer) mixed() bool { return t.Config.Net.Precision == net.Mixed }

func notFinite(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

// explode says where a run's numbers ceased to be finite. The newest checkpoint
// is from before.
func (t *Trainer) explode() error {
	where, err := t.Net.NotFinite()
	if err != nil {
		return err
	}
	if where == "" {
		where = "the loss"
	}
	t.say(fmt.Sprintf("step %d: NaN or Inf in %s", t.step, where))
	if err := t.note(keyFailed, nil, "failed", fmt.Sprintf("NaN or Inf, first in %s, at step %s", where, monitor.Count(t.step))); err != nil {
		return err
	}
	return &exploded{t.step, where, t.adviceExploded()}
}

// adviceExploded says how to go on where a run's numbers ceased to be finite.
func (t *Trainer) adviceExploded() string {
	if t.Dir != nil {
		if l, _, err := NewestCheckpoint(t.Dir.Checkpoints()); err == nil {
			defer l.Close()
			return "the last checkpoint is from before: resume it with --resume --set solver.rate=" + monitor.Rate(l.saferRate(t.rateNow()))
		}
	}
	return "there is no checkpoint yet: start anew with a lower solver.rate"
}

// validate tests on the validation set, tells the schedule and writes a
// checkpoint.
func (t *Trainer) validate(ctx context.Context) error {
	if t.live.state == monitor.Training {
		t.live.is(monitor.Validating, "")
		t.show(true)
		defer t.live.is(monitor.Training, "")
	}
	e := Evaluation{OnMessage: t.OnMessage}
	t.outputs = false
	v, err := e.Run(ctx, t.Net, t.Config, t.Sets.Val)
	if ctx.Err() != nil {
		return t.stop()
	}
	if errors.Is(err, ErrExploded) {
		return t.explode()
	}
	if err != nil {
		return errors.Join(err, t.save())
	}
	v.Step = t.step
	t.history = append(t.history, v)
	t.live.validation(t, v)
	if t.planned(t.step) && t.Schedule.Validated(v.Top1Error) {
		t.say(fmt.Sprintf("validation error has not improved for %d validations: the rate drops to %s", t.Config.Solver.Patience, monitor.Rate(t.Schedule.Rate(t.step))))
	}
	if t.Dir != nil {
		if err := t.Dir.LogValidation(v); err != nil {
			return err
		}
	}
	if t.OnValidation != nil {
		t.OnValidation(v)
	}
	t.rate.start(time.Now())
	t.show(true)
	return t.save()
}

// rateNow is the rate as the recipe or the user has set it, without drops.
func (t *Trainer) rateNow() float64 { return rateOf(&t.steered, t.Config) }

// rateOf is the rate of a recipe, or what it was steered to, without drops.
func rateOf(s *Steered, c *Config) float64 {
	rate := c.Solver.Rate
	if s != nil && s.Rate > 0 {
		rate = s.Rate
	}
	if s != nil && s.Scale > 0 {
		rate *= s.Scale
	}
	return rate
}

// seconds is how long the run has trained.
func (t *Trainer) seconds() float64 { return t.earlier + t.clock().Sub(t.started).Seconds() }

func (t *Trainer) say(message string) {
	if t.OnMessage != nil {
		t.OnMessage(message)
	}
}
