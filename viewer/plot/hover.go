package plot

import (
	"math"
	"slices"
	"strings"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// Readout draws the line and the values at x. Title and note are the box's head.
// Pointer is where the mouse is; the box keeps 14 pixels from it, on the side
// with more room.
func (f *Figure) Readout(c *draw.Canvas, th *theme.Theme, r draw.Rect, x float64, pointer draw.Point, title, note string) {
	plots := f.Plots(r)
	if len(plots) == 0 || !f.X.Ok() {
		return
	}
	first, last := plots[0], plots[len(plots)-1]
	at := f.place(first, x)
	if at < first.X || at > first.Right() {
		return
	}
	c.VLine(at, first.Y, last.Bottom()-first.Y, th.Text)
	rows := f.rows(x, c, th, plots, at)
	const width, line = 232, 20
	height := 14 + line*float64(1+len(rows)+heads(rows))
	box := draw.Rect{X: at + 14, Y: min(max(pointer.Y-height/2, first.Y), last.Bottom()-height), W: width, H: height}
	if box.Right() > first.Right() || f.crowded(x) {
		if left := at - 14 - width; left >= first.X {
			box.X = left
		}
	}
	c.Fill(box, th.Surface)
	c.Frame(box, 1, th.Text3)
	c.Text(box.X+12, box.Y+21, title, bold, th.Text)
	c.TextRight(box.Right()-12, box.Y+21, note, small, th.Text2)
	y := box.Y + 21
	for i, row := range rows {
		if y += line; row.begins(rows, i) {
			c.Text(box.X+12, y, c.Fit(row.of, small, width-24), small, th.Text2)
			y += line
		}
		if row.s.Steps || row.plain {
			// neither colour nor square: it is named
		} else if row.s.Dashed {
			c.DashedH(box.X+12, y-5, 10, 4, 2, row.s.Ink)
		} else {
			c.Fill(draw.Rect{X: box.X + 12, Y: y - 10, W: 10, H: 10}, row.s.Ink)
		}
		w := c.TextRight(box.Right()-12, y, row.value, small, th.Text)
		c.Text(box.X+28, y, c.FitMiddle(row.name, small, width-52-w), small, th.Text2)
	}
}

// crowded says whether more of the lines lie right of x than left.
func (f *Figure) crowded(x float64) bool {
	right, left := 0, 0
	for _, p := range f.Panes {
		for _, s := range p.Series {
			if n := len(s.X); n > 0 {
				if s.X[n-1] > x {
					right++
				}
				if s.X[0] < x {
					left++
				}
			}
		}
	}
	return right > left
}

type row struct {
	s           *Series
	name, value string
	of          string
	plain       bool
}

// begins says whether a row is the first of what it is of, which then stands above it.
func (r row) begins(rows []row, i int) bool {
	return r.of != "" && (i == 0 || rows[i-1].of != r.of)
}

// heads is the number of rows that begin so.
func heads(rows []row) (n int) {
	for i, r := range rows {
		if r.begins(rows, i) {
			n++
		}
	}
	return n
}

// rows are what the read-out says, and a square on each line where it is. What is not of
// the place pointed at comes last.
func (f *Figure) rows(x float64, c *draw.Canvas, th *theme.Theme, plots []draw.Rect, at float64) (out []row) {
	for i := range f.Panes {
		p := &f.Panes[i]
		for _, s := range p.Series {
			if len(s.Y) == 0 {
				continue
			}
			v, ok := s.Value(x)
			if !ok {
				out = append(out, row{s: s, name: s.told(), value: theme.Unknown, plain: len(p.Series) == 1})
				continue
			}
			r := row{s: s, name: s.told(), value: p.Value(v), plain: len(p.Series) == 1}
			if s.Of != nil {
				r.of = s.Of(s.nearest(x))
			}
			out = append(out, r)
			at := at
			if !s.Steps { // on the point itself: between two there is no value
				at = f.place(plots[i], s.X[s.nearest(x)])
			}
			y := plots[i].Bottom() - p.Y.At(v)*plots[i].H
			if s.Quiet || math.IsNaN(y) || y < plots[i].Y-1 || y > plots[i].Bottom()+1 {
				continue
			}
			c.Fill(draw.Rect{X: at - 4, Y: y - 4, W: 9, H: 9}, th.Background)
			c.Fill(draw.Rect{X: at - 3, Y: y - 3, W: 7, H: 7}, s.Ink)
		}
	}
	slices.SortStableFunc(out, func(a, b row) int { return strings.Compare(a.of, b.of) })
	return out
}
