package net

import (
	"math"
	"slices"
	"testing"

	"alexnet/engine/enginetest"
	"alexnet/net/ref"
)

// TestOutputs compares what layers made with the reference's, of each column, on one
// device and on two.
func TestOutputs(t *testing.T) {
	const images, tol = 3, 1e-4
	for _, devices := range []string{"1", "2"} {
		n, err := Build(small(), enginetest.Open(t, devices), Options{Batch: images + 1, Training: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Initialize(5); err != nil {
			t.Fatal(err)
		}
		b := randomBatch(n.Spec, images+1, 5)
		if _, err := n.Test(b); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ layer, ops, from int }{{0, 2, 0}, {0, 2, 1}, {4, 5, 0}, {5, 6, 1}, {7, 9, 0}, {10, 12, 1}} { // a ReLU is computed in place
			r := reference(t, n)
			r.Ops = r.Ops[:c.ops]
			in := n.Spec.Input
			want := r.Forward(&ref.Tensor{N: images + 1, C: in.C, H: in.H, W: in.W, Data: widen(b.Values)}, false, nil)
			got, err := n.Outputs(c.layer, c.from, images)
			if err != nil {
				t.Fatal(err)
			}
			first := 0
			for column, units := range Deal(want.C, 2) {
				plane := want.H * want.W
				for i := range images {
					for k := range units * plane {
						a, b := float64(got.Columns[column][i*units*plane+k]), want.Data[((c.from+i)*want.C+first)*plane+k]
						if math.Abs(a-b) > tol*max(1, math.Abs(b)) {
							t.Fatalf("layer %d, column %d, image %d, value %d: %g, want %g", c.layer, column, c.from+i, k, a, b)
						}
					}
				}
				first += units
			}
		}
		if _, err := n.Outputs(6, 0, 1); err == nil {
			t.Error("a gather's outputs were read")
		}
	}
}

// A measured step computes the bits of one that is not.
func TestMeasuredStepIsAStep(t *testing.T) {
	var ends [2][]float32
	for i := range ends {
		n, err := Build(small(), enginetest.Open(t, "2"), Options{Batch: 4, Training: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Initialize(5); err != nil {
			t.Fatal(err)
		}
		b := randomBatch(n.Spec, 4, 5)
		for step := range 4 {
			s := Solver{Step: step, Seed: 9, Rate: 0.01, Momentum: 0.9, NoDropout: step == 3}
			begin := n.Begin
			if i == 1 && step > 0 {
				begin = n.BeginMeasured
			}
			if err := begin(b, s); err != nil {
				t.Fatal(err)
			}
			if _, err := n.Await(); err != nil {
				t.Fatal(err)
			}
		}
		if i == 1 {
			p, err := n.Measured()
			if err != nil || len(p.Devices) != 2 || !slices.ContainsFunc(p.Events, func(e Event) bool { return e.Name == "conv1 weight gradient" && e.Time > 0 }) {
				t.Errorf("%v: %d events of %v", err, len(p.Events), p.Devices)
			}
		}
		for _, p := range n.Params {
			values, err := n.Read(p, Value)
			if err != nil {
				t.Fatal(err)
			}
			ends[i] = append(ends[i], values...)
		}
	}
	if !slices.Equal(ends[0], ends[1]) {
		t.Error("measured steps ended with other bits")
	}
}
