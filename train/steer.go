package train

import (
	"context"
	"fmt"
	"math"
	"time"

	"alexnet/net"
	"alexnet/train/monitor"
)

// undoable is how long a change can be taken back with one key.
const undoable = 10 * time.Second

// steering is what a trainer remembers of commands.
type steering struct {
	paused bool
	single int // steps to take although paused
	undo   struct {
		key    string
		value  float64 // before
		change time.Time
	}
}

// undoUntil is when the last change becomes final; zero: there is none.
func (s *steering) undoUntil() time.Time {
	if s.undo.key == "" {
		return time.Time{}
	}
	return s.undo.change.Add(undoable)
}

// solver are the settings of a step, as they are steered.
func (t *Trainer) solver(step int) net.Solver {
	s := t.steered.Solver(t.Config)
	return net.Solver{Step: step, Seed: t.Config.Seed, Rate: t.Schedule.Rate(step), Momentum: s.Momentum, Decay: s.Decay, NoDropout: s.DropoutOff}
}

// commands is where commands come from; nil without a board.
func (t *Trainer) commands() <-chan monitor.Command {
	if t.Board == nil {
		return nil
	}
	return t.Board.Commands()
}

// obeyAll obeys the commands that wait, and while the run is paused those that
// come.
func (t *Trainer) obeyAll(ctx context.Context) (over bool, err error) {
	for {
		select {
		case c := <-t.commands():
			if over, err = t.take(ctx, c); over || err != nil {
				return true, err
			}
			continue
		default:
		}
		if !t.steering.paused || t.steering.single > 0 {
			return false, nil
		}
		if over, err = t.waitPaused(ctx); over || err != nil {
			return true, err
		}
	}
}

// glance is how often a paused run looks whether a look at its last step is due.
const glance = 100 * time.Millisecond

// waitPaused waits for a command, and looks at what is watched meanwhile. The time does not count as training.
func (t *Trainer) waitPaused(ctx context.Context) (over bool, err error) {
	t.show(true) // the step before, which may have been too soon after another to be shown
	began := t.clock()
	defer func() {
		t.started = t.started.Add(t.clock().Sub(began))
		t.rate.start(time.Now())
	}()
	for {
		if t.Board.Closed() && ctx.Err() == nil { // nobody can resume it
			return false, t.pause(false)
		}
		if err := t.look(); err != nil {
			return true, err
		}
		select {
		case c := <-t.commands():
			return t.take(ctx, c)
		case <-ctx.Done():
			return true, t.stop()
		case <-t.Board.Turned():
		case <-time.After(glance):
		}
	}
}

// take obeys a command and shows what it did.
func (t *Trainer) take(ctx context.Context, c monitor.Command) (over bool, err error) {
	over, err = t.obey(ctx, c)
	t.Board.Obeyed()
	t.show(true)
	return over, err
}

// keyOf are the changes that commands ask for.
var keyOf = map[monitor.Verb]string{
	monitor.SetRate: keyRate, monitor.ScaleRate: keyScale, monitor.SetMomentum: keyMomentum, monitor.SetDecay: keyDecay,
	monitor.SetDropout: keyDropout, monitor.DropoutOn: keyDropout, monitor.Validate: keyValidate,
}

func (t *Trainer) obey(ctx context.Context, c monitor.Command) (over bool, err error) {
	solver := t.steered.Solver(t.Config)
	solver.Rate = t.Schedule.Rate(t.step)
	if err := c.Check(solver); err != nil {
		t.live.refuse(err.Error())
		return false, nil
	}
	if key, is := keyOf[c.Verb]; is {
		if key == keyDropout && c.Value != 0 {
			c.Value = 1
		}
		return false, t.changeByUser(ctx, key, tidy(c.Value))
	}
	s := &t.steering
	switch c.Verb {
	case monitor.Pause, monitor.Resume:
		return false, t.pause(c.Verb == monitor.Pause)
	case monitor.StepOnce:
		if !s.paused {
			err = t.pause(true)
		}
		s.single++
	case monitor.Save:
		if t.saved == t.savedNow() { // perhaps by a validation
			t.live.notice(fmt.Sprintf("The checkpoint of step %s is written already.", monitor.Count(t.step)))
		}
		err = t.save()
	case monitor.Stop:
		return true, t.stop()
	case monitor.Undo:
		err = t.takeBack(ctx)
	case monitor.GoBack:
		err = t.sendBack()
		over = err != nil
	case monitor.Answer:
		err = t.answered(ctx, c)
	default:
		t.live.refuse("This cannot be done while the run trains.")
	}
	return over, err
}

func (t *Trainer) pause(on bool) error {
	if t.steering.paused == on {
		return nil
	}
	t.steering.paused, t.steering.single = on, 0
	if on {
		t.live.is(monitor.Paused, "by you")
		return t.note(keyPause, nil, "paused", "Paused")
	}
	t.live.is(monitor.Training, "")
	return t.note(keyResume, nil, "resumed", "Resumed")
}

// changeByUser is a change that can be taken back for a while.
func (t *Trainer) changeByUser(ctx context.Context, key string, value float64) error {
	before := t.valueOf(key)
	if key != keyValidate && before == value {
		return nil
	}
	switch u := &t.steering.undo; key {
	case keyValidate:
	case keyScale:
		u.key, u.value, u.change = key, tidy(1/value), t.clock()
	default:
		u.key, u.value, u.change = key, before, t.clock()
	}
	return t.change(ctx, key, value)
}

// coasting says what follows where a rate drops by more than the paper's tenth: the updates
// that momentum sums up are still those of the rate before (Section 5).
func coasting(before, after, momentum float64) string {
	const tenth = 0.1
	if after > before*tenth/2 || momentum <= 0 || momentum >= 1 {
		return ""
	}
	steps := math.Ceil(math.Log(tenth) / math.Log(momentum))
	return fmt.Sprintf("The momentum of %s carries on the updates of the rate before, a tenth of them still after %s steps: until then the loss can rise.", monitor.Rate(momentum), monitor.Count(int(steps)))
}

// takeBack undoes the last change, once and while it is new.
func (t *Trainer) takeBack(ctx context.Context) error {
	u := t.steering.undo
	t.steering.undo.key = ""
	switch {
	case u.key == "":
		t.live.refuse("There is no change to undo.")
	case t.clock().Sub(u.change) >= undoable:
		t.live.refuse(fmt.Sprintf("A change can be undone for %.0f s; set the value anew.", undoable.Seconds()))
	default:
		return t.change(ctx, u.key, u.value)
	}
	return nil
}

func (t *Trainer) valueOf(key string) float64 {
	s := t.steered.Solver(t.Config)
	switch key {
	case keyRate:
		return t.Schedule.Rate(t.step)
	case keyScale:
		return 1
	case keyMomentum:
		return s.Momentum
	case keyDecay:
		return s.Decay
	case keyDropout:
		if !s.DropoutOff {
			return 1
		}
	}
	return 0
}

// change alters what is trained from the next step on, and journals it. The same
// changes at the same steps make the same bits.
func (t *Trainer) change(ctx context.Context, key string, value float64) error {
	before, rate, s := t.valueOf(key), t.Schedule.Rate(t.step), &t.steered
	short, text := "", ""
	switch key {
	case keyRate:
		t.Schedule.steer(t.step, value)
		short, text = monitor.RateChange(before, value)
	case keyScale:
		t.Schedule.scale(value)
		short, text = monitor.RateChange(rate, t.Schedule.Rate(t.step))
	case keyMomentum:
		s.Momentum = &value
		short, text = "momentum "+monitor.Rate(value), fmt.Sprintf("Momentum %s → %s", monitor.Rate(before), monitor.Rate(value))
	case keyDecay:
		s.Decay = &value
		short, text = "decay "+monitor.Rate(value), fmt.Sprintf("Weight decay %s → %s", monitor.Rate(before), monitor.Rate(value))
	case keyDropout:
		s.DropoutOff = value == 0
		text = map[bool]string{true: "Dropout off", false: "Dropout on"}[s.DropoutOff]
		short = "d" + text[1:]
	case keyValidate:
		short, text = "validation", "Validation asked for"
	default:
		return fmt.Errorf("train: the journal's change %q is not known", key)
	}
	s.Changes++
	t.live.changed(key)
	t.say(fmt.Sprintf("step %d: %s", t.step, text))
	if note := coasting(rate, t.Schedule.Rate(t.step), s.Solver(t.Config).Momentum); note != "" {
		t.live.notice(note)
	}
	if err := t.note(key, &value, short, text); err != nil {
		return err
	}
	if last, ok := t.Last(); key == keyValidate && !(ok && last.Step == t.step) {
		return t.validate(ctx)
	}
	return nil
}
