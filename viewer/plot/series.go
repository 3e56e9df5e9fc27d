package plot

import (
	"image/color"
	"math"
	"slices"
	"sort"

	"alexnet/viewer/draw"
)

// Series is a line. X rises; a Y that has no place on the axis, such as NaN, is a
// gap.
type Series struct {
	Name    string
	Told    string // what the read-out calls it; empty: its name
	X, Y    []float64
	Ink     color.RGBA
	Width   float64
	Dashed  bool // another run
	Squares bool // at each value: validations
	Steps   bool // a value holds until the next: a rate
	Quiet   bool // no name at its end: raw values behind smoothed ones
	Bold    bool // its last value
	Tinted  bool // the name, in the line's colour, instead of name and value
	// Of says what a value is of where the read-out must say it: seldom measured, it is
	// not of the place pointed at. nil: it need not.
	Of func(i int) string
}

// told is what the read-out calls it.
func (s *Series) told() string {
	if s.Told != "" {
		return s.Told
	}
	return s.Name
}

// Last is the last value that is a number.
func (s *Series) Last() float64 {
	for i := len(s.Y) - 1; i >= 0; i-- {
		if !math.IsNaN(s.Y[i]) {
			return s.Y[i]
		}
	}
	return math.NaN()
}

// Value is the value at x: of the nearest point, of a staircase that before it.
// There is none further outside of the line than its points are from each other, unless
// the read-out says what it is of.
func (s *Series) Value(x float64) (v float64, ok bool) {
	i := s.nearest(x)
	if i < 0 {
		return 0, false
	}
	n := len(s.X)
	if s.Of != nil {
		return s.Y[i], true
	}
	if between := (s.X[n-1] - s.X[0]) / float64(max(1, n-1)); x < s.X[0]-between || x > s.X[n-1]+between {
		return 0, false
	}
	return s.Y[i], true
}

func (s *Series) nearest(x float64) int {
	n := len(s.X)
	if n == 0 {
		return -1
	}
	i := sort.SearchFloat64s(s.X, x)
	if s.Steps {
		if i < n && s.X[i] == x {
			return i
		}
		return i - 1
	}
	switch {
	case i == 0:
		return 0
	case i == n || x-s.X[i-1] < s.X[i]-x:
		return i - 1
	}
	return i
}

// lines are the pieces of a line in a rectangle. Where several values share a
// pixel's width, the first, the least, the largest and the last stand for all.
func (s *Series) lines(x, y Axis, r draw.Rect, scale float64) (pieces [][]draw.Point) {
	var piece []draw.Point
	end := func() {
		if len(piece) > 0 {
			pieces = append(pieces, piece)
		}
		piece = nil
	}
	put := func(px, v float64) {
		at := y.At(v)
		if math.IsNaN(at) || math.IsInf(at, 0) {
			end()
			return
		}
		at = min(3, max(-2, at)) // far outside is cut off by the pane
		py := r.Bottom() - at*r.H
		if n := len(piece); s.Steps && n > 0 && piece[n-1].Y != py {
			piece = append(piece, draw.Point{X: px, Y: piece[n-1].Y})
		}
		piece = append(piece, draw.Point{X: px, Y: py})
	}
	from, to := s.visible(x)
	for i := from; i < to; {
		px := r.X + x.At(s.X[i])*r.W
		column := math.Floor(px * scale)
		j := i + 1
		for j < to && math.Floor((r.X+x.At(s.X[j])*r.W)*scale) == column {
			j++
		}
		for _, k := range extremes(s.Y[i:j], y.Log) {
			if j-i > 4 {
				put((column+0.5)/scale, s.Y[i+k])
			} else {
				put(r.X+x.At(s.X[i+k])*r.W, s.Y[i+k])
			}
		}
		i = j
	}
	end()
	return pieces
}

// visible are the points within an axis and one more on both sides.
func (s *Series) visible(x Axis) (from, to int) {
	from = max(0, sort.SearchFloat64s(s.X, x.Low)-1)
	to = min(len(s.X), sort.SearchFloat64s(s.X, math.Nextafter(x.High, math.Inf(1)))+1)
	return from, max(from, to)
}

// extremes are the places of the first, least, largest and last value, in their
// order. What has no place on the axis is left out if there is anything else.
func extremes(v []float64, log bool) []int {
	if len(v) <= 4 {
		return []int{0, 1, 2, 3}[:len(v)]
	}
	first, last, low, high := -1, -1, -1, -1
	for i, x := range v {
		if math.IsNaN(x) || log && x <= 0 {
			continue
		}
		if first < 0 {
			first, low, high = i, i, i
		}
		last = i
		if x < v[low] {
			low = i
		}
		if x > v[high] {
			high = i
		}
	}
	if first < 0 {
		return []int{0}
	}
	out := []int{first}
	for _, k := range []int{min(low, high), max(low, high), last} {
		if k > out[len(out)-1] {
			out = append(out, k)
		}
	}
	return out
}

// Smooth is the mean of each value and the window-1 before it; NaN stays where it
// is and counts nowhere else. Values are only ever added, in blocks as long as the window:
// one that was taken off a sum again would leave its rounding there, which of a huge value
// is more than all others are.
func Smooth(y []float64, window int) []float64 {
	window = min(max(window, 1), max(len(y), 1))
	out := make([]float64, len(y))
	before := make([]total, window+1) // in the block before, of its values from each one on
	for from := 0; from < len(y); from += window {
		block := y[from:min(from+window, len(y))]
		var t total
		for i, v := range block {
			t = t.with(v)
			out[from+i] = v
			if b := before[i+1]; finite(v) {
				out[from+i] = (t.sum + b.sum) / float64(t.n+b.n)
			}
		}
		for i, v := range slices.Backward(block) {
			before[i] = before[i+1].with(v)
		}
	}
	return out
}

// total is the sum of the finite ones of some values.
type total struct {
	sum float64
	n   int
}

func (t total) with(v float64) total {
	if !finite(v) {
		return t
	}
	return total{t.sum + v, t.n + 1}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
