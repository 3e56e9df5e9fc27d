package ref

import (
	"fmt"
	"sync"
)

// Tensor is a batch of maps over the channels of all columns, (n, c, h, w).
type Tensor struct {
	N, C, H, W int       // images, channels, height, width
	Data       []float64 // W varies fastest
}

// New returns a tensor of zeros.
func New(n, c, h, w int) *Tensor {
	check(n >= 0 && c >= 0 && h >= 0 && w >= 0, "a tensor cannot be of shape (%d, %d, %d, %d)", n, c, h, w)
	return &Tensor{N: n, C: c, H: h, W: w, Data: make([]float64, n*c*h*w)}
}

// From returns a tensor that holds data itself, not a copy.
func From(n, c, h, w int, data []float64) *Tensor {
	check(len(data) == n*c*h*w, "%d values do not fill a tensor of shape (%d, %d, %d, %d)", len(data), n, c, h, w)
	return &Tensor{N: n, C: c, H: h, W: w, Data: data}
}

// Like returns a tensor of zeros of t's shape.
func (t *Tensor) Like() *Tensor { return New(t.N, t.C, t.H, t.W) }

// Index is the place of (n, c, h, w) in Data.
func (t *Tensor) Index(n, c, h, w int) int { return ((n*t.C+c)*t.H+h)*t.W + w }

// At is the value at (n, c, h, w).
func (t *Tensor) At(n, c, h, w int) float64 { return t.Data[t.Index(n, c, h, w)] }

// Set writes the value at (n, c, h, w).
func (t *Tensor) Set(n, c, h, w int, v float64) { t.Data[t.Index(n, c, h, w)] = v }

// Image is the part of Data that holds image n, (c, h, w).
func (t *Tensor) Image(n int) []float64 {
	size := t.C * t.H * t.W
	return t.Data[n*size : (n+1)*size]
}

// SameShape tells whether t and o have the same four dimensions.
func (t *Tensor) SameShape(o *Tensor) bool {
	return t.N == o.N && t.C == o.C && t.H == o.H && t.W == o.W
}

// String gives the shape.
func (t *Tensor) String() string { return fmt.Sprintf("(%d, %d, %d, %d)", t.N, t.C, t.H, t.W) }

// Deal shares units out to columns as evenly as possible, the first columns
// getting one more: 5 over 2 columns are 3 and 2.
func Deal(units, columns int) []int {
	check(columns >= 1, "units cannot be dealt to %d columns", columns)
	out := make([]int, columns)
	for i := range out {
		out[i] = units / columns
		if i < units%columns {
			out[i]++
		}
	}
	return out
}

// source says what one unit of a Conv or Dense reads: channels [first,
// first+channels) of its input, with weights that start at weight.
type source struct {
	first, channels, weight int
}

// sources deals channels and units to groups and lists every unit's source,
// where a unit has taps weights a channel; total is the number of weights. Units
// lie one after the other, so groups of equal size make up PyTorch's
// (units, channels/groups, ...) and others follow each other flat.
func sources(channels, units, groups, taps int) (list []source, total int) {
	inputs, outputs := Deal(channels, groups), Deal(units, groups)
	first := 0
	for g := range groups {
		for range outputs[g] {
			list = append(list, source{first: first, channels: inputs[g], weight: total})
			total += inputs[g] * taps
		}
		first += inputs[g]
	}
	return list, total
}

// each calls f(0) ... f(count-1) concurrently; the calls write to different places.
func each(count int, f func(i int)) {
	var wait sync.WaitGroup
	for i := range count {
		wait.Go(func() { f(i) })
	}
	wait.Wait()
}

// check panics with a sentence about the caller's mistake unless ok.
func check(ok bool, format string, args ...any) {
	if !ok {
		panic("ref: " + fmt.Sprintf(format, args...))
	}
}

// checkSame panics unless a gradient has the shape of what it belongs to.
func checkSame(what string, a, b *Tensor) {
	check(a.SameShape(b), "%s: a gradient of shape %v does not fit values of shape %v", what, a, b)
}
