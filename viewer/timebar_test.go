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

// TestTimeBarKeepsPace: the bar and the page tell of the same step, also between two
// drawings of the header.
func TestTimeBarKeepsPace(t *testing.T) {
	a, source, now := with(t, sample(), 1440, 900, 1)
	next := *a.snap
	shot := *next.Kernels[len(next.Kernels)-1]
	shot.Step += 20
	next.Step, next.Kernels = shot.Step, append(next.Kernels[:len(next.Kernels):len(next.Kernels)], &shot)
	source.Publish(&next)
	a.unseen = true
	now.now = now.now.Add(pageEvery)
	if a.Update(); !a.parts[pagePart].dirty || !a.parts[timePart].dirty || a.parts[headerPart].dirty {
		t.Errorf("page drawn anew %t, bar %t, header %t", a.parts[pagePart].dirty, a.parts[timePart].dirty, a.parts[headerPart].dirty)
	}
}
