package print

import (
	"math"
	"strconv"

	"alexnet/viewer/draw"
	"alexnet/viewer/plot"
)

// Curve is the error of a run, a fraction, against epochs.
type Curve struct {
	Name     string
	X, Error []float64
}

// MostCurves is how many curves a figure can tell apart.
const MostCurves = 8

// dashes are the lines of curves in black, which come again in grey.
var dashes = [MostCurves / 2][2]float64{{}, {6, 4}, {2, 3}, {12, 4}}

// Crossing is the epoch at which a curve first reaches an error, on the straight line
// from the value before.
func (c Curve) Crossing(at float64) (epoch float64, ok bool) {
	for i, e := range c.Error {
		if e > at {
			continue
		}
		if i == 0 {
			return c.X[0], true
		}
		share := (c.Error[i-1] - at) / (c.Error[i-1] - e)
		return c.X[i-1] + share*(c.X[i]-c.X[i-1]), true
	}
	return 0, false
}

// Errors says what Figure 1 shows.
type Errors struct {
	Title  string // of the vertical axis
	Curves []Curve
	At     float64 // the error that a dotted line marks; 0: none
	Note   string  // below the plot: what the curves are
}

// The room about the plot of Figure 1.
const (
	curvesHeight = 300
	curvesLeft   = 56
	curvesBelow  = 48
	curvesMargin = 14
	noteLine     = 16
	legendLine   = 18
	legendSample = 34
)

// Page is Figure 1: error against epochs.
func (e *Errors) Page(fonts *draw.Fonts) *Page {
	lists, errors := [][]float64{{0}}, [][]float64{{0, 0.01, e.At}}
	for _, c := range e.Curves {
		lists, errors = append(lists, c.X), append(errors, c.Error)
	}
	x, _ := plot.Range(false, lists...)
	y, _ := plot.Range(false, errors...)
	x, y = x.Widen(8), y.Widen(5)
	r := draw.Rect{X: curvesLeft, Y: 2*curvesMargin + legendLine*float64(len(e.Curves)), H: curvesHeight}
	p := newPage(pageWidth, r.Bottom()+curvesBelow, fonts)
	e.note(p)
	r.W = pageWidth - r.X - max(curvesMargin, p.width(number(x.High, x.High/8), small)/2+2) // that tick's label is whole
	e.axes(p, r, x, y)
	place := func(epoch, error float64) draw.Point {
		return draw.Point{X: r.X + x.At(epoch)*r.W, Y: r.Bottom() - y.At(error)*r.H}
	}
	if e.At > 0 {
		p.add(line{points: []draw.Point{place(x.Low, e.At), place(x.High, e.At)}, width: 1, dash: 1, gap: 3, ink: black})
	}
	for i, c := range e.Curves {
		l := style(i)
		for k := range c.X {
			l.points = append(l.points, place(c.X[k], c.Error[k]))
		}
		if len(l.points) == 1 {
			p.add(mark(i, l.points[0]))
		} else {
			p.add(l)
		}
		if epoch, ok := c.Crossing(e.At); ok && e.At > 0 {
			p.add(area{points: square(place(epoch, e.At), 3), fill: white, ink: l.ink, width: 1.2})
		}
	}
	e.legend(p)
	return p
}

// style is the line of curve i.
func style(i int) line {
	l := line{width: 1.6, dash: dashes[i%len(dashes)][0], gap: dashes[i%len(dashes)][1], ink: black}
	if i >= len(dashes) {
		l.ink = grey
	}
	return l
}

// mark stands for curve i where it has one value, which is no line. As the dashes do, its
// shapes come again in grey.
func mark(i int, at draw.Point) area {
	const r = 4
	shapes := [len(dashes)][]draw.Point{
		square(at, r-1),
		{{X: at.X, Y: at.Y - r}, {X: at.X + r, Y: at.Y}, {X: at.X, Y: at.Y + r}, {X: at.X - r, Y: at.Y}},
		{{X: at.X, Y: at.Y - r}, {X: at.X + r, Y: at.Y + r}, {X: at.X - r, Y: at.Y + r}},
		{{X: at.X - r, Y: at.Y - r}, {X: at.X + r, Y: at.Y - r}, {X: at.X, Y: at.Y + r}},
	}
	return area{points: shapes[i%len(shapes)], fill: style(i).ink}
}

func square(at draw.Point, half float64) []draw.Point {
	return []draw.Point{{X: at.X - half, Y: at.Y - half}, {X: at.X + half, Y: at.Y - half}, {X: at.X + half, Y: at.Y + half}, {X: at.X - half, Y: at.Y + half}}
}

func (e *Errors) axes(p *Page, r draw.Rect, x, y plot.Axis) {
	const tick = 5
	p.add(line{points: []draw.Point{{X: r.X, Y: r.Y}, {X: r.X, Y: r.Bottom()}, {X: r.Right(), Y: r.Bottom()}}, width: 1, ink: black})
	ticks := x.Ticks(8)
	for _, v := range ticks {
		at := r.X + x.At(v)*r.W
		p.add(line{points: []draw.Point{{X: at, Y: r.Bottom()}, {X: at, Y: r.Bottom() + tick}}, width: 1, ink: black})
		p.add(text{x: at, y: r.Bottom() + tick + 13, s: number(v, ticks[1]-ticks[0]), style: small, ink: black, align: centre})
	}
	ticks = y.Ticks(5)
	for _, v := range ticks {
		at := r.Bottom() - y.At(v)*r.H
		p.add(line{points: []draw.Point{{X: r.X - tick, Y: at}, {X: r.X, Y: at}}, width: 1, ink: black})
		p.add(text{x: r.X - tick - 4, y: at + 4, s: number(100*v, 100*(ticks[1]-ticks[0])), style: small, ink: black, align: right})
	}
	p.add(text{x: r.X + r.W/2, y: r.Bottom() + 39, s: "Epochs", style: small, ink: black, align: centre})
	p.add(text{x: 16, y: r.Y + r.H/2, s: e.Title, style: small, ink: black, align: upwards})
}

// legend names the curves above the plot, where it hides none.
func (e *Errors) legend(p *Page) {
	for i, c := range e.Curves {
		name := c.Name
		switch epoch, ok := c.Crossing(e.At); {
		case e.At > 0 && ok:
			name += ": " + number(100*e.At, 0.01) + " % at epoch " + e.Epoch(epoch)
		case e.At > 0:
			name += ": above " + number(100*e.At, 0.01) + " %"
		}
		y := curvesMargin + legendLine*float64(i)
		l := style(i)
		l.points = []draw.Point{{X: curvesLeft, Y: y}, {X: curvesLeft + legendSample, Y: y}}
		if len(c.X) == 1 {
			p.add(mark(i, draw.Point{X: curvesLeft + legendSample/2, Y: y}))
		} else {
			p.add(l)
		}
		p.add(text{x: curvesLeft + legendSample + 8, y: y + 4, s: name, style: small, ink: black})
	}
}

// note writes what the curves are at the page's end, which it makes longer.
func (e *Errors) note(p *Page) {
	c := draw.Canvas{Scale: scale, Fonts: p.fonts}
	for _, s := range c.Wrap(e.Note, small, p.w-curvesLeft-curvesMargin) {
		p.h += noteLine
		p.add(text{x: curvesLeft, y: p.h - 6, s: s, style: small, ink: black})
	}
}

func corners(r draw.Rect) []draw.Point {
	return []draw.Point{{X: r.X, Y: r.Y}, {X: r.Right(), Y: r.Y}, {X: r.Right(), Y: r.Bottom()}, {X: r.X, Y: r.Bottom()}}
}

// Epoch writes an epoch of the curves: to hundredths, or to a hundredth of what the longest of
// them is less than one.
func (e *Errors) Epoch(v float64) string {
	longest := 0.0
	for _, c := range e.Curves {
		for _, x := range c.X {
			longest = max(longest, x)
		}
	}
	return strconv.FormatFloat(v, 'f', decimals(min(0.01, longest/100)), 64)
}

// number writes a value as one of those that are so far apart.
func number(v, apart float64) string {
	scale := math.Pow(10, float64(decimals(apart)))
	return strconv.FormatFloat(math.Round(v*scale)/scale, 'f', -1, 64)
}

// decimals are those that values so far apart are told apart by; 0: nothing is known of them.
func decimals(apart float64) int {
	if apart <= 0 {
		return 0
	}
	return max(0, -int(math.Floor(math.Log10(apart)+1e-9)))
}
