package net

import (
	"fmt"
	"math"
	"unsafe"

	"alexnet/engine"
	"alexnet/shaders"
)

// Batch is what a step computes on: 8-bit images or preprocessed values.
type Batch struct {
	// Pixels are 8-bit images (n, ImageHeight, ImageWidth, 3) with a Crop each.
	Pixels []byte
	Crops  []Crop
	// Values are preprocessed images (n, 3, H, W); used if Pixels is nil.
	Values []float32
	Labels []int32 // -1: none
	Valid  int     // images that count, from the first on
}

// Solver are the settings of one step (Krizhevsky 2012, section 5).
type Solver struct {
	Step                  int    // counts from 0
	Seed                  uint64 // with Step the source of dropout's masks
	Rate, Momentum, Decay float64
	// NoDropout keeps every unit, times 1 - probability, while training.
	NoDropout bool
}

// Result is what a step has computed of each valid image. The next step overwrites it.
type Result struct {
	Loss []float64 // -ln of the label's probability
	Rank []int     // classes that score higher than the label
	// Of a step of training: what gradients were multiplied by (LossScale), and
	// whether they overflowed, so that nothing was updated.
	Scale   float64
	Skipped bool

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

// Train runs one step of training: forward, backward, update.
func (n *Net) Train(b *Batch, s Solver) (Result, error) {
	if n.train == nil {
		panic("net: built without Training")
	}
	mode := uint32(shaders.DropoutTrain)
	if s.NoDropout {
		mode = shaders.DropoutTest
	}
	r, err := n.run(n.train, b, s, mode)
	if err == nil {
		n.rescale(&r)
	}
	return r, err
}

// Test runs the network forward in test mode.
func (n *Net) Test(b *Batch) (Result, error) {
	return n.run(n.test, b, Solver{}, shaders.DropoutTest)
}

func (n *Net) run(phases []phase, b *Batch, s Solver, dropout uint32) (Result, error) {
	if b.Valid < 1 || b.Valid > n.Options.Batch || len(b.Labels) < b.Valid {
		panic(fmt.Sprintf("net: %d valid images and %d labels in a batch of %d", b.Valid, len(b.Labels), n.Options.Batch))
	}
	for _, in := range n.inputs {
		if err := in.write(n, b, s, dropout); err != nil {
			return Result{}, err
		}
	}
	for i := range phases {
		if err := n.runPhase(&phases[i], i == 0, b.Pixels != nil); err != nil {
			return Result{}, err
		}
	}
	return n.results(b.Valid), nil
}

// runPhase runs the places beside each other and moves what they exchange.
func (n *Net) runPhase(ph *phase, first, pixels bool) error {
	for i, in := range n.inputs {
		switch h := &n.crew.hands[i]; {
		case !first:
			h.set(ph, i)
		case pixels:
			h.set(ph, i, in.steps, in.fromPixels)
		default:
			h.set(ph, i, in.steps, in.fromValues)
		}
	}
	waited, worked, err := n.crew.run()
	n.waited, n.worked = n.waited+waited, n.worked+worked
	if err != nil {
		return err
	}
	ph.watch.transfer()
	for _, l := range ph.transfers {
		l.Transfer()
		ph.watch.transfer()
	}
	return nil
}

// WaitedForDevice is the share of the time of all steps so far in which a device
// had done its part and waited for another's.
func (n *Net) WaitedForDevice() float64 {
	if n.worked == 0 {
		return 0
	}
	return float64(n.waited) / float64(n.worked)
}

// write puts a batch and the step's settings where the devices fetch them.
func (in *input) write(n *Net, b *Batch, s Solver, dropout uint32) error {
	if !n.Spec.Dropout {
		dropout = shaders.DropoutIdentity
	}
	step := (*shaders.Step)(unsafe.Pointer(&in.upStep.Bytes()[0]))
	*step = shaders.Step{
		Step: uint32(s.Step), SeedLow: uint32(s.Seed), SeedHigh: uint32(s.Seed >> 32), Valid: uint32(b.Valid),
		Rate: float32(s.Rate), Momentum: float32(s.Momentum), Decay: float32(s.Decay), Dropout: dropout,
		Scale: float32(n.scaling.Scale), Unscale: float32(1 / n.scaling.Scale),
	}
	copy(unsafe.Slice((*shaders.Factors)(unsafe.Pointer(&in.upStep.Bytes()[stepBytes])), len(n.factors)), n.factors)
	labels := in.upLabels.Words()
	for i := range labels {
		labels[i] = math.MaxUint32
		if i < b.Valid {
			labels[i] = uint32(b.Labels[i])
		}
	}
	if b.Pixels == nil {
		return in.values(n, b.Values)
	}
	copy(in.upPixels.Bytes(), b.Pixels)
	words := in.upCrops.Words()
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

// results are the losses and ranks that the first place has sent.
func (n *Net) results(valid int) Result {
	values := n.places[0].last().(*softmaxOp).sent.Floats()
	r := Result{Loss: n.losses[:valid], Rank: n.ranks[:valid]}
	for i := range valid {
		r.Loss[i], r.Rank[i] = float64(values[2*i]), int(values[2*i+1])
	}
	for _, word := range values[2*n.Options.Batch:] {
		r.overflow = r.overflow || math.Float32bits(word) != 0
	}
	return r
}

// Probabilities reads the last step's softmax outputs, (image, class).
func (n *Net) Probabilities(valid int) ([]float32, error) {
	p := n.places[0]
	o := p.last().(*softmaxOp)
	values, err := p.read(o.probabilities.Whole())
	if err != nil {
		return nil, err
	}
	return values[:valid*o.classes], nil
}

// Logits reads the last step's inputs of the softmax, (image, class).
func (n *Net) Logits(valid int) ([]float32, error) {
	p := n.places[0]
	o := p.last().(*softmaxOp)
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
