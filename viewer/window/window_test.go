package window

import (
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/g3n/engine/gls"
	"github.com/go-gl/glfw/v3.3/glfw"

	"alexnet/train/monitor"
	"alexnet/viewer"
)

func init() { runtime.LockOSThread() }

// jobs are run on the main thread, which windows belong to; tests run on others.
var jobs = make(chan func())

func TestMain(m *testing.M) {
	done := make(chan int)
	go func() { done <- m.Run() }()
	for {
		select {
		case f := <-jobs:
			f()
		case code := <-done:
			os.Exit(code)
		}
	}
}

// onMain runs something on the main thread.
func onMain(f func()) {
	done := make(chan struct{})
	jobs <- func() { defer close(done); f() }
	<-done
}

// needDisplay skips a test where no display is, unless one is required.
func needDisplay(t *testing.T) {
	t.Helper()
	if os.Getenv("DISPLAY") == "" {
		if os.Getenv("REQUIRE_DISPLAY") != "" {
			t.Fatal("REQUIRE_DISPLAY is set and DISPLAY is not: run under xvfb-run -a")
		}
		t.Skip("no display: run under xvfb-run -a")
	}
}

type source struct{ *monitor.Board }

func snapshot() *monitor.Snapshot {
	k := &monitor.Kernels{Size: 11, Columns: []int{48, 48}, Values: make([]float32, 96*3*121)}
	for i := range k.Values {
		k.Values[i] = float32(i%37) - 18
	}
	s := &monitor.Snapshot{Run: &monitor.Run{Name: "a-run", Batch: 32, Columns: 2, Steps: 100, StepsPerEpoch: 10, LogEvery: 1}, Read: 1, State: monitor.Training, Step: 50, Epoch: 5}
	for i := 1; i <= 50; i++ {
		s.Points = append(s.Points, monitor.Point{Step: i, Epoch: float64(i) / 10, Loss: 5 / float64(i), Rate: 0.01, ImagesPerSecond: 100})
	}
	s.Kernels = []*monitor.Shot{{Step: 50, Epoch: 5, Kernels: k, Figures: k.ColumnFigures()}}
	return s
}

// TestShowsExactPixels: what the card shows is what the app drew, pixel by pixel,
// on each page, in both themes and after a change of size, whether parts are drawn or
// copied.
func TestShowsExactPixels(t *testing.T) {
	needDisplay(t)
	for _, driver := range []string{"llvmpipe", "softpipe"} { // of Mesa, on the processor
		t.Run(driver, func(t *testing.T) {
			t.Setenv("GALLIUM_DRIVER", driver)
			showsExactPixels(t)
		})
	}
}

func showsExactPixels(t *testing.T) {
	onMain(func() {
		w, err := Open(Options{Title: "test", Width: 1100, Height: 700, Hidden: true})
		if err != nil {
			t.Error(err)
			return
		}
		defer w.Close()
		t.Logf("%s: %T", w.state.GetString(gls.RENDERER), w.parts)
		app := viewer.New(viewer.Options{}, source{monitor.NewBoard(snapshot())})
		w.attach(app)
		for _, step := range []struct {
			name string
			do   func()
		}{
			{"kernels", func() {}},
			{"curves", func() { app.Handle(viewer.Key{Name: "3"}) }},
			{"light", func() { app.Handle(viewer.Key{Name: "F8"}) }},
			{"help", func() { app.Handle(viewer.Key{Name: "F1"}) }},
			{"help closed", func() { app.Handle(viewer.Key{Name: "Esc"}) }},
			{"wall", func() { app.Handle(viewer.Key{Name: "W"}) }},
			{"back", func() { app.Handle(viewer.Key{Name: "Esc"}) }},
			{"larger", func() { w.glfw.SetSize(1300, 820); glfw.PollEvents(); w.resize() }},
		} {
			step.do()
			w.Frame()
			if err := compare(w, app); err != nil {
				t.Errorf("%s: %v", step.name, err)
			}
		}
	})
}

// compare reads the window back.
func compare(w *Window, app *viewer.App) error {
	want := app.Picture()
	size := want.Rect.Size()
	w.parts.render(size.X, size.Y) // what was swapped away is not defined
	got := w.state.ReadPixels(0, 0, size.X, size.Y, gls.RGBA, gls.UNSIGNED_BYTE)
	for y := range size.Y {
		row := got[4*size.X*(size.Y-1-y):] // OpenGL begins below
		for x := range size.X {
			p := want.RGBAAt(x, y)
			if row[4*x] != p.R || row[4*x+1] != p.G || row[4*x+2] != p.B {
				return fmt.Errorf("pixel %v is %v, drawn as %v", image.Pt(x, y), row[4*x:4*x+3], p)
			}
		}
	}
	return nil
}

// TestNoFrameWithoutChange: a window in which nothing changes draws nothing.
func TestNoFrameWithoutChange(t *testing.T) {
	needDisplay(t)
	onMain(func() {
		w, err := Open(Options{Hidden: true})
		if err != nil {
			t.Error(err)
			return
		}
		defer w.Close()
		app := viewer.New(viewer.Options{}, source{monitor.NewBoard(snapshot())})
		w.attach(app)
		w.Frame()
		first := w.shown
		for range 5 {
			app.Update()
			w.Frame()
		}
		if w.shown != first {
			t.Error("a frame was drawn and nothing had changed")
		}
		app.Handle(viewer.Key{Name: "2"})
		if w.Frame(); w.shown == first {
			t.Error("another page was not shown")
		}
	})
}

// TestNoDisplay runs itself without a display.
func TestNoDisplay(t *testing.T) {
	if os.Getenv("WINDOW_TEST_NO_DISPLAY") != "" {
		onMain(func() {
			if _, err := Open(Options{}); !errors.Is(err, ErrNoDisplay) {
				t.Errorf("opened without a display: %v", err)
			}
		})
		return
	}
	for _, display := range []string{"", ":987"} { // none, and one that is not there
		c := exec.Command(os.Args[0], "-test.run=^TestNoDisplay$")
		c.Env = append(os.Environ(), "WINDOW_TEST_NO_DISPLAY=1", "DISPLAY="+display, "WAYLAND_DISPLAY=")
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("DISPLAY=%q: %v\n%s", display, err, out)
		}
	}
}
