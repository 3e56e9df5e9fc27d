package viewer

import (
	"strings"
	"testing"

	"alexnet/train/monitor"
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
