package ref

import (
	"math"
	"math/rand/v2"
	"testing"
)

var activationCases = []struct {
	name     string
	apply    func(x *Tensor) *Tensor
	differ   func(x, dy *Tensor) *Tensor
	at       []float64 // of 0, 1, -1
	slopesAt []float64
}{
	{"relu", ReLU, ReLUBackward, []float64{0, 1, 0}, []float64{0, 1, 0}},
	{"tanh", Tanh, TanhBackward, []float64{0, 0.7615941559557649, -0.7615941559557649}, []float64{1, 0.41997434161402614, 0.41997434161402614}},
	{"sigmoid", Sigmoid, SigmoidBackward, []float64{0.5, 0.7310585786300049, 0.2689414213699951}, []float64{0.25, 0.19661193324148185, 0.19661193324148185}},
	{"abstanh", AbsTanh, AbsTanhBackward, []float64{0, 0.7615941559557649, 0.7615941559557649}, []float64{0, 0.41997434161402614, -0.41997434161402614}},
}

func TestActivation(t *testing.T) {
	for _, c := range activationCases {
		x := From(1, 3, 1, 1, []float64{0, 1, -1})
		checkValues(t, c.name, c.apply(x).Data, c.at, 1e-15)
		two := From(1, 3, 1, 1, []float64{2, 2, 2})
		want := []float64{2 * c.slopesAt[0], 2 * c.slopesAt[1], 2 * c.slopesAt[2]}
		checkValues(t, c.name+" backward", c.differ(x, two).Data, want, 1e-15)
	}
}

// Values are 0.05 or more away from the kinks of relu and abstanh at 0.
func TestActivationBackward(t *testing.T) {
	for i, c := range activationCases {
		rng := rand.New(rand.NewPCG(5, uint64(i)))
		x, dy := distinct(rng, 2, 3, 2, 3), random(rng, 2, 3, 2, 3)
		loss := func() float64 { return dot(c.apply(x).Data, dy.Data) }
		checkGradient(t, c.name, loss, x.Data, c.differ(x, dy).Data, 1e-7)
	}
}

// Values far from 0 saturate and do not overflow.
func TestActivationSaturates(t *testing.T) {
	x := From(1, 2, 1, 1, []float64{1000, -1000})
	dy := From(1, 2, 1, 1, []float64{1, 1})
	for _, c := range activationCases[1:] {
		for i, v := range append(c.apply(x).Data, c.differ(x, dy).Data...) {
			if math.IsNaN(v) || math.Abs(v) > 1 {
				t.Errorf("%s: value %d of +-1000 is %g", c.name, i, v)
			}
		}
	}
}

// Codes are bits, and their slopes the sigmoid's.
func TestBinary(t *testing.T) {
	x, dy := From(1, 4, 1, 1, []float64{0, 0.25, -0.25, 30}), From(1, 4, 1, 1, []float64{1, 2, -3, 4})
	checkValues(t, "binary", Binary(x).Data, []float64{0, 1, 0, 1}, 0)
	checkValues(t, "binary backward", BinaryBackward(x, dy).Data, SigmoidBackward(x, dy).Data, 0)
}

func TestActivationMistakes(t *testing.T) {
	checkPanics(t, "gradient", "does not fit", func() { ReLUBackward(New(1, 2, 1, 1), New(1, 1, 2, 1)) })
}
