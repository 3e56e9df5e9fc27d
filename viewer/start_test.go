package viewer

import (
	"testing"
	"time"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// onStartPage makes an app that shows the start page.
func onStartPage(t *testing.T, o Options, width, height int) *App {
	t.Helper()
	now := &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	o.Now = now.Now
	a := New(o, nil)
	a.Resize(width, height, 1)
	a.Draw()
	return a
}

// until lets the app take in what goroutines find.
func until(t *testing.T, a *App, what string, so func() bool) {
	t.Helper()
	for range 1000 {
		a.Update()
		a.Draw()
		if so() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("a second passed and not: %s", what)
}

func TestStartDevices(t *testing.T) {
	rounds := 0
	fail := error(nil)
	a := onStartPage(t, Options{Devices: func() ([]Device, error) {
		rounds++
		if fail != nil {
			return nil, fail
		}
		return []Device{{ID: "a", Name: "RX 7800 XT"}, {ID: "b", Name: "llvmpipe", Problem: "it computes wrong results"}}[:rounds], nil
	}}, 1440, 900)
	until(t, a, "the first device", func() bool { return len(a.start.machines.devices) == 1 })
	one := a.Picture()
	click(t, a, "testDevices")
	until(t, a, "two devices", func() bool { return len(a.start.machines.devices) == 2 })
	if same(one, a.Picture()) {
		t.Error("a second device is not shown")
	}
	fail = errTest
	click(t, a, "testDevices")
	until(t, a, "why there are none", func() bool { return a.start.machines.failed != "" })
	if got := a.start.machines.failed; got != "There is no folder x; give the folder of a run." {
		t.Errorf("it says %q", got)
	}
}

// TestStartAligned: buttons end where what is above them ends, with room between.
func TestStartAligned(t *testing.T) {
	for _, size := range [][2]int{{1024, 640}, {1440, 900}, {1600, 1000}} {
		o := newChecker().options()
		o.Resume = (&resumer{}).resume
		o.Recent = func() ([]Recent, error) {
			return []Recent{{Path: "a", Name: "a", State: monitor.Stopped, Resumable: true, Epoch: 38.2, Epochs: 90}}, nil
		}
		a := onStartPage(t, o, size[0], size[1])
		until(t, a, "all lists", func() bool { return quiet(a)() && a.start.loaded })
		rect := func(id string) draw.Rect {
			h, _, ok := a.find(id)
			if !ok {
				t.Fatalf("%v: there is no %s", size, id)
			}
			return h.rect
		}
		if field, button := rect(FolderField), rect("formSettings"); button.Right() != field.Right() {
			t.Errorf("%v: the settings' button ends at %g, fields at %g", size, button.Right(), field.Right())
		}
		row, button := rect("runa"), rect("resumea")
		end, _ := a.start.ends(draw.Rect{X: row.X, W: row.W}, row.W > 640)
		if button.Right() != end {
			t.Errorf("%v: Go on training ends at %g, its column at %g", size, button.Right(), end)
		}
		picture := a.Picture()
		ground := picture.RGBAAt(int(button.X), int(button.Y)-1)
		for y := int(button.Y) - theme.Unit; y < int(button.Y); y++ {
			for x := int(button.X); x < int(button.Right()); x++ {
				if picture.RGBAAt(x, y) != ground {
					t.Fatalf("%v: something is at %d, %d, close above Go on training", size, x, y)
				}
			}
		}
	}
}

// TestStartTellsAll: of what is wrong with a run that has no room in its row, all is told
// while the pointer is on the row, which opens the run all the same.
func TestStartTellsAll(t *testing.T) {
	for _, size := range [][2]int{{1024, 640}, {1600, 1000}} {
		for text, cut := range map[string]bool{
			"The snapshot is missing.": false,
			"9 lines of the log cannot be read and are left out; the first is line 1. Resume the run from the checkpoint before with a lower rate.": true,
		} {
			opened := ""
			o := newChecker().options()
			o.Open = func(path string) (Source, error) { opened = path; return nil, errTest }
			o.Recent = func() ([]Recent, error) {
				return []Recent{{Path: "a", Name: "a", State: monitor.Stopped, Problem: &monitor.Notice{Text: text}}}, nil
			}
			a := onStartPage(t, o, size[0], size[1])
			until(t, a, "all lists", func() bool { return quiet(a)() && a.start.loaded })
			h, _, _ := a.find("runa")
			a.Handle(Moved{h.rect.X + 200, h.rect.Y + 70})
			a.Draw()
			if told := a.hover != nil; told != cut {
				t.Errorf("%v: %q is told: %t", size, text, told)
			}
			a.Handle(Moved{3, 3})
			if a.Draw(); a.hover != nil {
				t.Errorf("%v: it is still told", size)
			}
			click(t, a, "runa")
			answered(t, a)
			if opened != "a" {
				t.Errorf("%v: a click on the row opens %q", size, opened)
			}
		}
	}
}
