package figure

import (
	"image"
	"image/color"
	"math"
	"time"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// Histogram draws counts as bars on a line. On a logarithmic scale a bin of one
// value is still seen.
func Histogram(c *draw.Canvas, r draw.Rect, h *monitor.Histogram, log bool, ink, line color.RGBA) {
	c.HLine(r.X, r.Bottom()-1, r.W, line)
	most := 0
	for _, n := range h.Counts {
		most = max(most, n)
	}
	if most == 0 {
		return
	}
	height := func(n int) float64 {
		if log {
			return math.Log1p(float64(n)) / math.Log1p(float64(most))
		}
		return float64(n) / float64(most)
	}
	p := c.Pixels(draw.Rect{X: r.X, Y: r.Y, W: r.W, H: r.H - 1})
	for i, n := range h.Counts {
		left := p.Min.X + i*p.Dx()/len(h.Counts)
		right := p.Min.X + (i+1)*p.Dx()/len(h.Counts)
		if right-left > 2 {
			right-- // a gap between bars
		}
		up := int(math.Round(height(n) * float64(p.Dy())))
		if n > 0 {
			up = max(1, up)
		}
		c.FillPixels(image.Rect(left, p.Max.Y-up, right, p.Max.Y), ink)
	}
}

// Sizes of the bars of a prediction.
const (
	PredictionNames = 112 // the least width of the names of classes

	barLeast  = 100
	barHeight = 18
	barPitch  = 26
	barValues = 62
	barGap    = 12
)

// MostNames is the width of the names of classes that leaves the bars theirs.
func MostNames(width float64) float64 {
	return max(PredictionNames, width-barValues-barGap-barLeast)
}

// NamesWidth is the width that names of classes need to be whole, whichever is the true
// one.
func NamesWidth(c *draw.Canvas, guesses []monitor.Guess, name func(class int) string) (width float64) {
	for _, g := range guesses {
		width = max(width, math.Ceil(c.Width(name(g.Class), draw.Style{Size: theme.Small, Bold: true})))
	}
	return width
}

// Prediction draws the most probable classes as bars behind names of a width, the true
// one in validation's colour and bold.
func Prediction(c *draw.Canvas, th *theme.Theme, r draw.Rect, names float64, guesses []monitor.Guess, label int, name func(class int) string) {
	small := draw.Style{Size: theme.Small}
	for i, g := range guesses {
		y := r.Y + float64(i)*barPitch
		if y+barHeight > r.Bottom()+0.5 {
			return
		}
		style, ink := small, th.Text3
		if g.Class == label {
			style.Bold, ink = true, th.Validation
		}
		c.TextRight(r.X+names, y+13.5, c.Fit(name(g.Class), style, names), style, th.Text)
		bar := draw.Rect{X: r.X + names + barGap, Y: y, W: r.W - names - barValues - barGap, H: barHeight}
		c.Fill(bar, th.Surface)
		bar.W = max(1, bar.W*min(1, max(0, g.Probability)))
		c.Fill(bar, ink)
		c.TextRight(r.Right(), y+13.5, theme.Percent(g.Probability), small, th.Text)
	}
}

// Of the label column of a timeline: its least width, and how much of that is beside the
// text.
const (
	laneLabelLeast = 168
	laneLabelApart = 22
)

// laneSize is how high a lane's bars are and how far below the next lane lies.
func laneSize(kind monitor.LaneKind, dense bool) (bars, pitch float64) {
	switch {
	case dense && kind == monitor.ExchangeLane:
		return 20, 40
	case dense:
		return 32, 40
	case kind == monitor.ExchangeLane:
		return 24, 60
	}
	return 44, 64
}

// LanesHeight is the height of a timeline; where there is little room a dense one
// takes less.
func LanesHeight(t *monitor.Timeline, dense bool) (height float64) {
	for _, l := range t.Lanes {
		_, pitch := laneSize(l.Kind, dense)
		height += pitch
	}
	return height
}

// LaneLabels is the width of a timeline's label column, of so much in all: names are
// whole, unless they would take the lanes theirs.
func LaneLabels(c *draw.Canvas, t *monitor.Timeline, width float64) float64 {
	labels := float64(laneLabelLeast)
	for _, l := range t.Lanes {
		name, note := c.Width(l.Name, draw.Style{Size: theme.Small, Bold: true}), c.Width(l.Note, draw.Style{Size: theme.Small})
		labels = max(labels, math.Ceil(max(name, note))+laneLabelApart)
	}
	return min(labels, max(laneLabelLeast, math.Floor(width/3)))
}

// Lanes draws the timeline of a step, from a label column at r's left on: devices
// as tall bars, forward solid, backward and loading dimmed, update outlined, waiting
// hatched; exchange as small ones, and images in rows.
func Lanes(c *draw.Canvas, th *theme.Theme, r draw.Rect, labels float64, t *monitor.Timeline, dense bool) {
	plot := draw.Rect{X: r.X + labels, Y: r.Y, W: r.W - labels, H: r.H}
	x := func(d float64) float64 { return plot.X + plot.W*d/float64(max(1, t.Total)) }
	y := r.Y
	for _, l := range t.Lanes {
		height, pitch := laneSize(l.Kind, dense)
		ink := th.Text
		if l.Kind == monitor.DeviceLane {
			ink = th.Column(l.Column)
			c.Fill(draw.Rect{X: r.X, Y: y, W: 4, H: height}, ink)
		}
		style := draw.Style{Size: theme.Small, Bold: true}
		c.Text(r.X+14, y+13, c.Fit(l.Name, style, labels-laneLabelApart), style, th.Text)
		c.Text(r.X+14, y+30, c.Fit(l.Note, draw.Style{Size: theme.Small}, labels-laneLabelApart), draw.Style{Size: theme.Small}, th.Text2)
		row := height / float64(max(1, l.Rows))
		for _, s := range l.Spans {
			bar := draw.Rect{X: x(float64(s.From)), Y: y + row*float64(s.Row), W: x(float64(s.To)) - x(float64(s.From)), H: row}
			if l.Rows > 1 && row > 3 {
				bar.H-- // a gap between rows
			}
			span(c, th, bar, s, ink)
		}
		if from := idleFrom(l); l.Kind == monitor.DeviceLane && from < t.Total {
			rest := monitor.Span{Kind: monitor.WaitingFor, From: from, To: t.Total}
			span(c, th, draw.Rect{X: x(float64(from)), Y: y, W: x(float64(t.Total)) - x(float64(from)), H: height}, rest, ink)
		}
		y += pitch
	}
}

// idleFrom is when a lane's last work ends.
func idleFrom(l monitor.Lane) (end time.Duration) {
	for _, s := range l.Spans {
		end = max(end, s.To)
	}
	return end
}

func span(c *draw.Canvas, th *theme.Theme, r draw.Rect, s monitor.Span, ink color.RGBA) {
	if r.W > 3 {
		r.W-- // a gap between works
	}
	text := th.Background
	switch s.Kind {
	case monitor.WaitingFor:
		c.Hatch(r, th.Text3)
		return
	case monitor.Update:
		c.Frame(r, 1, ink)
		text = th.Text
	case monitor.Loading: // its ink is grey: the text needs contrast
		c.Fill(r, theme.Mix(th.Background, ink, 0.35))
		text = th.Text
	case monitor.Backward:
		c.Fill(r, theme.Mix(th.Background, ink, 0.58))
		text = th.Text
	default:
		c.Fill(r, ink)
	}
	style := draw.Style{Size: theme.Small}
	if w := c.Width(s.Name, style); w+4 <= r.W && r.H >= 14 {
		c.Text(r.X+(r.W-w)/2, r.Y+r.H/2+4.5, s.Name, style, text)
	}
}
