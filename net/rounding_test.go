package net

import (
	"fmt"
	"math"
	"testing"

	"alexnet/engine/enginetest"
	"alexnet/net/ref"
)

// The error of a convolution of 192 channels against float64, as the root of the
// mean square over that of the values: a processor's direct sums are within 3e-7, a GPU's,
// whose 1728 or 4800 products are added one by one, at 5e-7 or 8e-7; transformed ones
// within ten times that.
func TestRounding(t *testing.T) {
	for _, c := range []struct {
		r                       int
		form                    string
		forward, data, gradient float64
	}{
		{3, direct, 3e-7, 2e-7, 6e-7}, {3, "winograd 5x3", 4e-6, 3e-6, 4e-6},
		{5, direct, 3e-7, 2e-7, 6e-7}, {5, "winograd 3x5", 4e-6, 3e-6, 7e-6}, {5, "winograd 4x5", 5e-6, 4e-6, 6e-6},
	} {
		t.Run(fmt.Sprintf("%s of %dx%d", c.form, c.r, c.r), func(t *testing.T) {
			devices := enginetest.Open(t, "1")
			if c.form == direct && !devices[0].Info().CPU() {
				c.forward, c.data = 1e-6, 5e-7
			}
			if c.form != direct && !devices[0].Supports(families[0].input.pairs.Needs) {
				t.Skip("the device has no 64-bit integers or buffer addresses")
			}
			spec := Spec{Columns: 1, Input: Shape{C: 3, H: 13, W: 13}, Convolution: "auto", Layers: []Layer{
				Conv{Name: "conv1", Filters: 192, Kernel: 1, Stride: 1, ParamOptions: options2(1, 0)}, Activation{Name: "relu1", Function: ReLU},
				Conv{Name: "conv2", Filters: 16, Kernel: c.r, Stride: 1, Pad: c.r / 2, ParamOptions: options2(0.05, 0)}, Activation{Name: "relu2", Function: ReLU},
				Dense{Name: "fc3", Units: 4, ParamOptions: options2(0.02, 0)}, Softmax{Name: "softmax"}}}
			const batch = 6
			n, err := Build(spec, devices, Options{Batch: batch, Training: true, form: c.form, apart: true})
			if err != nil {
				t.Fatal(err)
			}
			if err := n.Initialize(5); err != nil {
				t.Fatal(err)
			}
			if _, err := n.Train(randomBatch(spec, batch, 4), Solver{Seed: 1}); err != nil {
				t.Fatal(err)
			}
			o := n.places[0].ops[2].(*productOp)
			x, y, dy, dx := mapOf(t, o, o.x), mapOf(t, o, o.y), mapOf(t, o, o.y.grad), mapOf(t, o, o.x.grad)
			w, err := n.Read(o.weight.Param, Value)
			if err != nil {
				t.Fatal(err)
			}
			dw, err := n.Read(o.weight.Param, Gradient)
			if err != nil {
				t.Fatal(err)
			}
			db, err := n.Read(o.bias.Param, Gradient)
			if err != nil {
				t.Fatal(err)
			}
			shape := ref.ConvShape{Filters: 16, Kernel: c.r, Stride: 1, Pad: c.r / 2, Groups: 1}
			want := ref.ReLU(ref.Conv(x, widen(w), make([]float64, 16), shape))
			wantX, wantW, wantB := ref.ConvBackward(x, widen(w), dy, shape)
			wantX = ref.ReLUBackward(x, wantX) // of relu1, in place
			check := func(what string, got, want []float64, limit float64) {
				e := relative(got, want)
				t.Logf("%s: %.1e", what, e)
				if !(e <= limit) {
					t.Errorf("%s: error %.1e; expected at most %.1e", what, e, limit)
				}
			}
			check("forward", y.Data, want.Data, c.forward)
			check("data gradient", dx.Data, wantX.Data, c.data)
			check("weight gradient", widen(dw), wantW, c.gradient)
			check("bias gradient", widen(db), wantB, 6e-7)
		})
	}
}

// mapOf reads a tensor of one block.
func mapOf(t *testing.T, o *productOp, m *tensor) *ref.Tensor {
	t.Helper()
	values, err := o.place.read(m.all())
	if err != nil {
		t.Fatal(err)
	}
	out := ref.New(m.n, m.units[0], m.h, m.w)
	for n := range m.n {
		for p := range m.h * m.w {
			for c := range out.C {
				out.Set(n, c, p/m.w, p%m.w, float64(values[(n*m.h*m.w+p)*m.channels+c]))
			}
		}
	}
	return out
}

// relative is the norm of the difference over that of want.
func relative(got, want []float64) float64 {
	d, w := 0.0, 0.0
	for i, v := range want {
		d += (got[i] - v) * (got[i] - v)
		w += v * v
	}
	return math.Sqrt(d / w)
}
