package net

import (
	"alexnet/engine"
	"alexnet/shaders"
)

// lossLayer ends the table: it makes the loss of each image and the gradient, too.
type lossLayer interface {
	op
	loss() *lossOp
}

// lossOp is what such layers have in common: they gather what the last layer has made in
// all columns, and make losses and ranks of it on every place, and the gradient for its
// own columns only.
type lossOp struct {
	*gatherOp
	classes  int            // units of all columns
	results  *engine.Buffer // (n, 2): loss, rank of the label
	sent     *engine.Buffer // the same for the host, of the first place; behind them the places' words of overflow
	gradient *room          // where evaluation puts what nobody reads
}

func (o *lossOp) loss() *lossOp { return o }

// lossOp is that of the place's last layer.
func (p *place) lossOp() *lossOp { return p.last().(lossLayer).loss() }

func newLoss(g *gatherOp, classes int) (*lossOp, error) {
	o := &lossOp{gatherOp: g, classes: classes}
	d, n := g.place.device, g.x.n
	var err error
	if o.results, err = d.NewBuffer("losses", uint64(8*n), engine.Local); err != nil {
		return nil, err
	}
	if g.place.index == 0 {
		if o.sent, err = d.NewBuffer("losses for the host", uint64(8*n+4*shaders.OverflowWords), engine.Readback); err != nil {
			return nil, err
		}
	}
	o.gradient, err = g.place.newRoom("unused gradient", 4*g.x.blocks*g.x.block())
	return o, err
}

// push says how the units of all columns are dealt.
func (o *lossOp) push() shaders.LossPush {
	units := o.x.units
	p := shaders.LossPush{
		Channels: uint32(o.x.channels), Classes: uint32(o.classes), Units: uint32(units[len(units)-1]),
		XSource: uint32(o.x.block()), GBlock: uint32(o.x.block()),
		Column: uint32(o.place.columns[0]), Columns: 1, Own: uint32(len(o.place.columns)),
	}
	for _, u := range units {
		if u > units[len(units)-1] {
			p.Extra++
		}
	}
	if c := o.place.columns; len(c) > 1 {
		p.Columns = uint32(c[1] - c[0])
	}
	return p
}

// gradients is where the gradient of the place's columns goes.
func (o *lossOp) gradients() engine.Range {
	if o.x.grad != nil {
		return o.x.grad.all()
	}
	return o.gradient.whole()
}

// sendResults brings losses and ranks to the host.
func (o *lossOp) sendResults(s *engine.Sequence) {
	if o.sent != nil {
		s.Copy(o.sent.Part(0, o.results.Size()), o.results.Whole())
	}
}

func (o *lossOp) backward(*engine.Sequence) {}
