package figure

import (
	"image"
	"image/color"
	"math"
	"testing"
	"time"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/draw/golden"
	"alexnet/viewer/theme"
)

func canvas(w, h float64) *draw.Canvas {
	c := draw.New(draw.Rect{W: w, H: h}, 1, draw.NewFonts())
	c.Fill(draw.Rect{W: w, H: h}, theme.Dark.Background)
	return c
}

// sample are kernels of which each is a wave of its own strength.
func sample(size int, columns ...int) *monitor.Kernels {
	n := 0
	for _, c := range columns {
		n += c
	}
	k := &monitor.Kernels{Size: size, Columns: columns, Values: make([]float32, 3*n*size*size)}
	for i := range k.Values {
		x, y, colour, kernel := i%size, i/size%size, i/(size*size)%3, i/(3*size*size)
		phase := float64(kernel)*0.7 + float64(colour)*float64(kernel/columns[0])
		k.Values[i] = float32(0.01 * float64(kernel+1) * math.Sin(float64(x)*math.Cos(float64(kernel))+float64(y)*math.Sin(float64(kernel))+phase))
	}
	return k
}

func TestKernelGoldens(t *testing.T) {
	k := sample(5, 20, 17)
	for _, s := range []struct {
		name   string
		common bool
	}{{"kernels-each", false}, {"kernels-common", true}} {
		c := canvas(400, 140)
		g := Fit(k, 8, 8, 384, 124, 1)
		g.Draw(c, k.Values, s.common)
		g.Ring(c, 1, 5)
		golden.Check(t, s.name, c.Image)
	}
}

func TestZeroIsMidGrey(t *testing.T) {
	values := []float32{0, 1, -1, 0.5 /**/, 0, 0, 0, 0 /**/, 0, 0, 0, float32(math.NaN())}
	img := Kernel(values, 2, 1)
	for _, c := range []struct {
		x, y int
		want color.RGBA
	}{{0, 0, color.RGBA{128, 128, 128, 255}}, {1, 0, color.RGBA{255, 128, 128, 255}}, {0, 1, color.RGBA{1, 128, 128, 255}}, {1, 1, color.RGBA{255, 0, 255, 255}}} {
		if got := img.RGBAAt(c.x, c.y); got != c.want {
			t.Errorf("at %d, %d: %v, want %v", c.x, c.y, got, c.want)
		}
	}
	if got := Kernel(make([]float32, 12), 2, 0).RGBAAt(1, 1); got != (color.RGBA{128, 128, 128, 255}) {
		t.Errorf("a kernel of zeros is %v", got)
	}
	if got := Strongest([]float32{float32(math.NaN()), 1, -2, float32(math.Inf(1))}); got != 2 {
		t.Errorf("strongest %g, want 2", got)
	}
}

func TestGridFits(t *testing.T) {
	paper := sample(11, 48, 48)
	for _, c := range []struct {
		name          string
		k             *monitor.Kernels
		width, height int
		scale         float64
		zoom          int
	}{
		{"mock-up of 1440 x 900", paper, 948, 374, 1, 5},
		{"mock-up of 1024 x 640", paper, 597, 243, 1, 3},
		{"large window", paper, 3000, 3000, 1, 8},
		{"twice the scale", paper, 1896, 748, 2, 10},
		{"small kernels grow further", sample(3, 16), 5000, 5000, 1, 29},
		{"no room", paper, 10, 10, 1, 1},
	} {
		g := Fit(c.k, 7, 9, c.width, c.height, c.scale)
		if g.Zoom != c.zoom {
			t.Errorf("%s: zoom %d, want %d", c.name, g.Zoom, c.zoom)
		}
		for column, n := range g.Columns {
			for i := range n {
				r := g.Tile(column, i)
				if !r.In(g.Column(column)) {
					t.Fatalf("%s: kernel %d of column %d leaves its frame", c.name, i, column)
				}
				if gotColumn, got, ok := g.At(r.Max.Sub(image.Pt(1, 1))); !ok || gotColumn != column || got != i {
					t.Fatalf("%s: at kernel %d of column %d there is %d of %d, %v", c.name, i, column, got, gotColumn, ok)
				}
			}
		}
		if _, _, ok := g.At(image.Pt(7, 9)); ok {
			t.Errorf("%s: a kernel on the frame", c.name)
		}
	}
}

func TestMaps(t *testing.T) {
	for _, c := range []struct {
		name    string
		h, w, n int
		zoom    int
	}{{"conv1", 55, 55, 48, 1}, {"conv2", 27, 27, 128, 1}, {"conv3", 13, 13, 192, 2}, {"fc6", 1, 1, 2048, 8}} {
		a := FitMaps(c.h, c.w, c.n, 5, 6, 696, 236)
		if a.Zoom != c.zoom || a.Shrink != 1 {
			t.Errorf("%s: zoom %d, want %d", c.name, a.Zoom, c.zoom)
		}
		if s := a.Bounds().Size(); s.X > 696 || s.Y > 236 {
			t.Errorf("%s: %v does not fit", c.name, s)
		}
		last := a.Tile(c.n - 1)
		if i, y, x, ok := a.At(last.Max.Sub(image.Pt(1, 1))); !ok || i != c.n-1 || y != c.h-1 || x != c.w-1 {
			t.Errorf("%s: the last value is %d of %d, %d", c.name, i, y, x)
		}
	}
}

// TestGapsBetweenMaps: whatever their size, maps that are pictures lie apart, as wide as
// there is room and wider where their values are large, and what is between them is neither a map's nor black.
func TestGapsBetweenMaps(t *testing.T) {
	ramp := Ramp(theme.Dark.Column(0))
	for _, c := range []struct {
		name          string
		side, n       int
		width, height int
		gap           int
	}{
		{"conv3 of the demo", 3, 48, 696, 236, 4},
		{"conv2 of a small network", 7, 64, 696, 236, 4},
		{"conv1 of the paper's", 55, 48, 696, 236, 3},
		{"small maps without room", 3, 500, 200, 150, 1},
		{"a few large ones", 3, 4, 400, 400, 9},
		{"many units", 1, 2048, 696, 236, 0},
		{"units in rows", 1, 10, 400, 236, 3},
	} {
		a := FitMaps(c.side, c.side, c.n, 0, 0, c.width, c.height)
		if a.Gap != c.gap || a.Bounds().Dx() > c.width || a.Bounds().Dy() > c.height {
			t.Errorf("%s: %+v has gaps of %d, want %d", c.name, a, a.Gap, c.gap)
		}
		page := canvas(float64(c.width), float64(c.height))
		a.Draw(page, make([]float32, c.n*c.side*c.side), 1, &ramp)
		right, below := a.Tile(1), a.Tile(a.Across)
		for d := range a.Gap {
			for _, at := range []image.Point{{right.Min.X - 1 - d, right.Min.Y}, {0, below.Min.Y - 1 - d}, {right.Min.X - 1 - d, below.Min.Y - 1}} {
				if got := page.Image.RGBAAt(at.X, at.Y); got != theme.Between {
					t.Errorf("%s: between two maps, at %v, is %v", c.name, at, got)
				}
				if i, _, _, ok := a.At(at); ok {
					t.Errorf("%s: between two maps, at %v, is map %d", c.name, at, i)
				}
			}
		}
		for i := range c.n {
			for _, at := range []image.Point{a.Tile(i).Min, a.Tile(i).Max.Sub(image.Pt(1, 1))} {
				if got := page.Image.RGBAAt(at.X, at.Y); got != theme.Black {
					t.Fatalf("%s: at %v of map %d of zeros is %v", c.name, at, i, got)
				}
				if got, _, _, ok := a.At(at); !ok || got != i {
					t.Fatalf("%s: at %v is map %d, want %d", c.name, at, got, i)
				}
			}
		}
	}
}

// TestShrunkMaps: maps for which there is no room share pixels, of which each shows the
// largest of its values.
func TestShrunkMaps(t *testing.T) {
	a := FitMaps(55, 55, 48, 3, 4, 488, 130)
	if s := a.Bounds().Size(); a.Zoom != 1 || a.Shrink != 2 || s.X > 488 || s.Y > 130 {
		t.Errorf("%+v takes %v", a, s)
	}
	values := make([]float32, 55*55)
	values[9*55+7], values[54*55+54] = 3, 1
	v, y, x := a.Peak(values, 8, 6)
	if v != 3 || y != 9 || x != 7 {
		t.Errorf("the peak of row 8, column 6 is %v at %d, %d", v, y, x)
	}
	last := a.Tile(47).Max.Sub(image.Pt(1, 1))
	i, y, x, ok := a.At(last)
	if v, _, _ := a.Peak(values, y, x); !ok || i != 47 || v != 1 {
		t.Errorf("the last pixel is %v of map %d, row %d, column %d", v, i, y, x)
	}
	if s := FitMaps(55, 55, 48, 0, 0, 9, 9).Bounds().Size(); s.X > 9 || s.Y > 9 {
		t.Errorf("in 9 x 9 pixels it takes %v", s)
	}
}

// TestCover: over an image a map dims nothing: where it is 0 the image is as it was.
func TestCover(t *testing.T) {
	blue := theme.Dark.Column(0)
	ramp := Ramp(blue)
	for _, c := range []struct {
		value float64
		ink   color.RGBA
		share float64
	}{
		{-1, blue, 0}, {0, blue, 0}, {0.5, blue, 0.2}, {1.2, blue, 0.48}, {2, theme.Selection, 0.8}, {9, theme.Selection, 0.8}, {math.NaN(), color.RGBA{255, 0, 255, 255}, 0.8},
	} {
		if ink, share := Cover(float32(c.value), 2, &ramp); ink != c.ink || math.Abs(share-c.share) > 1e-6 {
			t.Errorf("of 2, %g covers %g with %v, want %g with %v", c.value, share, ink, c.share, c.ink)
		}
	}
	if _, share := Cover(0, 0, &ramp); share != 0 {
		t.Errorf("a map of zeros covers %g", share)
	}
}

func TestRamp(t *testing.T) {
	blue := theme.Dark.Column(0)
	ramp := Ramp(blue)
	if ramp[0] != theme.Black || ramp[153] != blue || ramp[255] != (color.RGBA{255, 255, 255, 255}) {
		t.Errorf("ramp %v, %v, %v", ramp[0], ramp[153], ramp[255])
	}
	img := Map([]float32{-1, 0, 0.6, 2}, 1, 4, 1, &ramp)
	for x, want := range []color.RGBA{theme.Black, theme.Black, blue, {255, 255, 255, 255}} {
		if got := img.RGBAAt(x, 0); got != want {
			t.Errorf("value %d is %v, want %v", x, got, want)
		}
	}
}

func TestFigureGoldens(t *testing.T) {
	th := theme.Dark
	c := canvas(420, 390)
	h := &monitor.Histogram{Low: -1, High: 1, Counts: []int{0, 1, 2, 8, 40, 200, 380, 210, 35, 9, 1, 0}}
	Histogram(c, draw.Rect{X: 10, Y: 8, W: 168, H: 22}, h, false, th.Column(0), th.Line)
	Histogram(c, draw.Rect{X: 200, Y: 8, W: 168, H: 22}, h, true, th.Column(1), th.Line)
	classes := []string{"leopard", "jaguar", "snow leopard", "cheetah", "a class with a very long name"}
	Prediction(c, th, draw.Rect{X: 10, Y: 44, W: 400, H: 130}, PredictionNames, guesses(0.714, 0.189, 0.052, 0.031, 0.004), 1,
		func(i int) string { return classes[i] })
	ms := func(v int) time.Duration { return time.Duration(v) * time.Millisecond }
	Lanes(c, th, draw.Rect{X: 10, Y: 186, W: 400, H: 140}, 120, &monitor.Timeline{Total: ms(100), Lanes: []monitor.Lane{
		{Kind: monitor.DeviceLane, Column: 0, Name: "Column 1", Note: "a device", Spans: []monitor.Span{
			{Kind: monitor.Forward, Name: "conv1", From: 0, To: ms(30)}, {Kind: monitor.WaitingFor, From: ms(30), To: ms(45)},
			{Kind: monitor.Backward, Name: "conv1", From: ms(45), To: ms(90)}, {Kind: monitor.Update, From: ms(90), To: ms(100)}}},
		{Kind: monitor.ExchangeLane, Name: "Exchange", Note: "host memory", Spans: []monitor.Span{{Kind: monitor.Transfer, From: ms(30), To: ms(34)}}},
		{Kind: monitor.ImageLane, Name: "Images", Note: "waited for 20.0 ms", Rows: 3, Spans: []monitor.Span{
			{Kind: monitor.WaitingFor, To: ms(20)}, {Kind: monitor.Transfer, Name: "upload", From: ms(20), To: ms(30)},
			{Kind: monitor.Loading, Name: "load 32", Row: 1, To: ms(20)}, {Kind: monitor.Loading, Name: "load 32", Row: 2, From: ms(10), To: ms(60)}}},
	}}, false)
	golden.Check(t, "figures", c.Image)
}

func TestHistogramOfNothing(t *testing.T) {
	c := canvas(20, 20)
	Histogram(c, draw.Rect{W: 20, H: 20}, &monitor.Histogram{Counts: []int{0, 0}}, true, theme.Dark.Text, theme.Dark.Line)
	Histogram(c, draw.Rect{W: 20, H: 20}, &monitor.Histogram{}, false, theme.Dark.Text, theme.Dark.Line)
	if got := c.Image.RGBAAt(10, 10); got != theme.Dark.Background {
		t.Errorf("bars of nothing: %v", got)
	}
}

func BenchmarkKernels(b *testing.B) {
	k := sample(11, 48, 48)
	c := canvas(1168, 708)
	g := Fit(k, 212, 56, 948, 372, 1)
	for b.Loop() {
		g.Draw(c, k.Values, false)
	}
}

func guesses(probabilities ...float64) (out []monitor.Guess) {
	for i, p := range probabilities {
		out = append(out, monitor.Guess{Class: i, Probability: p})
	}
	return out
}

// TestRingIsSeen: the ring about a map at the edge is told from a light ground by black.
func TestRingIsSeen(t *testing.T) {
	c := canvas(60, 60)
	c.FillPixels(c.Image.Rect, theme.Light.Background)
	a := FitMaps(10, 10, 4, 20, 20, 20, 20)
	a.Ring(c, 0)
	at := a.Tile(0).Min
	for d, want := range []color.RGBA{theme.Selection, theme.Selection, theme.Selection, theme.Black, theme.Light.Background} {
		if got := c.Image.RGBAAt(at.X-1-d, at.Y+3); got != want {
			t.Errorf("%d pixels beside the map: %v, want %v", d+1, got, want)
		}
	}
}

// TestLaneLabels: names of devices are whole where the lanes can spare the room.
func TestLaneLabels(t *testing.T) {
	c := draw.New(draw.Rect{W: 10, H: 10}, 1, draw.NewFonts())
	name := "llvmpipe (LLVM 15.0.6, 256 bits) #2"
	line := &monitor.Timeline{Lanes: []monitor.Lane{{Name: name}, {Name: "images"}}}
	got := LaneLabels(c, line, 1100)
	if style := (draw.Style{Size: theme.Small, Bold: true}); c.Fit(name, style, got-laneLabelApart) != name {
		t.Errorf("%g pixels have no room for %s", got, name)
	}
	if got := LaneLabels(c, line, 600); got != 200 {
		t.Errorf("of 600 pixels labels take %g", got)
	}
	if got := LaneLabels(c, &monitor.Timeline{}, 1100); got != laneLabelLeast {
		t.Errorf("labels of nothing take %g", got)
	}
}

func TestIdleFrom(t *testing.T) {
	l := monitor.Lane{Spans: []monitor.Span{{From: 1, To: 7}, {From: 2, To: 5, Row: 1}}}
	if got := idleFrom(l); got != 7 {
		t.Errorf("it idles from %d, want 7", got)
	}
}
