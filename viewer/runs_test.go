package viewer

import (
	"errors"
	"testing"
	"time"

	"alexnet/train/monitor"
)

// called makes a run that trains under a name.
func called(name string) *fake {
	s := sample()
	run := *s.Run
	run.Name, run.Path = name, "runs/"+name
	s.Run = &run
	return &fake{Board: monitor.NewBoard(s)}
}

// becomes publishes that a run is in another state.
func (f *fake) becomes(state monitor.State) {
	now := *f.Latest()
	now.State = state
	f.Publish(&now)
}

// training makes an app that shows a run that it trains. It can begin more, and open
// runs of other processes.
func training(t *testing.T) (a *App, first *fake, begun *[]*fake) {
	t.Helper()
	first, begun = called("first"), new([]*fake)
	elsewhere := func(path string) (Source, error) {
		if path == "nothing" {
			return nil, errTest
		}
		f := called("watched")
		now := *f.Latest()
		now.WatchOnly = "This run can only be watched."
		f.Board = monitor.NewBoard(&now)
		return f, nil
	}
	a = New(Options{
		Open:   elsewhere,
		Find:   func(paths []string) (Found, error) { return Found{Run: paths[0]}, nil },
		Recent: func() ([]Recent, error) { return []Recent{{Path: "runs/first"}, {Path: "runs/watched"}}, nil },
		Demo: func([]string) (Source, error) {
			f := called("demo")
			*begun = append(*begun, f)
			return f, nil
		},
	}, first)
	a.Draw()
	return a, first, begun
}

// TestLeaveAndReturn: a run trains on while other things are looked at, and can be
// steered behind that.
func TestLeaveAndReturn(t *testing.T) {
	a, first, _ := training(t)
	press(a, "4")
	click(t, a, "runs")
	if w := first.Watched(); a.snap != nil || w.Hidden || !w.Kernels || w.Faces || first.closed {
		t.Fatalf("on the start page: snapshot %v, it watches %+v, closed %v", a.snap, first.Watched(), first.closed)
	}
	until(t, a, "the list", func() bool { return a.start.loaded })
	runs := a.start.runs(a)
	if len(runs) != 2 || runs[0].Path != "runs/first" || runs[0].Note != "training now, in this window" {
		t.Fatalf("the start page lists %+v", runs)
	}
	click(t, a, "runruns/watched")
	answered(t, a)
	if a.snap == nil || a.snap.Run.Name != "watched" || !first.Watched().Hidden {
		t.Fatalf("it shows %v, and of the first it watches %+v", a.snap, first.Watched())
	}
	watched := a.source.(*fake)
	press(a, "O", "Down", "Enter")
	answered(t, a)
	if a.source != Source(first) || first.Watched().Hidden || !first.Watched().Faces {
		t.Fatalf("it shows %v and watches %+v", a.snap, first.Watched())
	}
	if !watched.closed || first.closed {
		t.Errorf("the watched run is closed: %v, the own: %v", watched.closed, first.closed)
	}
	press(a, "Space")
	if got := sent(t, first); got.Verb != monitor.Pause {
		t.Errorf("sent %+v", got)
	}
}

// TestDroppedRun: one's own run is shown as it is, another beside it.
func TestDroppedRun(t *testing.T) {
	a, first, _ := training(t)
	drop(t, a, "runs/../runs/first")
	if a.source != Source(first) || first.Watched().Hidden || len(a.own) != 1 {
		t.Errorf("it shows %v", a.snap.Run)
	}
	drop(t, a, "nothing")
	if a.source != Source(first) || a.toast.text == "" {
		t.Error("what cannot be opened hides the run, or nothing is said")
	}
	drop(t, a, "runs/watched")
	if a.snap.Run.Name != "watched" || first.closed || !first.Watched().Hidden || len(a.own) != 1 {
		t.Errorf("it shows %v; the run that trains is closed: %v", a.snap.Run, first.closed)
	}
	press(a, "Ctrl+Q")
	if a.Quit() {
		t.Error("the window closes though a run trains that is not shown")
	}
}

// TestEndsUnseen: it is told, and listed as ended.
func TestEndsUnseen(t *testing.T) {
	for state, want := range map[monitor.State]string{
		monitor.Finished: "first has finished.", monitor.Stopped: "first has stopped.", monitor.Failed: "first stopped itself. NaN in fc7.",
	} {
		a, first, _ := training(t)
		now := *first.Latest()
		now.Notices = []monitor.Notice{{Error: true, Text: "NaN in fc7."}}
		first.Publish(&now)
		press(a, "O")
		until(t, a, "the list", func() bool { return a.start.loaded })
		a.start.loaded = false
		first.becomes(state)
		until(t, a, "the list again", func() bool { return a.start.loaded })
		if a.toast.text != want || !first.closed || len(a.own) > 0 {
			t.Errorf("it says %q, want %q; closed %v", a.toast.text, want, first.closed)
		}
		if press(a, "Ctrl+Q"); !a.Quit() {
			t.Error("a run that has ended holds the window")
		}
	}
}

// TestBeginAnother: a run that trains is not lost when another begins.
func TestBeginAnother(t *testing.T) {
	a, first, begun := training(t)
	press(a, "O", "D", "Esc")
	nothingSent(t, first)
	if len(*begun) > 0 || a.snap != nil {
		t.Fatal("begun without an answer")
	}
	press(a, "D")
	click(t, a, "stopFirst")
	if got := sent(t, first); got.Verb != monitor.Stop {
		t.Errorf("sent %+v", got)
	}
	if a.Update(); len(*begun) > 0 {
		t.Error("begun before the first has stopped")
	}
	first.becomes(monitor.Stopped)
	if a.Update(); len(*begun) != 1 || a.snap == nil || a.snap.Run.Name != "demo" {
		t.Fatalf("begun %d, and it shows %v", len(*begun), a.snap)
	}
	press(a, "O", "D", "T")
	if len(*begun) != 2 || len(a.own) != 2 {
		t.Fatalf("begun %d", len(*begun))
	}
	press(a, "Ctrl+Q", "S")
	for i, f := range *begun {
		if got := sent(t, f); got.Verb != monitor.Stop || a.Quit() {
			t.Errorf("sent %+v, closed %v", got, a.Quit())
		}
		f.becomes(monitor.Stopped)
		if a.Update(); a.Quit() != (i == 1) {
			t.Errorf("closed %v when %d have stopped", a.Quit(), i+1)
		}
	}
}

// TestCannotBegin: then nothing else is lost.
func TestCannotBegin(t *testing.T) {
	a, first, _ := training(t)
	a.options.Demo = func([]string) (Source, error) { return nil, errors.New("launch: there is no device") }
	press(a, "O", "D", "T")
	if a.snap != nil || a.toast.text != "There is no device." || len(a.own) != 1 || first.closed {
		t.Errorf("it says %q", a.toast.text)
	}
}

// TestStop: the run stays in sight when it has stopped, and leads to the others.
func TestStop(t *testing.T) {
	a, first, begun := training(t)
	click(t, a, "stop")
	click(t, a, "cancel")
	nothingSent(t, first)
	click(t, a, "stop")
	press(a, "S")
	if got := sent(t, first); got.Verb != monitor.Stop {
		t.Errorf("sent %+v", got)
	}
	first.becomes(monitor.Stopped)
	if a.Update(); a.Quit() || a.source != Source(first) {
		t.Error("the window closes, or shows something else")
	}
	press(a, "O", "D")
	if len(*begun) != 1 || a.snap == nil || !first.closed {
		t.Errorf("begun %d", len(*begun))
	}
}

// TestNewRunNewPages: what was chosen in one run is not chosen in another.
func TestNewRunNewPages(t *testing.T) {
	a, first, _ := training(t)
	press(a, "1", "Right")
	press(a, "O")
	if a.Show(first); a.kernels.kernel != 1 {
		t.Errorf("back in a run whose second kernel was chosen, it is kernel %d", a.kernels.kernel)
	}
	a.Draw()
	press(a, "2", "]", "3", "R")
	a.maps.image, a.layers.top = 7, 100
	drop(t, a, "runs/watched")
	if a.kernels.kernel != 0 || a.maps.layer != 0 || a.maps.image != 0 || a.layers.top != 0 || a.field != nil {
		t.Errorf("kernel %d, layer %d, image %d, scrolled %g, field %v", a.kernels.kernel, a.maps.layer, a.maps.image, a.layers.top, a.field)
	}
	if a.page != curvesTab {
		t.Error("another page is shown")
	}
}

// TestEventsBehindLeaving: events that come before the next frame find nothing of the run
// that was left, and what is opened twice is shown once.
func TestEventsBehindLeaving(t *testing.T) {
	a, _, _ := training(t)
	press(a, "3")
	h, _, ok := a.find("plots")
	if !ok {
		t.Fatal("there are no curves")
	}
	a.Handle(Moved{h.rect.X + 100, h.rect.Y + 100})
	a.Draw()
	a.Handle(Key{Name: "O"})
	a.Handle(Wheeled{1})
	a.Handle(Pressed{true})
	a.Handle(Moved{h.rect.X + 120, h.rect.Y + 100})
	a.Handle(Pressed{false})
	until(t, a, "the list", func() bool { return a.start.loaded })
	opened := make(chan *fake, 2)
	a.options.Open = func(string) (Source, error) {
		f := called("watched")
		opened <- f
		return f, nil
	}
	doubleClick(t, a, "runruns/watched")
	for range 2 {
		f := <-opened
		until(t, a, "one is shown, the other closed", func() bool { return f.closed != (a.source == Source(f)) })
	}
}

// TestAnswerOnce: a double click on an answer that comes within a frame is one answer.
func TestAnswerOnce(t *testing.T) {
	a, _, begun := training(t)
	press(a, "O", "D")
	doubleClick(t, a, "trainBoth")
	if len(*begun) != 1 {
		t.Errorf("begun %d runs", len(*begun))
	}
}

// doubleClick clicks a control twice before the next frame.
func doubleClick(t *testing.T, a *App, id string) {
	t.Helper()
	h, _, ok := a.find(id)
	if !ok {
		t.Fatalf("there is no %s", id)
	}
	a.Handle(Moved{h.rect.X + h.rect.W/2, h.rect.Y + h.rect.H/2})
	a.Draw()
	for range 2 {
		a.Handle(Pressed{true})
		a.Handle(Pressed{false})
	}
	a.Draw()
}

// TestLeftWhileUndoable: a run whose last change can be taken back still is left, with all that
// it showed.
func TestLeftWhileUndoable(t *testing.T) {
	s := sample()
	a, _, now := with(t, s, 1440, 900, 1)
	s.Undo = now.now.Add(5 * time.Second)
	a.redraw(steeringPart)
	a.Draw()
	if !a.undoing {
		t.Fatal("it is not offered to take the change back")
	}
	press(a, "O")
	for range 3 {
		now.now = now.now.Add(3 * time.Second)
		a.Update()
		a.Draw()
	}
	if a.snap != nil || a.undoing {
		t.Error("the start page is not there")
	}
}
