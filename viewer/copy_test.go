package viewer

import (
	"strings"
	"testing"
	"time"

	"alexnet/train/monitor"
	"alexnet/viewer/draw/golden"
)

// loads is a source that can load a copy.
type loads struct {
	*fake
	asked int
}

func (l *loads) Send(c monitor.Command) error {
	if c.Verb == monitor.Load {
		l.asked++
		return nil
	}
	return l.fake.Send(c)
}

// away is a run of another process, of which a copy may be had.
func away(t *testing.T, c monitor.Copy) (*App, *loads) {
	t.Helper()
	s := full()
	s.WatchOnly, s.Copy = "This run can only be watched.", &c
	s.Maps, s.Faces, s.Layers, s.Patches = nil, nil, nil, nil
	source := &loads{fake: &fake{Board: monitor.NewBoard(s)}}
	now := &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	a := New(Options{Now: now.Now}, source)
	a.Draw()
	return a, source
}

func TestLoadingACopy(t *testing.T) {
	for _, page := range []string{"1", "2", "4"} {
		a, source := away(t, monitor.Copy{Step: -1})
		press(a, page)
		click(t, a, "load")
		if source.asked != 1 {
			t.Errorf("page %s: a click asked %d times", page, source.asked)
		}
		press(a, "Enter")
		if want := map[string]int{"1": 1, "2": 2, "4": 2}[page]; source.asked != want {
			t.Errorf("page %s: Enter asked, altogether %d times, want %d", page, source.asked, want)
		}
	}
	a, source := away(t, monitor.Copy{Step: -1, Loading: true, Text: "Choosing kernels: layer 3 of 5."})
	press(a, "2", "Enter")
	if _, _, ok := a.find("load"); ok || source.asked != 0 || a.loading(activationsTab) != "Choosing kernels: layer 3 of 5." {
		t.Errorf("while it loads: asked %d times, it says %q", source.asked, a.loading(activationsTab))
	}
	a, source = away(t, monitor.Copy{Step: -1, Failed: true, Text: "The network cannot be loaded here: the run has no checkpoint yet."})
	press(a, "2")
	golden.Check(t, "copy-failed-1440x900", a.Picture())
	press(a, "Enter")
	if source.asked != 1 {
		t.Error("it cannot be tried again")
	}
	a, _ = away(t, monitor.Copy{Step: 1500})
	press(a, "2")
	if _, _, ok := a.find("load"); ok || !strings.Contains(a.loading(activationsTab), "Looking") || !strings.Contains(a.copyNote(), "1,500") {
		t.Errorf("with a copy it says %q, %q", a.loading(activationsTab), a.copyNote())
	}
}

// What becomes of a copy is shown at once.
func TestCopyIsFollowed(t *testing.T) {
	before, now := full(), full()
	now.Kernels, now.Maps, now.Faces, now.Patches, now.Run, now.Layers = before.Kernels, before.Maps, before.Faces, before.Patches, before.Run, nil
	for _, g := range []page{kernelsTab, activationsTab, networkTab} {
		before.Copy, now.Copy = &monitor.Copy{Step: -1}, &monitor.Copy{Step: -1}
		if g.follows(before, now) {
			t.Errorf("page %d is drawn anew for nothing", g)
		}
		now.Copy = &monitor.Copy{Step: -1, Loading: true}
		if !g.follows(before, now) {
			t.Errorf("page %d does not follow", g)
		}
		before.Copy, now.Copy = nil, &monitor.Copy{Step: -1} // its run has ended
		if !g.follows(before, now) {
			t.Errorf("page %d does not show that a copy can be had", g)
		}
	}
}

// Why a copy failed may take many lines: the button lies below them, and the panel of
// the kernel says less.
func TestLongReason(t *testing.T) {
	c := monitor.Copy{Step: -1, Failed: true, Text: "The network cannot be loaded here: " + strings.Repeat("no Vulkan device: install a driver, ", 9) + "or else."}
	a, _ := away(t, c)
	press(a, "2")
	long, _, _ := a.find("load")
	c.Text = "It failed."
	short, _ := away(t, c)
	press(short, "2")
	if one, _, ok := short.find("load"); !ok || long.rect.Y <= one.rect.Y+24 {
		t.Errorf("the button of a long sentence lies at %g, of a short one at %g", long.rect.Y, one.rect.Y)
	}
	press(a, "1")
	if _, why := a.patchesOf(0); len(why) > 80 {
		t.Errorf("the panel says %q", why)
	}
	if _, _, ok := a.find("load"); !ok {
		t.Error("it cannot be tried again in the panel")
	}
}
