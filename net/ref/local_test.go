package ref

import (
	"math/rand/v2"
	"testing"
)

// ofEachPixel counts a case's output pixels.
func ofEachPixel(h, w int, shape ConvShape) int { return shape.Out(h) * shape.Out(w) }

// Every output pixel is that of a convolution with its kernels.
func TestLocal(t *testing.T) {
	for i, c := range convCases {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(5, uint64(i)))
			x, pixels := random(rng, c.n, c.c, c.h, c.w), ofEachPixel(c.h, c.w, c.shape)
			w, b := normal(rng, pixels*c.shape.Weights(c.c)), normal(rng, pixels*c.shape.Filters)
			list, total := sources(c.c, c.shape.Filters, c.shape.Groups, c.shape.Kernel*c.shape.Kernel)
			y, want := Local(x, w, b, c.shape), []float64(nil)
			for n := range c.n {
				for k := range c.shape.Filters {
					for o := range pixels {
						kernels, biases := make([]float64, total), make([]float64, c.shape.Filters)
						row := list[k].channels * c.shape.Kernel * c.shape.Kernel
						copy(kernels[list[k].weight:][:row], w[pixels*list[k].weight+o*row:])
						biases[k] = b[k*pixels+o]
						want = append(want, plainConv(x, kernels, biases, c.shape).Data[(n*c.shape.Filters+k)*pixels+o])
					}
				}
			}
			checkValues(t, "y", y.Data, want, 1e-12)
		})
	}
}

func TestLocalBackward(t *testing.T) {
	for i, c := range convCases {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(6, uint64(i)))
			x, pixels := random(rng, c.n, c.c, c.h, c.w), ofEachPixel(c.h, c.w, c.shape)
			w, b := normal(rng, pixels*c.shape.Weights(c.c)), normal(rng, pixels*c.shape.Filters)
			dy := random(rng, c.n, c.shape.Filters, c.shape.Out(c.h), c.shape.Out(c.w))
			loss := func() float64 { return dot(Local(x, w, b, c.shape).Data, dy.Data) }
			dx, dw, db := LocalBackward(x, w, dy, c.shape)
			checkGradient(t, "dx", loss, x.Data, dx.Data, 1e-8)
			checkGradient(t, "dw", loss, w, dw, 1e-8)
			checkGradient(t, "db", loss, b, db, 1e-8)
		})
	}
}

func TestLocalMistakes(t *testing.T) {
	x, shape := New(1, 2, 4, 4), ConvShape{Filters: 2, Kernel: 3, Stride: 1, Groups: 1}
	w, b := make([]float64, 4*36), make([]float64, 8)
	checkPanics(t, "weights", "36 weights; expected 144", func() { Local(x, w[:36], b, shape) })
	checkPanics(t, "biases", "2 biases", func() { Local(x, w, b[:2], shape) })
	checkPanics(t, "gradient", "expected (1, 2, 2, 2)", func() { LocalBackward(x, w, New(1, 2, 3, 2), shape) })
	checkPanics(t, "kernel", "does not fit", func() { Local(New(1, 2, 2, 4), w, b, shape) })
	checkPanics(t, "stride", "at least 1", func() { Local(x, w, b, ConvShape{Filters: 2, Kernel: 3, Groups: 1}) })
}
