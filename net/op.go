package net

import (
	"fmt"

	"alexnet/engine"
	"alexnet/shaders"
)

// op is one layer on one place: it records its kernels for all the columns that
// the place holds.
type op interface {
	layer() string
	// forward records the output of some images from the input: of all images, or
	// of those before and behind a place where it divides.
	forward(s *engine.Sequence, b images)
	// divides says whether the batch can be divided at an image.
	divides(at int) bool
	// backward records the parameters' gradients and the input's from the output's.
	backward(s *engine.Sequence)
}

// named is embedded by every op.
type named struct {
	name string
	x, y *tensor
}

func (n *named) layer() string { return n.name }

// images are some of a step's, in order.
type images struct{ first, count int }

// perImage is embedded by ops that make each image's output by itself.
type perImage struct{}

// divides: parts of 8 images begin at bytes that every device allows as the start
// of a binding.
func (perImage) divides(at int) bool { return at%8 == 0 }

// wholeBatch is embedded by ops that make all images at once.
type wholeBatch struct{}

func (wholeBatch) divides(int) bool { return false }

// output makes a layer's output and, in training, its gradient in a room of its own.
func (p *place) output(name string, like tensor, training bool) (*tensor, error) {
	y, err := p.tensor(name, like)
	if err != nil || !training {
		return y, err
	}
	if y.grad, err = p.tensor(name+" gradient", like); err != nil {
		return nil, err
	}
	return y, nil
}

// weighted is the op of a layer with weights.
type weighted interface {
	op
	// dataGradients and parameterGradients are the two parts of backward, in any order.
	dataGradients(s *engine.Sequence)
	parameterGradients(s *engine.Sequence)
	// fuseReLU lets forward apply the ReLU behind the layer.
	fuseReLU()
}

// activationOp applies a function. A ReLU behind a layer with weights is fused
// into that layer's kernel: then y is x and forward has nothing to do.
type activationOp struct {
	named
	perImage
	l      Activation
	place  *place
	fused  bool
	apply  *engine.Kernel[shaders.ActivationPush]
	differ *engine.Kernel[shaders.ActivationGradPush]
}

func newActivation(p *place, l Activation, x *tensor) (*activationOp, error) {
	o := &activationOp{named: named{name: l.Name, x: x, y: x}, l: l, place: p}
	f := functionNumber[l.Function]
	var err error
	if o.apply, err = engine.NewKernel(p.device, shaders.Activation, shaders.ActivationConstants{Function: f}); err != nil {
		return nil, err
	}
	if o.differ, err = engine.NewKernel(p.device, variant(p.device, shaders.ActivationGrad, shaders.ActivationGradAddress.Module), shaders.ActivationGradConstants{Function: f}); err != nil {
		return nil, err
	}
	if last, ok := p.last().(weighted); ok && l.Function == ReLU {
		o.fused = true
		last.fuseReLU()
		x.relu = true
		return o, nil
	}
	if o.y, err = p.tensor(l.Name, *x); err != nil {
		return nil, err
	}
	o.y.grad = x.grad // in place
	return o, nil
}

func (o *activationOp) forward(s *engine.Sequence, b images) {
	if o.fused {
		return
	}
	t, count := o.x, b.count*o.x.image()
	for i, column := range o.place.columns {
		o.apply.Dispatch(s, o.name, engine.Linear(count/4), shaders.ActivationPush{
			Count: uint32(count), Channels: uint32(t.channels), Units: uint32(t.units[column]),
		}, o.x.images(i, b), o.y.images(i, b))
	}
}

func (o *activationOp) backward(s *engine.Sequence) {
	if o.x.masked {
		return
	}
	x := o.x
	if o.l.Function != AbsTanh && o.l.Function != Binary {
		x = o.y // whose memory is needed anyway
	}
	for i := range o.place.columns {
		differActivation(o.differ, s, o.name+" backward", o.y.size(), x.part(i), o.y.part(i), o.y.grad.part(i))
	}
}

// lrnOp is local response normalisation.
type lrnOp struct {
	named
	perImage
	l             LRN
	apply, differ *lrnKernel
}

func newLRN(p *place, l LRN, x *tensor) (*lrnOp, error) {
	o := &lrnOp{named: named{name: l.Name, x: x}, l: l}
	var err error
	if o.y, err = p.output(l.Name, *x, x.grad != nil); err != nil {
		return nil, err
	}
	x.masked = x.relu && x.grad != nil // the gradient's kernel has x at hand
	if o.apply, err = newLRNKernel(p.device, l, false, x.channels); err != nil {
		return nil, err
	}
	o.differ, err = newLRNKernel(p.device, l, true, x.channels)
	return o, err
}

func (o *lrnOp) push(images int) shaders.LRNPush {
	return shaders.LRNPush{
		Count: uint32(images * o.x.image()), Channels: uint32(o.x.channels),
		K: float32(o.l.K), Alpha: float32(o.l.Alpha), Beta: float32(o.l.Beta), Relu: bit(o.x.masked),
	}
}

func (o *lrnOp) forward(s *engine.Sequence, b images) {
	for i := range o.x.blocks {
		o.apply.apply(s, o.name, o.push(b.count), o.x.images(i, b), o.y.images(i, b))
	}
}

func (o *lrnOp) backward(s *engine.Sequence) {
	for i := range o.x.blocks {
		o.differ.differ(s, o.name+" backward", o.push(o.x.n), o.x.part(i), o.y.grad.part(i), o.x.grad.part(i))
	}
}

// poolOp is max or average pooling, one dispatch a block. at holds the place of
// each maximum; means have none.
type poolOp struct {
	named
	perImage
	l      Pool
	at     *tensor
	apply  *engine.Kernel[shaders.PoolPush]
	differ *engine.Kernel[shaders.PoolPush]
}

func newPool(p *place, l Pool, out Shape, x *tensor) (*poolOp, error) {
	o := &poolOp{named: named{name: l.Name, x: x}, l: l}
	like := *x
	like.h, like.w = out.H, out.W
	var err error
	if o.y, err = p.output(l.Name, like, x.grad != nil); err != nil {
		return nil, err
	}
	if !l.Average {
		if o.at, err = p.tensor(l.Name+" maxima", like); err != nil {
			return nil, err
		}
	}
	// A ReLU's maxima that are not positive are of no pixel.
	x.masked = x.relu && x.grad != nil && !l.Average
	constants := poolConstants(l, x.masked)
	if o.apply, err = engine.NewKernel(p.device, variant(p.device, shaders.Pool, shaders.PoolAddress.Module), constants); err != nil {
		return nil, err
	}
	o.differ, err = engine.NewKernel(p.device, variant(p.device, shaders.PoolGrad, shaders.PoolGradAddress.Module), poolGradConstants(constants))
	return o, err
}

func poolConstants(l Pool, relu bool) shaders.PoolConstants {
	return shaders.PoolConstants{Average: l.Average, Kernel: uint32(l.Kernel), Stride: uint32(l.Stride), Relu: relu}
}

// poolGradConstants takes blocks of pixels that fit in registers.
func poolGradConstants(c shaders.PoolConstants) shaders.PoolGradConstants {
	return shaders.PoolGradConstants{Average: c.Average, Kernel: c.Kernel, Stride: c.Stride, Block: poolBlock(c.Stride)}
}

func poolBlock(stride uint32) uint32 {
	if stride > 2 {
		return 1
	}
	return stride
}

func (o *poolOp) push(images int) shaders.PoolPush {
	return shaders.PoolPush{
		Images: uint32(images), Channels: uint32(o.x.channels),
		InHeight: uint32(o.x.h), InWidth: uint32(o.x.w), OutHeight: uint32(o.y.h), OutWidth: uint32(o.y.w),
	}
}

// maxima are what the kernels bind for them: of means another map of their size,
// which stays as it is.
func (o *poolOp) maxima(other *tensor) *tensor {
	if o.l.Average {
		return other
	}
	return o.at
}

func (o *poolOp) forward(s *engine.Sequence, b images) {
	for i := range o.x.blocks {
		applyPool(o.apply, s, o.name, o.push(b.count), o.x.images(i, b), o.y.images(i, b), o.maxima(o.y).images(i, b))
	}
}

func (o *poolOp) backward(s *engine.Sequence) {
	for i := range o.x.blocks {
		differPool(o.differ, s, o.name+" backward", o.push(o.x.n), poolBlock(uint32(o.l.Stride)), o.y.grad.part(i), o.maxima(o.y.grad).part(i), o.x.grad.part(i))
	}
}

// dropoutOp zeroes units at random, or scales them, as the step buffer says.
type dropoutOp struct {
	named
	wholeBatch    // random numbers are drawn by place
	l             Dropout
	place         *place
	number        uint32 // of the layer in the table: a coordinate of its random numbers
	apply, differ *engine.Kernel[shaders.DropoutPush]
}

func newDropout(p *place, l Dropout, number int, x *tensor) (*dropoutOp, error) {
	o := &dropoutOp{named: named{name: l.Name, x: x}, l: l, place: p, number: uint32(number)}
	var err error
	if o.y, err = p.output(l.Name, *x, x.grad != nil); err != nil {
		return nil, err
	}
	if o.apply, err = engine.NewKernel(p.device, shaders.Dropout, shaders.DropoutConstants{}); err != nil {
		return nil, err
	}
	x.masked = x.relu && x.grad != nil
	o.differ, err = engine.NewKernel(p.device, shaders.Dropout, shaders.DropoutConstants{Relu: x.masked})
	return o, err
}

func (o *dropoutOp) dispatch(s *engine.Sequence, k *engine.Kernel[shaders.DropoutPush], name string, from, to, kept *tensor) {
	for i, column := range o.place.columns {
		k.Dispatch(s, name, engine.Linear(from.size()/4), shaders.DropoutPush{
			Count: uint32(from.size()), Column: uint32(column), Layer: o.number, Probability: float32(o.l.Probability),
		}, o.place.step.Whole(), from.part(i), to.part(i), kept.part(i))
	}
}

func (o *dropoutOp) forward(s *engine.Sequence, _ images) {
	o.dispatch(s, o.apply, o.name, o.x, o.y, o.x) // the last is not looked at
}

func (o *dropoutOp) backward(s *engine.Sequence) {
	o.dispatch(s, o.differ, o.name+" backward", o.y.grad, o.x.grad, o.y)
}

// identityOp is a Dropout layer of a network without dropout.
type identityOp struct {
	named
	perImage
}

func (o *identityOp) forward(*engine.Sequence, images) {}
func (o *identityOp) backward(*engine.Sequence)        {}

// last is the op before the one being built, nil at first.
func (p *place) last() op {
	if len(p.ops) == 0 {
		return nil
	}
	return p.ops[len(p.ops)-1]
}

func layerError(l Layer, err error) error { return fmt.Errorf("net: layer %s: %w", l.LayerName(), err) }
