package plot

import (
	"image/color"
	"math"
	"slices"
	"sort"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// Pane is one plot. Panes of a figure share the horizontal axis.
type Pane struct {
	Title  string
	Y      Axis
	Ticks  []float64
	Label  func(v float64) string // of a tick
	Value  func(v float64) string // at a line's end and in the read-out
	Series []*Series
	Later  []*Series // what came after the time that is shown: without names and values
	Height float64
	Guides []Guide
}

// Guide is a dashed line at a value that others reached.
type Guide struct {
	Y    float64
	Text string
}

// Mark is an event: a flag or a square in the lane above the panes, and for a
// flag a dotted line in each of them.
type Mark struct {
	X    float64
	Text string
	Flag bool
}

// Figure is panes over one axis.
type Figure struct {
	X      Axis
	Ticks  []float64
	Label  func(v float64) string // of the horizontal axis' ticks
	Word   string                 // before the first of them: "epoch"
	Panes  []Pane
	Marks  []Mark
	Lane   bool // draw the lane of marks
	Before float64
	After  float64 // room left and right of the panes
	Gap    float64 // between two panes, with the title in it
}

// Sizes of a figure.
const (
	LaneHeight   = 42 // of marks, with the first pane's title
	AxisHeight   = 24 // below the last pane
	labelDrop    = 4.5
	labelGap     = 8  // between a tick's label and its line
	nameDistance = 21 // between two names at lines' ends
	namesWidth   = 142
)

var (
	small = draw.Style{Size: theme.Small}
	bold  = draw.Style{Size: theme.Small, Bold: true}
)

// Until makes the figure what it was at x, on the same axes: this run's lines end
// there, and what came after is faint.
func (f *Figure) Until(x float64, faint color.RGBA) {
	f.Marks = slices.DeleteFunc(f.Marks, func(m Mark) bool { return m.X > x })
	for i := range f.Panes {
		p := &f.Panes[i]
		for _, s := range p.Series {
			if s.Dashed {
				continue // another run's
			}
			n := sort.Search(len(s.X), func(i int) bool { return s.X[i] > x })
			if !s.Quiet {
				from := max(0, n-1)
				p.Later = append(p.Later, &Series{X: s.X[from:], Y: s.Y[from:], Ink: faint, Width: 1, Steps: s.Steps})
			}
			s.X, s.Y = s.X[:n], s.Y[:n]
		}
	}
}

// Plots are the rectangles of the panes in a figure's.
func (f *Figure) Plots(r draw.Rect) []draw.Rect {
	y := r.Y + f.Gap - 4
	if f.Lane {
		y = r.Y + LaneHeight
	}
	out := make([]draw.Rect, len(f.Panes))
	for i, p := range f.Panes {
		out[i] = draw.Rect{X: r.X + f.Before, Y: y, W: r.W - f.Before - f.After, H: p.Height}
		y += p.Height + f.Gap
	}
	return out
}

// MakeRoom makes the room left of the panes wide enough for their ticks' labels.
func (f *Figure) MakeRoom(c *draw.Canvas) {
	for _, p := range f.Panes {
		for _, v := range p.Ticks {
			f.Before = max(f.Before, math.Ceil(c.Width(p.Label(v), small))+labelGap)
		}
	}
}

// Draw draws the figure without a read-out.
func (f *Figure) Draw(c *draw.Canvas, th *theme.Theme, r draw.Rect) {
	plots := f.Plots(r)
	if len(plots) == 0 || !f.X.Ok() {
		return
	}
	f.drawMarks(c, th, r, plots)
	for i := range f.Panes {
		f.Panes[i].draw(c, th, plots[i], f)
	}
	f.drawAxis(c, th, plots[len(plots)-1])
}

func (f *Figure) place(r draw.Rect, x float64) float64 { return r.X + f.X.At(x)*r.W }

func (f *Figure) drawAxis(c *draw.Canvas, th *theme.Theme, r draw.Rect) {
	y := r.Bottom() + 18
	free := math.Inf(-1) // right of the last label
	for i, v := range f.Ticks {
		x, text := f.place(r, v), f.Label(v)
		w := c.Width(text, small)
		left := x - w/2
		if i == 0 && f.Word != "" {
			text = f.Word + " " + text
			if x-r.X < 30 {
				left = x
			} else {
				left = x - w/2 - c.Width(f.Word+" ", small)
			}
			w = c.Width(text, small)
		}
		left = min(left, r.Right()+max(f.After, 4)-w)
		if left < free {
			continue
		}
		c.Text(left, y, text, small, th.Text2)
		free = left + w + 8
	}
}

// placed is a mark in its place.
type placed struct {
	Mark
	x     float64
	shown bool // in the lane; elsewise its line is all
}

// placeMarks finds the places of flags, and of squares where these leave room; the newest
// of each come first, for they tell most. Texts that find no room are left out.
func (f *Figure) placeMarks(c *draw.Canvas, r, plot draw.Rect) (out []placed) {
	var taken [][2]float64
	free := func(from, to float64) bool {
		for _, t := range taken {
			if from < t[1] && to > t[0] {
				return false
			}
		}
		return true
	}
	for _, flags := range []bool{true, false} {
		for i := len(f.Marks) - 1; i >= 0; i-- {
			m := placed{Mark: f.Marks[i], x: f.place(plot, f.Marks[i].X)}
			if m.Flag != flags || m.x < plot.X-1 || m.x > plot.Right()+1 {
				continue
			}
			from, to, end := m.x-6, m.x+12, m.x+12+c.Width(m.Text, small)
			if m.shown = f.Lane && free(from, to); m.shown && m.Text != "" && free(from, end+8) && end < r.Right() {
				to = end + 8
			} else {
				m.Text = ""
			}
			if m.shown {
				taken = append(taken, [2]float64{from, to})
			}
			out = append(out, m)
		}
	}
	return out
}

// drawMarks draws marks in the lane, and the lines of flags.
func (f *Figure) drawMarks(c *draw.Canvas, th *theme.Theme, r draw.Rect, plots []draw.Rect) {
	if f.Lane {
		c.Text(r.X, r.Y+13, "Events", small, th.Text2)
	}
	for _, m := range f.placeMarks(c, r, plots[0]) {
		if m.Flag {
			for _, plot := range plots { // between them are their titles
				c.DashedV(m.x, plot.Y, plot.H, 2, 4, th.Text3)
			}
		}
		switch {
		case !m.shown:
			continue
		case m.Flag:
			c.Icon(draw.Flag, m.x, r.Y+4, th.Text, th.Background)
		default:
			c.Fill(draw.Rect{X: m.x - 3.5, Y: r.Y + 4, W: 7, H: 7}, th.Text2)
		}
		c.Text(m.x+12, r.Y+13, m.Text, small, th.Text2)
	}
}

func (p *Pane) draw(c *draw.Canvas, th *theme.Theme, r draw.Rect, f *Figure) {
	c.Text(r.X, r.Y-10, p.Title, bold, th.Text)
	if !p.Y.Ok() {
		return
	}
	for _, v := range p.Ticks {
		y := r.Bottom() - p.Y.At(v)*r.H
		c.HLine(r.X, y, r.W, th.Grid)
		c.TextRight(r.X-labelGap, y+labelDrop, p.Label(v), small, th.Text2)
	}
	for _, g := range p.Guides {
		c.DashedH(r.X, r.Bottom()-p.Y.At(g.Y)*r.H, r.W, 3, 4, th.Text3)
	}
	inside := c.Part(draw.Rect{X: r.X - 1, Y: r.Y - 2, W: r.W + 2, H: r.H + 4})
	for _, s := range p.Later {
		s.draw(inside, f.X, p.Y, r)
	}
	for _, s := range p.Series {
		s.draw(inside, f.X, p.Y, r)
	}
	p.names(c, th, r)
}

func (s *Series) draw(c *draw.Canvas, x, y Axis, r draw.Rect) {
	for _, piece := range s.lines(x, y, r, c.Scale) {
		switch {
		case len(piece) == 1: // a single value has no line
			c.Fill(about(piece[0], s.Width), s.Ink)
		case s.Dashed:
			c.DashedLine(piece, s.Width, 5, 4, s.Ink)
		default:
			c.Polyline(piece, s.Width, s.Ink)
		}
	}
	for _, square := range s.squares(x, y, r) {
		c.Fill(square, s.Ink)
	}
}

// about is a square about a point.
func about(at draw.Point, side float64) draw.Rect {
	return draw.Rect{X: at.X - side/2, Y: at.Y - side/2, W: side, H: side}
}

// squares are those at the values, unless they would touch: then the line says it all.
func (s *Series) squares(x, y Axis, r draw.Rect) (out []draw.Rect) {
	from, to := s.visible(x)
	side := s.Width + 3
	if !s.Squares || float64(to-from)*side*1.5 > r.W {
		return nil
	}
	for i := from; i < to; i++ {
		at := draw.Point{X: r.X + x.At(s.X[i])*r.W, Y: r.Bottom() - y.At(s.Y[i])*r.H}
		if !math.IsNaN(at.Y) && !math.IsInf(at.Y, 0) {
			out = append(out, about(at, side))
		}
	}
	return out
}

// name is what stands at a line's end.
type name struct {
	s    *Series
	text string  // of a guide; s is nil
	end  float64 // where the line ends
	y    float64 // where the name stands
}

// ends are the names of a pane by height, moved apart where they would overlap.
func (p *Pane) ends(r draw.Rect) (names []name) {
	height := func(v float64) float64 {
		at := p.Y.At(v)
		if math.IsNaN(at) {
			at = 0
		}
		return r.Bottom() - min(1, max(0, at))*r.H
	}
	for _, s := range p.Series {
		if !s.Quiet && len(s.Y) > 0 {
			names = append(names, name{s: s, end: height(s.Last())})
		}
	}
	for _, g := range p.Guides {
		names = append(names, name{text: g.Text, end: height(g.Y)})
	}
	sort.SliceStable(names, func(i, j int) bool { return names[i].end < names[j].end })
	ys := make([]float64, len(names))
	for i, n := range names {
		ys[i] = n.end
	}
	apart(ys, r.Y, max(r.Bottom(), r.Y+nameDistance*float64(len(ys)-1)))
	for i := range names {
		names[i].y = ys[i]
	}
	return names
}

// names writes names and last values at the lines' ends.
func (p *Pane) names(c *draw.Canvas, th *theme.Theme, r draw.Rect) {
	x := r.Right() + 8
	for _, n := range p.ends(r) {
		y := n.y + labelDrop
		n.lead(c, th, r.Right())
		switch {
		case n.s == nil:
			c.Text(x, y, n.text, small, th.Text2)
			continue
		case n.s.Tinted:
			c.Text(x, y, n.s.Name, bold, n.s.Ink)
			continue
		}
		style, ink := small, th.Text
		if n.s.Bold {
			style = bold
		}
		if n.s.Dashed {
			ink = th.Text2
			c.DashedH(x, n.y, 10, 4, 2, n.s.Ink)
		} else {
			c.Fill(draw.Rect{X: x, Y: n.y - 5, W: 10, H: 10}, n.s.Ink)
		}
		w := c.TextRight(x+namesWidth, y, p.Value(n.s.Last()), style, ink)
		c.Text(x+16, y, c.FitMiddle(n.s.Name, small, namesWidth-16-w-6), small, ink)
	}
}

// lead draws the line from where a line ends to its name, if that had to give way.
func (n name) lead(c *draw.Canvas, th *theme.Theme, x float64) {
	const aside = 4 // a name so far from its line stands beside it still
	if math.Abs(n.y-n.end) <= aside {
		return
	}
	ink := th.Text3
	if n.s != nil {
		ink = n.s.Ink
	}
	c.Polyline([]draw.Point{{X: x + 1, Y: n.end}, {X: x + 6, Y: n.y}}, 1, ink)
}

// apart moves sorted places such that neighbours keep a distance and all stay within
// bounds, in their order and by as little as possible: by the least sum of squares, which
// moves those that would overlap as a group about their mean.
func apart(ys []float64, low, high float64) {
	type group struct {
		sum float64 // of the places, had they no extent
		n   int
	}
	var groups []group
	for i, y := range ys {
		g := group{y - nameDistance*float64(i), 1}
		for n := len(groups) - 1; n >= 0 && groups[n].sum/float64(groups[n].n) > g.sum/float64(g.n); n-- {
			g = group{g.sum + groups[n].sum, g.n + groups[n].n}
			groups = groups[:n]
		}
		groups = append(groups, g)
	}
	i, most := 0, high-nameDistance*float64(len(ys)-1)
	for _, g := range groups {
		for range g.n {
			ys[i] = max(low, min(most, g.sum/float64(g.n))) + nameDistance*float64(i)
			i++
		}
	}
}
