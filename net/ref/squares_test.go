package ref

import (
	"math/rand/v2"
	"testing"
)

func TestSquaresLossBackward(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 1))
	x, targets := random(rng, 3, 5, 1, 1), random(rng, 3, 5, 1, 1)
	loss := func() float64 { return sum(SquaresLoss(x, targets)) / 3 }
	checkGradient(t, "squares", loss, x.Data, SquaresLossBackward(x, targets).Data, 1e-8)
}

func TestSquaresByHand(t *testing.T) {
	x, targets := From(2, 2, 1, 1, []float64{1, 2, 0, -1}), From(2, 2, 1, 1, []float64{0, 4, 0, 2})
	checkValues(t, "loss", SquaresLoss(x, targets), []float64{2.5, 4.5}, 1e-15)
	checkValues(t, "gradient", SquaresLossBackward(x, targets).Data, []float64{0.5, -1, 0, -1.5}, 1e-15)
	checkPanics(t, "targets", "does not fit", func() { SquaresLoss(x, New(2, 3, 1, 1)) })
}

// A net that ends with squares differentiates their mean.
func TestSquaresOfANet(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 2))
	n := &Net{Columns: 2, Ops: []Op{DenseOp{Name: "fc1", Units: 5}, ActivationOp{Name: "tanh1", Function: "tanh"}, GatherOp{Name: "gather2"}, DenseOp{Name: "fc2", Units: 3}, SquaresOp{Name: "squares"}}}
	n.Params = map[string][]float64{"fc1.weight": random(rng, 1, 5*4, 1, 1).Data, "fc1.bias": random(rng, 1, 5, 1, 1).Data,
		"fc2.weight": random(rng, 1, 3*5, 1, 1).Data, "fc2.bias": random(rng, 1, 3, 1, 1).Data}
	x := random(rng, 2, 4, 1, 1)
	n.Targets = random(rng, 2, 3, 1, 1)
	loss := func() float64 { return sum(SquaresLoss(n.Forward(x, false, nil), n.Targets)) / 2 }
	before := loss()
	got, gradients := n.Backward(nil)
	checkValues(t, "loss", []float64{got}, []float64{before}, 1e-12)
	dx := n.InputGradient.Data
	for name, values := range n.Params {
		checkGradient(t, name, loss, values, gradients[name], 1e-7)
	}
	checkGradient(t, "input", loss, x.Data, dx, 1e-7)
}
