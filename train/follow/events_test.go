package follow

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"alexnet/train/monitor"
)

// A change that the journal tells is told once, with what it set; a run that stopped
// itself says so.
func TestJournalIsFollowed(t *testing.T) {
	dir := folder(t)
	event := func(step int, key, value, text string) string {
		return fmt.Sprintf(`{"kind":"event","step":%d,"text":%q,"short":"s","key":%q,"value":%s}`+"\n", step, text, key, value)
	}
	appendTo(t, dir, point(10, 0.01)+event(10, "rate", "0.001", "Rate 0.01 → 0.001")+event(10, "momentum", "0.5", "Momentum 0.9 → 0.5")+event(10, "dropout", "0", "Dropout off")+point(20, 0.001)+point(30, 0.0001))
	f := late(t, dir, time.Hour)
	s := looked(f)
	if len(s.Events) != 4 || s.Events[0].Kind != monitor.RateChanged || s.Events[1].Kind != monitor.SolverChanged || s.Events[3].Step != 30 {
		t.Errorf("events %+v", s.Events)
	}
	if s.Solver.Momentum != 0.5 || !s.Solver.DropoutOff || s.State != monitor.Stopped {
		t.Errorf("solver %+v, state %d", s.Solver, s.State)
	}
	appendTo(t, dir, `{"kind":"event","step":31,"text":"NaN or Inf, first in the output of layer fc7, at step 31","key":"failed"}`+"\n")
	if s = looked(f); s.State != monitor.Failed || s.Reason != "NaN, step 31" || len(s.Notices) != 1 || !s.Notices[0].Error || !strings.Contains(s.Notices[0].Text, "fc7") {
		t.Errorf("state %d, %q, %v", s.State, s.Reason, s.Notices)
	}
}

func TestWarmUpIsNoEvent(t *testing.T) {
	dir := folder(t)
	appendTo(t, dir, point(1, 0.001)+point(10, 0.01)+point(20, 0.02)+point(30, 0.02)+point(40, 0.2))
	if s := looked(late(t, dir, 0)); len(s.Events) != 1 || s.Events[0].Step != 40 || s.Events[0].Short != "rate × 10" {
		t.Errorf("events %+v, want the one of step 40", s.Events)
	}
}

// A checkpoint has one event at its step, whether the log tells of it, its file is seen,
// both do, or it was written twice.
func TestCheckpointsAreEvents(t *testing.T) {
	dir := folder(t)
	written := func(step, bytes int) string {
		return fmt.Sprintf(`{"kind":"checkpoint","step":%d,"bytes":%d}`+"\n", step, bytes)
	}
	checkpoint(t, dir, 5, 1) // of a program that did not log them
	checkpoint(t, dir, 20, 1)
	appendTo(t, dir, point(10, 0.01)+written(10, 3_000_000)+point(20, 0.01)+written(20, 3_000_000)+point(25, 0.01)+written(20, 4_000_000))
	s := looked(late(t, dir, 0))
	var steps []int
	for _, e := range s.Events {
		if e.Kind != monitor.Checkpointed {
			t.Errorf("event %+v", e)
		}
		steps = append(steps, e.Step)
	}
	if !slices.Equal(steps, []int{5, 10, 20}) {
		t.Fatalf("checkpoints of steps %v, want 5, 10 and 20", steps)
	}
	if text := s.Events[2].Text; !strings.Contains(text, "(4.0 MB)") {
		t.Errorf("that of step 20 is told as %q, want the size of the one written last", text)
	}
}
