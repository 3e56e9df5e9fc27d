package train

import (
	"context"
	"fmt"

	"alexnet/train/monitor"
)

// assistant is the paper's plateau rule as a question: section 5 divides the rate by
// 10 when the validation error stops improving.
type assistant struct {
	from  int // the validation, of those that the recipe plans, behind which it counts
	asked int // how many there were when it was last answered
}

// Words of the plateau's card.
const (
	plateauTitle = "Divide the rate?"
	plateauTick  = "From now on automatic"
)

// few classes: five guesses hit almost always. The window's header draws the same
// line.
const few = 10

// plannedHistory are the validations that the assistant counts.
func (t *Trainer) plannedHistory() (out []Validation) {
	for _, v := range t.history {
		if t.planned(v.Step) {
			out = append(out, v)
		}
	}
	return out
}

// errorOf is the error that improvement is measured by.
func (t *Trainer) errorOf(v Validation) (error float64, name string) {
	if t.classes() > few {
		return v.Top5Error, "Top-5"
	}
	return v.Top1Error, "Top-1"
}

// assist asks, behind a validation, whether to divide the rate; or divides it. A
// recipe whose schedule is "plateau" does so itself.
func (t *Trainer) assist(ctx context.Context) error {
	a, history := &t.live.assistant, t.plannedHistory()
	if t.Config.Solver.Schedule == "plateau" || t.Board == nil && !t.steered.Automatic || len(history) <= a.from || !t.planned(t.step) {
		return nil
	}
	best := history[a.from]
	least, name := t.errorOf(best)
	since := 0
	for _, v := range history[a.from+1:] {
		since++
		if e, _ := t.errorOf(v); e < least {
			best, least, since = v, e, 0
		}
	}
	rate := tidy(t.Schedule.Rate(t.step) / 10)
	asked := t.live.card != nil && t.live.card.Title == plateauTitle
	if since == 0 && asked {
		t.live.card = nil
	}
	if t.live.card != nil && !asked || least == 0 {
		return nil // something worse is asked, or nothing can improve
	}
	if since < t.Config.Solver.Patience || len(history) < a.asked+t.Config.Solver.Patience || rate < monitor.LeastRate {
		return nil
	}
	if t.steered.Automatic {
		t.say(fmt.Sprintf("Rate divided by 10, to %s: no better %s error for %d validations.", monitor.Rate(rate), name, since))
		return t.divide(ctx)
	}
	epoch := float64(best.Step*t.Config.Batch) / float64(t.Sets.Train.Len())
	t.live.card = &monitor.Card{
		Title: plateauTitle,
		Text:  fmt.Sprintf("%s error has not improved for %d validations (best %.1f %% at epoch %.3g). Divide the rate by 10, to %s?", name, since, 100*least, epoch, monitor.Rate(rate)),
		Short: fmt.Sprintf("No better for %d validations. Divide the rate by 10?", since),
		Yes:   monitor.Choice{Label: "Divide", Key: "D", Command: monitor.Command{Verb: monitor.Answer, Value: 1, Text: plateauTitle}},
		No:    monitor.Choice{Label: "Not now", Key: "N", Command: monitor.Command{Verb: monitor.Answer, Text: plateauTitle}},
		Tick:  plateauTick,
	}
	t.show(true)
	return nil
}

// divide divides the rate as the card offers and begins to count anew.
func (t *Trainer) divide(ctx context.Context) error {
	t.live.assistant.from = max(0, len(t.plannedHistory())-1)
	return t.changeByUser(ctx, keyScale, 0.1)
}

// answered takes the answer to the card, or its tick.
func (t *Trainer) answered(ctx context.Context, c monitor.Command) error {
	card := t.live.card
	switch {
	case card == nil:
		return nil
	case c.Text == card.Tick:
		t.steered.Automatic = !t.steered.Automatic
		now := *card // the published one does not change
		now.TickValue = t.steered.Automatic
		t.live.card = &now
		return nil
	case c.Text != card.Title:
		return nil
	}
	t.live.card = nil
	if c.Text != plateauTitle {
		return nil
	}
	t.live.assistant.asked = len(t.plannedHistory())
	if c.Value == 1 {
		return t.divide(ctx)
	}
	return nil
}
