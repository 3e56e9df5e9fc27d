package viewer

import (
	"testing"
	"time"
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
