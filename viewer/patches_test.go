package viewer

import (
	"strings"
	"testing"
	"time"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
)

func TestPatches(t *testing.T) {
	a, source, _ := with(t, full(), 1440, 900, 1)
	if !source.Watched().Patches {
		t.Error("patches are shown and not watched")
	}
	click(t, a, "patch2")
	if w := source.Watched(); a.page != activationsTab || w.Image != 200 || w.Patches {
		t.Errorf("a click on the third patch: page %d watches %+v", a.page, w)
	}
	press(a, "1", "Right")
	click(t, a, "patch0")
	if w := source.Watched(); w.Image != 1 {
		t.Errorf("a click on the next kernel's first patch: %+v", w)
	}
	press(a, "1", "W")
	if source.Watched().Patches {
		t.Error("the wall view shows no patches and watches them")
	}
	press(a, "W")
	a.Resize(1024, 640, 1)
	if source.Watched().Patches {
		t.Error("a small window shows no patches and watches them")
	}
}

// TestPatchesSayWhenNewerCome: patches of an earlier step than the run's say when newer ones
// are looked for, where that is known and will be done, and there is room for it.
func TestPatchesSayWhenNewerCome(t *testing.T) {
	a, _, now := with(t, full(), 1440, 900, 1)
	const plain = "of 64 validation images, at step "
	for _, c := range []struct {
		due   time.Duration
		state monitor.State
		step  int
		want  string
	}{
		{150 * time.Second, monitor.Training, 19_960, "of 64 images, at step 19,960; next in 3 min"},
		{59 * time.Second, monitor.Training, 316, "of 64 images, at step 316; next within 1 min"},
		{-time.Second, monitor.Training, 316, plain + "316"},
		{time.Hour, monitor.Training, a.snap.Step, plain + "20,000"},
		{time.Hour, monitor.Paused, 316, plain + "316"},
		{time.Hour, monitor.Finished, 316, plain + "316"},
	} {
		s := full()
		s.State, s.Patches.Step, s.Patches.Due = c.state, c.step, now.now.Add(c.due)
		a.snap = s
		if got := a.patchesFrom(); got != c.want {
			t.Errorf("%v, state %d: it says %q, want %q", c.due, c.state, got, c.want)
		}
		p := &painter{Canvas: draw.New(draw.Rect{W: 300, H: 300}, 1, a.fonts), app: a, th: a.th}
		if room := 6*47.0 - 3; p.Width(c.want, small) > room {
			t.Errorf("%q is wider than its patches", c.want)
		}
	}
}

func TestNoPatches(t *testing.T) {
	for _, c := range []struct {
		name   string
		of     func(a *App)
		number int
		want   string
	}{
		{"none excites it", func(*App) {}, 95, "Nothing in 64 validation images"},
		{"not looked for", func(a *App) { a.snap.Patches = nil }, 0, "after the next step"},
		{"no images", func(a *App) { a.snap.Patches = &monitor.Patches{Problem: "None can be read."} }, 0, "None can be read."},
		{"the past", func(a *App) { a.past = 0 }, 0, "of now only"},
	} {
		a, _, _ := with(t, full(), 1440, 900, 1)
		c.of(a)
		if list, why := a.patchesOf(c.number); list != nil || !strings.Contains(why, c.want) {
			t.Errorf("%s: %d patches, %q", c.name, len(list), why)
		}
		a.redraw()
		a.Draw() // says so
	}
}
