package net

import (
	"fmt"
	"math"
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
// values that are preprocessed already, which features always are.
type input struct {
	place       *place
	image       *tensor // (n, h, w, c), folded
	fold, pad   int
	pixels      *room
	crops, mean *engine.Buffer // Local
	kernel      *engine.Kernel[shaders.InputPush]
	labels      *engine.Buffer
	targets     *engine.Buffer // (n, unit); nil: the network does not end with Squares
	stages      [2]stage       // of the steps in flight
}

// stage is where the host puts a batch for one step while another runs.
type stage struct {
	pixels, crops   *engine.Buffer
	labels, targets *engine.Buffer
	step            *engine.Buffer
	values          *engine.Buffer // of images made when first needed
	// The sequences that fetch what lies here: settings and labels, and the batch as
	// images or as values.
	settings, fromPixels, fromValues *engine.Sequence
}

// makeInputs makes every place's image tensor. A first convolution with a stride
// reads the image folded (input.comp), so that its 3 channels fill the kernels'
// vectors.
func (n *Net) makeInputs() error {
	for _, p := range n.places {
		in := &input{place: p, fold: 1}
		like := tensor{n: n.Options.Batch, h: n.Spec.Input.H, w: n.Spec.Input.W, channels: pad8(n.Spec.Input.C), units: []int{n.Spec.Input.C}, blocks: 1, shared: true}
		if c, ok := n.Spec.Layers[0].(Conv); ok && c.Stride > 1 && !n.Spec.ofFeatures() {
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

// wanted is a buffer to make.
type wanted struct {
	to   **engine.Buffer
	name string
	size int
	kind engine.Kind
}

func (in *input) makeBuffers(n *Net) error {
	batch, image := n.Options.Batch, n.Options.ImageHeight*n.Options.ImageWidth*3
	step := stepBytes + int(unsafe.Sizeof(shaders.Factors{}))*len(n.factors)
	list := []wanted{{&in.labels, "labels", 4 * batch, engine.Local}, {&in.place.step, "step", step, engine.Local}}
	targets := 0
	if end, squares := n.Rows[len(n.Rows)-1].Layer.(Squares); squares {
		targets = 4 * batch * n.Rows[len(n.Rows)-1].Out.C
		list = append(list, wanted{&in.targets, end.Name + " targets", targets, engine.Local})
	}
	for i := range in.stages {
		g := &in.stages[i]
		list = append(list, wanted{&g.labels, "labels upload", 4 * batch, engine.Upload}, wanted{&g.step, "step upload", step, engine.Upload})
		if targets > 0 {
			list = append(list, wanted{&g.targets, "targets upload", targets, engine.Upload})
		}
	}
	if err := in.place.make(list); err != nil || n.Spec.ofFeatures() {
		return err
	}
	return in.makeImages(n, batch, image)
}

// make makes buffers.
func (p *place) make(list []wanted) error {
	for _, b := range list {
		var err error
		if *b.to, err = p.device.NewBuffer(b.name, uint64(b.size), b.kind); err != nil {
			return err
		}
	}
	return nil
}

// makeImages makes what 8-bit images, of so many bytes each, become the image tensor by.
func (in *input) makeImages(n *Net, batch, image int) error {
	list := []wanted{{&in.crops, "crops", 4 * cropWords * batch, engine.Local}}
	if n.Options.shares != nil {
		in.mean = n.Options.shares.inputs[in.place.index].mean
	} else {
		list = append(list, wanted{&in.mean, "mean image", 4 * image, engine.Local})
	}
	for i := range in.stages {
		g := &in.stages[i]
		list = append(list, wanted{&g.pixels, "pixels upload", batch * image, engine.Upload}, wanted{&g.crops, "crops upload", 4 * cropWords * batch, engine.Upload})
	}
	err := in.place.make(list)
	if err != nil {
		return err
	}
	if in.pixels, err = in.place.newRoom("pixels", batch*image); err != nil {
		return err
	}
	if in.kernel, err = engine.NewKernel(in.place.device, variant(in.place.device, shaders.Input, shaders.InputAddress.Module), shaders.None{}); err != nil {
		return err
	}
	if n.Options.shares != nil {
		return nil
	}
	return in.place.zero(in.mean)
}

// record records what runs before a step's layers.
func (in *input) record(n *Net) error {
	d := in.place.device
	for i := range in.stages {
		g := &in.stages[i]
		g.settings = d.NewSequence("step")
		g.settings.Copy(in.place.step.Whole(), g.step.Whole())
		g.settings.Copy(in.labels.Whole(), g.labels.Whole())
		if in.targets != nil {
			g.settings.Copy(in.targets.Whole(), g.targets.Whole())
		}
		if err := g.settings.End(); err != nil {
			return err
		}
		if n.Spec.ofFeatures() {
			continue
		}
		g.fromPixels = d.NewSequence("input")
		in.upload(n, g, g.fromPixels)
		if err := g.fromPixels.End(); err != nil {
			return err
		}
	}
	return nil
}

// fetch records how a batch becomes the image tensor.
func (in *input) fetch(n *Net, g *stage, s *engine.Sequence) {
	if n.Spec.ofFeatures() {
		s.Zero(in.image.all()) // writes what a copy will
		return
	}
	in.upload(n, g, s)
}

// upload records how 8-bit images become the image tensor.
func (in *input) upload(n *Net, g *stage, s *engine.Sequence) {
	s.Copy(in.pixels.whole(), g.pixels.Whole())
	s.Copy(in.crops.Whole(), g.crops.Whole())
	applyInput(in.kernel, s, shaders.InputPush{
		Batch: uint32(n.Options.Batch), SizeHeight: uint32(n.Options.ImageHeight), SizeWidth: uint32(n.Options.ImageWidth),
		CropHeight: uint32(n.Spec.Input.H), CropWidth: uint32(n.Spec.Input.W), Fold: uint32(in.fold), Pad: uint32(in.pad),
		OutHeight: uint32(in.image.h), OutWidth: uint32(in.image.w), Channels: uint32(in.image.channels), Scale: float32(n.Options.ImageScale),
	}, in.pixels.whole(), in.mean.Whole(), in.crops.Whole(), in.image.all())
}

// write puts a batch where the device fetches it.
func (in *input) write(n *Net, g *stage, b *Batch) error {
	labels := g.labels.Words()
	for i := range labels {
		labels[i] = math.MaxUint32
		if i < min(b.Valid, len(b.Labels)) {
			labels[i] = uint32(b.Labels[i])
		}
	}
	if g.targets != nil {
		to := g.targets.Floats()
		clear(to[copy(to, b.Targets):])
	}
	if b.Pixels == nil {
		return in.writeValues(n, g, b.Values)
	}
	copy(g.pixels.Bytes(), b.Pixels)
	words := g.crops.Words()
	clear(words)
	for i, c := range b.Crops {
		w := words[cropWords*i:]
		w[0], w[1] = uint32(c.X), uint32(c.Y)
		if c.Mirror {
			w[2] = 1
		}
		for k, v := range c.Shift {
			w[4+k] = math.Float32bits(v)
		}
	}
	return nil
}

// writeSettings puts a step's settings where the device fetches them.
func (g *stage) writeSettings(n *Net, f *flight) {
	s := f.solver
	step := (*shaders.Step)(unsafe.Pointer(&g.step.Bytes()[0]))
	*step = shaders.Step{
		Step: uint32(s.Step), SeedLow: uint32(s.Seed), SeedHigh: uint32(s.Seed >> 32), Valid: uint32(f.valid),
		Rate: float32(s.Rate), Momentum: float32(s.Momentum), Decay: float32(s.Decay), Dropout: f.dropout,
		Scale: float32(n.scaling.Scale), Unscale: float32(1 / n.scaling.Scale),
	}
	copy(unsafe.Slice((*shaders.Factors)(unsafe.Pointer(&g.step.Bytes()[stepBytes])), len(n.factors)), n.factors)
}

// writeValues puts preprocessed images (n, 3, h, w) there, folded, or features (n, c).
func (in *input) writeValues(n *Net, g *stage, images []float32) error {
	if g.values == nil {
		var err error
		if g.values, err = in.place.device.NewBuffer("image upload", in.image.room.size, engine.Upload); err != nil {
			return err
		}
		g.fromValues = in.place.device.NewSequence("input")
		g.fromValues.Copy(in.image.all(), g.values.Whole())
		if err := g.fromValues.End(); err != nil {
			return err
		}
	}
	out, t, shape := g.values.Floats(), in.image, n.Spec.Input
	clear(out)
	for i, v := range images {
		x, y := i%shape.W, i/shape.W%shape.H
		c, image := i/(shape.W*shape.H)%shape.C, i/shape.Count()
		y, x = y+in.pad, x+in.pad
		if y/in.fold >= t.h || x/in.fold >= t.w {
			continue // beyond the last kernel
		}
		at := ((image*t.h+y/in.fold)*t.w + x/in.fold) * t.channels
		out[at+(y%in.fold*in.fold+x%in.fold)*3+c] = v
	}
	return nil
}
