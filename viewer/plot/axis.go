// Package plot draws curves over a common horizontal axis, pane below pane, with
// names at the lines' ends and one read-out through all of them.
//
// It draws itself, on viewer/draw, and not with gonum/plot: that places axes,
// legends and titles by its own rules, which the design's cannot be made of; its
// logarithmic axis panics at values that are not positive; and it draws every
// point, half a second for the 90,000 of a run of the paper's length, where the
// least and the largest value of each pixel's width look the same and take ten
// milliseconds.
package plot

import (
	"math"
)

// Axis is a range of values along a length.
type Axis struct {
	Low, High float64
	Log       bool
}

// Ok says whether the axis has an extent.
func (a Axis) Ok() bool { return a.High > a.Low && (!a.Log || a.Low > 0) }

// At is where a value lies, 0 to 1 within the axis. It is NaN for what has no
// place, such as zero on a logarithmic axis.
func (a Axis) At(v float64) float64 {
	if a.Log {
		if !(v > 0) {
			return math.NaN()
		}
		return math.Log(v/a.Low) / math.Log(a.High/a.Low)
	}
	return (v - a.Low) / (a.High - a.Low)
}

// Value is what lies at a place.
func (a Axis) Value(at float64) float64 {
	if a.Log {
		return a.Low * math.Pow(a.High/a.Low, at)
	}
	return a.Low + at*(a.High-a.Low)
}

// Zoom makes the axis shorter by a factor and keeps the value at a place where it
// is.
func (a Axis) Zoom(at, factor float64) Axis {
	b := a
	b.Low, b.High = a.Value(at-at*factor), a.Value(at+(1-at)*factor)
	return b
}

// Pan moves the axis by a part of its length.
func (a Axis) Pan(by float64) Axis {
	b := a
	b.Low, b.High = a.Value(by), a.Value(1+by)
	return b
}

// Range is the axis from the least to the largest of values that have a place on
// it; ok is false if there are none.
func Range(log bool, lists ...[]float64) (a Axis, ok bool) {
	a = Axis{Low: math.Inf(1), High: math.Inf(-1), Log: log}
	for _, list := range lists {
		for _, v := range list {
			if math.IsNaN(v) || math.IsInf(v, 0) || log && v <= 0 {
				continue
			}
			a.Low, a.High = min(a.Low, v), max(a.High, v)
		}
	}
	return a, a.Low <= a.High
}

// Widen gives an axis round ends: multiples of the distance of its ticks, on a
// logarithmic one 1, 2 or 5 times a power of ten.
func (a Axis) Widen(ticks int) Axis {
	if a.Log {
		a.Low, a.High = round(a.Low, false), round(a.High, true)
		if a.Low == a.High {
			a.Low, a.High = a.Low/2, a.High*2
		}
		return a
	}
	if a.Low == a.High {
		by := max(math.Abs(a.Low)/10, 1e-6)
		a.Low, a.High = a.Low-by, a.High+by
	}
	step := spacing((a.High-a.Low)/float64(max(1, ticks)), decimals)
	a.Low, a.High = math.Floor(a.Low/step+1e-6)*step, math.Ceil(a.High/step-1e-6)*step
	return a
}

// round is the nearest of 1, 2 and 5 times a power of ten that is not above, or
// not below, a value.
func round(v float64, up bool) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)+1e-9))
	best := power
	for _, m := range []float64{1, 2, 5, 10} {
		at := m * power
		if up && at >= v*(1-1e-9) {
			return at
		}
		if !up && at <= v*(1+1e-9) {
			best = at
		}
	}
	return best
}

// decimals are steps that read well in tens; seconds those of times up to a
// minute, and so on.
var (
	decimals = []float64{1, 2, 5, 10}
	seconds  = []float64{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 2 * 86400, 5 * 86400, 10 * 86400, 20 * 86400, 50 * 86400}
)

// spacing is the least good step that is not below a wish.
func spacing(wish float64, steps []float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(wish)))
	for _, s := range steps {
		if s*power >= wish*(1-1e-9) {
			return s * power
		}
	}
	return 10 * power
}

// Ticks are about as many values as wished for, evenly spaced; on a logarithmic
// axis powers of ten, and between them 2 and 5 times where there is room.
func (a Axis) Ticks(wish int) []float64 {
	if !a.Ok() || wish < 1 {
		return nil
	}
	if a.Log {
		return a.decades(wish)
	}
	return a.every(spacing((a.High-a.Low)/float64(wish), decimals))
}

// TimeTicks are ticks of an axis of seconds.
func (a Axis) TimeTicks(wish int) []float64 {
	if !a.Ok() || wish < 1 {
		return nil
	}
	by := (a.High - a.Low) / float64(wish)
	if by < 1 {
		return a.Ticks(wish)
	}
	for _, s := range seconds {
		if s >= by {
			return a.every(s)
		}
	}
	return a.every(seconds[len(seconds)-1])
}

// WholeTicks are ticks at whole numbers.
func (a Axis) WholeTicks(wish int) []float64 {
	if !a.Ok() || wish < 1 {
		return nil
	}
	return a.every(max(1, spacing((a.High-a.Low)/float64(wish), decimals)))
}

func (a Axis) every(step float64) (out []float64) {
	from := math.Ceil(a.Low/step - 1e-6)
	for i := 0.0; ; i++ {
		v := (from + i) * step
		if v > a.High+step*1e-6 || i > 1000 {
			return out
		}
		if v == 0 {
			v = 0 // no minus zero
		}
		out = append(out, v)
	}
}

func (a Axis) decades(wish int) (out []float64) {
	low, high := math.Floor(math.Log10(a.Low)+1e-9), math.Ceil(math.Log10(a.High)-1e-9)
	within := []float64{1, 2, 5}
	stride := 1.0
	switch n := high - low; {
	case n > float64(wish):
		within, stride = []float64{1}, math.Ceil(n/float64(wish))
	case 3*n > float64(wish):
		within = []float64{1}
	}
	for e := low; e <= high; e += stride {
		for _, m := range within {
			if v := m * math.Pow(10, e); v >= a.Low*(1-1e-9) && v <= a.High*(1+1e-9) {
				out = append(out, v)
			}
		}
	}
	return out
}
