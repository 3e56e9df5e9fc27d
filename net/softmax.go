package net

import (
	"alexnet/engine"
	"alexnet/shaders"
)

// softmaxOp makes probabilities, losses and ranks of logits.
type softmaxOp struct {
	*lossOp
	probabilities *engine.Buffer // (n, class)
	labels        *engine.Buffer // (n)
	apply         *engine.Kernel[shaders.LossPush]
}

func newSoftmax(g *gatherOp, classes int, labels *engine.Buffer) (*softmaxOp, error) {
	loss, err := newLoss(g, classes)
	if err != nil {
		return nil, err
	}
	o := &softmaxOp{lossOp: loss, labels: labels}
	if o.probabilities, err = g.place.device.NewBuffer("probabilities", uint64(4*g.x.n*classes), engine.Local); err != nil {
		return nil, err
	}
	o.apply, err = engine.NewKernel(g.place.device, shaders.Softmax, shaders.None{})
	return o, err
}

// forward makes the gradient, too: it is at hand.
func (o *softmaxOp) forward(s *engine.Sequence, _ images) {
	o.apply.Dispatch(s, o.name, engine.Groups{uint32(o.x.n), 1, 1}, o.push(),
		o.place.step.Whole(), o.y.all(), o.labels.Whole(), o.probabilities.Whole(), o.results.Whole(), o.gradients())
	o.sendResults(s)
}
