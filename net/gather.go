package net

import (
	"fmt"

	"alexnet/engine"
	"alexnet/shaders"
)

// gatherOp brings every column's maps to one place. Where a single place holds
// all columns its output is its input. Otherwise send and receive record the two
// sides of the exchange, and the gradients go the other way: each reader makes a
// gradient for every source, and the source's place adds them in the order of
// the readers.
type gatherOp struct {
	named
	perImage
	place   *place
	others  []*gatherOp             // of the other places, by place; nil for this one
	out, in map[*place]*engine.Link // forward, by the other place
	outGrad map[*place]*engine.Link // backward
	inGrad  map[*place]*engine.Link
	rows    uint32 // row of each reading column in y.grad, 4 bits each
	row     []int  // the same
	sum     *engine.Kernel[shaders.SumPush]
}

// newGather makes the ops of all places, in order.
func newGather(places []*place, name string, x []*tensor) ([]*gatherOp, error) {
	ops := make([]*gatherOp, len(places))
	for i, p := range places {
		o := &gatherOp{named: named{name: name, x: x[i]}, place: p}
		var err error
		if o.sum, err = engine.NewKernel(p.device, shaders.Sum, shaders.SumConstants{Relu: x[i].relu}); err != nil {
			return nil, err
		}
		if err := o.makeOutput(len(places) > 1); err != nil {
			return nil, err
		}
		o.orderRows(places)
		ops[i] = o
	}
	for _, a := range ops {
		a.out, a.in = map[*place]*engine.Link{}, map[*place]*engine.Link{}
		a.outGrad, a.inGrad = map[*place]*engine.Link{}, map[*place]*engine.Link{}
	}
	for _, a := range ops {
		for _, b := range ops {
			if a == b {
				continue
			}
			if err := connect(a, b); err != nil {
				return nil, err
			}
		}
	}
	return ops, nil
}

func (o *gatherOp) makeOutput(exchange bool) error {
	columns := len(o.x.units)
	like := *o.x
	like.blocks, like.shared, like.grad = columns, true, nil
	like.relu, like.masked = false, false // that is x's affair
	var err error
	if o.y = &like; exchange {
		if o.y, err = o.place.tensor(o.name, like); err != nil {
			return err
		}
	}
	if o.x.grad == nil {
		return nil
	}
	partial := like
	partial.blocks = columns * columns
	o.y.grad, err = o.place.tensor(o.name+" gradient", partial)
	return err
}

// orderRows numbers the readers' rows: this place's columns first, as its kernels
// write them, then those of the others.
func (o *gatherOp) orderRows(places []*place) {
	o.row = make([]int, len(o.x.units))
	next := 0
	for _, own := range []bool{true, false} {
		for _, p := range places {
			if (p == o.place) != own {
				continue
			}
			for _, j := range p.columns {
				o.row[j] = next
				o.rows |= uint32(next) << (4 * j)
				next++
			}
		}
	}
}

// connect makes the links from a to b: a's maps, and the gradients that a's
// columns make for b's.
func connect(a, b *gatherOp) error {
	bytes := uint64(4 * a.x.block())
	l, err := engine.NewLink(a.name, a.place.device, b.place.device, bytes*uint64(len(a.place.columns)), b.place.paths...)
	if err != nil {
		return fmt.Errorf("net: %w", err)
	}
	a.out[b.place], b.in[a.place] = l, l
	if a.x.grad == nil {
		return nil
	}
	l, err = engine.NewLink(a.name+" gradient", a.place.device, b.place.device, bytes*uint64(len(a.place.columns)*len(b.place.columns)), b.place.paths...)
	if err != nil {
		return fmt.Errorf("net: %w", err)
	}
	a.outGrad[b.place], b.inGrad[a.place] = l, l
	return nil
}

// block is the range of block i of a link's buffer.
func (o *gatherOp) block(b *engine.Buffer, i int) engine.Range {
	bytes := uint64(4 * o.x.block())
	return b.Part(bytes*uint64(i), bytes)
}

// imagesOf is the range of some images of block i of a link's buffer.
func (o *gatherOp) imagesOf(of *engine.Buffer, i int, b images) engine.Range {
	return of.Part(4*uint64(i*o.x.block()+b.first*o.x.image()), 4*uint64(b.count*o.x.image()))
}

// send and receive do nothing where there is nothing to exchange. send returns the
// transfers between them.
func (o *gatherOp) send(s *engine.Sequence, b images) []transfer {
	var out []transfer
	for l, j := range o.place.columns {
		if len(o.out) > 0 {
			s.Copy(o.y.images(j, b), o.x.images(l, b))
		}
		for _, link := range o.links(o.out) {
			part := o.imagesOf(link.Out, l, b)
			s.Copy(part, o.x.images(l, b))
			out = append(out, transfer{link: link, at: part.Offset, size: part.Size})
		}
	}
	return out
}

func (o *gatherOp) receive(s *engine.Sequence, b images) {
	for _, from := range o.partners(o.in) {
		for l, j := range from.columns {
			s.Copy(o.y.images(j, b), o.imagesOf(o.in[from].In, l, b))
		}
	}
}

func (o *gatherOp) sendGradient(s *engine.Sequence) {
	columns := len(o.x.units)
	for _, to := range o.partners(o.outGrad) {
		for reader := range o.place.columns {
			for k, source := range to.columns {
				s.Copy(o.block(o.outGrad[to].Out, reader*len(to.columns)+k), o.y.grad.part(reader*columns+source))
			}
		}
	}
}

func (o *gatherOp) receiveGradient(s *engine.Sequence) {
	if o.x.grad == nil {
		return
	}
	columns := len(o.x.units)
	for _, from := range o.partners(o.inGrad) {
		for reader, j := range from.columns {
			for k, source := range o.place.columns {
				s.Copy(o.y.grad.part(o.row[j]*columns+source), o.block(o.inGrad[from].In, reader*len(o.place.columns)+k))
			}
		}
	}
	for l, source := range o.place.columns {
		o.sum.Dispatch(s, o.name+" backward", engine.Linear(o.x.size()/4), shaders.SumPush{
			Count: uint32(o.x.size()), Readers: uint32(columns), Rows: o.rows,
			XRow: uint32(columns * o.x.block()), XSource: uint32(o.x.block()), Source: uint32(source),
		}, o.y.grad.all(), o.x.grad.part(l), o.x.part(l))
	}
}

// partners lists the other places in order, so that recordings are alike.
func (o *gatherOp) partners(links map[*place]*engine.Link) []*place {
	out := make([]*place, 0, len(links))
	for i := 0; len(out) < len(links); i++ {
		for p := range links {
			if p.index == i {
				out = append(out, p)
			}
		}
	}
	return out
}

func (o *gatherOp) links(of map[*place]*engine.Link) []*engine.Link {
	var out []*engine.Link
	for _, p := range o.partners(of) {
		out = append(out, of[p])
	}
	return out
}

// A gather inside one place is nothing to do forward, and a sum backward.
func (o *gatherOp) forward(*engine.Sequence, images) {}
func (o *gatherOp) backward(s *engine.Sequence)      { o.receiveGradient(s) }

// gathersOf returns the gathers of layer i, one a place, if places have to exchange
// data there.
func (n *Net) gathersOf(i int) []*gatherOp {
	if len(n.places) == 1 {
		return nil
	}
	var out []*gatherOp
	for _, p := range n.places {
		switch o := p.ops[i].(type) {
		case *gatherOp:
			out = append(out, o)
		case lossLayer:
			out = append(out, o.loss().gatherOp)
		}
	}
	return out
}
