package net

import (
	"testing"

	"alexnet/engine/enginetest"
)

// A dispatch of more tiles than a dimension has workgroups is cut into parts of
// images, and computes the same bits.
func TestManyTilesAreCut(t *testing.T) {
	// Tiles have 16 to 128 pixels, and an image 144: 8 images need at most 72 workgroups,
	// a batch at least 90. Which tile the tuner takes is not known.
	const batch, most = 80, 80
	s := Solver{Rate: 0.01, Momentum: 0.9, Decay: 0.0005}
	_, want := train(t, small(), enginetest.Open(t, "1"), Options{Batch: batch}, 2, s)
	few := enginetest.Open(t, "1")
	whole := few[0].Info().MaxGroups[1]
	few[0].Info().MaxGroups[1] = most
	defer func() { few[0].Info().MaxGroups[1] = whole }()
	_, got := train(t, small(), few, Options{Batch: batch}, 2, s)
	n, err := Build(small(), few, Options{Batch: batch, Training: true})
	if err != nil {
		t.Fatal(err)
	}
	cut := false
	for _, o := range n.places[0].ops {
		if p, ok := o.(*productOp); ok && !p.dense {
			push := p.forwardPush()
			cut = cut || p.apply.images(&push, most) < push.Batch
		}
	}
	if !cut {
		t.Fatal("nothing was cut")
	}
	for name, values := range want {
		for i, v := range values {
			if got[name][i] != v {
				t.Fatalf("%s[%d] is %v in parts, %v at once", name, i, got[name][i], v)
			}
		}
	}
}
