package net

import (
	"alexnet/engine"
	"alexnet/shaders"
)

// describe names the weights and biases of a layer and says how the device's layout of
// them follows from the file's.
func (n *Net) describe(number int, row Row, x *tensor) (weight, bias *Param) {
	name, columns := row.Layer.LayerName(), n.Spec.Columns
	units := Deal(row.Out.C, columns)
	g := geometry{kernels: pad8(units[0]), positions: 1, sources: 1, sourceUnits: x.units, ownColumn: !x.shared, height: x.h, width: x.w, channels: x.channels}
	weights, biases := []int{row.Out.C, row.Weights / row.Out.C}, []int{row.Out.C}
	switch c := row.Layer.(type) {
	case Conv:
		g.height, g.width = c.Kernel, c.Kernel
		if fold := n.inputs[0].fold; number == 0 && fold > 1 {
			g.fold, g.kernel = fold, c.Kernel
			g.height = (c.Kernel + fold - 1) / fold
			g.width = g.height
		}
		weights = []int{row.Out.C, row.Weights / row.Out.C / (c.Kernel * c.Kernel), c.Kernel, c.Kernel}
	case Local:
		g.height, g.width, g.positions = c.Kernel, c.Kernel, row.Out.H*row.Out.W
		weights = []int{row.Out.C, row.Out.H, row.Out.W, row.Weights / row.Out.Count() / (c.Kernel * c.Kernel), c.Kernel, c.Kernel}
		biases = []int{row.Out.C, row.Out.H, row.Out.W}
	}
	if x.shared {
		g.sources = x.blocks
	}
	weight = &Param{Name: name + ".weight", Shape: weights, Layer: number, Frozen: row.Frozen, geometry: g, units: units}
	if weight.Count() != row.Weights { // unequal groups: one after the other
		weight.Shape = []int{row.Weights}
	}
	bias = &Param{Name: name + ".bias", Shape: biases, Layer: number, Bias: true, Frozen: row.Frozen, geometry: g, units: units}
	return weight, bias
}

func (n *Net) newProduct(p *place, row Row, x *tensor, weight, bias *Param) (*productOp, error) {
	g := weight.geometry
	o := &productOp{named: named{name: row.Layer.LayerName(), x: x}, place: p, stride: 1, sources: g.sources,
		inHeight: x.h, inWidth: x.w, inChannels: x.channels, kernelHeight: g.height, kernelWidth: g.width}
	if c, ok := row.Layer.(Conv); ok {
		if g.fold == 0 {
			o.stride, o.pad = c.Stride, c.Pad
		}
	} else {
		o.dense = true
		o.inChannels, o.inHeight, o.inWidth = x.h*x.w*x.channels, 1, 1
		o.kernelHeight, o.kernelWidth = 1, 1
	}
	var err error
	like := tensor{n: x.n, h: row.Out.H, w: row.Out.W, channels: g.kernels, units: weight.units, blocks: len(p.columns)}
	// The data gradient of a convolution has the ReLU's derivative done with at its end.
	x.masked = x.relu && x.grad != nil && !o.dense
	training := n.Options.Training && !row.Frozen
	if o.y, err = p.output(o.name, like, training || x.grad != nil); err != nil {
		return nil, err
	}
	if o.weight, err = p.newParam(weight, g.kernels*g.row(), training); err != nil {
		return nil, err
	}
	if o.bias, err = p.newParam(bias, g.kernels, training); err != nil {
		return nil, err
	}
	return o, o.makeKernels(n.Options.Training)
}

func (o *productOp) makeKernels(training bool) error {
	d, t := o.place.device, o.place.tuning
	// A processor's direct sums hardly ever win where there is a family: the usual tile
	// shows that, and only what stays direct has the best one looked for.
	o.usual = quick(d) && t.form != direct && len(o.forms(o.kernelHeight)) > 1
	o.splits, o.splitPixels = cut(o.y.pixels(), o.weight.block)
	if o.dense {
		if err := t.compileStraight(o.name, o.denseChoices(training)); err != nil {
			return err
		}
	}
	if err := o.makeDirect(training); err != nil {
		return err
	}
	if training {
		if err := o.needPartial(); err != nil {
			return err
		}
	}
	if err := o.chooseForms(training); err != nil {
		return err
	}
	if o.usual {
		o.usual = false
		if err := o.makeDirect(training); err != nil {
			return err
		}
	}
	if training {
		if err := o.needBiasRuns(); err != nil {
			return err
		}
	}
	return o.needFast()
}

// makeDirect makes the kernels of the direct sums in the directions that are not fast.
func (o *productOp) makeDirect(training bool) error {
	d, t := o.place.device, o.place.tuning
	var err error
	if o.dense {
		err = o.makeDense()
	} else if o.apply == nil || o.fast.forward == nil {
		if o.names.forward, err = t.chooseDirectNT(o.forwardPush(), o.usual); err != nil {
			return err
		}
		if o.apply, err = newNT(d, o.names.forward, t.mixed, false); err != nil {
			return err
		}
		o.apply.bias = true
	}
	if training && err == nil {
		return o.makeGradients()
	}
	return err
}

// denseChoices are those of a dense layer's sums.
func (o *productOp) denseChoices(training bool) []choice {
	t, p := o.place.tuning, o.forwardPush()
	list := []choice{t.denseChoice(&p)}
	if training && o.weight.grad != nil && o.splits == 1 {
		p := o.weightPush()
		list = append(list, t.gatherChoice(&p, wholeSums(p.Batch), 1))
	}
	if training && o.x.grad != nil {
		p := o.matrixPush()
		list = append(list, t.gatherChoice(&p, wholeSums(p.Batch), 1))
	}
	return list
}

// makeDense makes the kernels of a dense layer's forward sums, and reserves room for what
// they make on the way.
func (o *productOp) makeDense() error {
	t, p := o.place.tuning, o.forwardPush()
	var err error
	if o.names.forward, err = t.chooseDense(p); err != nil {
		return err
	}
	if o.sum, err = newDenseSum(o.place.device, o.names.forward, t.mixed, &p); err != nil {
		return err
	}
	if floats := denseScratch(o.names.forward, &p, len(o.place.columns)); floats > 0 {
		o.scratch, err = o.place.newRoom(o.name+" sums", 4*floats)
	}
	return err
}

func (o *productOp) makeGradients() error {
	d, t := o.place.device, o.place.tuning
	var err error
	// A frozen convolution's, too: its forward pass is chosen as if it trained (chooseForms).
	if !o.fast.weight && (o.weight.grad != nil || !o.dense && o.differWeight == nil) {
		p := o.weightPush()
		if o.dense {
			o.names.weight, err = t.chooseSum(p)
		} else {
			o.names.weight, err = t.chooseDirectTN(p, o.usual)
		}
		if err != nil {
			return err
		}
		if o.differWeight, err = newGatherer(d, o.names.weight, &p, wholeSums(uint32(o.x.n)), t.mixed); err != nil {
			return err
		}
	}
	if o.reduce, err = engine.NewKernel(d, shaders.Reduce, shaders.None{}); err != nil {
		return err
	}
	if o.sumPixels, err = newPixelSum(d); err != nil {
		return err
	}
	if o.x.grad == nil {
		return nil
	}
	if o.rotate, err = engine.NewKernel(d, shaders.Rotate, shaders.None{}); err != nil {
		return err
	}
	if o.dense {
		p := o.matrixPush()
		if o.names.data, err = t.chooseSum(p); err != nil {
			return err
		}
		o.differMatrix, err = newGatherer(d, o.names.data, &p, wholeSums(p.Batch), t.mixed)
		return err
	}
	if o.fast.data != nil {
		return nil
	}
	if o.names.data, err = t.chooseDirectNT(o.dataPush(), o.usual); err != nil {
		return err
	}
	o.differData, err = newNT(d, o.names.data, t.mixed, o.x.masked)
	return err
}

// needPartial reserves room for the gradients' intermediate values.
func (o *productOp) needPartial() error {
	columns := len(o.place.columns)
	rotated := o.y.channels * pad8(o.x.n)
	if !o.dense {
		rotated = o.sources * o.inChannels * o.kernelHeight * o.kernelWidth * o.y.channels
	}
	var err error
	if o.partial, err = o.place.newRoom(o.name+" partial sums", 4*columns*o.splits*o.weight.block); err != nil {
		return err
	}
	o.rotated, err = o.place.newRoom(o.name+" rotated", 4*columns*rotated)
	return err
}

// fuseReLU makes the forward kernel apply the ReLU behind the layer.
func (o *productOp) fuseReLU() {
	if o.relu = true; o.apply != nil {
		o.apply.relu = true
	}
}
