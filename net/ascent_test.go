package net

import (
	"slices"
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
)

// Halves of a batch that go through the layers one after the other make the bits
// that the whole batch makes, whichever way they are exchanged.
func TestDividedBatch(t *testing.T) {
	s := Solver{Rate: 0.01, Momentum: 0.9, Decay: 0.0005, Seed: 5}
	for name, c := range map[string]struct {
		batch int
		form  string
	}{"direct sums": {20, direct}, "transforms": {64, families[0].name()}} {
		spec := small()
		o := Options{Batch: c.batch, form: c.form}
		one, oneParams := train(t, spec, enginetest.Open(t, "1"), o, 3, s)
		for _, path := range engine.Paths {
			o.Paths, o.divide = []engine.Path{path}, true
			two, twoParams := train(t, spec, enginetest.Open(t, "2"), o, 3, s)
			if !slices.Equal(one, two) {
				t.Errorf("%s, %s: losses %v, divided %v", name, path, one, two)
			}
			for p, a := range oneParams {
				if !slices.Equal(a, twoParams[p]) {
					t.Errorf("%s, %s: %s differs", name, path, p)
				}
			}
		}
		n, err := Build(spec, enginetest.Open(t, "2"), o)
		if err != nil {
			t.Fatal(err)
		}
		if at := n.middle(); at < c.batch/4 || len(n.halves(0, n.stretch(0), at)) != 2 {
			t.Errorf("%s: the batch of %d is divided at %d", name, c.batch, at)
		}
	}
}
