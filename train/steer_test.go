package train

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"alexnet/train/monitor"
)

// steered starts a run with a board; do is called behind each step.
func steered(t *testing.T, c *Config, dir string, do func(tr *Trainer, step int)) (*Trainer, error) {
	t.Helper()
	tr, err := start(t, c, dir, false, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	tr.Board = monitor.NewBoard(&monitor.Snapshot{})
	tr.OnProgress = func(p Progress) { do(tr, p.Step) }
	err = tr.Run(context.Background())
	tr.Close()
	return tr, err
}

func send(t *testing.T, tr *Trainer, verb monitor.Verb, value float64) {
	t.Helper()
	if err := tr.Board.Send(monitor.Command{Verb: verb, Value: value}); err != nil {
		t.Error(err)
	}
}

// journalOf are the events of a run's log.
func journalOf(t *testing.T, dir string) (out []event) {
	t.Helper()
	lines, err := readLog(filepath.Join(dir, "log.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		if l.Kind == "event" {
			out = append(out, l.event)
		}
	}
	return out
}

// steerAll changes everything that can be changed while a run of 12 steps trains.
func steerAll(t *testing.T) func(tr *Trainer, step int) {
	return func(tr *Trainer, step int) {
		switch step {
		case 2:
			send(t, tr, monitor.SetRate, 0.005)
			send(t, tr, monitor.SetMomentum, 0.5)
		case 4:
			send(t, tr, monitor.ScaleRate, 0.1)
			send(t, tr, monitor.SetDecay, 0.001)
			send(t, tr, monitor.Validate, 0)
		case 6: // where a validation comes, too
			send(t, tr, monitor.DropoutOn, 0)
		case 8:
			send(t, tr, monitor.DropoutOn, 1)
			send(t, tr, monitor.SetRate, 0.0005)
		}
	}
}

// A rate that drops far is told to have no effect at once, for momentum goes on; a tenth, as
// in the paper, needs no words.
func TestCoasting(t *testing.T) {
	for _, c := range []struct {
		before, after, momentum float64
		steps                   string
	}{{0.01, 0.0001, 0.9, "22 steps"}, {0.01, 0.00001, 0.99, "230 steps"}, {0.01, 0.0001, 0, ""}, {0.01, 0.001, 0.9, ""}, {0.01, 0.1, 0.9, ""}, {0.01, 0.01, 0.9, ""}} {
		if got := coasting(c.before, c.after, c.momentum); (got == "") != (c.steps == "") || !strings.Contains(got, c.steps) {
			t.Errorf("from %g to %g with %g: %q, want %q", c.before, c.after, c.momentum, got, c.steps)
		}
	}
	tr, err := steered(t, tinyConfig(t), filepath.Join(t.TempDir(), "run"), func(tr *Trainer, step int) {
		if step == 4 {
			send(t, tr, monitor.ScaleRate, 0.01)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := tr.Board.Latest().Notices; len(n) != 1 || !strings.Contains(n[0].Text, "momentum of 0.9") {
		t.Errorf("notices %v", n)
	}
}

// A run that is steered, one that replays its journal, and one that is stopped,
// resumed and replays the rest, end with the same bits; they are others than those
// of a run that is let alone.
func TestJournalReplays(t *testing.T) {
	dirs := t.TempDir()
	first := filepath.Join(dirs, "steered")
	if _, err := steered(t, tinyConfig(t), first, steerAll(t)); err != nil {
		t.Fatal(err)
	}
	want := read(t, first, "checkpoints", checkpointName(12))
	alone := filepath.Join(dirs, "alone")
	run(t, tinyConfig(t), alone, false, devices(t, "1"))
	if read(t, alone, "checkpoints", checkpointName(12)) == want {
		t.Fatal("steering changed nothing")
	}
	if got := len(journalOf(t, first)); got != 7 {
		t.Errorf("%d lines in the journal, want 7: %+v", got, journalOf(t, first))
	}
	replay := func(dir string, resume bool, until int) {
		c := tinyConfig(t)
		from := ""
		if resume {
			from = dir
		}
		sets, err := OpenSets(c, from)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := Start(context.Background(), c, sets, devices(t, "1"), StartOptions{Run: dir, Resume: resume, Journal: first})
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		tr.OnProgress = func(p Progress) {
			if p.Step == until {
				stop()
			}
		}
		if err := tr.Run(ctx); err != nil && !errors.Is(err, ErrStopped) {
			t.Fatal(err)
		}
	}
	again := filepath.Join(dirs, "again")
	replay(again, false, 0)
	if read(t, again, "checkpoints", checkpointName(12)) != want {
		t.Error("the replay ended with other bits")
	}
	if a, b := steps(read(t, again, "log.jsonl")), steps(read(t, first, "log.jsonl")); a != b {
		t.Errorf("log of the replay:\n%s\nof the steered run:\n%s", a, b)
	}
	halves := filepath.Join(dirs, "halves")
	replay(halves, false, 7)
	replay(halves, true, 0)
	if read(t, halves, "checkpoints", checkpointName(12)) != want {
		t.Error("the replay in two halves ended with other bits")
	}
}

// A resumed run goes on with what was changed; --set is newer than that.
func TestResumeKeepsChanges(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	_, err := steered(t, tinyConfig(t), dir, func(tr *Trainer, step int) {
		if step == 4 {
			send(t, tr, monitor.SetRate, 0.002)
			send(t, tr, monitor.SetMomentum, 0.25)
			send(t, tr, monitor.SetDecay, 0.125)
			send(t, tr, monitor.SetDropout, 0)
			send(t, tr, monitor.Stop, 0)
		}
	})
	if !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	for _, c := range []struct {
		set            []string
		rate, momentum float64
	}{{nil, 0.002, 0.25}, {[]string{"solver.rate=0.003"}, 0.003, 0.25}, {[]string{"solver.momentum=0.1"}, 0.002, 0.1}} {
		tr, err := start(t, tinyConfig(t, c.set...), dir, true, devices(t, "1"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if s := tr.solver(tr.step); s.Rate != c.rate || s.Momentum != c.momentum || s.Decay != 0.125 || !s.NoDropout {
			t.Errorf("with %v: %+v; want rate %g, momentum %g, decay 0.125, no dropout", c.set, s, c.rate, c.momentum)
		}
		tr.Close()
	}
	if lines := journalOf(t, dir); len(lines) != 4 || lines[0].Text != "Rate 0.0005 → 0.002" || lines[0].Short != "rate × 4" || lines[0].Key != "rate" || *lines[0].Value != 0.002 {
		t.Errorf("journal %+v", lines)
	}
}

// A change behind the newest checkpoint is lost with a killed run, and so is its
// line.
func TestChangeBehindACheckpointIsCut(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	tr, err := start(t, tinyConfig(t), dir, false, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	tr.Board = monitor.NewBoard(&monitor.Snapshot{})
	ctx, stop := context.WithCancel(context.Background())
	tr.OnProgress = func(p Progress) {
		if p.Step == 3 {
			send(t, tr, monitor.SetRate, 0.002)
		}
		if p.Step == 4 {
			stop()
		}
	}
	tr.Run(ctx)
	tr.Close()
	at := journalOf(t, dir)[0].Step
	last := checkpoints(filepath.Join(dir, "checkpoints"))[0]
	l, err := LoadCheckpoint(last)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, c := range []struct{ changes, want int }{{0, 0}, {1, 1}} {
		other := t.TempDir()
		d := &RunDir{Path: other}
		if err := d.keep("log.jsonl", read(t, dir, "log.jsonl")); err != nil {
			t.Fatal(err)
		}
		if err := d.cutLog(at, c.changes); err != nil {
			t.Fatal(err)
		}
		if got := len(journalOf(t, other)); got != c.want {
			t.Errorf("a checkpoint with %d changes: %d of them are left in the log, want %d", c.changes, got, c.want)
		}
	}
}

// A run that was stopped while it was paused goes on when it is resumed: with its
// history, its time, and a line that says so.
func TestResumeOfAPausedRun(t *testing.T) {
	c := func() *Config { return tinyConfig(t, "solver.schedule=step", "solver.milestones=[2]") }
	dir := filepath.Join(t.TempDir(), "run")
	_, err := steered(t, c(), dir, func(tr *Trainer, step int) {
		if step == 4 {
			send(t, tr, monitor.Pause, 0)
			send(t, tr, monitor.Stop, 0)
		}
	})
	if !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	tr := wentOn(t, c(), dir)
	if lines := journalOf(t, dir); len(lines) != 2 || lines[0].Key != "pause" || lines[1].Key != "resume" {
		t.Errorf("journal %+v", lines)
	}
	s := tr.Board.Latest()
	var events []string
	for _, e := range s.Events {
		events = append(events, fmt.Sprint(e.Step, e.Short))
	}
	if got, want := strings.Join(events, ", "), "3rate ÷ 10, 3checkpoint, 5paused, 5checkpoint, 5went on, 6checkpoint, 9checkpoint, 12checkpoint"; len(s.Points) != 12 || got != want {
		t.Errorf("%d points; events %s, want %s", len(s.Points), got, want)
	}
	for i, p := range s.Points[1:] {
		if p.Step != i+2 || !(p.Seconds >= s.Points[i].Seconds) {
			t.Errorf("point %d is of step %d, %.3f s behind %.3f s", i+1, p.Step, p.Seconds, s.Points[i].Seconds)
		}
	}
}

// wentOn resumes a run to its end, with a board.
func wentOn(t *testing.T, c *Config, dir string) *Trainer {
	t.Helper()
	tr, err := start(t, c, dir, true, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	tr.Board = monitor.NewBoard(&monitor.Snapshot{})
	if err := tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	return tr
}
