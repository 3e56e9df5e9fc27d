package train

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"alexnet/train/monitor"
)

// riseLines is how many of the log's lines the loss is smoothed over: their median, so
// that a batch or two tell nothing.
const riseLines = 5

// A network whose loss is absurd, a hundred times that of guessing, in absurdLines of the
// log one behind the other is dead already, whatever it was before: one that dies in its
// first steps leaves no better loss to compare with. First weights that are far too large
// make twenty times that of guessing.
const (
	absurd      = 100
	absurdLines = 3
)

// Rise watches for a network that dies with finite numbers. Its zero value has seen
// nothing.
//
// The alarm is at twice ln(classes) above the least smoothed loss, and the loss still
// rises. ln(classes) is the loss of guessing: a network begins there, or at what its
// first weights make of it, and a warm-up leads away from that. To lie by twice as much
// above its own best a network must be surer of wrong answers than it ever was of any,
// which neither first weights, which are part of the best, nor noise do. For one that has
// learnt, to half the loss of guessing, the limit is 0.9 of that loss: there it guesses
// again, which is where a network ends that its rate has killed. A loss that is absurd
// needs no better one before it.
type Rise struct {
	last  []loggedLoss // the newest of the log, at most 2*riseLines
	best  float64      // the least smoothed loss; 0: none yet
	sound int          // a step before which nothing had risen
	told  bool         // of this rise
	loss  float64      // at the alarm, smoothed
	guess float64      // the loss of guessing
	high  float64      // a loss from which on it is not sound
}

// loggedLoss is what a line of the log says of the loss.
type loggedLoss struct {
	step int
	loss float64
}

// Add takes in the next line of a log, of a run with so many classes, and says whether to
// give the alarm.
func (r *Rise) Add(step int, loss float64, classes int) bool {
	r.last = append(r.last[max(0, len(r.last)+1-2*riseLines):], loggedLoss{step, loss})
	n := len(r.last)
	r.guess = math.Log(float64(classes))
	if r.absurd() {
		return r.alarm(smoothed(r.last[n-absurdLines:]))
	}
	if n < riseLines {
		return false
	}
	now, guessing := smoothed(r.last[n-riseLines:]), r.guess
	if !(now <= absurd*guessing) {
		return false // an outlier or two, or not finite, which is told of as what it is
	}
	if r.best == 0 || now < r.best {
		r.best = now
	}
	r.high = r.best + guessing/4
	if now <= r.high {
		r.sound, r.told = r.last[n-riseLines].step, false
		return false
	}
	limit := r.best + 2*guessing
	if r.best <= guessing/2 {
		limit = 0.9 * guessing
	}
	if n < 2*riseLines || now <= limit || now <= smoothed(r.last[:riseLines]) {
		return false
	}
	return r.alarm(now)
}

// absurd says whether the newest losses all are, and finite.
func (r *Rise) absurd() bool {
	n := len(r.last)
	return n >= absurdLines && !slices.ContainsFunc(r.last[n-absurdLines:], func(l loggedLoss) bool {
		return notFinite(l.loss) || l.loss <= absurd*r.guess
	})
}

// alarm notes a rise to a loss, and says whether it is to be told of: once.
func (r *Rise) alarm(loss float64) bool {
	if r.told {
		return false
	}
	r.told, r.loss = true, loss
	return true
}

// Risen says whether the loss has risen and not come down again.
func (r *Rise) Risen() bool { return r.told }

// String is a sentence of a loss that has risen.
func (r *Rise) String() string {
	if r.best == 0 {
		return fmt.Sprintf("The loss is %s, that of guessing is %s.", short(r.loss), short(r.guess))
	}
	return fmt.Sprintf("The loss has risen to %s, its least was %s.", short(r.loss), short(r.best))
}

// Advice says, to one who can only watch a run whose loss has risen, what to do: the
// run's newest checkpoint from before is where to go on from. Whether it is whole is not
// looked at, for that takes reading all of it.
func (r *Rise) Advice(run string) string {
	for _, path := range checkpoints(filepath.Join(run, "checkpoints")) {
		if step, err := StepOf(path); err == nil && step <= r.sound {
			return fmt.Sprintf("Stop it and go on from the checkpoint of step %s with a lower rate: --resume --from %d --set solver.rate=RATE", monitor.Count(step), step)
		}
	}
	return "There is no checkpoint from before. People lower the rate."
}

// before is the last step of a sound network: any, unless the loss has risen or rose in
// the last lines.
func (r *Rise) before() int {
	if r.told {
		return r.sound
	}
	at := len(r.last)
	for at > 0 && r.best > 0 && !(r.last[at-1].loss <= r.high) {
		at--
	}
	switch at {
	case len(r.last):
		return math.MaxInt
	case 0:
		return r.sound
	}
	return r.last[at-1].step
}

// smoothed is the median loss.
func smoothed(lines []loggedLoss) float64 {
	var losses []float64
	for _, l := range lines {
		losses = append(losses, l.loss)
	}
	slices.Sort(losses)
	return losses[len(losses)/2]
}

// risen is why a run stops that is sent back because its loss has risen.
type risen struct {
	step  int
	sound int     // a step from before the rise
	loss  float64 // at the alarm
}

func (r *risen) Error() string {
	return fmt.Sprintf("train: step %d: the loss has risen to %s", r.step, short(r.loss))
}

// classes are how many the run's images have.
func (t *Trainer) classes() int { return len(t.Sets.Train.Classes()) }

// watchRise takes in a logged step's loss. The alarm is given in words, in the run's log
// and, where somebody may look, by a card.
func (t *Trainer) watchRise(p Progress) error {
	if !t.rise.Add(p.Step, p.Loss, t.classes()) {
		if l := &t.live; l.card != nil && l.card.Title == backTitle && !t.rise.Risen() {
			l.card = nil // it came down by itself
		}
		return nil
	}
	advice := "People lower the rate."
	if t.Dir != nil {
		advice = t.rise.Advice(t.Dir.Path)
	}
	t.say(fmt.Sprintf("warning: step %d: %s %s", t.step, &t.rise, advice))
	if t.Board != nil {
		t.warnOfRise()
	}
	return t.note(keyRisen, nil, "loss risen", t.rise.String())
}

// warnOfRise offers, while the run goes on, what is offered where numbers explode.
func (t *Trainer) warnOfRise() {
	r := &t.rise
	what := r.String()
	if t.Dir == nil {
		t.live.notice(what + " People lower the rate.")
		return
	}
	loaded, _, err := newestCheckpoint(t.Dir.Checkpoints(), r.sound)
	if err != nil {
		t.live.notice(what + " There is no checkpoint from before. People lower the rate.")
		return
	}
	defer loaded.Close()
	t.live.risen = &risen{t.step, r.sound, r.loss}
	step, with := monitor.Count(loaded.Step), t.onWith(loaded)
	t.live.card = &monitor.Card{
		Title: backTitle,
		Text:  fmt.Sprintf("%s Go back to the checkpoint of step %s and on %s?", what, step, with),
		Short: fmt.Sprintf("The loss is %s. Back to step %s, %s?", short(r.loss), step, with),
		Yes:   monitor.Choice{Label: "Go back", Key: "B", Command: monitor.Command{Verb: monitor.GoBack}},
		No:    monitor.Choice{Label: "Not now", Key: "N", Command: monitor.Command{Verb: monitor.Answer, Text: backTitle}},
	}
	t.show(true)
}

// sendBack answers the card: the run ends with a reason to go back.
func (t *Trainer) sendBack() error {
	if t.live.card == nil || t.live.card.Title != backTitle {
		t.live.notice("There is nothing to go back from.")
		return nil
	}
	t.live.card = nil
	return t.live.risen
}
