package ref

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestSoftmaxLossBackward(t *testing.T) {
	for _, c := range []struct {
		name    string
		classes int
		labels  []int
	}{
		{"one image", 3, []int{1}},
		{"a batch", 5, []int{4, 0, 2, 2}},
		{"one class", 1, []int{0, 0}},
	} {
		rng := rand.New(rand.NewPCG(9, uint64(c.classes)))
		x := random(rng, len(c.labels), c.classes, 1, 1)
		loss := func() float64 {
			_, losses := SoftmaxLoss(x, c.labels)
			return sum(losses) / float64(len(losses))
		}
		p, _ := SoftmaxLoss(x, c.labels)
		checkGradient(t, c.name, loss, x.Data, SoftmaxLossBackward(p, c.labels).Data, 1e-8)
	}
}

// Logits ln 1, ln 2, ln 5 are probabilities 1/8, 2/8, 5/8; a constant changes
// nothing and does not overflow.
func TestSoftmaxByHand(t *testing.T) {
	for _, shift := range []float64{0, 1000, -1000} {
		x := From(2, 3, 1, 1, []float64{
			shift, shift + math.Log(2), shift + math.Log(5),
			shift, shift, shift})
		p, loss := SoftmaxLoss(x, []int{1, 0})
		checkValues(t, "probabilities", p.Data, []float64{0.125, 0.25, 0.625, 1. / 3, 1. / 3, 1. / 3}, 1e-12)
		checkValues(t, "loss", loss, []float64{math.Log(4), math.Log(3)}, 1e-12)
		checkValues(t, "gradient", SoftmaxLossBackward(p, []int{1, 0}).Data,
			[]float64{0.0625, -0.375, 0.3125, -1. / 3, 1. / 6, 1. / 6}, 1e-12)
	}
}

func TestRank(t *testing.T) {
	logits := []float64{1, 3, 3, -2, 5}
	for label, want := range []int{3, 1, 2, 4, 0} {
		if got := Rank(logits, label); got != want {
			t.Errorf("label %d of %v has rank %d; expected %d", label, logits, got, want)
		}
	}
	if got := Rank(make([]float64, 1000), 999); got != 999 {
		t.Errorf("the last of 1000 equal classes has rank %d; expected 999", got)
	}
}

func TestSoftmaxMistakes(t *testing.T) {
	x := New(2, 3, 1, 1)
	checkPanics(t, "labels", "1 labels; expected one for each of 2 images", func() { SoftmaxLoss(x, []int{0}) })
	checkPanics(t, "label", "image 1 has label 3 of 3 classes", func() { SoftmaxLoss(x, []int{0, 3}) })
	checkPanics(t, "map", "expected (N, classes, 1, 1)", func() { Softmax(New(1, 3, 2, 2)) })
	checkPanics(t, "rank", "label 3 of 3", func() { Rank(x.Image(0), 3) })
}
