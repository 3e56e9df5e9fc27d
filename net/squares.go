package net

import (
	"alexnet/engine"
	"alexnet/shaders"
)

// squaresOp makes losses of differences from targets.
type squaresOp struct {
	*lossOp
	targets *engine.Buffer // (n, unit)
	apply   *engine.Kernel[shaders.LossPush]
}

func newSquares(g *gatherOp, units int, targets *engine.Buffer) (*squaresOp, error) {
	loss, err := newLoss(g, units)
	if err != nil {
		return nil, err
	}
	o := &squaresOp{lossOp: loss, targets: targets}
	o.apply, err = engine.NewKernel(g.place.device, shaders.Squares, shaders.None{})
	return o, err
}

// forward makes the gradient, too: it is at hand.
func (o *squaresOp) forward(s *engine.Sequence, _ images) {
	o.apply.Dispatch(s, o.name, engine.Groups{uint32(o.x.n), 1, 1}, o.push(),
		o.place.step.Whole(), o.y.all(), o.targets.Whole(), o.results.Whole(), o.gradients())
	o.sendResults(s)
}
