package net

import (
	"errors"
	"math"
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
)

// TestForBatch: a network of one image sees what the whole batch's sees, with parameters
// that change under it, and takes no memory for them.
func TestForBatch(t *testing.T) {
	const batch, tol = 8, 1e-5
	for _, devices := range []string{"1", "2"} {
		opened := enginetest.Open(t, devices)
		n, err := Build(small(), opened, Options{Batch: batch, Training: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Initialize(5); err != nil {
			t.Fatal(err)
		}
		one, err := n.ForBatch(1)
		if err != nil {
			t.Fatal(err)
		}
		if one.places[0].params[0].value != n.places[0].params[0].value || one.inputs[0].mean != n.inputs[0].mean || one.places[0].params[0].grad != nil {
			t.Error("it has parameters of its own")
		}
		b := randomBatch(n.Spec, batch, 5)
		for step := range 2 {
			if _, err := n.Train(b, Solver{Step: step, Rate: 0.01}); err != nil {
				t.Fatal(err)
			}
			if _, err := n.Test(b); err != nil {
				t.Fatal(err)
			}
			single := &Batch{Values: b.Values[:len(b.Values)/batch], Labels: b.Labels[:1], Valid: 1}
			if step == 1 { // as far as conv1 first
				if err := one.TestTo(1, single); err != nil {
					t.Fatal(err)
				}
				near(t, n, one, 1, tol)
			}
			if _, err := one.Test(single); err != nil {
				t.Fatal(err)
			}
			for _, layer := range []int{1, 4, 5, 8} {
				near(t, n, one, layer, tol)
			}
			p, err := n.Probabilities(1)
			q, err2 := one.Probabilities(1)
			if err := errors.Join(err, err2); err != nil {
				t.Fatal(err)
			}
			compare(t, "probabilities", p, q, tol)
		}
	}
}

// near compares what two networks made of their first image.
func near(t *testing.T, n, m *Net, layer int, tol float64) {
	t.Helper()
	a, err := n.Outputs(layer, 0, 1)
	b, err2 := m.Outputs(layer, 0, 1)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	for column := range a.Columns {
		compare(t, n.Rows[layer].Layer.LayerName(), a.Columns[column], b.Columns[column], tol)
	}
}

func compare(t *testing.T, name string, want, got []float32, tol float64) {
	t.Helper()
	if len(want) != len(got) || len(want) == 0 {
		t.Fatalf("%s: %d values, want %d", name, len(got), len(want))
	}
	for i := range want {
		if math.Abs(float64(want[i]-got[i])) > tol*max(1, math.Abs(float64(want[i]))) {
			t.Fatalf("%s: value %d is %g, want %g", name, i, got[i], want[i])
		}
	}
}

// Where there is no memory left for it, it says so and takes none.
func TestForBatchWithoutMemory(t *testing.T) {
	spec := small()
	need, err := Memory(spec, enginetest.Open(t, "1"), Options{Batch: 8, Training: true})
	if err != nil {
		t.Fatal(err)
	}
	devices := enginetest.OpenWith(t, engine.Options{MaxMemory: need[0]}, "1")
	n, err := Build(spec, devices, Options{Batch: 8, Training: true})
	if err != nil {
		t.Fatal(err)
	}
	before := devices[0].InUse()
	if _, err := n.ForBatch(8); !errors.Is(err, engine.ErrMemory) {
		t.Errorf("%v, want an ErrMemory", err)
	}
	if after := devices[0].InUse(); after != before {
		t.Errorf("%d bytes in use, before %d", after, before)
	}
}
