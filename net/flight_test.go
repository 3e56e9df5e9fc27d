package net

import (
	"errors"
	"math"
	"slices"
	"testing"

	"alexnet/engine/enginetest"
)

// flightNet is a small net with a batch for each of some steps.
func flightNet(t *testing.T, where string) (*Net, []*Batch) {
	t.Helper()
	n, err := Build(small(), enginetest.Open(t, where), Options{Batch: 4, Training: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Initialize(7); err != nil {
		t.Fatal(err)
	}
	var batches []*Batch
	for seed := range 5 {
		batches = append(batches, randomBatch(n.Spec, 4-seed%2, n.Spec.Classes()))
		b := batches[seed]
		for i := range b.Values {
			b.Values[i] += float32(seed) / 8
		}
	}
	return n, batches
}

// Steps that begin while others run compute what they compute alone.
func TestStepsInFlight(t *testing.T) {
	for _, where := range []string{"1", "2"} {
		var want, got []float64
		alone, batches := flightNet(t, where)
		for i, b := range batches {
			r, err := alone.Train(b, Solver{Step: i, Seed: 3, Rate: 0.02, Momentum: 0.9})
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, r.Loss...)
		}
		n, _ := flightNet(t, where)
		await := func() {
			r, err := n.Await()
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r.Loss...)
		}
		for i, b := range batches {
			if err := n.Begin(b, Solver{Step: i, Seed: 3, Rate: 0.02, Momentum: 0.9}); err != nil {
				t.Fatal(err)
			}
			clear(b.Values) // it is the caller's again
			if i == 2 {
				await() // now and then none is in flight
			}
			if n.InFlight() == 2 {
				await()
			}
		}
		for n.InFlight() > 0 {
			await()
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s devices: losses %v; expected %v", where, got, want)
		}
	}
}

// A step behind one whose loss is not finite is not run: what is left says where
// it began.
func TestNothingRunsBehindAFailedStep(t *testing.T) {
	n, batches := flightNet(t, "1")
	fc := n.Params[len(n.Params)-2]
	values, err := n.Read(fc, Value)
	if err != nil {
		t.Fatal(err)
	}
	values[0] = float32(math.NaN())
	if err := n.Write(fc, Value, values); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if err := n.Begin(batches[i], Solver{Step: i, Rate: 0.02}); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := n.Await(); err != nil || !math.IsNaN(r.Mean()) {
		t.Fatal(r, err)
	}
	if _, err := n.Await(); !errors.Is(err, ErrNotRun) {
		t.Errorf("the next step's error is %v", err)
	}
	// Behind them anything may begin again.
	if _, err := n.Train(batches[2], Solver{Step: 2, Rate: 0.02}); err != nil {
		t.Error(err)
	}
}
