package train

import (
	"context"
	"errors"
	"image"
	"io"
	"runtime"

	"alexnet/net"
	"alexnet/train/data"
	"alexnet/train/monitor"
)

// Prediction asks a network what it takes images for (Krizhevsky 2012, Figure 4).
type Prediction struct {
	TenCrops bool // average over data.TenCrops; otherwise the centre alone
	Top      int  // most probable classes of each image
	Pictures bool // keep the images themselves
	// OnImages is called after each batch. It may be nil.
	OnImages func(done, total int)
}

// Predicted is what a network takes an image for.
type Predicted struct {
	Image   string // its name in the set
	Label   int    // -1: not known
	Guesses []monitor.Guess
	Picture *image.RGBA // of which the crops are parts; nil: not kept
	Err     error       // why it cannot be read
}

// Run makes one pass over a set, and names its images in order. The network must have
// its weights and mean.
func (p *Prediction) Run(ctx context.Context, n *net.Net, c *Config, set data.Set) ([]Predicted, error) {
	out := make([]Predicted, set.Len())
	for i := range out {
		out[i] = Predicted{Image: set.Name(i), Label: set.Label(i)}
	}
	loader, err := data.NewLoader(set, data.LoaderOptions{
		Batch: n.Options.Batch, Crop: c.Crop, Workers: runtime.NumCPU(), MaxBad: 1,
		OnBad: func(image int, err error) { out[image].Err = err },
	})
	if err != nil {
		return nil, err
	}
	defer loader.Close()
	crops := []data.Crop{data.Centre(c.Size - c.Crop)}
	if p.TenCrops {
		crops = data.TenCrops(c.Size - c.Crop)
	}
	for {
		b, err := loader.Next(ctx)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		err = p.batch(n, c, b, crops, out)
		next := int(b.Next)
		b.Release()
		if err != nil {
			return nil, err
		}
		if p.OnImages != nil {
			p.OnImages(next, set.Len())
		}
	}
}

// batch fills in what a batch's images are taken for.
func (p *Prediction) batch(n *net.Net, c *Config, b *data.Batch, crops []data.Crop, out []Predicted) error {
	probabilities, err := average(n, b, crops)
	if err != nil {
		return err
	}
	classes, bytes := c.Net.Classes(), c.Size*c.Size*3
	for i, index := range b.Index {
		out[index].Guesses = guesses(probabilities[i*classes:(i+1)*classes], p.Top)
		if p.Pictures {
			out[index].Picture = cut(b.Pixels[i*bytes:(i+1)*bytes], c.Size, 0, c.Size)
		}
	}
	return nil
}

// average is the mean of the probabilities (image, class) of several crops of each
// image.
func average(n *net.Net, b *data.Batch, crops []data.Crop) ([]float32, error) {
	var mean []float32
	var input net.Batch
	for k, crop := range crops {
		for i := range b.Crops {
			b.Crops[i] = crop
		}
		if _, err := n.Test(batch(b, &input)); err != nil {
			return nil, err
		}
		one, err := n.Probabilities(b.Valid)
		if err != nil {
			return nil, err
		}
		if k == 0 {
			mean = one
			continue
		}
		for i, v := range one { // of so many so far
			mean[i] += (v - mean[i]) / float32(k+1)
		}
	}
	return mean, nil
}
