package net

import (
	"alexnet/engine"
	"alexnet/shaders"
)

// localOp is a locally connected layer: a convolution with kernels and biases of their
// own for each output pixel. What a pixel's kernels see is brought together
// (local_patches.comp), so that its output is a product of matrices, and all pixels'
// are products of the same size.
type localOp struct {
	named
	wholeBatch   // products are by output pixel
	place        *place
	l            Local
	weight, bias *param
	sources      int
	relu         bool

	// patches are kept from the forward pass for the weight gradient: (block of x, o, n,
	// source, r, s, c), or where every column sees all sources one block.
	patches *room
	// Of one column at a time: products or gradients by output pixel, (o, n, k); the
	// gradient of patches; kernels turned round, (o, source, r, s, c, k).
	products, differences, turned *room

	names          struct{ forward, data, weight string } // the tuner's choices
	apply          multiplier
	differData     multiplier // nil: nobody wants the data gradient
	differWeight   gatherer
	gather, finish *engine.Kernel[shaders.LocalPush]
	scatter        *engine.Kernel[shaders.LocalPush]
	rotate         *engine.Kernel[shaders.RotatePush]
	sumImages      *pixelSum
}

func (n *Net) newLocal(p *place, l Local, row Row, x *tensor, weight, bias *Param) (*localOp, error) {
	g := weight.geometry
	o := &localOp{named: named{name: l.Name, x: x}, place: p, l: l, sources: g.sources}
	training := n.Options.Training && !row.Frozen
	like := tensor{n: x.n, h: row.Out.H, w: row.Out.W, channels: g.kernels, units: weight.units, blocks: len(p.columns)}
	x.masked = x.relu && x.grad != nil // the patches' adjoint has x at hand
	var err error
	if o.y, err = p.output(o.name, like, training || x.grad != nil); err != nil {
		return nil, err
	}
	if o.weight, err = p.newParam(weight, g.positions*g.kernels*g.row(), training); err != nil {
		return nil, err
	}
	if o.bias, err = p.newParam(bias, g.positions*g.kernels, training); err != nil {
		return nil, err
	}
	if err := p.tuning.compileStraight(o.name, o.choices(n.Options.Training)); err != nil {
		return nil, err
	}
	if err := o.makeForward(); err != nil {
		return nil, err
	}
	if n.Options.Training {
		if err := o.makeGradients(); err != nil {
			return nil, err
		}
	}
	return o, o.needRooms()
}

// positions is the number of output pixels, row what each of its kernels sees, in
// floats, and kernels how many they are, padded.
func (o *localOp) positions() int { return o.y.h * o.y.w }
func (o *localOp) row() int       { return o.weight.geometry.row() }
func (o *localOp) kernels() int   { return o.y.channels }

// The floats of one block of patches, and of a column's products.
func (o *localOp) patchBlock() int   { return padBlock(o.positions() * o.x.n * o.row()) }
func (o *localOp) productBlock() int { return o.positions() * o.x.n * o.kernels() }
func (o *localOp) turnedBlock() int  { return o.positions() * o.kernels() * o.row() }

// choices are those of the layer's products.
func (o *localOp) choices(training bool) []choice {
	t, p := o.place.tuning, o.productPush(o.row(), o.kernels())
	list := []choice{t.productsChoice(&p, o.productsOf(&p))}
	if training && o.weight.grad != nil {
		p := o.weightPush()
		list = append(list, t.gatherChoice(&p, wholeSums(uint32(o.x.n)), o.positions()))
	}
	if training && o.x.grad != nil {
		p := o.productPush(o.kernels(), o.row())
		list = append(list, t.productsChoice(&p, o.productsOf(&p)))
	}
	return list
}

func (o *localOp) makeForward() error {
	d, t := o.place.device, o.place.tuning
	var err error
	if o.gather, err = engine.NewKernel(d, variant(d, shaders.LocalPatches, shaders.LocalPatchesAddress.Module), shaders.None{}); err != nil {
		return err
	}
	if o.finish, err = engine.NewKernel(d, variant(d, shaders.LocalOutput, shaders.LocalOutputAddress.Module), shaders.None{}); err != nil {
		return err
	}
	if o.rotate, err = engine.NewKernel(d, shaders.Rotate, shaders.None{}); err != nil {
		return err
	}
	p := o.productPush(o.row(), o.kernels())
	if o.names.forward, err = t.chooseProducts(p, o.productsOf(&p)); err != nil {
		return err
	}
	o.apply, err = newMultiplier(d, o.names.forward, t.mixed, &p, o.productsOf(&p))
	return err
}

func (o *localOp) makeGradients() error {
	d, t := o.place.device, o.place.tuning
	var err error
	if o.weight.grad != nil {
		images := wholeSums(uint32(o.x.n))
		p := o.weightPush()
		if o.names.weight, err = t.chooseGather(p, images, o.positions()); err != nil {
			return err
		}
		if o.differWeight, err = newGatherer(d, o.names.weight, &p, images, t.mixed); err != nil {
			return err
		}
		if o.sumImages, err = newPixelSum(d); err != nil {
			return err
		}
	}
	if o.x.grad == nil {
		return nil
	}
	constants := shaders.LocalPatchesGradConstants{Masked: o.x.masked, Stride: uint32(o.l.Stride)}
	if o.scatter, err = engine.NewKernel(d, variant(d, shaders.LocalPatchesGrad, shaders.LocalPatchesGradAddress.Module), constants); err != nil {
		return err
	}
	p := o.productPush(o.kernels(), o.row())
	if o.names.data, err = t.chooseProducts(p, o.productsOf(&p)); err != nil {
		return err
	}
	o.differData, err = newMultiplier(d, o.names.data, t.mixed, &p, o.productsOf(&p))
	return err
}

// needRooms reserves room for what lies by output pixel.
func (o *localOp) needRooms() error {
	blocks := len(o.place.columns)
	if o.x.shared {
		blocks = 1
	}
	var err error
	for _, r := range []struct {
		to   **room
		name string
		size int
	}{{&o.patches, " patches", blocks * o.patchBlock()}, {&o.products, " products", o.productBlock()},
		{&o.differences, " data gradient patches", o.patchBlock()}, {&o.turned, " turned", o.turnedBlock()}} {
		if *r.to, err = o.place.newRoom(o.name+r.name, 4*r.size); err != nil {
			return err
		}
	}
	return nil
}

// productPush is the product of matrices of each output pixel: (n, inputs) and
// (outputs, inputs) to (n, outputs).
func (o *localOp) productPush(inputs, outputs int) shaders.ConvNTPush {
	n := o.x.n
	return shaders.ConvNTPush{
		Batch: uint32(n), InHeight: 1, InWidth: 1, InChannels: uint32(inputs), OutHeight: 1, OutWidth: 1, OutChannels: uint32(outputs),
		KernelHeight: 1, KernelWidth: 1, Stride: 1, Dilation: 1, Sources: 1, Groups: 1,
		XBlock: uint32(n * inputs), XSource: uint32(n * inputs), WBlock: uint32(outputs * inputs), YBlock: uint32(n * outputs),
	}
}

// weightPush is dw[o][k][i] = sum over n of dq[o][n][k] * p[o][n][i].
func (o *localOp) weightPush() shaders.ConvTNPush {
	n, row, k := o.x.n, o.row(), o.kernels()
	return shaders.ConvTNPush{
		Batch: uint32(n), InHeight: 1, InWidth: 1, InChannels: uint32(row), OutHeight: 1, OutWidth: 1, OutChannels: uint32(k),
		KernelHeight: 1, KernelWidth: 1, Stride: 1, Sources: 1, Rows: uint32(k), Splits: 1, SplitPixels: uint32(n), Groups: 1,
		XBlock: uint32(n * row), XSource: uint32(n * row), XPixel: uint32(row), YBlock: uint32(n * k), WBlock: uint32(k * row),
	}
}

// push describes the layer to the kernels that move its maps.
func (o *localOp) push() shaders.LocalPush {
	return shaders.LocalPush{
		Batch: uint32(o.x.n), Sources: uint32(o.sources), InHeight: uint32(o.x.h), InWidth: uint32(o.x.w), InChannels: uint32(o.x.channels),
		OutHeight: uint32(o.y.h), OutWidth: uint32(o.y.w), OutChannels: uint32(o.kernels()),
		Kernel: uint32(o.l.Kernel), Stride: uint32(o.l.Stride), Pad: uint32(o.l.Pad), XBlock: uint32(o.x.block()), Relu: bit(o.relu),
	}
}

// moveLocal fills in what follows from the rest, for channels that an invocation takes 8
// of, of count floats of z maps.
func moveLocal(k *engine.Kernel[shaders.LocalPush], s *engine.Sequence, name string, p shaders.LocalPush, channels uint32, count, z int, bindings ...engine.Range) {
	p.InverseChannels, p.InverseBatch = shaders.Inverse(int(channels)/8), shaders.Inverse(int(p.Batch))
	p.FromLow, p.FromHigh = bindings[0].Address()
	p.ToLow, p.ToHigh = bindings[1].Address()
	if len(bindings) > 2 {
		p.ThirdLow, p.ThirdHigh = bindings[2].Address()
	}
	k.Dispatch(s, name, eights(count).Over(z), p, bindings...)
}

// patchesOf is what column i's kernels see.
func (o *localOp) patchesOf(i int) engine.Range {
	if o.x.shared {
		i = 0
	}
	return o.patches.floats(i*o.patchBlock(), o.patchBlock())
}

// collect records the patches of a block.
func (o *localOp) collect(s *engine.Sequence, from, to engine.Range) {
	p := o.push()
	taps := o.l.Kernel * o.l.Kernel
	moveLocal(o.gather, s, o.name, p, p.InChannels, o.positions()*o.x.n*taps*o.x.channels, o.sources, from, to)
}

func (o *localOp) forward(s *engine.Sequence, _ images) {
	if o.x.shared {
		o.collect(s, o.x.all(), o.patchesOf(0))
	}
	for i := range o.place.columns {
		if !o.x.shared {
			o.collect(s, o.x.part(i), o.patchesOf(i))
		}
		q := o.products.whole()
		o.multiply(s, o.name, o.apply, o.productPush(o.row(), o.kernels()), o.patchesOf(i), o.kernelsFor(s, o.name, i, o.apply.across()), q)
		p := o.push()
		moveLocal(o.finish, s, o.name, p, p.OutChannels, o.y.size(), 1, q, o.y.part(i), o.bias.values(span{i, 1}))
	}
}

// kernelsFor returns column i's kernels, (o, k, source, r, s, c), or turned so that k
// comes last.
func (o *localOp) kernelsFor(s *engine.Sequence, name string, i int, turned bool) engine.Range {
	w := o.weight.values(span{i, 1})
	if !turned {
		return w
	}
	k, block := uint32(o.kernels()), uint32(o.kernels()*o.row())
	o.rotate.Dispatch(s, name, engine.Linear(int(block)).Over(o.positions()), shaders.RotatePush{
		Kernels: k, Padded: k, Sources: 1, Height: 1, Width: 1, Channels: uint32(o.row()), WBlock: block, WtBlock: block,
	}, w, o.turned.whole())
	return o.turned.whole()
}

// multiply makes the products of all output pixels. Where the multiplier works across,
// w lies by its inputs.
func (o *localOp) multiply(s *engine.Sequence, name string, m multiplier, p shaders.ConvNTPush, x, w, y engine.Range) {
	m.multiply(s, name, p, o.productsOf(&p), x, w, y)
}

// productsOf are those of all output pixels.
func (o *localOp) productsOf(p *shaders.ConvNTPush) products {
	return products{count: o.positions(), unit: p.Batch, filters: filterLayout{channel: p.OutChannels, source: p.WBlock, product: p.WBlock}}
}

// outputGradient records the output's gradient of column i by output pixel.
func (o *localOp) outputGradient(s *engine.Sequence, name string, i int) engine.Range {
	p := o.push()
	p.Sources, p.InHeight, p.InWidth, p.InChannels = 1, p.OutHeight, p.OutWidth, p.OutChannels
	p.Kernel, p.Stride, p.Pad = 1, 1, 0
	moveLocal(o.gather, s, name, p, p.InChannels, o.productBlock(), 1, o.y.grad.part(i), o.products.whole())
	return o.products.whole()
}

func (o *localOp) backward(s *engine.Sequence) {
	o.parameterGradients(s)
	o.dataGradients(s)
}

// parameterGradients records the gradients of weights and biases, if they train.
func (o *localOp) parameterGradients(s *engine.Sequence) {
	if o.weight.grad == nil {
		return
	}
	for i := range o.place.columns {
		name := o.name + " weight gradient"
		dq := o.outputGradient(s, name, i)
		o.differWeight.gather(s, name, o.weightPush(), o.positions(), o.patchesOf(i), dq, o.weight.gradients(span{i, 1}))
		count := uint32(o.positions() * o.kernels()) // of an image, for which there are as many biases
		o.sumImages.add(s, o.name+" bias gradient", 1, shaders.BiasGradPush{
			Pixels: uint32(o.x.n), Channels: count, Runs: 1, RunPixels: uint32(o.x.n),
		}, o.y.grad.part(i), o.bias.gradients(span{i, 1}))
	}
}

// dataGradients records the input's gradient, if anything below needs it.
func (o *localOp) dataGradients(s *engine.Sequence) {
	if o.x.grad == nil {
		return
	}
	name := o.name + " data gradient"
	for i := range o.place.columns {
		dq, dp := o.outputGradient(s, name, i), o.differences.whole()
		w := o.kernelsFor(s, name, i, !o.differData.across())
		o.multiply(s, name, o.differData, o.productPush(o.kernels(), o.row()), dq, w, dp)
		third := o.bias.value.Whole() // is not looked at
		if o.x.masked {
			third = o.x.part(i)
		}
		p := o.push()
		moveLocal(o.scatter, s, name, p, p.InChannels, o.x.size(), o.sources, dp, o.x.grad.parts(i*o.sources, o.sources), third)
	}
}

// fuseReLU lets the output be written through the ReLU behind the layer.
func (o *localOp) fuseReLU() { o.relu = true }
