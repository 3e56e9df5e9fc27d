package main

import (
	"fmt"
	"image"
	"path/filepath"
	"testing"
	"time"

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
	var first uint64
	wait(t, "the page stands still", func() bool { // it may have been half on the screen
		before := s.sum(t, page)
		time.Sleep(300 * time.Millisecond)
		first = s.sum(t, page)
		return before == first
	})
	s.do(t, "mousemove", "600", "480", "mousedown", "1")
	// A slow window asks for the pointer's place when it hears of the button: that
	// may be behind the first moves, which then turn nothing.
	x := 600
	wait(t, "the scene is grabbed", func() bool {
		x += 3
		s.do(t, "mousemove", fmt.Sprint(x), "475")
		return s.sum(t, page) != first
	})
	last := s.sum(t, page)
	for i := range 5 {
		s.do(t, "mousemove", fmt.Sprint(x+20+20*i), fmt.Sprint(470-8*i))
		took := wait(t, "the scene turns", func() bool { return s.sum(t, page) != last })
		last = s.sum(t, page)
		t.Logf("turned after %v", took)
	}
	s.do(t, "mouseup", "1", "click", "4") // the wheel, up
	wait(t, "the wheel zooms", func() bool { return s.sum(t, page) != last })
	s.shoot(t, "network-turned")
	s.do(t, "mousemove", "300", "20", "key", "f")
	wait(t, "F leads back", func() bool { return s.sum(t, page) == first })
	s.do(t, "mousemove", "330", "360", "click", "1") // conv1, column 1
	wait(t, "a click on a block opens its maps", func() bool { return active(t, s) == 2 })
}
