package viewer

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/draw/golden"
	"alexnet/viewer/theme"
)

func TestGoldens(t *testing.T) {
	for _, g := range []struct {
		name          string
		width, height int
		keys          []string
	}{
		{"kernels-1024x640", 1024, 640, nil},
		{"kernels-light-1440x900", 1440, 900, []string{"F8", ",", ","}},
		{"curves-1440x900", 1440, 900, []string{"3"}},
		{"help-1024x640", 1024, 640, []string{"2", "?"}},
	} {
		t.Run(g.name, func(t *testing.T) {
			a, _, _ := with(t, plateau(), g.width, g.height, 1)
			press(a, g.keys...)
			golden.Check(t, g.name, a.Picture())
		})
	}
}

func TestLayout(t *testing.T) {
	for _, c := range []struct {
		name                    string
		width, height, steering float64
		compact                 bool
		page, panel             draw.Rect
	}{
		{"the design's", 1440, 900, 0, false, draw.Rect{X: 0, Y: 120, W: 1168, H: 708}, draw.Rect{X: 1168, Y: 80, W: 272, H: 748}},
		{"smallest", 1024, 640, 0, true, draw.Rect{X: 0, Y: 120, W: 784, H: 448}, draw.Rect{X: 784, Y: 80, W: 240, H: 488}},
		{"low", 1440, 700, 0, true, draw.Rect{X: 0, Y: 120, W: 1200, H: 508}, draw.Rect{X: 1200, Y: 80, W: 240, H: 548}},
		{"too small is cut off", 300, 200, 0, true, draw.Rect{X: 0, Y: 120, W: 784, H: 448}, draw.Rect{X: 784, Y: 80, W: 240, H: 488}},
		{"wide panel", 1920, 1080, 999, false, draw.Rect{X: 0, Y: 120, W: 1560, H: 888}, draw.Rect{X: 1560, Y: 80, W: 360, H: 928}},
	} {
		f := layout(c.width, c.height, c.steering, false, false)
		if f.compact != c.compact || f.rect[pagePart] != c.page || f.rect[steeringPart] != c.panel {
			t.Errorf("%s: compact %v, page %v, panel %v", c.name, f.compact, f.rect[pagePart], f.rect[steeringPart])
		}
	}
	if f := layout(1440, 900, 0, false, true); f.rect[headerPart].H != 113 || f.rect[pagePart].Y != 113 {
		t.Errorf("the wall view's header is %v", f.rect[headerPart])
	}
	if f := layout(2560, 1440, 0, false, true); f.rect[headerPart].H != 160 || f.rect[steeringPart].W != 0 || f.rect[timePart].H != 0 {
		t.Errorf("the wall view shows more than header and page: %v", f.rect)
	}
}

// TestDrawsOnlyChanges: nothing is drawn anew that did not change.
func TestDrawsOnlyChanges(t *testing.T) {
	a, source, now := with(t, sample(), 1440, 900, 1)
	versions := func() (v [parts]int) {
		for i, l := range a.Draw() {
			v[i] = l.Version
		}
		return v
	}
	before := versions()
	if after := versions(); after != before {
		t.Errorf("drawn without a change: %v, then %v", before, after)
	}
	a.Handle(Moved{700, 500})
	a.Handle(Moved{701, 500})
	if after := versions(); after[headerPart] != before[headerPart] || after[steeringPart] != before[steeringPart] {
		t.Errorf("a move in the page drew %v, before %v", after, before)
	}
	before = versions()
	next := *a.snap
	next.Step++
	next.Points = append(next.Points, monitor.Point{Step: next.Step, Loss: 1, ImagesPerSecond: 1})
	source.Publish(&next)
	waitUnseen(t, a)
	if after := versions(); after != before {
		t.Errorf("news were shown at once, against the rate of the numbers: %v, then %v", before, after)
	}
	now.now = now.now.Add(headerEvery)
	a.Update()
	after := versions()
	if after[headerPart] == before[headerPart] || after[timePart] == before[timePart] {
		t.Error("news were not shown")
	}
	if after[pagePart] != before[pagePart] || after[tabsPart] != before[tabsPart] {
		t.Error("a step that brought no kernels drew the page of kernels")
	}
}

// waitUnseen waits until the app has heard of a publication.
func waitUnseen(t *testing.T, a *App) {
	t.Helper()
	for range 1000 {
		a.Update()
		if a.unseen {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("the app did not hear of a publication in a second")
}

func TestKeysTurnPages(t *testing.T) {
	a, source, _ := with(t, sample(), 1024, 640, 1)
	for i := range pages {
		press(a, fmt.Sprint(i+1))
		if a.page != page(i) {
			t.Errorf("key %d shows page %d", i+1, a.page)
		}
	}
	if w := source.Watched(); !w.Timeline || w.Kernels || w.Layers {
		t.Errorf("on the page of devices it watches %+v", w)
	}
	click(t, a, "tab1")
	if a.page != kernelsTab || !source.Watched().Kernels {
		t.Errorf("a click on the first tab shows page %d", a.page)
	}
}

func TestLookingBack(t *testing.T) {
	a, _, now := with(t, sample(), 1440, 900, 1)
	steps := func() int { return a.shot().Step }
	press(a, ",")
	if steps() != 10_000 {
		t.Errorf("one back is step %d, want 10,000", steps())
	}
	press(a, "Home")
	if steps() != 0 {
		t.Errorf("the first is step %d", steps())
	}
	press(a, ",", ".")
	if steps() != 5000 {
		t.Errorf("on is step %d, want 5,000", steps())
	}
	press(a, "Enter")
	for range 10 {
		now.now = now.now.Add(frameTime)
		a.Update()
		a.Draw()
	}
	if a.playing || a.past >= 0 || steps() != 20_000 {
		t.Errorf("played to step %d, playing %v", steps(), a.playing)
	}
	r, axis := a.track()
	a.Handle(Moved{r.X + r.W*axis.At(5600), r.Y + 10})
	a.Handle(Pressed{true})
	if steps() != 5000 {
		t.Errorf("a click on the track shows step %d, want the nearest, 5,000", steps())
	}
	a.Handle(Moved{r.X + r.W + 50, r.Y + 10})
	if a.past >= 0 {
		t.Error("dragged to the end it does not show the present")
	}
	a.Handle(Pressed{false})
	press(a, "Home", "Esc")
	if a.past >= 0 {
		t.Error("Esc does not lead back to now")
	}
}

func TestChoosingKernels(t *testing.T) {
	a, _, _ := with(t, sample(), 1440, 900, 1)
	k := &a.kernels
	tile := k.grid.Tile(1, 5)
	a.Handle(Moved{float64(tile.Min.X + 3), float64(tile.Min.Y + 3)})
	a.Handle(Pressed{true})
	a.Handle(Pressed{false})
	if k.column != 1 || k.kernel != 5 {
		t.Errorf("clicked kernel 5 of column 1, chosen %d of %d", k.kernel, k.column)
	}
	press(a, "Right")
	if k.kernel != 6 {
		t.Errorf("Right chose %d", k.kernel)
	}
	k.column, k.kernel = 0, 47
	press(a, "Right")
	if k.column != 1 || k.kernel != 0 {
		t.Errorf("behind the last of column 0 is %d of %d", k.kernel, k.column)
	}
	press(a, "Left")
	if k.column != 0 || k.kernel != 47 {
		t.Errorf("and back %d of %d", k.kernel, k.column)
	}
	before := a.Picture()
	click(t, a, "scale common")
	if !k.common || same(before, a.Picture()) {
		t.Error("the common scale looks like each kernel's own")
	}
	if !a.Settings().Common {
		t.Error("the scale is not remembered")
	}
}

// TestMonkey: whatever is pressed wherever, nothing panics, at any size, on any
// page, with a run that has everything, little or nothing.
func TestMonkey(t *testing.T) {
	nothing := &monitor.Snapshot{Run: &monitor.Run{Name: "new"}, Solver: monitor.Solver{Rate: math.NaN()}}
	odd := sample()
	odd.WatchOnly, odd.State = "This run can only be watched.", monitor.Failed
	odd.Points = append(odd.Points[:0:0], odd.Points[:40]...)
	odd.Points[39].Loss, odd.Points[20].Loss, odd.Points[30].Rate = math.NaN(), math.Inf(1), 0
	odd.Kernels = odd.Kernels[:1]
	odd.Notices = []monitor.Notice{{Text: "something"}, {Error: true, Text: "The loss became NaN at step 800."}}
	names := []string{"Space", "S", "R", "Ctrl+Up", "Ctrl+Down", "V", "C", "D", "N", "B", "G", "Ctrl+Z", "1", "2", "3", "4", "5", "6", "[", "]", "Left", "Right", "Up", "Down", ",", ".", "Home", "End", "Enter", "L", "F", "P", "E", "J", "W", "O", "F8", "?", "Esc", "Tab", "Backspace"}
	for i, s := range []*monitor.Snapshot{full(), keeping(nil, 0, 5000, 10_000), nothing, odd, nil} {
		random := rand.New(rand.NewPCG(1, uint64(i)))
		var source Source
		if s != nil {
			source = &fake{Board: monitor.NewBoard(s)}
		}
		a := New(Options{
			Open:   func(string) (Source, error) { return nil, errTest },
			Demo:   func([]string) (Source, error) { return &fake{Board: monitor.NewBoard(full())}, nil },
			Recent: func() ([]Recent, error) { return []Recent{{Path: "gone", Name: "gone"}}, nil },
			Check:  newChecker().check,
		}, source)
		turns := 400
		if testing.Short() {
			turns = 40
		}
		for range turns {
			switch random.IntN(6) {
			case 0:
				a.Resize(200+random.IntN(1800), 100+random.IntN(1200), []float64{1, 1.25, 2}[random.IntN(3)])
			case 1, 2:
				press(a, names[random.IntN(len(names))])
			case 3:
				a.Handle(Wheeled{float64(random.IntN(7) - 3)})
			case 4:
				a.Handle(Pressed{random.IntN(2) == 0})
			default:
				a.Handle(Moved{float64(random.IntN(a.size.X)), float64(random.IntN(a.size.Y))})
			}
			a.Update()
			a.Draw()
		}
	}
}

func TestScales(t *testing.T) {
	for _, scale := range []float64{1, 1.25, 2} {
		a, _, _ := with(t, sample(), int(1440*scale), int(900*scale), scale)
		if a.frame.compact || a.frame.rect[pagePart].W != 1168 {
			t.Errorf("scale %g: page %v", scale, a.frame.rect[pagePart])
		}
		for i, l := range a.Draw() {
			if l.Image == nil {
				t.Errorf("scale %g: part %d is missing", scale, i)
			}
		}
		if want := int(5 * scale); a.kernels.grid.Zoom < want {
			t.Errorf("scale %g: kernels are enlarged %d times, want at least %d", scale, a.kernels.grid.Zoom, want)
		}
	}
	a, _, _ := with(t, sample(), 1440, 900, 1)
	a.Resize(0, 0, 1) // minimized
	if a.size.X != 1440 {
		t.Error("a minimized window lost its size")
	}
}

func TestSplitter(t *testing.T) {
	a, _, _ := with(t, sample(), 1440, 900, 1)
	a.Handle(Moved{1169, 400})
	a.Handle(Pressed{true})
	for _, c := range []struct{ x, want float64 }{{1120, 320}, {500, theme.SteeringMost}, {1400, theme.SteeringLeast}} {
		a.Handle(Moved{c.x, 400})
		a.Draw()
		if got := a.frame.rect[steeringPart].W; got != c.want {
			t.Errorf("dragged to %g the panel is %g wide, want %g", c.x, got, c.want)
		}
	}
	a.Handle(Pressed{false})
	if a.Settings().Steering != theme.SteeringLeast {
		t.Error("the width is not remembered")
	}
}

func TestTheme(t *testing.T) {
	a, _, _ := with(t, sample(), 1024, 640, 1)
	press(a, "F8")
	if a.th != theme.Light || !a.Settings().Light {
		t.Error("F8 does not lead to the light theme")
	}
}

// TestKeysUnderADialog: keys of the page and the run wait until a dialog is closed.
func TestKeysUnderADialog(t *testing.T) {
	a, source, _ := with(t, sample(), 1440, 900, 1)
	page, wall := a.page, a.wall
	click(t, a, "stop")
	for _, key := range []string{"4", "W", "V", "Space", "Ctrl+Up", "]", "Home", "J", "O"} {
		press(a, key)
		if _, is := a.cover.(*question); !is || a.page != page || a.wall != wall || a.past >= 0 || a.snap == nil {
			t.Fatalf("%s works under a dialog", key)
		}
	}
	nothingSent(t, source)
	press(a, "Esc", "4")
	if a.cover != nil || a.page != networkTab {
		t.Errorf("behind it %T is open on page %d", a.cover, a.page)
	}
}

// TestRefused: why a command was not obeyed is told for a while, and is not how the run
// stands.
func TestRefused(t *testing.T) {
	a, source, now := with(t, sample(), 1440, 900, 1)
	before := a.Picture()
	late := *a.snap
	late.Refused = &monitor.Notice{Text: "A change can be undone for 10 s; set the value anew."}
	now.now = now.now.Add(headerEvery)
	source.Publish(&late)
	until(t, a, "the refusal", func() bool { return a.snap.Refused != nil })
	if a.toast.text != late.Refused.Text || !a.toast.error {
		t.Errorf("it says %q", a.toast.text)
	}
	now.now = now.now.Add(time.Minute)
	again, first := late, a.snap
	source.Publish(&again)
	until(t, a, "the next state", func() bool { return a.snap != first })
	if a.toast.text != "" || !same(before, a.Picture()) {
		t.Errorf("a minute later it says %q, and the picture is another", a.toast.text)
	}
	if r := Summary(&late); r.Problem != nil {
		t.Errorf("on the start page the run's state is %q", r.Problem.Text)
	}
}

// TestKernelHints: what the words of the Kernels page mean is told where they are pointed
// at, within the page, and no longer when the pointer leaves.
func TestKernelHints(t *testing.T) {
	for _, size := range [][2]int{{1440, 900}, {1024, 640}} {
		a, _, _ := with(t, sample(), size[0], size[1], 1)
		before := a.Picture()
		ids := []string{"hint colour 0", "hint colour 1", "hint specialisation"}
		if size[0] > 1400 {
			ids = append(ids, "hint Since start", "hint Momentum")
		}
		for _, id := range ids {
			h, part, ok := a.find(id)
			if !ok || part != pagePart {
				t.Fatalf("%v: no %s", size, id)
			}
			a.Handle(Moved{h.rect.X + 5, h.rect.Y + 5})
			if same(before, a.Picture()) {
				t.Errorf("%v: %s is told nowhere", size, id)
			}
			if id == "hint colour 1" {
				golden.Check(t, fmt.Sprintf("hint-%dx%d", size[0], size[1]), a.Picture())
			}
			if a.Handle(Moved{3, 3}); !same(before, a.Picture()) {
				t.Errorf("%v: %s is still told", size, id)
			}
		}
	}
}

// TestFrozenKernels: of a first layer that is frozen it is said that nothing changes, where
// changes would be shown.
func TestFrozenKernels(t *testing.T) {
	s := full()
	a, _, _ := with(t, s, 1440, 900, 1)
	for _, frozen := range []bool{false, true} {
		s.Run.Network.Blocks[0].Frozen = frozen
		a.redraw(pagePart)
		a.Draw()
		if _, _, is := a.find("hint frozen"); is != frozen {
			t.Errorf("frozen %v: it says so: %v", frozen, is)
		}
		for show, want := range []bool{true, !frozen, !frozen} {
			a.kernels.show = show
			if got := a.kernels.values(a, a.shot()) != nil; got != want {
				t.Errorf("frozen %v: of choice %d there are values: %v", frozen, show, got)
			}
		}
	}
	a.kernels.show = showChange
	a.redraw(pagePart)
	golden.Check(t, "kernels-frozen-1440x900", a.Picture())
}
