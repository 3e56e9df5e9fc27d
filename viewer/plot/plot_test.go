package plot

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"

	"alexnet/viewer/draw"
	"alexnet/viewer/draw/golden"
	"alexnet/viewer/theme"
)

var nan = math.NaN()

func near(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Abs(x-y) <= 1e-9*max(1, math.Abs(x)) })
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want []float64
	}{
		{"loss", Axis{Low: 1, High: 7}.Ticks(6), []float64{1, 2, 3, 4, 5, 6, 7}},
		{"small numbers", Axis{Low: 2.9931, High: 2.9962}.Ticks(4), []float64{2.994, 2.995, 2.996}},
		{"through zero", Axis{Low: -1, High: 1}.Ticks(4), []float64{-1, -0.5, 0, 0.5, 1}},
		{"decades", Axis{Low: 1e-4, High: 1e-1, Log: true}.Ticks(4), []float64{1e-4, 1e-3, 1e-2, 1e-1}},
		{"within a decade", Axis{Low: 1, High: 10, Log: true}.Ticks(4), []float64{1, 2, 5, 10}},
		{"many decades", Axis{Low: 1e-12, High: 1, Log: true}.Ticks(4), []float64{1e-12, 1e-9, 1e-6, 1e-3, 1}},
		{"epochs below one", Axis{Low: 0, High: 0.4}.WholeTicks(8), []float64{0}},
		{"steps", Axis{Low: 0, High: 1500}.WholeTicks(8), []float64{0, 200, 400, 600, 800, 1000, 1200, 1400}},
		{"minutes", Axis{Low: 0, High: 200}.TimeTicks(7), []float64{0, 30, 60, 90, 120, 150, 180}},
		{"no extent", Axis{Low: 1, High: 1}.Ticks(5), nil},
		{"not positive", Axis{Low: 0, High: 1, Log: true}.Ticks(5), nil},
	} {
		if !near(c.got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
}

func TestWiden(t *testing.T) {
	for _, c := range []struct{ in, want Axis }{
		{Axis{Low: 1.93, High: 6.91}, Axis{Low: 1, High: 7}},
		{Axis{Low: 0.03, High: 0.7, Log: true}, Axis{Low: 0.02, High: 1, Log: true}},
		{Axis{Low: 0.01, High: 0.01, Log: true}, Axis{Low: 0.005, High: 0.02, Log: true}},
	} {
		if got := c.in.Widen(6); math.Abs(got.Low-c.want.Low) > 1e-12 || math.Abs(got.High-c.want.High) > 1e-12 {
			t.Errorf("%v became %v, want %v", c.in, got, c.want)
		}
	}
	if got := (Axis{Low: 3, High: 3}).Widen(6); !got.Ok() || got.Low > 3 || got.High < 3 {
		t.Errorf("a single value became %v", got)
	}
}

func TestRange(t *testing.T) {
	if a, ok := Range(false, []float64{nan, 3, -1}, []float64{math.Inf(1), 7}); !ok || a.Low != -1 || a.High != 7 {
		t.Errorf("range %v, %v", a, ok)
	}
	if a, ok := Range(true, []float64{0, -1, 0.5, nan, 2}); !ok || a.Low != 0.5 || a.High != 2 {
		t.Errorf("logarithmic range %v, %v", a, ok)
	}
	if _, ok := Range(false, []float64{nan}, nil); ok {
		t.Error("a range of nothing")
	}
}

func TestZoomAndPan(t *testing.T) {
	for _, a := range []Axis{{Low: 0, High: 100}, {Low: 1, High: 1e4, Log: true}} {
		before := a.Value(0.25)
		if z := a.Zoom(0.25, 0.5); math.Abs(z.Value(0.25)/before-1) > 1e-9 || z.At(z.High) != 1 {
			t.Errorf("%v: at the pointer %g became %g", a, before, z.Value(0.25))
		}
		if p := a.Pan(0.1); math.Abs(p.Value(0.15)/before-1) > 1e-9 {
			t.Errorf("%v: panned, %g became %g", a, before, p.Value(0.15))
		}
	}
}

// TestDecimation: a hundred thousand points become a few a pixel, and the spike of
// one of them is still there.
func TestDecimation(t *testing.T) {
	const n, width = 100_000, 500
	s := &Series{}
	for i := range n {
		s.X, s.Y = append(s.X, float64(i)), append(s.Y, 1+0.1*math.Sin(float64(i)))
	}
	s.Y[54_321] = 9
	r := draw.Rect{X: 10, Y: 0, W: width, H: 100}
	pieces := s.lines(Axis{Low: 0, High: n}, Axis{Low: 0, High: 10}, r, 1)
	if len(pieces) != 1 || len(pieces[0]) > 4*(width+1) {
		t.Fatalf("%d pieces, the first of %d points, want one of at most %d", len(pieces), len(pieces[0]), 4*(width+1))
	}
	top := slices.MinFunc(pieces[0], func(a, b draw.Point) int { return int(1e6 * (a.Y - b.Y)) })
	if math.Abs(top.Y-10) > 1e-9 || math.Abs(top.X-(10+54_321.0/n*width)) > 1 {
		t.Errorf("the spike is at %v, want 281.6, 10", top)
	}
	last := pieces[0][len(pieces[0])-1]
	if want := 100 - 10*s.Y[n-1]; math.Abs(last.Y-want) > 1e-9 {
		t.Errorf("the line ends at %g, want %g", last.Y, want)
	}
}

func TestGaps(t *testing.T) {
	s := &Series{X: []float64{0, 1, 2, 3, 4, 5}, Y: []float64{1, 1, nan, 0, 2, 2}}
	r := draw.Rect{W: 100, H: 10}
	if got := len(s.lines(Axis{Low: 0, High: 5}, Axis{Low: 0, High: 2}, r, 1)); got != 2 {
		t.Errorf("%d pieces about a NaN, want 2", got)
	}
	pieces := s.lines(Axis{Low: 0, High: 5}, Axis{Low: 0.1, High: 2, Log: true}, r, 1)
	if len(pieces) != 2 || len(pieces[1]) != 2 {
		t.Errorf("a zero on a logarithmic axis gave %v", pieces)
	}
	empty := &Series{}
	if got := empty.lines(Axis{Low: 0, High: 5}, Axis{Low: 0, High: 2}, r, 1); got != nil {
		t.Errorf("no points gave %v", got)
	}
}

func TestVisible(t *testing.T) {
	s := &Series{X: []float64{0, 10, 20, 30, 40, 50}}
	if from, to := s.visible(Axis{Low: 15, High: 30}); from != 1 || to != 5 {
		t.Errorf("visible from %d to %d, want 1 to 5", from, to)
	}
	if from, to := s.visible(Axis{Low: 100, High: 200}); to-from > 1 {
		t.Errorf("beyond the end from %d to %d", from, to)
	}
}

func TestValue(t *testing.T) {
	s := &Series{X: []float64{0, 10, 20}, Y: []float64{1, 2, 3}}
	for _, c := range []struct {
		steps   bool
		x, want float64
	}{{false, 4, 1}, {false, 6, 2}, {true, 9.9, 1}, {true, 10, 2}, {true, 25, 3}, {false, -1, 1}, {false, 31, nan}, {true, -0.1, nan}} {
		s.Steps = c.steps
		if got, ok := s.Value(c.x); ok == math.IsNaN(c.want) || ok && got != c.want {
			t.Errorf("steps %v, at %g: %g, %v, want %g", c.steps, c.x, got, ok, c.want)
		}
	}
	only := Series{X: []float64{2}, Y: []float64{5}, Of: func(int) string { return "the only one" }}
	if got, ok := only.Value(9); !ok || got != 5 {
		t.Errorf("far from the only value, which is named: %g, %v", got, ok)
	}
	if got, ok := (&Series{}).Value(1); ok {
		t.Errorf("value of nothing %g", got)
	}
	if got := (&Series{Y: []float64{1, nan}}).Last(); got != 1 {
		t.Errorf("last value %g, want 1", got)
	}
}

func TestSmooth(t *testing.T) {
	got := Smooth([]float64{1, 3, nan, 5, 7, math.Inf(1), 9}, 3)
	for i, want := range []float64{1, 2, nan, 4, 6, math.Inf(1), 8} {
		if got[i] != want && !(math.IsNaN(got[i]) && math.IsNaN(want)) {
			t.Errorf("value %d is %g, want %g", i, got[i], want)
		}
	}
}

// TestSmoothForgets: of a value however large nothing is left where it is out of the window.
func TestSmoothForgets(t *testing.T) {
	y := make([]float64, 100)
	for i := range y {
		y[i] = float64(i)
	}
	for _, window := range []int{1, 2, 7, 10, 99, 100, 1000} {
		clean := Smooth(y, window)
		for _, huge := range []float64{1e20, math.MaxFloat64} {
			spiked := append([]float64(nil), y...)
			spiked[30], spiked[31] = huge, huge
			for i, got := range Smooth(spiked, window) {
				low := max(0, i-window+1)
				if want := float64(low+i) / 2; clean[i] != want {
					t.Fatalf("window %d: value %d is %g, want %g", window, i, clean[i], want)
				}
				if out := i < 30 || low > 31; out && got != clean[i] {
					t.Fatalf("window %d: %g is at 30 and 31, and value %d is %g, want %g", window, huge, i, got, clean[i])
				}
			}
		}
	}
}

func TestApart(t *testing.T) {
	for _, c := range []struct{ in, want []float64 }{
		{[]float64{50, 51, 52}, []float64{30, 51, 72}},
		{[]float64{20, 40, 90}, []float64{19.5, 40.5, 90}},
		{[]float64{98, 99, 100}, []float64{58, 79, 100}},
		{[]float64{0, 90}, []float64{0, 90}},
	} {
		got := slices.Clone(c.in)
		apart(got, 0, 100)
		if !near(got, c.want) {
			t.Errorf("%v moved to %v, want %v", c.in, got, c.want)
		}
	}
}

// sample is a figure of two panes.
func sample(th *theme.Theme, log bool) *Figure {
	var x, raw []float64
	for i := range 400 {
		x = append(x, float64(i)/10)
		raw = append(raw, 0.5+6*math.Exp(-float64(i)/80)+0.3*math.Sin(float64(i*i)))
	}
	raw[200] = nan
	vx, vy := []float64{0, 10, 20, 30}, []float64{7, 4, 2.5, 1}
	loss := Axis{Low: 0, High: 7}
	if log {
		loss = Axis{Low: 0.2, High: 10, Log: true}
	}
	text := func(v float64) string { return fmt.Sprintf("%.4g", v) }
	of := func(i int) string { return "validation of step " + theme.Count(100_000*i) }
	return &Figure{
		X: Axis{Low: 0, High: 45}, Ticks: Axis{Low: 0, High: 45}.Ticks(8), Label: text, Word: "epoch", Lane: true, Before: 44, After: 150, Gap: 30,
		Marks: []Mark{{X: 12, Text: "rate ÷ 10", Flag: true}, {X: 25}, {X: 26}, {X: 38, Text: "checkpoint"}},
		Panes: []Pane{
			{Title: "Loss", Y: loss, Ticks: loss.Ticks(6), Label: text, Value: theme.Loss, Height: 120, Series: []*Series{
				{Name: "training, raw", X: x, Y: raw, Ink: th.TrainRaw, Width: 1, Quiet: true},
				{Name: "training", X: x, Y: Smooth(raw, 20), Ink: th.Train, Width: 2, Bold: true},
				{Name: "validation", X: vx, Y: vy, Ink: th.Validation, Width: 2, Squares: true, Bold: true, Of: of},
				{Name: "another", X: []float64{0, 44}, Y: []float64{6, 0.9}, Ink: th.Compared, Width: 1.5, Dashed: true},
			}},
			{Title: "Rate", Y: Axis{Low: 1e-4, High: 1e-2, Log: true}, Ticks: []float64{1e-4, 1e-3, 1e-2}, Label: theme.Rate, Value: theme.Rate, Height: 40, Series: []*Series{
				{Name: "rate", X: []float64{0, 12, 39.9}, Y: []float64{1e-2, 1e-3, 1e-3}, Ink: th.Train, Width: 2, Steps: true},
			}},
		},
	}
}

func TestGoldens(t *testing.T) {
	for _, g := range []struct {
		name  string
		th    *theme.Theme
		log   bool
		hover bool
		scale float64
	}{{"curves-dark", theme.Dark, false, true, 1}, {"curves-light-log", theme.Light, true, false, 1}, {"curves-x2", theme.Dark, false, false, 2}} {
		t.Run(g.name, func(t *testing.T) {
			c := draw.New(draw.Rect{W: 640, H: 300}, g.scale, draw.NewFonts())
			c.Fill(draw.Rect{W: 640, H: 300}, g.th.Background)
			f, r := sample(g.th, g.log), draw.Rect{X: 16, Y: 8, W: 610, H: 290}
			f.Draw(c, g.th, r)
			if g.hover {
				f.Readout(c, g.th, r, 20, draw.Point{X: 250, Y: 100}, "Epoch 20.0", "step 200,000")
			}
			golden.Check(t, g.name, c.Image)
		})
	}
}

// TestNamesEnds: of two runs compared that began on one day, at the line's end and in the
// read-out, the names are told apart.
func TestNamesEnds(t *testing.T) {
	drawn := func(name string, hover bool) *image.RGBA {
		c, r := draw.New(draw.Rect{W: 640, H: 300}, 1, draw.NewFonts()), draw.Rect{X: 16, Y: 8, W: 610, H: 290}
		f := sample(theme.Dark, false)
		f.Panes[0].Series[3].Name, f.Panes[0].Series[3].Told = name, "training of "+name
		if hover {
			f.Readout(c, theme.Dark, r, 20, draw.Point{X: 250, Y: 100}, "", "")
		} else {
			f.Draw(c, theme.Dark, r)
		}
		return c.Image
	}
	for _, hover := range []bool{false, true} {
		one, other := drawn("demo-20261127-201033", hover), drawn("demo-20261127-201033-2", hover)
		if n, _ := golden.Differ(one, other); n == 0 {
			t.Errorf("the ends of names are not shown; in the read-out: %v", hover)
		}
	}
}

func TestNothingToDraw(t *testing.T) {
	c := draw.New(draw.Rect{W: 100, H: 100}, 1, draw.NewFonts())
	for _, f := range []*Figure{{}, {Panes: []Pane{{Height: 10}}}, {X: Axis{Low: 0, High: 1}, Panes: []Pane{{Height: 10, Series: []*Series{{}}}}}} {
		f.Draw(c, theme.Dark, draw.Rect{W: 100, H: 100})
		f.Readout(c, theme.Dark, draw.Rect{W: 100, H: 100}, 0.5, draw.Point{}, "", "")
	}
}

func BenchmarkFigure(b *testing.B) {
	th := theme.Dark
	c := draw.New(draw.Rect{W: 1168, H: 708}, 1, draw.NewFonts())
	f := sample(th, false)
	s := f.Panes[0].Series[0]
	s.X, s.Y = nil, nil
	for i := range 90_000 {
		s.X, s.Y = append(s.X, 45*float64(i)/90_000), append(s.Y, 3+math.Sin(float64(i)))
	}
	f.Panes[0].Height = 226
	for b.Loop() {
		f.Draw(c, th, draw.Rect{X: 16, Y: 56, W: 1136, H: 640})
	}
}

// A figure as it was ends at its time, on the same axes; another run's line stays.
func TestUntil(t *testing.T) {
	line := func() *Series { return &Series{Name: "loss", X: []float64{1, 2, 3, 4}, Y: []float64{9, 7, 5, 3}} }
	raw, other := line(), line()
	raw.Quiet, other.Dashed = true, true
	f := Figure{Marks: []Mark{{X: 1}, {X: 2.5}, {X: 3}}, Panes: []Pane{{Series: []*Series{raw, line(), other}}}}
	f.Until(2.5, color.RGBA{1, 2, 3, 255})
	p := f.Panes[0]
	if len(f.Marks) != 2 || len(raw.X) != 2 || p.Series[1].Last() != 7 || other.Last() != 3 {
		t.Errorf("%d marks; the lines end at %g, %g and %g", len(f.Marks), raw.Last(), p.Series[1].Last(), other.Last())
	}
	if len(p.Later) != 1 || p.Later[0].X[0] != 2 || p.Later[0].Last() != 3 || p.Later[0].Ink.B != 3 {
		t.Errorf("what came later: %+v", p.Later)
	}
	f.Until(0, color.RGBA{})
	if len(f.Marks) != 0 || len(p.Series[1].Y) != 0 {
		t.Error("before the first point there is something")
	}
}
