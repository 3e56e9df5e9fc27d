package train

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"alexnet/train/monitor"
)

// until waits for a snapshot.
func until(t *testing.T, b *monitor.Board, what string, so func(*monitor.Snapshot) bool) *monitor.Snapshot {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if s := b.Latest(); so(s) {
			return s
		}
	}
	t.Fatalf("never shown: %s; last: step %d, state %d", what, b.Latest().Step, b.Latest().State)
	return nil
}

// A run is paused, goes one step, goes on, is watched meanwhile and ends.
func TestPauseStepResume(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	tr, err := start(t, tinyConfig(t, "solver.max_steps=40"), dir, false, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	b := monitor.NewBoard(&monitor.Snapshot{})
	tr.Board = b
	b.Watch(monitor.Watch{Kernels: true})
	tr.OnProgress = func(p Progress) {
		if p.Step == 7 { // a checkpoint comes behind step 9
			send(t, tr, monitor.Pause, 0)
		}
	}
	ended := make(chan error)
	go func() { ended <- tr.Run(context.Background()) }()
	at := until(t, b, "the pause", func(s *monitor.Snapshot) bool { return s.State == monitor.Paused }).Step
	if at < 7 || at > 8 {
		t.Errorf("paused at step %d; asked behind step 7", at)
	}
	send(t, tr, monitor.StepOnce, 0)
	until(t, b, "one step", func(s *monitor.Snapshot) bool { return s.Step == at+1 })
	time.Sleep(3 * glance)
	s := b.Latest()
	if s.Step != at+1 || s.State != monitor.Paused {
		t.Errorf("one step ended at step %d, state %d; want %d, paused", s.Step, s.State, at+1)
	}
	// Of those asked for at once each is taken.
	for range 3 {
		send(t, tr, monitor.StepOnce, 0)
	}
	until(t, b, "three steps", func(s *monitor.Snapshot) bool { return s.Step >= at+4 })
	time.Sleep(3 * glance)
	if s = b.Latest(); s.Step != at+4 || s.State != monitor.Paused {
		t.Errorf("three more ended at step %d, state %d; want %d, paused", s.Step, s.State, at+4)
	}
	b.Watch(monitor.Watch{}) // nothing that the trainer looks at: the step alone is shown
	send(t, tr, monitor.StepOnce, 0)
	for range 20 {
		if s = b.Latest(); s.Step == at+5 {
			break
		}
		time.Sleep(glance)
	}
	if s.Step != at+5 {
		t.Errorf("a step is not shown while nothing is looked at: %d, want %d", s.Step, at+5)
	}
	b.Watch(monitor.Watch{Kernels: true})
	if n := len(s.Kernels); n < 2 || s.Kernels[0].Step != 0 || s.Kernels[n-1].Kernels.Count() != 16 || s.Kernels[n-1].Gradient == nil {
		t.Errorf("%d shots of the kernels", n)
	}
	if err := b.Send(monitor.Command{Verb: monitor.SetRate, Value: 11}); err == nil || err.Error() != "Rate must be between 0.0000001 and 10." {
		t.Errorf("a rate of 11 gave %v", err)
	}
	send(t, tr, monitor.SetRate, 0.001)
	s = until(t, b, "the rate", func(s *monitor.Snapshot) bool { return s.Solver.Rate == 0.001 && len(s.Pending) == 0 })
	send(t, tr, monitor.Undo, 0)
	until(t, b, "the rate before", func(s *monitor.Snapshot) bool { return s.Solver.Rate == 0.0005 })
	send(t, tr, monitor.Save, 0)
	until(t, b, "the checkpoint", func(s *monitor.Snapshot) bool { return s.Events[len(s.Events)-1].Kind == monitor.Checkpointed })
	send(t, tr, monitor.Resume, 0)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	s = b.Latest()
	if s.State != monitor.Finished || s.Step != 40 || len(s.Points) != 40 || len(s.Validations) != 7 || len(s.Run.Devices) != 2 || s.Points[39].Seconds <= 0 {
		t.Errorf("in the end state %d, step %d, %d points, %d validations, devices %v", s.State, s.Step, len(s.Points), len(s.Validations), s.Run.Devices)
	}
}

// A change is undone once, for ten seconds from the last change on; what is asked
// for later alters nothing and is told.
func TestUndo(t *testing.T) {
	const late, none = "A change can be undone for 10 s; set the value anew.", "There is no change to undo."
	type sent struct {
		verb  monitor.Verb
		value float64
		after time.Duration // since the command before
	}
	undo := func(after time.Duration) sent { return sent{monitor.Undo, 0, after} }
	for name, c := range map[string]struct {
		sent []sent
		keys string // in the journal
		want map[string]float64
		told string // in the end
	}{
		"just in time":       {[]sent{{monitor.SetRate, 0.001, 0}, undo(undoable - 1)}, "rate rate", map[string]float64{keyRate: 0.0005}, ""},
		"too late":           {[]sent{{monitor.SetRate, 0.001, 0}, undo(undoable)}, "rate", map[string]float64{keyRate: 0.001}, late},
		"once":               {[]sent{{monitor.SetRate, 0.001, 0}, undo(1), undo(1)}, "rate rate", map[string]float64{keyRate: 0.0005}, none},
		"nothing to undo":    {[]sent{undo(0)}, "", map[string]float64{keyRate: 0.0005}, none},
		"not again when old": {[]sent{{monitor.SetRate, 0.001, 0}, undo(undoable), undo(0)}, "rate", map[string]float64{keyRate: 0.001}, none},
		"a scaled rate":      {[]sent{{monitor.ScaleRate, 0.1, 0}, undo(1)}, "rate_scale rate_scale", map[string]float64{keyRate: 0.0005}, ""},
		"momentum":           {[]sent{{monitor.SetMomentum, 0.5, 0}, undo(1)}, "momentum momentum", map[string]float64{keyMomentum: 0.9}, ""},
		"decay":              {[]sent{{monitor.SetDecay, 0.01, 0}, undo(1)}, "decay decay", map[string]float64{keyDecay: 0.0005}, ""},
		"dropout":            {[]sent{{monitor.DropoutOn, 0, 0}, undo(1)}, "dropout dropout", map[string]float64{keyDropout: 1}, ""},
		"the last of two": {[]sent{{monitor.SetMomentum, 0.5, 0}, {monitor.SetRate, 0.001, undoable - 1}, undo(undoable - 1)}, "momentum rate rate",
			map[string]float64{keyMomentum: 0.5, keyRate: 0.0005}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir, now, next := filepath.Join(t.TempDir(), "run"), time.Now(), 0
			tr, err := steered(t, tinyConfig(t, "solver.max_steps=12"), dir, func(tr *Trainer, _ int) {
				tr.clock = func() time.Time { return now }
				if s := tr.Board.Latest(); next == 1 && len(s.Pending) == 0 && c.sent[0].verb != monitor.Undo && !s.Undo.Equal(now.Add(undoable)) {
					t.Errorf("it can be undone until %v, want %v", s.Undo, now.Add(undoable))
				}
				if next < len(c.sent) && len(tr.Board.Latest().Pending) == 0 { // each is obeyed before the next
					s := c.sent[next]
					next, now = next+1, now.Add(s.after)
					send(t, tr, s.verb, s.value)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if next != len(c.sent) {
				t.Fatalf("only %d of %d commands were sent", next, len(c.sent))
			}
			var keys []string
			for _, e := range journalOf(t, dir) {
				keys = append(keys, e.Key)
			}
			told := ""
			if s := tr.Board.Latest(); s.Refused != nil {
				told = s.Refused.Text
			}
			if n := tr.Board.Latest().Notices; len(n) > 0 {
				t.Errorf("notices %v, which stay", n)
			}
			if got := strings.Join(keys, " "); got != c.keys {
				t.Errorf("the journal has %q, want %q", got, c.keys)
			}
			if told != c.told {
				t.Errorf("told %q, want %q", told, c.told)
			}
			for key, want := range c.want {
				if got := tr.valueOf(key); math.Abs(got-want) > 1e-12 {
					t.Errorf("%s is %g, want %g", key, got, want)
				}
			}
		})
	}
}

// Nobody pays for what nobody looks at.
func TestNothingWatchedNothingRead(t *testing.T) {
	for _, w := range []monitor.Watch{{}, {Hidden: true, Kernels: true}} {
		tr, err := start(t, tinyConfig(t, "snapshots.every=0"), filepath.Join(t.TempDir(), "run"), false, devices(t, "1"), nil)
		if err != nil {
			t.Fatal(err)
		}
		tr.Board = monitor.NewBoard(&monitor.Snapshot{})
		tr.Board.Watch(w)
		if err := tr.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		tr.Close()
		if n := len(tr.Board.Latest().Kernels); n != 0 {
			t.Errorf("%+v: %d shots", w, n)
		}
	}
}

func TestExplosionIsJournalled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	c := tinyConfig(t, "validate.every=1", "solver.rate=1e30", "solver.decay=1e20", "solver.max_steps=3")
	tr, err := steered(t, c, dir, func(*Trainer, int) {})
	wants(t, err, "NaN or Inf")
	lines := journalOf(t, dir)
	if len(lines) == 0 || lines[len(lines)-1].Key != "failed" || !strings.Contains(lines[len(lines)-1].Text, "NaN or Inf, first in ") {
		t.Errorf("the journal is %+v", lines)
	}
	if s := tr.Board.Latest(); s.State != monitor.Failed || len(s.Notices) == 0 || !s.Notices[0].Error {
		t.Errorf("state %d, notices %v", s.State, s.Notices)
	}
}

// The plateau's card divides the rate, once, and by itself when it was told so.
func TestPlateauCard(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	var cards []string
	c := tinyConfig(t, "solver.patience=2", "solver.rate=1e-5", "layer.conv1.frozen=true", "layer.fc2.frozen=true", "layer.fc3.rate=1e-12", "layer.fc3.bias_rate=0", "validate.every=1", "solver.max_steps=14")
	tr, err := steered(t, c, dir, func(tr *Trainer, step int) {
		card := tr.live.card
		if card == nil || len(tr.Board.Latest().Pending) > 0 {
			return
		}
		cards = append(cards, card.Text)
		switch len(cards) {
		case 1:
			tr.Board.Send(card.No.Command)
		case 2:
			tr.Board.Send(monitor.Command{Verb: monitor.Answer, Text: card.Tick})
			tr.Board.Send(card.Yes.Command)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(cards) < 2 || !strings.Contains(cards[0], "error has not improved for 2 validations") || !strings.Contains(cards[0], "Divide the rate by 10, to 1e-6?") {
		t.Fatalf("cards %q", cards)
	}
	lines := journalOf(t, dir)
	if len(lines) != 2 || lines[0].Text != "Rate 0.00001 → 1e-6" || lines[1].Text != "Rate 1e-6 → 1e-7" || !tr.steered.Automatic {
		t.Errorf("the journal is %+v; want the first division by the card and the second by itself", lines)
	}
}

// TestCheckpointOnce: a checkpoint that a validation has written is not written again
// when it is asked for, and the journal has it once.
func TestCheckpointOnce(t *testing.T) {
	tr, err := steered(t, tinyConfig(t, "validate.every=100", "checkpoint.every=0", "solver.max_steps=4"), filepath.Join(t.TempDir(), "run"), func(tr *Trainer, step int) {
		if step == 2 {
			send(t, tr, monitor.Save, 0)
			send(t, tr, monitor.Validate, 0)
			send(t, tr, monitor.Save, 0)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	steps := map[int]int{}
	s := tr.Board.Latest()
	for _, e := range s.Events {
		if e.Kind == monitor.Checkpointed {
			steps[e.Step]++
		}
	}
	if len(steps) != 2 || steps[3] != 1 || len(s.Notices) != 1 || s.Notices[0].Text != "The checkpoint of step 3 is written already." {
		t.Errorf("checkpoints by step: %v; notices %v", steps, s.Notices)
	}
}
