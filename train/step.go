package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"alexnet/engine"
	"alexnet/net"
	"alexnet/train/data"
)

// begun is what the trainer remembers of a step in flight.
type begun struct {
	rate         float64
	measured     bool
	next         uint64 // cursor behind it
	asked, given time.Time
	loader       *data.Loader
}

// mayBegin says whether a step may begin now, beside the one in flight if it needs
// nothing from its result.
func (t *Trainer) mayBegin(ctx context.Context) bool {
	switch t.Net.InFlight() {
	case 0:
		return true
	case 1:
		return ctx.Err() == nil && !t.done() && !t.restsBehind(t.step+1) && !t.wanted()
	}
	return false
}

// wanted says whether somebody waits for the steps in flight to end: a command, a
// look at what is watched, a paused run.
func (t *Trainer) wanted() bool {
	return t.steering.paused || t.flying[0].measured || len(t.commands()) > 0 || t.lookDue()
}

// restsBehind says whether a validation, a checkpoint, a snapshot, a change of a
// journal or the run's end comes behind a step.
func (t *Trainer) restsBehind(step int) bool {
	every := t.Config.Checkpoint.Every
	if len(t.replayed) > 0 && step == t.replayed[0].Step {
		return true
	}
	return every > 0 && step%every == 0 || t.snapshotDue(step) || step%ValidationSteps(t.Config, t.Sets) == 0 || step == t.steps()
}

// begin hands the next batch to the devices.
func (t *Trainer) begin(loader *data.Loader) error {
	s := t.solver(t.step + t.Net.InFlight())
	f := begun{rate: s.Rate, asked: time.Now(), loader: loader}
	// A stop request lets the step finish: the loader gets a context of its own.
	b, err := loader.Next(context.Background())
	if err != nil {
		return err
	}
	defer b.Release()
	f.given, f.next = time.Now(), b.Next
	f.measured, t.live.measure = t.live.measure, false
	t.steering.single = max(0, t.steering.single-1)
	begin := t.Net.Begin
	if f.measured {
		begin = t.Net.BeginMeasured
	}
	if err = begin(batch(b, &t.input), s); err != nil && f.measured && t.Net.InFlight() == 0 {
		t.live.cannotMeasure(err)
		f.measured = false
		err = t.Net.Begin(&t.input, s)
	}
	t.flying = append(t.flying, f)
	t.live.upload = time.Since(f.given)
	return err
}

// finish waits for the oldest step in flight and reports it.
func (t *Trainer) finish() error {
	r, err := t.Net.Await()
	if err != nil {
		return err
	}
	f := t.flying[0]
	t.flying = append(t.flying[:0], t.flying[1:]...)
	loss := r.Mean()
	t.step++
	if r.Exploded() {
		t.land()
		return t.explode()
	}
	t.cursor, t.trained, t.outputs = f.next, true, true
	if f.measured {
		if err := t.takeTimeline(f); err != nil {
			return err
		}
	}
	t.rate.waits(f, r.Ended)
	return t.report(f, r, loss)
}

// keepFlying ends a run that a step cannot begin for, with those in flight and a checkpoint.
func (t *Trainer) keepFlying(err error) error {
	for t.Net.InFlight() > 0 {
		if failed := t.finish(); failed != nil {
			return also(err, failed)
		}
	}
	return also(err, t.save())
}

// also joins an error that followed, unless it says the same again: that a device is lost.
func also(err, failed error) error {
	if errors.Is(err, engine.ErrDeviceLost) && errors.Is(failed, engine.ErrDeviceLost) {
		return err
	}
	return errors.Join(err, failed)
}

// land waits for the steps in flight of a run that ends without them.
func (t *Trainer) land() {
	for t.Net.InFlight() > 0 {
		t.Net.Await()
	}
	t.flying = t.flying[:0]
}

func (t *Trainer) report(f begun, r net.Result, loss float64) error {
	c := t.Config
	if r.Skipped {
		t.say(fmt.Sprintf("step %d: gradients times %g overflowed and updated nothing; now %g", t.step, r.Scale, r.Scale/2))
	}
	p := Progress{Step: t.step, Steps: t.steps(), Epoch: float64(t.cursor) / float64(t.Sets.Train.Len()), Loss: loss, Rate: f.rate, Seconds: t.seconds()}
	if t.mixed() {
		p.Scale = r.Scale
	}
	p.ImagesPerSecond, p.Waited = t.rate.add(c.Batch, time.Now())
	p.Top1Error = t.tally.add(r)
	// Of a paused run each single step is one that somebody wants to see.
	if dropped := t.drops(p); dropped || t.steering.paused || t.step%c.Log.Every == 0 || t.step == 1 || t.step == t.steps() {
		if err := t.log(p); err != nil {
			return err
		}
		if err := t.watchRise(p); err != nil {
			return err
		}
	} else {
		t.unlogged = &p
	}
	t.show(false)
	if t.OnProgress != nil {
		t.OnProgress(p)
	}
	return nil
}

// log writes a line of the log and shows its point.
func (t *Trainer) log(p Progress) error {
	t.unlogged, t.tally = nil, tally{}
	if t.Dir != nil {
		if err := t.Dir.LogTrain(p); err != nil {
			return err
		}
	}
	t.live.point(t, p)
	return nil
}

// logLast logs the step with which a run ends if it was none that is logged, so that
// curves and lists of runs end where the run did.
func (t *Trainer) logLast() error {
	if t.unlogged == nil {
		return nil
	}
	return t.log(*t.unlogged)
}

// drops says whether the schedule lowered the rate for a step, which gets a line of the log
// of its own: otherwise a drop would seem to be where the next line is.
func (t *Trainer) drops(p Progress) bool {
	last := t.lastRate
	t.lastRate = p.Rate
	return p.Rate < last && t.Config.Solver.Schedule != "fixed"
}

// throughput is the speed over the last few seconds of training, of a young run since its
// first step.
type throughput struct {
	since  time.Time
	waited time.Duration
	images int
	steady bool // the first few seconds are over
	speed  float64
	share  float64
	ended  time.Time // of the last step
}

// start goes on behind a pause or a validation, which does not count.
func (r *throughput) start(now time.Time) {
	if r.since.IsZero() {
		r.ended = now
	}
	r.since = now.Add(r.since.Sub(r.ended))
	if r.images == 0 {
		r.since = now
	}
	r.ended = now
}

// waits adds the time that the devices had nothing to do because a batch was not
// there: until it was given, from when it was asked for or, if later, the end of the
// step before it.
func (r *throughput) waits(f begun, ended time.Time) {
	from := f.asked
	if r.ended.After(from) {
		from = r.ended
	}
	r.waited += max(0, f.given.Sub(from))
	r.ended = ended
}

// add counts images of a step and returns the speed and the share waited until now.
func (r *throughput) add(images int, now time.Time) (perSecond, share float64) {
	r.images += images
	d := now.Sub(r.since)
	long := d > 2*time.Second
	if long || !r.steady {
		r.speed, r.share = float64(r.images)/d.Seconds(), r.waited.Seconds()/d.Seconds()
	}
	if long {
		r.since, r.images, r.waited, r.steady = now, 0, 0, true
	}
	return r.speed, r.share
}

// tally counts training images and those whose label was not the first guess.
type tally struct{ images, wrong int }

// add returns the share of wrong ones so far.
func (t *tally) add(r net.Result) float64 {
	t.images += len(r.Rank)
	for _, rank := range r.Rank {
		if rank > 0 {
			t.wrong++
		}
	}
	return float64(t.wrong) / float64(t.images)
}
