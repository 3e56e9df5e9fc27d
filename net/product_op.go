package net

import (
	"alexnet/engine"
	"alexnet/shaders"
)

// productOp is a conv or dense layer: y = x * w + bias, with ReLU if one follows.
// A dense layer is a convolution of 1x1 maps whose channels are the whole input
// map of a source.
type productOp struct {
	named
	place        *place
	weight, bias *param
	dense        bool
	stride, pad  int
	// Of one source as the kernels see it: 1x1 maps for a dense layer.
	inHeight, inWidth, inChannels int
	kernelHeight, kernelWidth     int
	sources                       int
	splits, splitPixels           int
	scratch                       *room // of a dense layer's forward sums; nil: none
	partial, rotated              *room // sums of weight gradients; weights or gradients turned round
	biasPartial                   *room // runs of bias gradients, (column, run, k)

	names        productNames
	fast         fast
	relu         bool     // follows
	apply        *nt      // of a convolution
	sum          denseSum // of a dense layer
	differData   *nt      // of a convolution
	differMatrix gatherer // of a dense layer
	differWeight gatherer
	usual        bool // the direct sums are made of the usual tile, to be compared
	rotate       *engine.Kernel[shaders.RotatePush]
	reduce       *engine.Kernel[shaders.ReducePush]
	sumPixels    *pixelSum
}

// productNames are the tuner's choices.
type productNames struct {
	forward, data, weight string                                 // tiles of the direct sums
	form                  struct{ forward, data, weight string } // families; "": direct
}

// maxPartial bounds the partial sums of one column's weight gradient, in floats.
// It does not depend on the placement, so that sums are cut alike everywhere.
const maxPartial = 4 << 20

// runPixels is how many pixels one run of a weight gradient adds: few enough
// for its operands to stay in a core's cache.
const runPixels = 1024

// cut decides how the sum over pixels is split into runs.
func cut(pixels, weights int) (splits, splitPixels int) {
	splits = max(1, min((pixels+runPixels-1)/runPixels, maxPartial/max(weights, 1), 64))
	splitPixels = pad8((pixels + splits - 1) / splits)
	return (pixels + splitPixels - 1) / splitPixels, splitPixels
}

// span is a run of a place's columns that one dispatch covers.
type span struct{ first, count int }

// spans covers all columns at once, or one by one where a buffer of all exceeds
// what a kernel of this device can see.
func (o *productOp) spans() []span {
	n := len(o.place.columns)
	floats := max(n*o.weight.block, n*o.y.block(), o.x.blocks*o.x.block())
	if o.x.grad != nil {
		floats = max(floats, o.x.grad.blocks*o.x.grad.block())
	}
	if uint64(4*floats) <= o.place.device.StorageRange() {
		return []span{{0, n}}
	}
	var out []span
	for i := range n {
		out = append(out, span{i, 1})
	}
	return out
}

// input is what the columns of a span read.
func (o *productOp) input(sp span) engine.Range {
	if o.x.shared {
		return o.x.all()
	}
	return o.x.parts(sp.first, sp.count)
}

func (o *productOp) forwardPush() shaders.ConvNTPush {
	p := shaders.ConvNTPush{
		Batch: uint32(o.x.n), InHeight: uint32(o.inHeight), InWidth: uint32(o.inWidth), InChannels: uint32(o.inChannels),
		OutHeight: uint32(o.y.h), OutWidth: uint32(o.y.w), OutChannels: uint32(o.y.channels),
		KernelHeight: uint32(o.kernelHeight), KernelWidth: uint32(o.kernelWidth), Stride: uint32(o.stride), Pad: uint32(o.pad), Dilation: 1,
		Sources: uint32(o.sources), Groups: 1, XSource: uint32(o.x.block()),
		WBlock: uint32(o.weight.block), YBlock: uint32(o.y.block()), BiasBlock: uint32(o.bias.block),
	}
	if !o.x.shared {
		p.XBlock = uint32(o.x.block())
	}
	return p
}

// dataPush is the convolution of the output's gradient with the rotated weights.
// Output z is (reading column, source).
func (o *productOp) dataPush() shaders.ConvNTPush {
	rotated := o.inChannels * o.kernelHeight * o.kernelWidth * o.y.channels
	return shaders.ConvNTPush{
		Batch: uint32(o.x.n), InHeight: uint32(o.y.h), InWidth: uint32(o.y.w), InChannels: uint32(o.y.channels),
		OutHeight: uint32(o.inHeight), OutWidth: uint32(o.inWidth), OutChannels: uint32(o.inChannels),
		KernelHeight: uint32(o.kernelHeight), KernelWidth: uint32(o.kernelWidth),
		Stride: 1, Pad: uint32(o.kernelHeight - 1 - o.pad), Dilation: uint32(o.stride),
		Sources: 1, Groups: uint32(o.sources), XBlock: uint32(o.y.block()),
		WBlock: uint32(rotated), YBlock: uint32(o.x.block()),
	}
}

// matrixPush is a dense layer's data gradient: the sum over its units of the
// transposed gradient times the weights.
func (o *productOp) matrixPush() shaders.ConvTNPush {
	units := o.y.channels
	return shaders.ConvTNPush{
		Batch: uint32(units), InHeight: 1, InWidth: 1, InChannels: uint32(o.inChannels),
		OutHeight: 1, OutWidth: 1, OutChannels: uint32(pad8(o.x.n)), KernelHeight: 1, KernelWidth: 1, Stride: 1,
		Sources: 1, Rows: uint32(o.x.n), Splits: 1, SplitPixels: uint32(units), Groups: uint32(o.sources),
		XBlock: uint32(o.weight.block), XGroup: uint32(o.inChannels), XPixel: uint32(o.sources * o.inChannels),
		YBlock: uint32(units * pad8(o.x.n)), WBlock: uint32(o.x.block()),
	}
}

func (o *productOp) weightPush() shaders.ConvTNPush {
	p := shaders.ConvTNPush{
		Batch: uint32(o.x.n), InHeight: uint32(o.inHeight), InWidth: uint32(o.inWidth), InChannels: uint32(o.inChannels),
		OutHeight: uint32(o.y.h), OutWidth: uint32(o.y.w), OutChannels: uint32(o.y.channels),
		KernelHeight: uint32(o.kernelHeight), KernelWidth: uint32(o.kernelWidth), Stride: uint32(o.stride), Pad: uint32(o.pad),
		Sources: uint32(o.sources), Rows: uint32(o.y.channels), Splits: uint32(o.splits), SplitPixels: uint32(o.splitPixels), Groups: 1,
		XSource: uint32(o.x.block()), XPixel: uint32(o.inChannels), YBlock: uint32(o.y.block()),
		WBlock: uint32(o.weight.block),
	}
	if !o.x.shared {
		p.XBlock = uint32(o.x.block())
	}
	return p
}

// divides: a transform's images stay together, and a dense layer reads its weights
// once.
func (o *productOp) divides(at int) bool {
	if w := o.fast.forward; w != nil && at%w.chunk != 0 {
		return false
	}
	return !o.dense && at%8 == 0
}

func (o *productOp) forward(s *engine.Sequence, b images) {
	if o.fast.forward != nil {
		o.forwardFast(s, b)
		return
	}
	push := o.forwardPush()
	push.Batch = uint32(b.count)
	for _, sp := range o.spans() {
		x := o.input(sp).From(uint64(4 * b.first * o.x.image()))
		y := o.y.parts(sp.first, sp.count).From(uint64(4 * b.first * o.y.image()))
		if o.dense {
			scratch := o.bias.values(sp) // is not looked at
			if o.scratch != nil {
				scratch = o.scratch.whole()
			}
			o.sum.dispatch(s, o.name, push, sp.count, o.relu, x, o.weight.values(sp), o.bias.values(sp), y, scratch)
			continue
		}
		o.apply.dispatch(s, o.name, push, sp.count, x, o.weight.values(sp), o.bias.values(sp), y)
	}
}

func (o *productOp) backward(s *engine.Sequence) {
	o.parameterGradients(s)
	o.dataGradients(s)
}

// parameterGradients records the gradients of weights and biases, if they train.
func (o *productOp) parameterGradients(s *engine.Sequence) {
	if o.weight.grad == nil {
		return
	}
	o.weightGradients(s)
	o.biasGradients(s)
}

func (o *productOp) weightGradients(s *engine.Sequence) {
	if o.fast.weight {
		for i := range o.place.columns {
			o.weightGradientFast(s, i)
		}
		return
	}
	for _, sp := range o.spans() {
		o.weightGradient(s, sp)
	}
}

// dataGradients records the input's gradient, if anything below needs it.
func (o *productOp) dataGradients(s *engine.Sequence) {
	if o.x.grad == nil {
		return
	}
	if o.fast.data != nil {
		for i := range o.place.columns {
			o.dataGradientFast(s, i)
		}
		return
	}
	for _, sp := range o.spans() {
		if o.dense {
			o.matrixGradient(s, sp)
		} else {
			o.mapGradient(s, sp)
		}
	}
}

func (o *productOp) weightGradient(s *engine.Sequence, sp span) {
	name := o.name + " weight gradient"
	g := o.weight.geometry
	push := o.weightPush()
	count := sp.count * o.weight.block
	push.WSplit = uint32(count)
	dy := o.y.grad.parts(sp.first, sp.count)
	if o.splits == 1 && g.fold == 0 {
		o.differWeight.gather(s, name, push, sp.count, o.input(sp), dy, o.weight.gradients(sp))
		return
	}
	partial := o.partial.floats(0, o.splits*count)
	o.differWeight.gather(s, name, push, sp.count, o.input(sp), dy, partial)
	reduce := shaders.ReducePush{Count: uint32(count), Splits: uint32(o.splits), XSplit: uint32(count)}
	if g.fold > 0 {
		reduce.Fold, reduce.Kernel, reduce.Taps = uint32(g.fold), uint32(g.kernel), uint32(g.height)
		reduce.Channels, reduce.Colours = uint32(g.channels), uint32(g.sourceUnits[0])
	}
	o.reduce.Dispatch(s, name, engine.Linear(count/4), reduce, partial, o.weight.gradients(sp))
}

// matrixGradient is the data gradient of a dense layer.
func (o *productOp) matrixGradient(s *engine.Sequence, sp span) {
	name, images := o.name+" data gradient", pad8(o.x.n)
	count := o.y.channels * images
	rotated := o.rotated.floats(0, sp.count*count)
	o.rotate.Dispatch(s, name, engine.Linear(count).Over(sp.count), shaders.RotatePush{
		Kernels: uint32(o.x.n), Padded: uint32(images), Sources: 1, Height: 1, Width: 1, Channels: uint32(o.y.channels),
		WBlock: uint32(o.y.block()), WtBlock: uint32(count),
	}, o.y.grad.parts(sp.first, sp.count), rotated)
	o.differMatrix.gather(s, name, o.matrixPush(), sp.count*o.sources, o.weight.values(sp), rotated, o.x.grad.parts(sp.first*o.sources, sp.count*o.sources))
}

// mapGradient is the data gradient of a convolution.
func (o *productOp) mapGradient(s *engine.Sequence, sp span) {
	name := o.name + " data gradient"
	count := o.sources * o.inChannels * o.kernelHeight * o.kernelWidth * o.y.channels
	rotated := o.rotated.floats(0, sp.count*count)
	o.rotate.Dispatch(s, name, engine.Linear(count).Over(sp.count), shaders.RotatePush{
		Kernels: uint32(o.y.channels), Padded: uint32(o.y.channels), Sources: uint32(o.sources),
		Height: uint32(o.kernelHeight), Width: uint32(o.kernelWidth), Channels: uint32(o.inChannels),
		WBlock: uint32(o.weight.block), WtBlock: uint32(count),
	}, o.weight.values(sp), rotated)
	third := o.bias.value.Whole() // is not looked at
	if o.x.masked {
		third = o.x.parts(sp.first, sp.count)
	}
	o.differData.dispatch(s, name, o.dataPush(), sp.count*o.sources, o.y.grad.parts(sp.first, sp.count), rotated,
		third, o.x.grad.parts(sp.first*o.sources, sp.count*o.sources))
}
