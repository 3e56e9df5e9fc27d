package main

import (
	"fmt"
	"image"
	"path/filepath"
	"testing"

	"alexnet/viewer/theme"
)

// TestNetwork turns, enlarges and resets Figure 2 of a followed run by hand.
func TestNetwork(t *testing.T) {
	s := newScreen(t, 1440, 900)
	s.start(t, program(t), t.TempDir(), makeRun(t, filepath.Join(t.TempDir(), "my-run"), 500))
	wait(t, "the window is there", func() bool { return s.pixel(t, 4, 4) == theme.Dark.Surface })
	page := image.Rect(0, 170, 1168, 828)
	s.do(t, "mousemove", "300", "20", "key", "4")
	wait(t, "the page of the network", func() bool { return active(t, s) == 4 })
	s.shoot(t, "network")
	first := s.still(t, page)
	s.do(t, "mousemove", "600", "480", "mousedown", "1")
	last := first
	for i := range 5 {
		s.do(t, "mousemove", fmt.Sprint(620+20*i), fmt.Sprint(470-8*i))
		took := wait(t, "the scene turns", func() bool { return s.sum(t, page) != last })
		last = s.sum(t, page)
		t.Logf("turned after %v", took)
	}
	last = s.still(t, page)
	s.do(t, "mouseup", "1", "click", "4") // the wheel, up
	wait(t, "the wheel zooms", func() bool { return s.sum(t, page) != last })
	s.shoot(t, "network-turned")
	s.do(t, "mousemove", "300", "20", "key", "f")
	wait(t, "F leads back", func() bool { return s.sum(t, page) == first })
	// The window draws another theme meanwhile and hears of all at once: the drag begins
	// where the button went down.
	s.do(t, "mousemove", "600", "480", "key", "F8", "sleep", "0.03", "mousedown", "1", "mousemove", "640", "460", "mousemove", "700", "438", "mouseup", "1", "key", "F8")
	took := wait(t, "a quick drag turns as far as a slow one", func() bool { return s.sum(t, page) == last })
	t.Logf("turned after %v", took)
	s.do(t, "mousemove", "300", "20", "key", "f")
	wait(t, "F leads back once more", func() bool { return s.sum(t, page) == first })
	s.do(t, "mousemove", "330", "360", "click", "1") // conv1, column 1
	wait(t, "a click on a block opens its maps", func() bool { return active(t, s) == 2 })
}
