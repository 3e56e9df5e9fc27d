package ref

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

var convCases = []struct {
	name       string
	n, c, h, w int
	shape      ConvShape
}{
	{"1x1", 1, 1, 1, 1, ConvShape{Filters: 1, Kernel: 1, Stride: 1, Groups: 1}},
	{"3x3 pad 1", 2, 3, 5, 4, ConvShape{Filters: 2, Kernel: 3, Stride: 1, Pad: 1, Groups: 1}},
	{"stride 4 pad 2 as conv1", 1, 3, 16, 15, ConvShape{Filters: 2, Kernel: 11, Stride: 4, Pad: 2, Groups: 1}},
	{"stride 2, windows that do not fit", 2, 2, 6, 8, ConvShape{Filters: 3, Kernel: 3, Stride: 2, Groups: 1}},
	{"two equal groups", 2, 4, 4, 5, ConvShape{Filters: 6, Kernel: 3, Stride: 1, Pad: 1, Groups: 2}},
	{"odd groups 3+2 to 4+3", 2, 5, 4, 4, ConvShape{Filters: 7, Kernel: 3, Stride: 1, Pad: 1, Groups: 2}},
	{"odd groups 2+2+1 to 1+1+1", 1, 5, 3, 3, ConvShape{Filters: 3, Kernel: 2, Stride: 1, Groups: 3}},
	{"taps that only ever see the padding", 1, 2, 1, 2, ConvShape{Filters: 2, Kernel: 5, Stride: 2, Pad: 4, Groups: 1}},
}

// plainConv is the formula, one output at a time and with nothing of conv.go.
func plainConv(x *Tensor, w, b []float64, s ConvShape) *Tensor {
	y := New(x.N, s.Filters, (x.H+2*s.Pad-s.Kernel)/s.Stride+1, (x.W+2*s.Pad-s.Kernel)/s.Stride+1)
	channels, filters := Deal(x.C, s.Groups), Deal(s.Filters, s.Groups)
	k, firstChannel := 0, 0
	for g := range s.Groups {
		for range filters[g] {
			kernel := w[:channels[g]*s.Kernel*s.Kernel]
			w = w[len(kernel):]
			for n := range x.N {
				for p := range y.H {
					for q := range y.W {
						y.Set(n, k, p, q, b[k]+plainTaps(x, kernel, s, n, firstChannel, p*s.Stride-s.Pad, q*s.Stride-s.Pad))
					}
				}
			}
			k++
		}
		firstChannel += channels[g]
	}
	return y
}

// plainTaps is the product of a kernel (c, r, s) and the window at (top, left).
func plainTaps(x *Tensor, kernel []float64, s ConvShape, n, firstChannel, top, left int) float64 {
	sum := 0.0
	for i, v := range kernel {
		c, r, q := i/s.Kernel/s.Kernel, i/s.Kernel%s.Kernel, i%s.Kernel
		if h, w := top+r, left+q; h >= 0 && h < x.H && w >= 0 && w < x.W {
			sum += v * x.At(n, firstChannel+c, h, w)
		}
	}
	return sum
}

func TestConv(t *testing.T) {
	for i, c := range convCases {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, uint64(i)))
			x := random(rng, c.n, c.c, c.h, c.w)
			w, b := normal(rng, c.shape.Weights(c.c)), normal(rng, c.shape.Filters)
			y, want := Conv(x, w, b, c.shape), plainConv(x, w, b, c.shape)
			if !y.SameShape(want) {
				t.Fatalf("shape %v; expected %v", y, want)
			}
			checkValues(t, "y", y.Data, want.Data, 1e-12)
		})
	}
}

func TestConvBackward(t *testing.T) {
	for i, c := range convCases {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(2, uint64(i)))
			x := random(rng, c.n, c.c, c.h, c.w)
			w, b := normal(rng, c.shape.Weights(c.c)), normal(rng, c.shape.Filters)
			dy := random(rng, c.n, c.shape.Filters, c.shape.Out(c.h), c.shape.Out(c.w))
			loss := func() float64 { return dot(Conv(x, w, b, c.shape).Data, dy.Data) }
			dx, dw, db := ConvBackward(x, w, dy, c.shape)
			checkGradient(t, "dx", loss, x.Data, dx.Data, 1e-8)
			checkGradient(t, "dw", loss, w, dw, 1e-8)
			checkGradient(t, "db", loss, b, db, 1e-8)
		})
	}
}

// A 3x3 image, a 2x2 kernel that tells its four taps apart, worked out by hand.
func TestConvByHand(t *testing.T) {
	x := From(1, 1, 3, 3, []float64{
		1, 2, 3,
		4, 5, 6,
		7, 8, 9})
	w := []float64{1, 10, 100, 1000}
	for _, c := range []struct {
		shape ConvShape
		want  []float64
	}{
		{ConvShape{Filters: 1, Kernel: 2, Stride: 1, Groups: 1}, []float64{5421.5, 6532.5, 8754.5, 9865.5}},
		{ConvShape{Filters: 1, Kernel: 2, Stride: 2, Pad: 1, Groups: 1}, []float64{1000.5, 3200.5, 7040.5, 9865.5}},
	} {
		checkValues(t, fmt.Sprint(c.shape), Conv(x, w, []float64{0.5}, c.shape).Data, c.want, 1e-12)
	}
}

// Paper, section 3.5: 224 pixels become 55 with pad 2, and 27, 13, 13 follow.
func TestConvOut(t *testing.T) {
	for _, c := range []struct {
		in, want int
		shape    ConvShape
	}{
		{224, 55, ConvShape{Kernel: 11, Stride: 4, Pad: 2}},
		{27, 27, ConvShape{Kernel: 5, Stride: 1, Pad: 2}},
		{13, 13, ConvShape{Kernel: 3, Stride: 1, Pad: 1}},
	} {
		if got := c.shape.Out(c.in); got != c.want {
			t.Errorf("%+v of %d pixels gives %d; expected %d", c.shape, c.in, got, c.want)
		}
	}
}

// Paper, section 3.2: half the channels of conv2 are in a kernel's own column.
func TestConvWeights(t *testing.T) {
	if got := (ConvShape{Filters: 256, Kernel: 5, Groups: 2}).Weights(96); got != 256*48*25 {
		t.Errorf("conv2 has %d weights; expected %d", got, 256*48*25)
	}
	if got := (ConvShape{Filters: 5, Kernel: 3, Groups: 2}).Weights(7); got != (3*4+2*3)*9 {
		t.Errorf("5 kernels on 7 channels in 2 groups have %d weights; expected %d", got, (3*4+2*3)*9)
	}
}

func TestConvMistakes(t *testing.T) {
	x, shape := New(1, 2, 4, 4), ConvShape{Filters: 2, Kernel: 3, Stride: 1, Groups: 1}
	w, b := make([]float64, 36), make([]float64, 2)
	checkPanics(t, "weights", "35 weights; expected 36", func() { Conv(x, w[:35], b, shape) })
	checkPanics(t, "biases", "1 biases", func() { Conv(x, w, b[:1], shape) })
	checkPanics(t, "gradient", "expected (1, 2, 2, 2)", func() { ConvBackward(x, w, New(1, 2, 3, 2), shape) })
	checkPanics(t, "kernel", "does not fit", func() { Conv(New(1, 2, 2, 4), w, b, shape) })
	checkPanics(t, "stride", "at least 1", func() { Conv(x, w, b, ConvShape{Filters: 2, Kernel: 3, Groups: 1}) })
}
