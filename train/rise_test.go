package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"alexnet/net"
	"alexnet/train/monitor"
)

// TestRise: the alarm is silent where networks begin and learn, and told once of one
// that dies.
func TestRise(t *testing.T) {
	const classes = 20
	guessing := math.Log(classes)
	flat := func(loss float64, n int) (out []float64) {
		for i := range n {
			out = append(out, loss*(1+0.3*math.Sin(float64(i*i))))
		}
		return out
	}
	join := func(lists ...[]float64) (out []float64) {
		for _, l := range lists {
			out = append(out, l...)
		}
		return out
	}
	for _, c := range []struct {
		name   string
		losses []float64
		want   int
	}{
		{"a start at guessing", flat(guessing, 100), 0},
		{"first weights that are far too large", join(flat(60, 5), flat(30, 5), flat(8, 5), flat(guessing, 50)), 0},
		{"a warm-up that first leads up", join(flat(guessing, 6), flat(1.9*guessing, 8), flat(2, 30)), 0},
		{"one batch", join(flat(0.01, 30), []float64{1e9, 1e8}, flat(0.01, 30)), 0},
		{"a rate that is a little too large", join(flat(0.2, 30), flat(1, 30)), 0},
		{"a network that dies", join(flat(0.01, 30), flat(4.7e8, 30)), 1},
		{"a network that guesses again", join(flat(0.01, 30), []float64{1e9}, flat(1.05*guessing, 30)), 1},
		{"one that never learnt", join(flat(guessing, 20), flat(100, 20)), 1},
		{"one that dies in its first steps", join([]float64{guessing}, flat(1e11, 30)), 1},
		{"one that dies at once and guesses then", join(flat(1e11, 4), flat(guessing, 30)), 1},
		{"twice", join(flat(0.01, 30), flat(50, 10), flat(0.01, 20), flat(50, 10)), 2},
	} {
		var r Rise
		got := 0
		for i, loss := range c.losses {
			if r.Add(10*(i+1), loss, classes) {
				if got++; r.sound > 300 && got == 1 {
					t.Errorf("%s: step %d is called sound", c.name, r.sound)
				}
			}
		}
		if got != c.want {
			t.Errorf("%s: %d alarms, want %d", c.name, got, c.want)
		}
	}
}

// TestBefore: what is of before a rise ends where it begins, whether it was told of yet
// or not.
func TestBefore(t *testing.T) {
	for _, c := range []struct {
		name  string
		after []float64 // behind 20 lines of 0.5, of steps 10, 20 ...
		want  int
	}{
		{"a sound run", nil, math.MaxInt},
		{"two lines that rise", []float64{4, 90}, 200},
		{"one that came down", []float64{90, 0.5}, math.MaxInt},
		{"one that was told of", []float64{90, 90, 90, 90, 90, 90, 90}, 180},
	} {
		var r Rise
		for i := range 20 {
			r.Add(10*(i+1), 0.5, 20)
		}
		for i, loss := range c.after {
			r.Add(210+10*i, loss, 20)
		}
		if got := r.before(); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// risenRun trains without a window a run whose loss rises behind step 11, up to step 16,
// and returns what it said.
func risenRun(t *testing.T, dir string) (messages []string) {
	t.Helper()
	tr, err := start(t, tinyConfig(t, "solver.max_steps=24", "checkpoint.keep=20"), dir, false, devices(t, "1"), &messages)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	tr.OnProgress = func(p Progress) {
		switch p.Step {
		case 11:
			spoil(t, tr, wild)
		case 16:
			stop()
		}
	}
	if err := tr.Run(ctx); !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	return messages
}

// TestRiseWithoutWindow: a run that nobody looks at says that its loss has risen, once,
// in words and in its log, and how to go on from before; who resumes it is told as well.
func TestRiseWithoutWindow(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	warned := func(messages []string) (out []string) {
		for _, m := range messages {
			if strings.HasPrefix(m, "warning: ") {
				out = append(out, m)
			}
		}
		return out
	}
	says := func(what string, messages []string, want ...string) {
		t.Helper()
		got := warned(messages)
		if len(got) != 1 {
			t.Errorf("%s it warns %q", what, got)
			return
		}
		for _, w := range want {
			if !strings.Contains(got[0], w) {
				t.Errorf("%s it warns %q, want %q", what, got[0], w)
			}
		}
	}
	says("in the run", risenRun(t, dir), "The loss has risen to ", "--resume --from 9 ")
	var keys []string
	for _, e := range journalOf(t, dir) {
		keys = append(keys, fmt.Sprint(e.Step, e.Key, " ", e.Short))
	}
	if got := strings.Join(keys, ", "); !strings.HasSuffix(got, "risen loss risen") || len(keys) != 1 {
		t.Errorf("its journal has %q", got)
	}
	resumed := func(from int, set ...string) (tr *Trainer, messages []string) {
		t.Helper()
		c, _, err := ResumeConfig(dir, "", set)
		if err != nil {
			t.Fatal(err)
		}
		sets, err := OpenSets(c, dir)
		if err != nil {
			t.Fatal(err)
		}
		tr, err = Start(context.Background(), c, sets, devices(t, "1"), StartOptions{
			Run: dir, Resume: true, From: from, OnMessage: func(m string) { messages = append(messages, m) },
		})
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		if err := tr.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		return tr, messages
	}
	r, err := FindResumable(dir)
	if err != nil {
		t.Fatal(err)
	}
	if r.Step < 16 || r.Ill == nil || r.Ill.Step != 9 || r.Ill.Rate != 5e-5 || !strings.HasPrefix(r.Ill.What, "The loss has risen to ") {
		t.Errorf("it can go on: %+v, %+v", r, r.Ill)
	}
	_, messages := resumed(0, "solver.max_steps=18")
	says("resumed", messages, fmt.Sprintf("The checkpoint of step %d is from after that; ", r.Step), "to go on from before: --resume --from 9 --set solver.rate=0.00005")
	tr, messages := resumed(9, "solver.max_steps=12", "solver.rate=0.00005")
	if got := warned(messages); len(got) > 0 || tr.Step() != 12 {
		t.Errorf("from before it ends at step %d and warns %q", tr.Step(), got)
	}
	if got := stepsOf(filepath.Join(dir, "checkpoints")); got != "3, 6, 9, 12" {
		t.Errorf("checkpoints of steps %s", got)
	}
	if r, err = FindResumable(dir); err != nil || r.Ill != nil {
		t.Errorf("afterwards it is %+v, %v", r.Ill, err)
	}
	_, _, err = checkpointOf(dir, 7)
	wants(t, err, "has no checkpoint of step 7; it has those of steps 3, 6, 9, 12")
}

// TestRiseOffersBack: a run whose loss has risen goes back to the checkpoint from before
// when asked to, and on when not.
func TestRiseOffersBack(t *testing.T) {
	for _, back := range []bool{true, false} {
		dir := filepath.Join(t.TempDir(), "run")
		spoiled, asked := false, 0
		tr, err := steered(t, tinyConfig(t, "solver.max_steps=24", "checkpoint.keep=20"), dir, func(tr *Trainer, step int) {
			if step == 11 && !spoiled {
				spoiled = true
				spoil(t, tr, wild)
			}
			card := tr.live.card
			if card == nil || len(tr.Board.Latest().Pending) > 0 {
				return
			}
			asked++
			if !strings.Contains(card.Text, "The loss has risen to ") || !strings.Contains(card.Text, "with a tenth of the rate?") || !strings.Contains(card.Text, " of step 9 ") {
				t.Errorf("the card says %q", card.Text)
			}
			answer := card.No
			if back {
				answer = card.Yes
			}
			tr.Board.Send(answer.Command)
		})
		if err != nil {
			t.Fatal(err)
		}
		if asked != 1 {
			t.Errorf("back %t: asked %d times", back, asked)
		}
		s := tr.Board.Latest()
		last := s.Points[len(s.Points)-1].Loss
		text := ""
		for _, l := range journalOf(t, dir) {
			text += l.Text + "\n"
		}
		if went := strings.Contains(text, "Went back to here from step 1") && strings.Contains(text, "the loss had risen"); went != back || last > 10 || s.Step != 24 {
			t.Errorf("back %t: the loss ends at %g, step %d, and the journal says %q", back, last, s.Step, text)
		}
	}
}

// TestExplodesAfterARise: where the card is turned down and numbers explode then, what
// is offered is the checkpoint from before the rise, not the newest.
func TestExplodesAfterARise(t *testing.T) {
	dir, spoiled, offered := filepath.Join(t.TempDir(), "run"), 0, make(chan string, 1)
	_, err := steered(t, tinyConfig(t, "solver.max_steps=24", "checkpoint.keep=20"), dir, func(tr *Trainer, step int) {
		switch {
		case step == 11 && spoiled == 0:
			spoiled = 1
			spoil(t, tr, wild)
		case spoiled == 2 && tr.live.card == nil:
			spoiled = 3
			spoil(t, tr, func(int) float64 { return math.NaN() })
			go answerBack(tr.Board, offered)
		}
		if card := tr.live.card; card != nil && spoiled == 1 {
			spoiled = 2
			tr.Board.Send(card.No.Command)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if text := <-offered; !strings.Contains(text, " of step 9 ") {
		t.Errorf("offered %q", text)
	}
}

// wild are weights that make a network surely wrong.
func wild(i int) float64 { return 1e4 * math.Sin(float64(i*i)) }

// spoil overwrites the weights of the last layer.
func spoil(t *testing.T, tr *Trainer, value func(i int) float64) {
	t.Helper()
	p := tr.Net.Params[len(tr.Net.Params)-2]
	values := make([]float32, p.Count())
	for i := range values {
		values[i] = float32(value(i))
	}
	tr.land()
	if err := tr.Net.Write(p, net.Value, values); err != nil {
		t.Error(err)
	}
}

// answerBack waits for the card of a run that has stopped, and goes back.
func answerBack(b *monitor.Board, offered chan<- string) {
	for {
		if card := b.Latest().Card; card != nil && card.Error {
			offered <- card.Text
			b.Send(card.Yes.Command)
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// TestPerfectErrorIsNoPlateau: what cannot improve is not asked about.
func TestPerfectErrorIsNoPlateau(t *testing.T) {
	for _, least := range []float64{0, 0.1} {
		tr := &Trainer{Config: tinyConfig(t, "solver.patience=2"), Board: monitor.NewBoard(&monitor.Snapshot{})}
		sets, err := OpenSets(tr.Config, "")
		if err != nil {
			t.Fatal(err)
		}
		tr.Sets, tr.Schedule = sets, NewSchedule(tr.Config.Solver)
		tr.Schedule.steered = &tr.steered
		for i := range 4 {
			tr.step = 6 * (i + 1)
			tr.history = append(tr.history, Validation{Step: tr.step, Top1Error: 0.5, Top5Error: least})
		}
		if err := tr.assist(context.Background()); err != nil {
			t.Fatal(err)
		}
		if asked := tr.live.card != nil; asked != (least > 0) {
			t.Errorf("best error %g: asked %t", least, asked)
		}
	}
}
