package viewer

import (
	"errors"
	"strings"
	"testing"
	"time"

	"alexnet/train/monitor"
)

// brings is an app that finds what a test says.
func brings(t *testing.T, found Found, err error) (*App, *fake, *clock) {
	t.Helper()
	a, source, now := with(t, full(), 1440, 900, 1)
	a.options.Find = func([]string) (Found, error) { return found, err }
	return a, source, now
}

// drop drops files and waits until it is known what they are.
func drop(t *testing.T, a *App, paths ...string) {
	t.Helper()
	a.Handle(Dropped{Paths: paths})
	answered(t, a)
}

func holiday() Found {
	return Found{Name: "holiday", Pictures: []Picture{{Path: "h/1.png"}, {Path: "h/2.gif", Frame: 0, Delay: 200 * time.Millisecond}, {Path: "h/2.gif", Frame: 1}}}
}

func TestDrop(t *testing.T) {
	a, source, _ := brings(t, holiday(), nil)
	drop(t, a, "h")
	if w := source.Watched(); a.page != activationsTab || !w.Maps || w.Image != -1 || w.File != "h/1.png" || w.Playing {
		t.Errorf("behind a drop page %d watches %+v", a.page, w)
	}
	press(a, "Right", "Right", "Right")
	if w := source.Watched(); w.File != "h/2.gif" || w.Frame != 1 {
		t.Errorf("at the album's end it watches %+v", w)
	}
	click(t, a, "image")
	click(t, a, "image=Validation")
	if w := source.Watched(); w.Image != 0 || w.File != "" {
		t.Errorf("back at the validation images it watches %+v", w)
	}

	a, source, _ = brings(t, Found{}, errors.New("x cannot be opened: permission denied."))
	drop(t, a, "x")
	if w := source.Watched(); w.File != "" || !a.toast.error || a.toast.text != "x cannot be opened: permission denied." {
		t.Errorf("a file that cannot be read: %+v, it says %q", w, a.toast.text)
	}

	opened := ""
	a, _, _ = brings(t, Found{Run: "runs/other"}, nil)
	a.options.Open = func(path string) (Source, error) { opened = path; return nil, errTest }
	drop(t, a, "runs/other")
	if opened != "runs/other" {
		t.Errorf("a run that was dropped opened %q", opened)
	}

	start := New(Options{Find: func([]string) (Found, error) { return holiday(), nil }}, nil)
	drop(t, start, "h")
	if !strings.Contains(start.toast.text, "Open a run first") {
		t.Errorf("images on the start page: %q", start.toast.text)
	}
}

// An image that cannot be read is a sentence on the page, and the next one can be
// chosen there.
func TestUnreadablePicture(t *testing.T) {
	a, source, now := brings(t, holiday(), nil)
	drop(t, a, "h")
	good := a.Picture()
	s := full()
	s.Maps = &monitor.Maps{File: "h/1.png", Problem: "1.png cannot be shown: unexpected EOF."}
	source.Publish(s)
	now.now = now.now.Add(time.Second)
	a.unseen = true
	a.Update()
	if same(good, a.Picture()) {
		t.Error("the page does not show what is wrong")
	}
	click(t, a, "next")
	if w := source.Watched(); w.File != "h/2.gif" {
		t.Errorf("the next image is %+v", w)
	}
}

// A video shows a picture when the maps of the one before have come and its time is
// over, begins again at its end, and tells how fast it is.
func TestFilm(t *testing.T) {
	a, source, now := brings(t, holiday(), nil)
	drop(t, a, "h")
	press(a, "Enter")
	come := func() { // the maps of what is watched
		s, w := full(), source.Watched()
		m := *s.Maps
		m.File, m.Frame = w.File, w.Frame
		s.Maps = &m
		source.Publish(s)
		a.unseen = true
		a.Update()
		a.Draw()
	}
	pass := func(d time.Duration) { now.now = now.now.Add(d); a.Update(); a.Draw() }
	at := func(what, file string, frame int) {
		t.Helper()
		if w := source.Watched(); w.File != file || w.Frame != frame || !w.Playing {
			t.Fatalf("%s: it watches %+v, want %s, frame %d", what, w, file, frame)
		}
	}
	pass(time.Minute)
	at("no maps have come", "h/1.png", 0)
	come()
	at("the first is late", "h/2.gif", 0)
	pass(10 * time.Millisecond)
	come()
	pass(100 * time.Millisecond)
	at("the second has its time still", "h/2.gif", 0)
	pass(100 * time.Millisecond)
	at("the second's time is over", "h/2.gif", 1)
	for range 4 {
		pass(50 * time.Millisecond)
		come()
		pass(200 * time.Millisecond)
	}
	if speed := a.maps.album.speed(); speed < 4 || speed > 5.5 {
		t.Errorf("10 ms once and 250 ms a picture are %g frames/s", speed)
	}
	if note := a.maps.album.note(true); !strings.Contains(note, " frames/s, faster while paused") {
		t.Errorf("it says %q", note)
	}
	at("begun again", "h/1.png", 0)
	press(a, "3")
	come()
	pass(time.Second)
	at("another page", "h/1.png", 0)
	press(a, "2", "Enter")
	if w := source.Watched(); w.Playing {
		t.Error("it plays on behind the second Enter")
	}
	press(a, "Enter", "Left")
	if w := source.Watched(); w.Playing || a.maps.album.speed() != 0 {
		t.Error("it plays on behind a picture chosen by hand")
	}
}

func TestOpenPath(t *testing.T) {
	var got []string
	woken := make(chan struct{}, 1)
	a, _, _ := with(t, full(), 1440, 900, 1)
	a.options.Find = func(paths []string) (Found, error) { got = paths; return holiday(), nil }
	a.options.Wake = func() { woken <- struct{}{} }
	press(a, "2")
	click(t, a, "image")
	click(t, a, "image=Open …")
	press(a, "Enter")
	if a.field == nil || a.field.problem == "" {
		t.Fatal("no path has no sentence")
	}
	click(t, a, "path")
	for _, r := range "/home/me/holiday" {
		a.Handle(Char{r})
	}
	press(a, "Enter")
	<-woken
	a.Update()
	if len(got) != 1 || got[0] != "/home/me/holiday" || a.cover != nil || a.maps.album == nil {
		t.Errorf("looked for %q, cover %v", got, a.cover)
	}
}

// TestDropEndsTheReadout: what the pointer tells of the maps is not left over those of
// another image, and of new maps of the same it tells the new value.
func TestDropEndsTheReadout(t *testing.T) {
	a, source, now := brings(t, holiday(), nil)
	press(a, "2")
	h, _, _ := a.find("maps")
	a.Handle(Moved{h.rect.X + 20, h.rect.Y + mapsBelow + 20})
	a.Draw()
	if a.hover == nil {
		t.Fatal("nothing is read out")
	}
	s := full()
	for i := range s.Maps.Columns[0] {
		s.Maps.Columns[0][i] *= 0.5
	}
	source.Publish(s)
	a.unseen = true
	now.now = now.now.Add(time.Second)
	a.Update()
	told := a.Picture()
	a.Handle(Moved{h.rect.X + 20, h.rect.Y + mapsBelow + 20})
	if !same(told, a.Picture()) {
		t.Error("of new maps the pointer tells what it did of those before")
	}
	drop(t, a, "h")
	if a.hover != nil {
		t.Error("what was read out is left over another image")
	}
}

// TestDropTwice: a folder that takes long to be looked into is not shown behind what was
// brought later, nor in another run.
func TestDropTwice(t *testing.T) {
	for _, first := range []Found{holiday(), {Run: "runs/other"}} {
		for name, then := range map[string]func(a *App){
			"an image":    func(a *App) { drop(t, a, "wren.png") },
			"another run": func(a *App) { a.Show(called("another")) },
		} {
			a, _, _ := with(t, full(), 1440, 900, 1)
			listed, late := make(chan struct{}), make(chan struct{})
			a.options.Open = func(string) (Source, error) { return called("other"), nil }
			a.options.Find = func([]string) (Found, error) { <-listed; return first, nil }
			a.options.Wake = func() { close(late) }
			a.Handle(Dropped{Paths: []string{"slow"}})
			a.options.Find = func(paths []string) (Found, error) { return Found{Pictures: []Picture{{Path: paths[0]}}}, nil }
			a.options.Wake = func() {}
			then(a)
			run, album := a.source, a.maps.album
			close(listed)
			<-late
			if a.Update(); a.source != run || a.maps.album != album {
				t.Errorf("%s behind %+v: it shows %s, album %+v", name, first, a.snap.Run.Name, a.maps.album)
			}
		}
	}
}
