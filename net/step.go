package net

import (
	"fmt"
	"math"
	"time"

	"alexnet/engine"
)

// Batch is what a step computes on: 8-bit images or preprocessed values.
type Batch struct {
	// Pixels are 8-bit images (n, ImageHeight, ImageWidth, 3) with a Crop each.
	Pixels []byte
	Crops  []Crop
	// Values are preprocessed images (n, 3, H, W), or features (n, C); used if Pixels is
	// nil.
	Values []float32
	Labels []int32 // -1: none
	// Targets of a network that ends with Squares, (n, unit), of the valid images.
	Targets []float32
	Valid   int // images that count, from the first on
}

// Solver are the settings of one step (Krizhevsky 2012, section 5).
type Solver struct {
	Step                  int    // counts from 0
	Seed                  uint64 // with Step the source of dropout's masks
	Rate, Momentum, Decay float64
	// NoDropout keeps every unit, times 1 - probability, while training.
	NoDropout bool
}

// Result is what a step has computed of each valid image. The next step that begins
// overwrites it.
type Result struct {
	Loss []float64 // -ln of the label's probability, or of Squares the image's
	Rank []int     // classes that score higher than the label; 0 of Squares
	// Of a step of training: what gradients were multiplied by (LossScale), and
	// whether they overflowed, so that nothing was updated.
	Scale   float64
	Skipped bool
	Ended   time.Time // when the devices were done

	overflow bool
}

// Mean is the mean loss; 0 of no image.
func (r Result) Mean() float64 {
	if len(r.Loss) == 0 {
		return 0
	}
	total := 0.0
	for _, l := range r.Loss {
		total += l
	}
	return total / float64(len(r.Loss))
}

// Exploded says of a step of training that its loss is not finite, or that its
// gradients are not even at the least loss scale: a run has nothing to go on with.
func (r Result) Exploded() bool {
	mean := r.Mean()
	return math.IsNaN(mean) || math.IsInf(mean, 0) || r.Skipped && LossScale{Scale: r.Scale}.Least()
}

// Errors is the share of images whose label is not among the top k.
func (r Result) Errors(k int) float64 {
	if len(r.Rank) == 0 {
		return 0
	}
	wrong := 0
	for _, rank := range r.Rank {
		if rank >= k {
			wrong++
		}
	}
	return float64(wrong) / float64(len(r.Rank))
}

// Probabilities reads the last step's softmax outputs, (image, class).
func (n *Net) Probabilities(valid int) ([]float32, error) {
	n.mustRest()
	p := n.places[0]
	o := p.last().(*softmaxOp)
	values, err := p.read(o.probabilities.Whole())
	if err != nil {
		return nil, err
	}
	return values[:valid*o.classes], nil
}

// Logits reads the last step's inputs of the loss, (image, class).
func (n *Net) Logits(valid int) ([]float32, error) {
	n.mustRest()
	p := n.places[0]
	o := p.lossOp()
	values, err := p.read(o.y.all())
	if err != nil {
		return nil, err
	}
	out := make([]float32, valid*o.classes)
	class := 0
	for source, units := range o.x.units {
		for k := range units {
			for i := range valid {
				out[i*o.classes+class] = values[source*o.x.block()+i*o.x.channels+k]
			}
			class++
		}
	}
	return out, nil
}

// SetMean sets the mean image (3, ImageHeight, ImageWidth) that is subtracted
// from crops at their place.
func (n *Net) SetMean(mean []float32) error {
	n.mustRest()
	if n.Spec.ofFeatures() {
		panic("net: a mean image for a network of features")
	}
	h, w := n.Options.ImageHeight, n.Options.ImageWidth
	if len(mean) != 3*h*w {
		return fmt.Errorf("net: mean image of %d values; expected 3x%dx%d", len(mean), h, w)
	}
	pixels := make([]float32, len(mean))
	for c := range 3 {
		for i := range h * w {
			pixels[3*i+c] = mean[c*h*w+i]
		}
	}
	for _, in := range n.inputs {
		if err := in.place.write(in.mean.Whole(), pixels); err != nil {
			return err
		}
	}
	return nil
}

// read copies a range to the host.
func (p *place) read(from engine.Range) ([]float32, error) {
	down, err := p.device.NewBuffer("read back", from.Size, engine.Readback)
	if err != nil {
		return nil, err
	}
	defer down.Free()
	s := p.device.NewSequence("read back")
	defer s.Free()
	s.Copy(down.Whole(), from)
	if err := s.End(); err != nil {
		return nil, err
	}
	if err := p.device.Run(s); err != nil {
		return nil, err
	}
	return append([]float32(nil), down.Floats()...), nil
}

// write copies values to a range.
func (p *place) write(to engine.Range, values []float32) error {
	up, err := p.device.NewBuffer("upload", to.Size, engine.Upload)
	if err != nil {
		return err
	}
	defer up.Free()
	copy(up.Floats(), values)
	s := p.device.NewSequence("upload")
	defer s.Free()
	s.Copy(to, up.Whole())
	if err := s.End(); err != nil {
		return err
	}
	return p.device.Run(s)
}
