package viewer

import (
	"fmt"
	"image"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/draw/golden"
	"alexnet/viewer/theme"
)

func typed(a *App, text string) {
	for _, r := range text {
		a.Handle(Key{Name: strings.ToUpper(string(r))}) // the window sends both
		a.Handle(Char{r})
		a.Draw()
	}
}

func TestSteering(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(t *testing.T, a *App)
		want monitor.Command
	}{
		{"pause", func(t *testing.T, a *App) { press(a, "Space") }, monitor.Command{Verb: monitor.Pause}},
		{"pause by the mouse", func(t *testing.T, a *App) { click(t, a, "pause") }, monitor.Command{Verb: monitor.Pause}},
		{"step", func(t *testing.T, a *App) { press(a, "S") }, monitor.Command{Verb: monitor.StepOnce}},
		{"rate up", func(t *testing.T, a *App) { press(a, "Ctrl+Up") }, monitor.Command{Verb: monitor.ScaleRate, Value: 10}},
		{"rate down", func(t *testing.T, a *App) { click(t, a, "less") }, monitor.Command{Verb: monitor.ScaleRate, Value: 0.1}},
		{"rate typed", func(t *testing.T, a *App) { press(a, "R"); typed(a, "0.005"); press(a, "Enter") }, monitor.Command{Verb: monitor.SetRate, Value: 0.005}},
		{"decay typed", func(t *testing.T, a *App) { click(t, a, "Weight decay"); typed(a, "1e-4"); press(a, "Enter") }, monitor.Command{Verb: monitor.SetDecay, Value: 1e-4}},
		{"validate", func(t *testing.T, a *App) { press(a, "V") }, monitor.Command{Verb: monitor.Validate}},
		{"checkpoint", func(t *testing.T, a *App) { click(t, a, "checkpoint") }, monitor.Command{Verb: monitor.Save}},
		{"card yes", func(t *testing.T, a *App) { press(a, "D") }, monitor.Command{Verb: monitor.Answer, Value: 1}},
		{"card no", func(t *testing.T, a *App) { click(t, a, "cardN") }, monitor.Command{Verb: monitor.Answer}},
		{"undo", func(t *testing.T, a *App) { press(a, "Ctrl+Z") }, monitor.Command{Verb: monitor.Undo}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, source, _ := with(t, plateau(), 1440, 900, 1)
			c.do(t, a)
			got := sent(t, source)
			if got.Verb != c.want.Verb || math.Abs(got.Value-c.want.Value) > 1e-12 {
				t.Errorf("sent %+v, want %+v", got, c.want)
			}
			nothingSent(t, source)
		})
	}
}

func TestResume(t *testing.T) {
	s := sample()
	s.State = monitor.Paused
	a, source, _ := with(t, s, 1440, 900, 1)
	press(a, "Space")
	if got := sent(t, source); got.Verb != monitor.Resume {
		t.Errorf("Space while paused sent %+v", got)
	}
}

// Space pressed again, sooner than the window shows what became of it, does the opposite.
func TestQuickSpaces(t *testing.T) {
	a, source, _ := with(t, sample(), 1440, 900, 1)
	press(a, "Space", "Space", "S", "Space")
	for i, want := range []monitor.Verb{monitor.Pause, monitor.Resume, monitor.StepOnce, monitor.Resume} {
		if got := sent(t, source); got.Verb != want {
			t.Errorf("press %d sent %+v, want %v, while those before wait", i, got, want)
		}
		source.Obeyed()
	}
	paused := sample()
	paused.State = monitor.Paused
	source.Publish(paused)
	if a.snap.State == monitor.Paused {
		t.Fatal("the window shows it already")
	}
	press(a, "Space")
	if got := sent(t, source); got.Verb != monitor.Resume {
		t.Errorf("Space sent %+v to a run that is paused and not shown so yet", got)
	}
}

// TestSliderSendsOnce: dragging sends nothing until the knob is let go.
func TestSliderSendsOnce(t *testing.T) {
	a, source, _ := with(t, sample(), 1440, 900, 1)
	h, _, _ := a.find("slider")
	for i := range 40 {
		a.Handle(Moved{h.rect.X + h.rect.W*float64(i)/80, h.rect.Y + 10})
		if i == 0 {
			a.Handle(Pressed{true})
		}
		a.Draw()
	}
	a.Handle(Moved{h.rect.X + h.rect.W/2, h.rect.Y + 10})
	nothingSent(t, source)
	a.Handle(Pressed{false})
	if got := sent(t, source); got.Verb != monitor.SetRate || got.Value != 0.001 {
		t.Errorf("the middle of the slider sent %+v, want 0.001", got)
	}
	nothingSent(t, source)
}

func TestHeldKeyCountsOnce(t *testing.T) {
	a, source, _ := with(t, sample(), 1440, 900, 1)
	a.Handle(Key{Name: "Down", Ctrl: true})
	a.Handle(Key{Name: "Down", Ctrl: true, Again: true})
	sent(t, source)
	nothingSent(t, source)
}

func TestWrongRateIsRefused(t *testing.T) {
	a, source, _ := with(t, sample(), 1440, 900, 1)
	press(a, "R")
	typed(a, "11")
	press(a, "Enter")
	nothingSent(t, source)
	if a.field == nil || a.field.problem != "Rate must be between 0.0000001 and 10." {
		t.Fatalf("field %+v", a.field)
	}
	for _, no := range []string{"0,002", "abc"} {
		a.Handle(Key{Name: "A", Ctrl: true})
		typed(a, no)
		press(a, "Enter")
		nothingSent(t, source)
		if want := "Rate must be a number such as 0.002, between 0.0000001 and 10."; a.field == nil || a.field.problem != want {
			t.Fatalf("of %s it says %q, want %q", no, a.field.problem, want)
		}
	}
	press(a, "Esc")
	if a.field != nil {
		t.Error("Esc does not leave the field")
	}
	nothingSent(t, source)
}

func TestWatchOnly(t *testing.T) {
	s := sample()
	s.WatchOnly = "This run can only be watched."
	a, source, _ := with(t, s, 1440, 900, 1)
	for _, key := range []string{"Space", "S", "V", "Ctrl+Up", "R"} {
		a.toast.text = ""
		press(a, key)
		nothingSent(t, source)
		if a.toast.text != "This run can only be watched." || a.field != nil {
			t.Errorf("%s says %q, field %v", key, a.toast.text, a.field)
		}
	}
	if _, _, ok := a.find("pause"); ok {
		t.Error("a control that does nothing can be pressed")
	}
}

// stoppable is a run that can only be watched, and stopped.
type stoppable struct {
	*fake
	got []monitor.Command
}

func (s *stoppable) Send(c monitor.Command) error { s.got = append(s.got, c); return nil }

// TestStopWatched: a run of another process of this machine is stopped as one of this
// process is, and nothing else of it can be steered. Its panel says all of who trains it.
func TestStopWatched(t *testing.T) {
	for _, size := range [][2]int{{1024, 640}, {1440, 900}} {
		s := sample()
		s.WatchOnly, s.Stoppable = "Process 4711 on this machine (workstation) trains this run. Here it can be watched, and stopped with a checkpoint.", true
		source := &stoppable{fake: &fake{Board: monitor.NewBoard(s)}}
		a := New(Options{}, source)
		a.Resize(size[0], size[1], 1)
		said := a.Picture()
		if _, _, ok := a.find("pause"); ok {
			t.Errorf("%v: it can be paused", size)
		}
		click(t, a, "stop")
		if a.Quit() || len(source.got) > 0 {
			t.Errorf("%v: the button closes the window, or stops the run without asking", size)
		}
		click(t, a, "stopNow")
		if len(source.got) != 1 || source.got[0].Verb != monitor.Stop {
			t.Errorf("%v: sent %+v", size, source.got)
		}
		silent := *s
		silent.WatchOnly = "" // the same without
		a.snap = &silent
		a.redraw(steeringPart)
		if a.Draw(); same(said, a.Picture()) {
			t.Errorf("%v: the panel does not say who trains it", size)
		}
		s.Stoppable = false // as soon as it stops
		a.snap = s
		a.redraw(steeringPart)
		if click(t, a, "stop"); !a.Quit() {
			t.Errorf("%v: one that cannot be stopped cannot be closed", size)
		}
	}
}

func TestTabulator(t *testing.T) {
	a, source, _ := with(t, sample(), 1440, 900, 1)
	seen := map[string]bool{}
	for range 60 {
		press(a, "Tab")
		seen[a.focus] = true
	}
	for _, id := range []string{"tab3", "pause", "less", "validate", "play", "export", "show"} {
		if !seen[id] {
			t.Errorf("the tabulator never reaches %q", id)
		}
	}
	a.focus = "validate"
	press(a, "Enter")
	if got := sent(t, source); got.Verb != monitor.Validate {
		t.Errorf("Enter on Validate sent %+v", got)
	}
}

// TestClosing: a run of another process does not hold the window, one of this
// process asks.
func TestClosing(t *testing.T) {
	watched := sample()
	watched.WatchOnly = "This run can only be watched."
	a, _, _ := with(t, watched, 1440, 900, 1)
	if a.Handle(Closing{}); !a.Quit() {
		t.Error("a watched run holds the window")
	}
	a, source, now := with(t, sample(), 1440, 900, 1)
	press(a, "Ctrl+Q")
	if a.Quit() {
		t.Fatal("the window closed without asking")
	}
	press(a, "Esc")
	nothingSent(t, source)
	a.Handle(Closing{})
	click(t, a, "closeStop")
	if got := sent(t, source); got.Verb != monitor.Stop || a.Quit() {
		t.Errorf("sent %+v, closed %v before the run has stopped", got, a.Quit())
	}
	stopped := *a.snap
	stopped.State = monitor.Stopped
	source.Publish(&stopped)
	waitUnseen(t, a)
	now.now = now.now.Add(headerEvery)
	if a.Update(); !a.Quit() {
		t.Error("the run has stopped and the window is still open")
	}
	a, source, _ = with(t, sample(), 1440, 900, 1)
	press(a, "Ctrl+Q", "Enter")
	if got := sent(t, source); got.Verb != monitor.Stop {
		t.Errorf("Enter sent %+v, not the usual answer", got)
	}
	a, _, _ = with(t, sample(), 1440, 900, 1)
	detached := false
	a.options.Detach = func() { detached = true }
	press(a, "Ctrl+Q", "W")
	if !detached || !a.Quit() {
		t.Errorf("detached %v, closed %v", detached, a.Quit())
	}
}

// TestProblemsInThePanel: what is wrong with a field is whole within the panel, and no
// control lies on it or on another, at whatever width.
func TestProblemsInThePanel(t *testing.T) {
	for _, size := range [][3]int{{1024, 640, 0}, {1280, 760, theme.SteeringLeast}, {1440, 900, theme.SteeringWidth}, {1600, 1000, theme.SteeringMost}} {
		for _, id := range []string{"rate", "Momentum", "Weight decay", "Dropout"} {
			a, _, _ := with(t, plateau(), size[0], size[1], 1)
			a.options.Settings.Steering = float64(size[2])
			a.arrange()
			a.Draw()
			apart(t, a, fmt.Sprint(size))
			if size[1] == 640 && id != "rate" {
				click(t, a, "moreSolver")
			}
			click(t, a, id)
			typed(a, "11")
			right := a.Picture()
			press(a, "Enter")
			if a.field == nil || a.field.problem == "" {
				t.Fatalf("%v: of 11 in %s it says nothing", size, id)
			}
			box, _, _ := a.find(id)
			red := reddened(right, a.Picture(), box.rect.Inset(-1))
			panel := a.frame.rect[steeringPart].Inset(theme.Margin)
			if red.Empty() || float64(red.Min.X) < panel.X || float64(red.Max.X) > panel.Right() || red.Min.Y < int(box.rect.Bottom()) || red.Min.Y > int(box.rect.Bottom())+18 {
				t.Errorf("%v: what is wrong with %s is at %v; its field at %v, the panel's inside %v", size, id, red, box.rect, panel)
			}
			apart(t, a, fmt.Sprint(size, " wrong ", id), red)
			sheet, _, is := a.find("moreSheet")
			if last, _, _ := a.find("Dropout"); is && last.rect.Bottom() > sheet.rect.Bottom()-4 {
				t.Errorf("%v: wrong %s, Dropout at %v reaches out of its sheet at %v", size, id, last.rect, sheet.rect)
			}
		}
	}
}

// reddened is where a picture has the hue of errors that another has not, apart from a
// place.
func reddened(before, now *image.RGBA, but draw.Rect) (red image.Rectangle) {
	for y := range now.Rect.Dy() {
		for x := range now.Rect.Dx() {
			c := now.RGBAAt(x, y)
			if hue := int(c.R) - max(int(c.G), int(c.B)); hue > 40 && c != before.RGBAAt(x, y) && !but.Contains(float64(x), float64(y)) {
				red = red.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return red
}

// apart checks that no control of the panel, or of the sheet over it, lies on another or
// on what else is there.
func apart(t *testing.T, a *App, when string, taken ...image.Rectangle) {
	t.Helper()
	hits := a.parts[steeringPart].hits
	if a.cover != nil {
		hits = a.above
	}
	for _, h := range hits {
		if !h.focus && h.id != "slider" {
			continue
		}
		r := image.Rect(int(h.rect.X), int(h.rect.Y), int(h.rect.Right()), int(h.rect.Bottom()))
		for _, other := range taken {
			if r.Overlaps(other) {
				t.Errorf("%s: %s at %v lies on what is at %v", when, h.id, r, other)
			}
		}
		taken = append(taken, r)
	}
}

// TestRateHasRoom: the rate of a warm-up is written within its field.
func TestRateHasRoom(t *testing.T) {
	a, _, _ := with(t, sample(), 1024, 640, 1)
	h, _, _ := a.find("rate")
	p := &painter{Canvas: draw.New(h.rect, 1, a.fonts), app: a, th: a.th}
	for rate, want := range map[float64]string{0.003 * 15 / 81: "0.000556", 0.001: "0.001", 0.25: "0.25", 1.23456e-7: "1.235e-7", 0.01234: "0.01234"} {
		if got := p.rateIn(h.rect.W-8, rate); got != want || p.Width(got, strong) > h.rect.W {
			t.Errorf("%g is written %s, want %s", rate, got, want)
		}
	}
}

// TestNewestFirst: checkpoints push no change out of sight.
func TestNewestFirst(t *testing.T) {
	var events []monitor.Event
	for i, kind := range []monitor.EventKind{monitor.Checkpointed, monitor.Checkpointed, monitor.RateChanged, monitor.Checkpointed, monitor.Checkpointed} {
		events = append(events, monitor.Event{Kind: kind, Step: i})
	}
	var steps []int
	for _, e := range newestFirst(events) {
		steps = append(steps, e.Step)
	}
	if !slices.Equal(steps, []int{4, 2, 1}) {
		t.Errorf("events of steps %v", steps)
	}
}

// TestUndoIsOffered: as long as a change can be taken back, a button beside the rate says
// so.
func TestUndoIsOffered(t *testing.T) {
	s := sample()
	a, source, now := with(t, s, 1440, 900, 1)
	offered := func() bool { _, _, is := a.find("undo"); return is }
	if offered() {
		t.Error("there is nothing to undo")
	}
	late := *s
	late.Undo = now.now.Add(10 * time.Second)
	source.Publish(&late)
	a.unseen = true
	now.now = now.now.Add(time.Second)
	a.Update()
	a.Draw()
	golden.Check(t, "undo-1440x900", a.Picture())
	click(t, a, "undo")
	if c := sent(t, source); c.Verb != monitor.Undo {
		t.Errorf("it sends %+v", c)
	}
	now.now = now.now.Add(10 * time.Second)
	a.Update()
	if a.Draw(); offered() {
		t.Error("it is offered for longer than it can be done")
	}
}

// A rate beyond an end of the slider is an arrow that leads out of it.
func TestKnobPointsOut(t *testing.T) {
	for rate, want := range map[float64]string{1e-6: "left", 1e-5: "", 0.01: "", 0.1: "", 0.5: "right"} {
		s := sample()
		s.Solver.Rate = rate
		a, _, _ := with(t, s, 1440, 900, 1)
		a.Draw()
		line, _, _ := a.find("slider")
		y := int(line.rect.Y + line.rect.H/2)
		out := ""
		for side, x := range map[string]float64{"left": line.rect.X - 6, "right": line.rect.Right() + 5} {
			if a.Picture().RGBAAt(int(x), y) == a.th.Text {
				out += side
			}
		}
		if out != want {
			t.Errorf("of %g the knob points %q, want %q", rate, out, want)
		}
	}
}
