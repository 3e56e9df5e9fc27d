package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"alexnet/train/monitor"
)

// exploded is a run's end by numbers that are not finite.
type exploded struct {
	step   int    // whose loss, or whose parameters, they are
	where  string // "the gradient of layer fc7"
	advice string
}

func (e *exploded) Error() string {
	return fmt.Sprintf("train: step %d: NaN or Inf, first in %s; %s", e.step, e.where, e.advice)
}

const backTitle = "Go back?"

// offerBack goes on from a checkpoint with a run whose numbers exploded, if it may, or
// that was sent back. It asks about the first where somebody looks. It says whether the
// run goes on, and otherwise why not.
func (t *Trainer) offerBack(ctx context.Context, failed error) (again bool, err error) {
	var e *exploded
	var r *risen
	switch {
	case t.Board == nil || t.Dir == nil || ctx.Err() != nil:
		return false, failed
	case errors.As(failed, &r):
		loaded, _, err := newestCheckpoint(t.Dir.Checkpoints(), r.sound)
		if err != nil {
			return false, err
		}
		defer loaded.Close()
		return true, t.goBack(ctx, loaded, r.step, "the loss had risen to "+short(r.loss))
	case errors.As(failed, &e):
		// The newest is finite, but may be of a network whose loss had risen before.
		loaded, _, err := newestCheckpoint(t.Dir.Checkpoints(), t.rise.before())
		if err != nil {
			loaded, _, err = NewestCheckpoint(t.Dir.Checkpoints())
		}
		if err != nil {
			return false, failed
		}
		defer loaded.Close()
		t.ask(e, loaded)
		if !t.waitAnswer(ctx) {
			return false, failed
		}
		return true, t.goBack(ctx, loaded, e.step, "NaN or Inf, first in "+e.where)
	}
	return false, failed
}

// changesBefore is how many of the journal's changes a checkpoint knows.
func changesBefore(l *Loaded) int {
	if l.Steered == nil {
		return 0
	}
	return l.Steered.Changes
}

// slower is the factor of the rate of a run that goes back to a checkpoint; 1: what was
// steered since is gone with the steps. Without that the same rate would lead to the same
// end.
func (t *Trainer) slower(l *Loaded) float64 {
	if changesBefore(l) < t.steered.Changes {
		return 1
	}
	now := t.rateNow()
	return tidy(l.saferRate(now) / now)
}

// onWith says with which settings the run would go on from a checkpoint.
func (t *Trainer) onWith(l *Loaded) string {
	switch t.slower(l) {
	case 1:
		return "with the settings of then"
	case 0.1:
		return "with a tenth of the rate"
	}
	return "at the rate of then"
}

// ask shows the card.
func (t *Trainer) ask(e *exploded, l *Loaded) {
	step, with := l.Step, t.onWith(l)
	t.live.is(monitor.Paused, "numbers exploded")
	t.live.card = &monitor.Card{
		Error: true, Title: backTitle,
		Text: fmt.Sprintf("NaN or Inf, first in %s, at step %s. Go back to the checkpoint of step %s and on %s?",
			e.where, monitor.Count(e.step), monitor.Count(step), with),
		Short: fmt.Sprintf("NaN in %s. Back to step %s, %s?", e.where, monitor.Count(step), with),
		Yes:   monitor.Choice{Label: "Go back", Key: "B", Command: monitor.Command{Verb: monitor.GoBack}},
		No:    monitor.Choice{Label: "End", Key: "N", Command: monitor.Command{Verb: monitor.Stop}},
	}
	t.show(true)
}

// waitAnswer waits for the answer to the card. No is the answer of who closes the
// window, too. The time does not count as training.
func (t *Trainer) waitAnswer(ctx context.Context) (yes bool) {
	began := t.clock()
	defer func() {
		t.started = t.started.Add(t.clock().Sub(began))
		t.live.card = nil
	}()
	for !t.Board.Closed() {
		select {
		case c := <-t.commands():
			t.Board.Obeyed()
			if c.Verb == monitor.GoBack || c.Verb == monitor.Stop {
				return c.Verb == monitor.GoBack
			}
			t.live.refuse("First go back, or end the run.")
			t.show(true)
		case <-ctx.Done():
			return false
		case <-time.After(glance):
		}
	}
	return false
}

// goBack makes the run what it was at a checkpoint, in its folder, too: a replay of
// its journal passes the checkpoint's step with the same changes.
func (t *Trainer) goBack(ctx context.Context, l *Loaded, from int, why string) error {
	changes, slower := changesBefore(l), t.slower(l)
	if err := t.Restore(l); err != nil {
		return err
	}
	if err := t.Dir.rewind(l.Step, changes); err != nil {
		return err
	}
	var err error
	if t.replayed, err = t.unmade(t.Dir, t.step); err != nil {
		return err
	}
	t.steering, t.tally, t.unlogged, t.trained, t.outputs = steering{}, tally{}, nil, false, false
	t.live.rewind(t)
	t.live.is(monitor.Training, "")
	text := fmt.Sprintf("Went back to here from step %s: %s", monitor.Count(from), why)
	t.say(fmt.Sprintf("step %d: %s", t.step, text))
	if err := t.note(keyBack, nil, "went back", text); err != nil || slower == 1 {
		return err
	}
	return t.change(ctx, keyScale, slower)
}

// rewind forgets what was shown of the steps after the one that the run is at.
func (l *live) rewind(t *Trainer) {
	l.points = upTo(l.points, t.step, func(p monitor.Point) int { return p.Step })
	l.validations = upTo(l.validations, t.step, func(v monitor.Validation) int { return v.Step })
	l.events = upTo(l.events, t.step, func(e monitor.Event) int { return e.Step })
	l.kernels = upTo(l.kernels, t.step, func(s *monitor.Shot) int { return s.Step })
	l.pasts = upTo(l.pasts, t.step, func(p *monitor.Past) int { return p.Step })
	l.layers, l.measured, l.seenStep, l.timeline = nil, 0, 0, nil
	t.rise = Rise{}
	for _, p := range l.points {
		t.rise.Add(p.Step, p.Loss, t.classes())
	}
	planned := len(t.plannedHistory())
	l.assistant.from = min(l.assistant.from, max(0, planned-1))
	l.assistant.asked = min(l.assistant.asked, planned)
}

// upTo is a new list of what is not after a step: snapshots share the old one.
func upTo[T any](all []T, step int, of func(T) int) (out []T) {
	for _, x := range all {
		if of(x) <= step {
			out = append(out, x)
		}
	}
	return out
}

// Exploded says whether an error is that a run's numbers ceased to be finite.
func Exploded(err error) bool {
	var e *exploded
	return errors.As(err, &e)
}
