package train

import (
	"context"
	"image"

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
	crops := testCrops(c, p.TenCrops)
	images := pass{net: n, c: c, set: set, onBad: func(image int, err error) { out[image].Err = err }, onImages: p.OnImages}
	_, err := images.run(ctx, func(b *data.Batch) error { return p.batch(n, c, b, crops, out) })
	if err != nil {
		return nil, err
	}
	return out, nil
}

// batch fills in what a batch's images are taken for.
func (p *Prediction) batch(n *net.Net, c *Config, b *data.Batch, crops []data.Crop, out []Predicted) error {
	probabilities, _, err := average(n, b, crops)
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
