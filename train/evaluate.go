package train

import (
	"context"
	"errors"
	"io"
	"runtime"

	"alexnet/net"
	"alexnet/train/data"
	"alexnet/train/safetensors"
)

// Evaluation tests a network on the centre crops of a set.
type Evaluation struct {
	Limit int // test so many images, spread over the set; 0: all
	// OnImages is called after each batch, OnMessage with sentences for the user.
	// They may be nil.
	OnImages  func(done, total int)
	OnMessage func(string)
	// Predictions, if set, collects what the network saw and said.
	Predictions *Predictions

	Images     int // tested by Run
	Unreadable int // left out by Run
}

// Predictions are the inputs and outputs of an evaluation.
type Predictions struct {
	Mean          []float32 // of the checkpoint, (3, size, size)
	images        []float32 // (n, 3, crop, crop), as the first layer sees them
	labels        []int64
	probabilities []float32 // (n, class)
}

// Run makes one pass over a set. The network must have its weights and mean.
func (e *Evaluation) Run(ctx context.Context, n *net.Net, c *Config, set data.Set) (Validation, error) {
	if e.Limit > 0 {
		set = data.Spread(set, e.Limit)
	}
	loader, err := data.NewLoader(set, data.LoaderOptions{
		Batch: n.Options.Batch, Crop: c.Crop, Workers: runtime.NumCPU(),
		MaxBad: 1, // a small set has a large share soon
		OnBad: func(_ int, err error) {
			if e.OnMessage != nil {
				e.OnMessage(err.Error() + "; it is left out")
			}
		},
	})
	if err != nil {
		return Validation{}, err
	}
	defer loader.Close()
	defer func() {
		for n.InFlight() > 0 { // behind an error
			n.Await()
		}
	}()
	var all net.Result
	if err := e.pass(ctx, n, c, loader, set.Len(), &all); err != nil {
		return Validation{}, err
	}
	e.Images, e.Unreadable = len(all.Rank), loader.Bad()
	if e.Images == 0 {
		return Validation{}, errors.New("train: none of the images can be read")
	}
	return Validation{Loss: all.Mean(), Top1Error: all.Errors(1), Top5Error: all.Errors(5)}, nil
}

// pass tests all batches, each begun while the one before it runs.
func (e *Evaluation) pass(ctx context.Context, n *net.Net, c *Config, loader *data.Loader, total int, all *net.Result) error {
	finish := func() error {
		r, err := n.Await()
		if err != nil {
			return err
		}
		all.Loss, all.Rank = append(all.Loss, r.Loss...), append(all.Rank, r.Rank...)
		if e.OnImages != nil {
			e.OnImages(len(all.Rank), total)
		}
		return nil
	}
	var input net.Batch
	for {
		b, err := loader.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		err = n.BeginTest(batch(b, &input))
		if err == nil && (n.InFlight() == 2 || e.Predictions != nil) {
			err = finish()
		}
		if err == nil && e.Predictions != nil {
			err = e.Predictions.add(n, c, b)
		}
		b.Release()
		if err != nil {
			return err
		}
	}
	for n.InFlight() > 0 {
		if err := finish(); err != nil {
			return err
		}
	}
	return nil
}

// add appends a tested batch.
func (p *Predictions) add(n *net.Net, c *Config, b *data.Batch) error {
	probabilities, err := n.Probabilities(b.Valid)
	if err != nil {
		return err
	}
	p.probabilities = append(p.probabilities, probabilities...)
	for i := range b.Valid {
		p.labels = append(p.labels, int64(b.Labels[i]))
		for colour := range 3 {
			for y := range c.Crop {
				for x := range c.Crop {
					at := (y+b.Crops[i].Y)*c.Size + x + b.Crops[i].X
					pixel := float32(b.Pixels[(i*c.Size*c.Size+at)*3+colour])
					p.images = append(p.images, (pixel-p.Mean[colour*c.Size*c.Size+at])*float32(c.Scale))
				}
			}
		}
	}
	return nil
}

// Tensors are "images" (n, 3, crop, crop) as the first layer sees them, "labels" (n)
// and "probabilities" (n, class).
func (p *Predictions) Tensors(c *Config) []safetensors.Tensor {
	n := len(p.labels)
	return []safetensors.Tensor{
		{Name: "images", Shape: []int{n, 3, c.Crop, c.Crop}, Floats: p.images},
		{Name: "labels", Shape: []int{n}, Ints: p.labels},
		{Name: "probabilities", Shape: []int{n, c.Net.Classes()}, Floats: p.probabilities},
	}
}
