package viewer

import (
	"testing"

	"alexnet/train/monitor"
	"alexnet/viewer/draw/golden"
)

// TestMore: in a small window momentum, decay and dropout are one click away.
func TestMore(t *testing.T) {
	a, source, _ := with(t, plateau(), 1024, 640, 1)
	if _, _, ok := a.find("Momentum"); ok {
		t.Error("the small window's panel has a field of the momentum")
	}
	click(t, a, "moreSolver")
	golden.Check(t, "more-1024x640", a.Picture())
	click(t, a, "Momentum")
	typed(a, "0.8")
	press(a, "Enter")
	if got := sent(t, source); got.Verb != monitor.SetMomentum || got.Value != 0.8 {
		t.Errorf("the field sent %+v", got)
	}
	press(a, "Esc")
	if _, _, ok := a.find("Momentum"); ok || a.cover != nil {
		t.Error("Esc does not close it")
	}
	click(t, a, "moreSolver")
	a.Resize(1440, 900, 1)
	a.Draw()
	if a.cover != nil {
		t.Error("it lies over a window that has room for it")
	}
	if _, _, ok := a.find("moreSolver"); ok {
		t.Error("a window with room offers more")
	}
	watched := plateau()
	watched.WatchOnly = "This run can only be watched."
	a, source, _ = with(t, watched, 1024, 640, 1)
	click(t, a, "moreSolver")
	if _, _, ok := a.find("Momentum"); ok {
		t.Error("a run that can only be watched has a field that works")
	}
	nothingSent(t, source)
}

// TestStripSplitter: what is below the kernels becomes higher and lower, and how
// high it was is remembered.
func TestStripSplitter(t *testing.T) {
	a, _, _ := with(t, sample(), 1440, 900, 1)
	k := &a.kernels
	grab := func() float64 {
		h, _, ok := a.find("strip")
		if !ok {
			t.Fatal("nothing divides figure and strip")
		}
		return h.rect.Y + 4
	}
	first, zoom := grab(), k.grid.Zoom
	dragTo(a, 500, first, 500, first-150)
	if k.grid.Zoom >= zoom || grab() > first-100 {
		t.Errorf("dragged up by 150, kernels are enlarged %d times and the line went from %g to %g", k.grid.Zoom, first, grab())
	}
	if s := a.Settings().Strip; s < 300 || s > 450 {
		t.Errorf("a height of %g is remembered", s)
	}
	dragTo(a, 500, grab(), 500, -900)
	if k.grid.Zoom < 1 || grab() < a.frame.rect[pagePart].Y+52 {
		t.Errorf("dragged out of the window, the line is at %g", grab())
	}
	dragTo(a, 500, grab(), 500, 2000)
	if k.grid.Zoom != zoom {
		t.Errorf("dragged down again, kernels are enlarged %d times, want %d", k.grid.Zoom, zoom)
	}
	for what, reset := range map[string]func(){
		"a double click": func() { dragTo(a, 500, grab(), 500, grab()); dragTo(a, 500, grab(), 500, grab()) },
		"Ctrl+0":         func() { press(a, "Ctrl+0") },
	} {
		dragTo(a, 500, grab(), 500, first-150)
		reset()
		if s := a.Settings(); s.Strip != 0 || grab() != first {
			t.Errorf("behind %s the line is at %g, want %g, and %g is remembered", what, grab(), first, s.Strip)
		}
	}
}

// TestBrackets: they turn to another layer where there is one.
func TestBrackets(t *testing.T) {
	a, _, _ := with(t, full(), 1440, 900, 1)
	press(a, "]")
	if a.maps.layer != 0 || a.toast.text != "Only the kernels of conv1 are pictures: they read red, green and blue." {
		t.Errorf("on the page of kernels ] chose layer %d and says %q", a.maps.layer, a.toast.text)
	}
	for _, page := range []string{"2", "4"} {
		before := a.maps.layer
		press(a, page, "]")
		if a.maps.layer != before+1 {
			t.Errorf("on page %s ] chose layer %d, before %d", page, a.maps.layer, before)
		}
	}
	press(a, "3", "]")
	if a.maps.layer != 2 {
		t.Error("] on the page of curves chose a layer that is not seen")
	}
}
