package train

import (
	"context"
	"errors"
	"fmt"
	"io"

	"alexnet/net"
	"alexnet/train/data"
	"alexnet/train/safetensors"
)

// ErrExploded is why a network's outputs say nothing.
var ErrExploded = errors.New("numbers are not finite: the weights have exploded; take a checkpoint from before that")

// Evaluation tests a network on a set.
type Evaluation struct {
	TenCrops bool // average over data.TenCrops; otherwise the centre alone
	// OnImages is called after each batch, OnMessage with sentences for the user.
	// They may be nil.
	OnImages  func(done, total int)
	OnMessage func(string)
	// Predictions, if set, collects what the network saw and said of the centre. Where they
	// cannot be written OnMessage says so, and the test goes on without them.
	Predictions *Predictions
	// Outputs, if set, collects what the network said, to be averaged with others.
	Outputs *Outputs

	Outcomes   Outcomes // of the images that Run could read, in order
	Unreadable int      // left out by Run
	finished   int      // outcomes whose batch was awaited
}

// Predictions write the inputs and outputs of an evaluation to a safetensors file:
// "images" (n, 3, crop, crop) as the first layer sees them, "labels" (n) and
// "probabilities" (n, class). The images do not stay in memory.
type Predictions struct {
	mean          []float32 // (3, size, size)
	images        *safetensors.RowWriter
	image         []float32 // (3, crop, crop)
	labels        []int64
	probabilities []float32
	err           error // why they cannot be written
}

// NewPredictions begins a file for the networks of a recipe. The mean image is that of the
// checkpoint, (3, size, size).
func NewPredictions(file io.WriteSeeker, c *Config, mean []float32) (*Predictions, error) {
	images, err := safetensors.NewRowWriter(file, "images", 3, c.Crop, c.Crop)
	return &Predictions{mean: mean, images: images}, err
}

// Run makes one pass over a set. The network must have its weights and mean. The error
// wraps ErrExploded where the loss is not finite: no rank among such outputs means anything.
func (e *Evaluation) Run(ctx context.Context, n *net.Net, c *Config, set data.Set) (Validation, error) {
	if e.TenCrops && e.Predictions != nil {
		panic("train: predictions with their inputs are of one crop")
	}
	images := pass{net: n, c: c, set: set, onImages: e.OnImages, onBad: func(_ int, err error) {
		if e.OnMessage != nil {
			e.OnMessage(err.Error() + "; it is left out")
		}
	}}
	each := func(b *data.Batch) error { return e.begin(n, b) }
	if e.TenCrops || e.Predictions != nil || e.Outputs != nil {
		crops := testCrops(c, e.TenCrops)
		each = func(b *data.Batch) error { return e.average(n, c, b, crops) }
	}
	if e.Outputs != nil {
		*e.Outputs = newOutputs(set)
	}
	e.Outcomes, e.finished = nil, 0
	defer func() {
		for n.InFlight() > 0 { // behind an error
			n.Await()
		}
	}()
	var err error
	if e.Unreadable, err = images.run(ctx, each); err != nil {
		return Validation{}, err
	}
	for n.InFlight() > 0 {
		if err := e.finish(n); err != nil {
			return Validation{}, err
		}
	}
	if len(e.Outcomes) == 0 {
		return Validation{}, errors.New("train: none of the images can be read")
	}
	v := e.Outcomes.Validation()
	if notFinite(v.Loss) {
		return Validation{}, fmt.Errorf("train: loss: %w", ErrExploded)
	}
	return v, nil
}

// begin begins with a batch, while the one before it runs.
func (e *Evaluation) begin(n *net.Net, b *data.Batch) error {
	var input net.Batch
	if err := n.BeginTest(batch(b, &input)); err != nil {
		return err
	}
	for i, label := range b.Labels {
		e.Outcomes = append(e.Outcomes, Outcome{Image: b.Index[i], Label: int(label)})
	}
	if n.InFlight() == 2 {
		return e.finish(n)
	}
	return nil
}

// finish fills in the outcomes of the batch that began first.
func (e *Evaluation) finish(n *net.Net) error {
	r, err := n.Await()
	if err != nil {
		return err
	}
	for i, rank := range r.Rank {
		o := &e.Outcomes[e.finished+i]
		o.Rank, o.Loss = rank, r.Loss[i]
	}
	e.finished += len(r.Rank)
	return nil
}

// average tests a batch and reads its probabilities.
func (e *Evaluation) average(n *net.Net, c *Config, b *data.Batch, crops []data.Crop) error {
	probabilities, one, err := average(n, b, crops)
	if err != nil {
		return err
	}
	classes := c.Net.Classes()
	for i, label := range b.Labels {
		p := probabilities[i*classes : (i+1)*classes]
		o := outcome(b.Index[i], int(label), p)
		if len(crops) == 1 { // as in training
			o.Rank, o.Loss = one.Rank[i], one.Loss[i]
		}
		e.Outcomes = append(e.Outcomes, o)
		if e.Outputs != nil {
			e.Outputs.probabilities[b.Index[i]] = p
		}
	}
	if e.Predictions == nil || e.Predictions.err != nil {
		return nil
	}
	e.Predictions.err = e.Predictions.add(c, b, probabilities)
	if e.Predictions.err != nil && e.OnMessage != nil {
		e.OnMessage(e.Predictions.err.Error() + "; the test goes on without it")
	}
	return nil
}

// add appends a tested batch.
func (p *Predictions) add(c *Config, b *data.Batch, probabilities []float32) error {
	p.probabilities = append(p.probabilities, probabilities...)
	for i := range b.Valid {
		p.labels = append(p.labels, int64(b.Labels[i]))
		p.image = p.image[:0]
		for colour := range 3 {
			for y := range c.Crop {
				for x := range c.Crop {
					at := (y+b.Crops[i].Y)*c.Size + x + b.Crops[i].X
					pixel := float32(b.Pixels[(i*c.Size*c.Size+at)*3+colour])
					p.image = append(p.image, (pixel-p.mean[colour*c.Size*c.Size+at])*float32(c.Scale))
				}
			}
		}
		if err := p.images.Add(p.image); err != nil {
			return err
		}
	}
	return nil
}

// Finish writes what is not written yet. The error may be that of a batch before.
func (p *Predictions) Finish() error {
	if p.err != nil {
		return p.err
	}
	n := len(p.labels)
	return p.images.Finish([]safetensors.Tensor{
		{Name: "labels", Shape: []int{n}, Ints: p.labels},
		{Name: "probabilities", Shape: []int{n, len(p.probabilities) / max(1, n)}, Floats: p.probabilities},
	}, nil)
}
