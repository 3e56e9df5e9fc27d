package draw

import (
	"image"
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/font/opentype"

	"alexnet/viewer/draw/golden"
)

var (
	ink   = color.RGBA{230, 233, 238, 255}
	bed   = color.RGBA{20, 23, 28, 255}
	other = color.RGBA{61, 155, 255, 255}
)

func canvas(w, h, scale float64) *Canvas {
	c := New(Rect{W: w, H: h}, scale, NewFonts())
	c.Fill(Rect{W: w, H: h}, bed)
	return c
}

func sample(c *Canvas) {
	x := 4.0
	for i := Play; i <= Right; i++ {
		c.Icon(i, x, 4, ink, bed)
		x += 18
	}
	c.Text(4, 40, "Loss 2.052 − 0123456789", Style{13, false}, ink)
	c.Text(4, 76, "22.1 %", Style{36, true}, ink)
	c.Polyline([]Point{{130, 70}, {150, 50}, {170, 74}, {190, 54}, {192, 74}}, 2, other)
	c.DashedLine([]Point{{200, 74}, {230, 50}}, 1.5, 5, 4, ink)
	c.Hatch(Rect{206, 24, 30, 18}, ink)
	c.Frame(Rect{0, 0, 240, 80}, 1, ink)
}

func TestGolden(t *testing.T) {
	for _, s := range []struct {
		name  string
		scale float64
	}{{"sample", 1}, {"sample-x1.5", 1.5}} {
		c := canvas(240, 80, s.scale)
		sample(c)
		golden.Check(t, s.name, c.Image)
	}
}

// TestGoldenCanFail: one pixel that differs is found.
func TestGoldenCanFail(t *testing.T) {
	a, b := canvas(240, 80, 1), canvas(240, 80, 1)
	sample(a)
	sample(b)
	b.FillPixels(image.Rect(7, 9, 8, 10), other)
	if n, at := golden.Differ(a.Image, b.Image); n != 1 || at != image.Pt(7, 9) {
		t.Errorf("%d pixels differ, the first at %v; want 1 at (7,9)", n, at)
	}
}

func TestStrokeDoesNotCancel(t *testing.T) {
	c := canvas(40, 40, 1)
	c.Polyline([]Point{{5, 20}, {35, 20}, {5, 20}}, 4, ink) // there and back
	if got := c.Image.RGBAAt(20, 20); got != ink {
		t.Errorf("a line drawn twice is %v in its middle, want %v", got, ink)
	}
}

// TestNoSeams: a straight line of many points is as even as one of two.
func TestNoSeams(t *testing.T) {
	many, two := canvas(300, 20, 1), canvas(300, 20, 1)
	var points []Point
	for i := range 100 {
		points = append(points, Point{10.3 + float64(i)*2.7, 10.3})
	}
	many.Polyline(points, 1.5, ink)
	two.Polyline([]Point{points[0], points[99]}, 1.5, ink)
	if n, at := golden.Differ(two.Image, many.Image); n > 0 {
		t.Errorf("%d pixels differ, the first at %v: %v, want %v", n, at, many.Image.RGBAAt(at.X, at.Y), two.Image.RGBAAt(at.X, at.Y))
	}
}

func TestNothingOutside(t *testing.T) {
	c := canvas(40, 40, 1)
	p := c.Part(Rect{10, 10, 10, 10})
	p.Fill(Rect{0, 0, 40, 40}, ink)
	p.Polyline([]Point{{-5, 5}, {50, 30}}, 6, ink)
	p.Text(0, 15, "wide wide", Style{13, false}, ink)
	p.Polygon([]Point{{-9, -9}, {90, -9}, {90, 90}}, ink)
	for y := range 40 {
		for x := range 40 {
			in := x >= 10 && x < 20 && y >= 10 && y < 20
			if got := c.Image.RGBAAt(x, y); !in && got != bed {
				t.Fatalf("pixel %d, %d outside of the part is %v", x, y, got)
			}
		}
	}
}

func TestDigitsAreEquallyWide(t *testing.T) {
	c := canvas(10, 10, 1)
	for _, style := range []Style{{13, false}, {36, true}} {
		want := c.Width("0", style)
		for d := '1'; d <= '9'; d++ {
			if got := c.Width(string(d), style); got != want {
				t.Errorf("%v: %c is %g wide, 0 is %g", style, d, got, want)
			}
		}
	}
}

func TestFontHasTheSigns(t *testing.T) {
	f := NewFonts()
	for _, r := range "×÷·–−…→←∞" {
		for _, from := range []*opentype.Font{f.regular, f.bold} {
			if i, err := from.GlyphIndex(nil, r); i == 0 || err != nil {
				t.Errorf("the font has no %c (%v)", r, err)
			}
		}
	}
}

func TestWrapAndFit(t *testing.T) {
	c := canvas(10, 10, 1)
	style := Style{13, false}
	lines := c.Wrap("No kernels yet: the first snapshot comes after step 1.", style, 150)
	want := []string{"No kernels yet: the first", "snapshot comes after", "step 1."}
	if !slices.Equal(lines, want) {
		t.Errorf("wrapped %q, want %q", lines, want)
	}
	lines = c.Wrap("open /home/user/pictures/birds/wren.jpg: not here", style, 90)
	want = []string{"open", "/home/user/pi", "ctures/birds/w", "ren.jpg: not", "here"}
	if !slices.Equal(lines, want) {
		t.Errorf("wrapped %q, want %q", lines, want)
	}
	if got := c.Fit("imagenet-two-column", style, 70); got == "imagenet-two-column" || c.Width(got, style) > 70 {
		t.Errorf("fitted %q, %g wide", got, c.Width(got, style))
	}
	if got := c.FitEnd("photos/a long folder/cat.jpg", style, 70); !strings.HasPrefix(got, "…") || !strings.HasSuffix(got, "/cat.jpg") || c.Width(got, style) > 70 {
		t.Errorf("a path is cut to %q", got)
	}
	if got := c.FitEnd("cat.jpg", style, 70); got != "cat.jpg" {
		t.Errorf("a short path became %q", got)
	}
	if got := c.FitMiddle("demo-20261127-201033", style, 85); !strings.HasPrefix(got, "dem") || !strings.Contains(got, "…") || !strings.HasSuffix(got, "201033") || c.Width(got, style) > 85 {
		t.Errorf("a run's name is cut to %q, %g wide", got, c.Width(got, style))
	}
	if got := c.FitMiddle("demo-2", style, 85); got != "demo-2" {
		t.Errorf("a short name became %q", got)
	}
	if got := c.FitMiddle("demo", style, 3); got != "" {
		t.Errorf("without room a name is %q", got)
	}
	if got := c.Fit("short", style, 70); got != "short" {
		t.Errorf("fitted %q", got)
	}
}

func TestDashes(t *testing.T) {
	length, n := 0.0, 0
	dashes([]Point{{0, 0}, {13, 0}, {20, 0}}, 5, 4, func(a, b Point) { length += math.Hypot(b.X-a.X, b.Y-a.Y); n++ })
	if math.Abs(length-12) > 1e-9 { // 5 + 5 (cut in two at 13) + 2
		t.Errorf("dashes cover %g of 20, want 12", length)
	}
}
