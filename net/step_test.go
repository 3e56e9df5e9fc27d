package net

import (
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
)

// A step of training allocates nothing on the host, on one device and on two.
func TestStepsAllocateNothing(t *testing.T) {
	for _, where := range []string{"1", "2"} {
		step := trainingStep(t, enginetest.Open(t, where))
		step() // each of the two stages makes what it needs
		if a := testing.AllocsPerRun(5, step); a != 0 {
			t.Errorf("%s devices: %.1f allocations a step; expected 0", where, a)
		}
	}
}

func BenchmarkStep(b *testing.B) {
	for _, where := range []string{"1", "2"} {
		b.Run(where, func(b *testing.B) {
			step := trainingStep(b, enginetest.Open(b, where))
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
		})
	}
}

// trainingStep builds a small net and returns a step of it.
func trainingStep(t testing.TB, devices []*engine.Device) func() {
	n, err := Build(small(), devices, Options{Batch: 4, Training: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Initialize(7); err != nil {
		t.Fatal(err)
	}
	b := randomBatch(n.Spec, 4, n.Spec.Classes())
	return func() {
		if _, err := n.Train(b, Solver{Rate: 0.01, Momentum: 0.9}); err != nil {
			t.Fatal(err)
		}
	}
}
