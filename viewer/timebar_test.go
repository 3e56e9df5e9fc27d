package viewer

import (
	"testing"

	"alexnet/train/monitor"
)

// TestMarksLieOnTheTrack: a checkpoint, a snapshot and a change of steps that the log
// does not tell of yet.
func TestMarksLieOnTheTrack(t *testing.T) {
	for name, change := range map[string]func(s *monitor.Snapshot){
		"now":        func(*monitor.Snapshot) {},
		"checkpoint": func(s *monitor.Snapshot) { s.Kernels[len(s.Kernels)-1].Step = s.Step + 700 },
		"snapshot":   func(s *monitor.Snapshot) { s.Pasts = []*monitor.Past{{Step: s.Step + 700}}; s.Kernels = nil },
		"change": func(s *monitor.Snapshot) {
			s.Events = append(s.Events, monitor.Event{Kind: monitor.RateChanged, Step: s.Step + 700})
		},
	} {
		s := sample()
		change(s)
		a, _, _ := with(t, s, 1024, 640, 1)
		r, axis := a.track()
		marks := a.ticks()
		for _, e := range s.Events {
			marks = append(marks, e.Step)
		}
		for _, step := range marks {
			if x := onTrack(r, axis, step); x < r.X || x > r.Right()-1 {
				t.Errorf("%s: step %d of %d is marked at %g, the track ends at %g", name, step, s.Step, x, r.Right())
			}
		}
	}
}
