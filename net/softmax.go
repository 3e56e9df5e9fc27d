package net

import (
	"alexnet/engine"
	"alexnet/shaders"
)

// softmaxOp gathers the logits of all columns and makes probabilities, losses
// and ranks of them on every place, and the gradient for its own columns only.
type softmaxOp struct {
	*gatherOp
	classes       int
	probabilities *engine.Buffer // (n, class)
	results       *engine.Buffer // (n, 2): loss, rank of the label
	sent          *engine.Buffer // the same for the host, of the first place; behind them the places' words of overflow
	labels        *engine.Buffer // (n)
	gradient      *room          // where evaluation puts what nobody reads
	apply         *engine.Kernel[shaders.SoftmaxPush]
}

func newSoftmax(g *gatherOp, classes int, labels *engine.Buffer) (*softmaxOp, error) {
	o := &softmaxOp{gatherOp: g, classes: classes, labels: labels}
	d, n := g.place.device, g.x.n
	var err error
	if o.probabilities, err = d.NewBuffer("probabilities", uint64(4*n*classes), engine.Local); err != nil {
		return nil, err
	}
	if o.results, err = d.NewBuffer("losses", uint64(8*n), engine.Local); err != nil {
		return nil, err
	}
	if g.place.index == 0 {
		if o.sent, err = d.NewBuffer("losses for the host", uint64(8*n+4*shaders.OverflowWords), engine.Readback); err != nil {
			return nil, err
		}
	}
	if o.gradient, err = g.place.newRoom("unused gradient", 4*g.x.blocks*g.x.block()); err != nil {
		return nil, err
	}
	o.apply, err = engine.NewKernel(d, shaders.Softmax, shaders.None{})
	return o, err
}

// forward makes the gradient, too: it is at hand.
func (o *softmaxOp) forward(s *engine.Sequence, _ images) {
	units := o.x.units
	extra := 0
	for _, u := range units {
		if u > units[len(units)-1] {
			extra++
		}
	}
	stride := 1
	if c := o.place.columns; len(c) > 1 {
		stride = c[1] - c[0]
	}
	gradient := o.gradient.whole()
	if o.x.grad != nil {
		gradient = o.x.grad.all()
	}
	o.apply.Dispatch(s, o.name, engine.Groups{uint32(o.x.n), 1, 1}, shaders.SoftmaxPush{
		Channels: uint32(o.x.channels), Classes: uint32(o.classes), Units: uint32(units[len(units)-1]), Extra: uint32(extra),
		XSource: uint32(o.x.block()), GBlock: uint32(o.x.block()),
		Column: uint32(o.place.columns[0]), Columns: uint32(stride), Own: uint32(len(o.place.columns)),
	}, o.place.step.Whole(), o.y.all(), o.labels.Whole(), o.probabilities.Whole(), o.results.Whole(), gradient)
	if o.sent != nil {
		s.Copy(o.sent.Part(0, o.results.Size()), o.results.Whole())
	}
}

func (o *softmaxOp) backward(*engine.Sequence) {}
