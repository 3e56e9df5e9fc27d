package net

import (
	"fmt"
	"unsafe"

	"alexnet/engine"
	"alexnet/shaders"
)

// Crop says how one image becomes an input (Krizhevsky 2012, 4.1): the corner of
// the crop in pixels, whether it is mirrored, and the colour shift in grey levels
// added to red, green and blue.
type Crop struct {
	X, Y   int
	Mirror bool
	Shift  [3]float32
}

// input brings a batch to one place: as 8-bit images with their crops, or as
// values that are preprocessed already.
type input struct {
	place                         *place
	image                         *tensor // (n, h, w, c), folded
	fold, pad                     int
	pixels                        *room
	crops, mean                   *engine.Buffer // Local
	kernel                        *engine.Kernel[shaders.InputPush]
	labels                        *engine.Buffer
	upPixels, upCrops, upLabels   *engine.Buffer
	upStep, upValues              *engine.Buffer
	fromPixels, fromValues, steps *engine.Sequence
}

// makeInputs makes every place's image tensor. A first convolution with a stride
// reads the image folded (input.comp), so that its 3 channels fill the kernels'
// vectors.
func (n *Net) makeInputs() error {
	for _, p := range n.places {
		in := &input{place: p, fold: 1}
		like := tensor{n: n.Options.Batch, h: n.Spec.Input.H, w: n.Spec.Input.W, channels: 8, units: []int{3}, blocks: 1, shared: true}
		if c, ok := n.Spec.Layers[0].(Conv); ok && c.Stride > 1 {
			taps := (c.Kernel + c.Stride - 1) / c.Stride
			in.fold, in.pad = c.Stride, c.Pad
			like.h, like.w = n.Rows[0].Out.H+taps-1, n.Rows[0].Out.W+taps-1
			like.channels = pad8(3 * c.Stride * c.Stride)
		}
		var err error
		if in.image, err = p.tensor("image", like); err != nil {
			return err
		}
		if err := in.makeBuffers(n); err != nil {
			return fmt.Errorf("net: input: %w", err)
		}
		n.inputs = append(n.inputs, in)
	}
	return nil
}

const (
	cropWords = 8 // of input.comp's struct Crop
	stepBytes = int(unsafe.Sizeof(shaders.Step{}))
)

func (in *input) makeBuffers(n *Net) error {
	batch, image := n.Options.Batch, n.Options.ImageHeight*n.Options.ImageWidth*3
	step := stepBytes + int(unsafe.Sizeof(shaders.Factors{}))*len(n.factors)
	for _, b := range []struct {
		to   **engine.Buffer
		name string
		size int
		kind engine.Kind
	}{
		{&in.upPixels, "pixels upload", batch * image, engine.Upload},
		{&in.crops, "crops", 4 * cropWords * batch, engine.Local}, {&in.upCrops, "crops upload", 4 * cropWords * batch, engine.Upload},
		{&in.labels, "labels", 4 * batch, engine.Local}, {&in.upLabels, "labels upload", 4 * batch, engine.Upload},
		{&in.place.step, "step", step, engine.Local}, {&in.upStep, "step upload", step, engine.Upload},
		{&in.mean, "mean image", 4 * image, engine.Local},
	} {
		var err error
		if *b.to, err = in.place.device.NewBuffer(b.name, uint64(b.size), b.kind); err != nil {
			return err
		}
	}
	var err error
	if in.pixels, err = in.place.newRoom("pixels", batch*image); err != nil {
		return err
	}
	if in.kernel, err = engine.NewKernel(in.place.device, shaders.Input, shaders.None{}); err != nil {
		return err
	}
	return in.place.zero(in.mean)
}

// record records what runs before a step's layers.
func (in *input) record(n *Net) error {
	d := in.place.device
	in.steps = d.NewSequence("step")
	in.steps.Copy(in.place.step.Whole(), in.upStep.Whole())
	in.steps.Copy(in.labels.Whole(), in.upLabels.Whole())
	if err := in.steps.End(); err != nil {
		return err
	}
	in.fromPixels = d.NewSequence("input")
	in.upload(n, in.fromPixels)
	return in.fromPixels.End()
}

// upload records how 8-bit images become the image tensor.
func (in *input) upload(n *Net, s *engine.Sequence) {
	s.Copy(in.pixels.whole(), in.upPixels.Whole())
	s.Copy(in.crops.Whole(), in.upCrops.Whole())
	applyInput(in.kernel, s, shaders.InputPush{
		Batch: uint32(n.Options.Batch), SizeHeight: uint32(n.Options.ImageHeight), SizeWidth: uint32(n.Options.ImageWidth),
		CropHeight: uint32(n.Spec.Input.H), CropWidth: uint32(n.Spec.Input.W), Fold: uint32(in.fold), Pad: uint32(in.pad),
		OutHeight: uint32(in.image.h), OutWidth: uint32(in.image.w), Channels: uint32(in.image.channels), Scale: float32(n.Options.ImageScale),
	}, in.pixels.whole(), in.mean.Whole(), in.crops.Whole(), in.image.all())
}

// values uploads a batch of preprocessed images (n, 3, h, w), folded here.
func (in *input) values(n *Net, images []float32) error {
	if in.upValues == nil {
		var err error
		if in.upValues, err = in.place.device.NewBuffer("image upload", in.image.room.size, engine.Upload); err != nil {
			return err
		}
		in.fromValues = in.place.device.NewSequence("input")
		in.fromValues.Copy(in.image.all(), in.upValues.Whole())
		if err := in.fromValues.End(); err != nil {
			return err
		}
	}
	out, t, shape := in.upValues.Floats(), in.image, n.Spec.Input
	clear(out)
	for i, v := range images {
		x, y := i%shape.W, i/shape.W%shape.H
		c, image := i/(shape.W*shape.H)%3, i/(shape.W*shape.H*3)
		y, x = y+in.pad, x+in.pad
		if y/in.fold >= t.h || x/in.fold >= t.w {
			continue // beyond the last kernel
		}
		at := ((image*t.h+y/in.fold)*t.w + x/in.fold) * t.channels
		out[at+(y%in.fold*in.fold+x%in.fold)*3+c] = v
	}
	return nil
}
