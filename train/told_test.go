package train

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"alexnet/train/monitor"
)

// A run that is opened again has the same events in the same order as before, those of
// checkpoints too whose files are no more.
func TestEventsStay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	c := tinyConfig(t, "validate.every=3", "checkpoint.keep=1", "solver.max_steps=12")
	stop := func(tr *Trainer, step int) {
		if step == 7 {
			send(t, tr, monitor.Pause, 0)
			send(t, tr, monitor.Resume, 0)
			send(t, tr, monitor.Stop, 0)
		}
	}
	first, _ := steered(t, c, dir, stop)
	live := told(first.Board.Latest().Events)
	tr := wentOn(t, c, dir)
	again := told(tr.Board.Latest().Events)
	want := append(slices.Clone(live), fmt.Sprint(first.Step(), " went on"), "9 checkpoint", "12 checkpoint")
	if !slices.Equal(again, want) {
		t.Errorf("opened again: %q\nwant %q", again, want)
	}
	if files := checkpoints(filepath.Join(dir, "checkpoints")); len(files) > 2 {
		t.Errorf("%d files: none was removed", len(files))
	}
}

func told(events []monitor.Event) (out []string) {
	for _, e := range events {
		out = append(out, fmt.Sprint(e.Step, " ", e.Short))
	}
	return out
}

// The log has the step that a run was stopped at, though it is none that is logged.
func TestLastStepIsLogged(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	tr, _ := steered(t, tinyConfig(t, "log.every=5"), dir, func(tr *Trainer, step int) {
		if step == 7 {
			send(t, tr, monitor.Stop, 0)
		}
	})
	s, err := Summarize(dir)
	points := tr.Board.Latest().Points
	if err != nil || tr.Step()%5 == 0 || points[len(points)-1].Step != tr.Step() || s.Step != tr.Step() || s.Epoch != points[len(points)-1].Epoch {
		t.Errorf("stopped at step %d; the last point is %+v, the summary %+v, %v", tr.Step(), points[len(points)-1], s, err)
	}
}

// Checkpoints of which a log does not tell come at their steps, before what went on
// from them; the log's own order stays.
func TestWithFiles(t *testing.T) {
	cp := func(step int) monitor.Event { return CheckpointEvent(step, 0, 0) }
	on := monitor.Event{Kind: monitor.ResumedHere, Step: 5, Short: "went on"}
	resumed := monitor.Event{Kind: monitor.ResumedHere, Step: 7, Short: "resumed"}
	got := told(WithFiles([]monitor.Event{cp(2), on, resumed, cp(7)}, []monitor.Event{cp(5), cp(7), cp(9)}))
	if want := []string{"2 checkpoint", "5 checkpoint", "5 went on", "7 resumed", "7 checkpoint", "9 checkpoint"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
