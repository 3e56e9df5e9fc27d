package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"alexnet/net"
	"alexnet/train/data"
)

// pass shows the images of a set to a network once, in order.
type pass struct {
	net *net.Net // with its weights and mean
	c   *Config
	set data.Set
	// onBad is called for each image that cannot be read, onImages after each batch.
	onBad    func(image int, err error)
	onImages func(done, total int) // may be nil
}

// run calls a function with each batch, whose crops are the centres. It returns how many
// images cannot be read.
func (p *pass) run(ctx context.Context, each func(*data.Batch) error) (bad int, err error) {
	loader, err := data.NewLoader(p.set, data.LoaderOptions{
		Batch: p.net.Options.Batch, Crop: p.c.Crop, Workers: runtime.NumCPU(), OnBad: p.onBad,
		MaxBad: 1, // a small set has a large share soon
	})
	if err != nil {
		return 0, err
	}
	defer loader.Close()
	for {
		b, err := loader.Next(ctx)
		if errors.Is(err, io.EOF) {
			return loader.Bad(), nil
		}
		if err != nil {
			return 0, err
		}
		err = each(b)
		next := int(b.Next)
		b.Release()
		if err != nil {
			return 0, err
		}
		if p.onImages != nil {
			p.onImages(next, p.set.Len())
		}
	}
}

// testCrops are those that probabilities are averaged over.
func testCrops(c *Config, ten bool) []data.Crop {
	if ten {
		return data.TenCrops(c.Size - c.Crop)
	}
	return []data.Crop{data.Centre(c.Size - c.Crop)}
}

// average is the mean of the probabilities (image, class) of several crops of each
// image, and the result of the last crop.
func average(n *net.Net, b *data.Batch, crops []data.Crop) (mean []float32, last net.Result, err error) {
	var input net.Batch
	for k, crop := range crops {
		for i := range b.Crops {
			b.Crops[i] = crop
		}
		if last, err = n.Test(batch(b, &input)); err != nil {
			return nil, last, err
		}
		one, err := n.Probabilities(b.Valid)
		if err == nil && !finite(one) {
			err = fmt.Errorf("train: probabilities: %w", ErrExploded)
		}
		if err != nil {
			return nil, last, err
		}
		if k == 0 {
			mean = one
			continue
		}
		blend(mean, one, k)
	}
	return mean, last, nil
}

// blend makes the mean of so many values that of one more.
func blend(mean, one []float32, of int) {
	for i, v := range one {
		mean[i] += (v - mean[i]) / float32(of+1)
	}
}
