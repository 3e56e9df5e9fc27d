package ref

import (
	"math/rand/v2"
	"testing"
)

var denseCases = []struct {
	name              string
	n, c, side, units int
	groups            int
}{
	{"one value", 1, 1, 1, 1, 1},
	{"a map", 3, 4, 2, 5, 1},
	{"two equal groups", 2, 4, 2, 6, 2},
	{"odd groups 3+2 to 4+3", 2, 5, 2, 7, 2},
	{"odd groups of vectors", 2, 5, 1, 4, 3},
}

// denseParams is as many weights as a convolution has whose kernel covers the map.
func denseParams(rng *rand.Rand, c, side, units, groups int) (w, b []float64) {
	return normal(rng, ConvShape{Filters: units, Kernel: side, Stride: 1, Groups: groups}.Weights(c)), normal(rng, units)
}

// A dense layer is a convolution whose kernel covers the map.
func TestDense(t *testing.T) {
	for i, c := range denseCases {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(3, uint64(i)))
			x := random(rng, c.n, c.c, c.side, c.side)
			w, b := denseParams(rng, c.c, c.side, c.units, c.groups)
			want := plainConv(x, w, b, ConvShape{Filters: c.units, Kernel: c.side, Stride: 1, Groups: c.groups})
			y := Dense(x, w, b, c.groups)
			if !y.SameShape(want) {
				t.Fatalf("shape %v; expected %v", y, want)
			}
			checkValues(t, "y", y.Data, want.Data, 1e-12)
		})
	}
}

func TestDenseBackward(t *testing.T) {
	for i, c := range denseCases {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(4, uint64(i)))
			x := random(rng, c.n, c.c, c.side, c.side)
			w, b := denseParams(rng, c.c, c.side, c.units, c.groups)
			dy := random(rng, c.n, c.units, 1, 1)
			loss := func() float64 { return dot(Dense(x, w, b, c.groups).Data, dy.Data) }
			dx, dw, db := DenseBackward(x, w, dy, c.groups)
			checkGradient(t, "dx", loss, x.Data, dx.Data, 1e-8)
			checkGradient(t, "dw", loss, w, dw, 1e-8)
			checkGradient(t, "db", loss, b, db, 1e-8)
		})
	}
}

// Inputs are flattened as (c, h, w), here 2 channels of 1x2 pixels.
func TestDenseByHand(t *testing.T) {
	x := From(1, 2, 1, 2, []float64{1, 2, 3, 4})
	checkValues(t, "one group", Dense(x, []float64{1, 10, 100, 1000, -1, 0, 0, 1}, []float64{0.5, -1}, 1).Data, []float64{4321.5, 2}, 1e-12)
	checkValues(t, "two groups", Dense(x, []float64{1, 10, 100, 1000}, []float64{0.5, -1}, 2).Data, []float64{21.5, 4299}, 1e-12)
}

func TestDenseMistakes(t *testing.T) {
	x := New(2, 2, 2, 2)
	checkPanics(t, "weights", "23 weights; expected 24", func() { Dense(x, make([]float64, 23), make([]float64, 3), 1) })
	checkPanics(t, "gradient", "expected (2, units, 1, 1)", func() { DenseBackward(x, make([]float64, 24), New(1, 3, 1, 1), 1) })
}
