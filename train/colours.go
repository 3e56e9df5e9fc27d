package train

import (
	"context"
	"fmt"

	"alexnet/train/data"
)

// Colours are what a run takes from its training images as a whole.
type Colours struct {
	Mean       []float32     // subtracted from every image, (3, size, size)
	Components [3][3]float64 // of the colour shift, for data.Augment

	unreadable string // a sentence about images that could not be read, or empty
}

// measureColours looks through a recipe's training images as far as it needs them and
// neither files nor the images' source tell their statistics. progress may be nil.
func measureColours(ctx context.Context, c *Config, sets *Sets, progress func(done, total int)) (*Colours, error) {
	size := sets.Train.Size()
	out := &Colours{Mean: make([]float32, 3*size*size)}
	mean, pca, err := readyColours(c, size)
	if err != nil {
		return nil, err
	}
	level := planeMeans(mean)
	if c.Mean != "none" && mean == nil || c.Colour > 0 && pca == nil {
		s, err := statistics(ctx, c, sets, progress)
		if err != nil {
			return nil, err
		}
		if s.Bad > 0 {
			out.unreadable = fmt.Sprintf("%d of %d training images cannot be read; others take their place", s.Bad, sets.Train.Len())
		}
		if mean == nil {
			mean, level = s.Mean, s.Colour.Mean
		}
		if pca == nil {
			pca = &s.Colour
		}
	}
	switch c.Mean {
	case "image":
		out.Mean = mean
	case "colour":
		for i := range out.Mean {
			out.Mean[i] = float32(level[i/(size*size)])
		}
	}
	if pca != nil {
		out.Components = pca.Components(data.ColourScale(c.ColourScale))
	}
	return out, nil
}

// planeMeans are the means of red, green and blue of an image (3, y, x).
func planeMeans(image []float32) (out [3]float64) {
	plane := len(image) / 3
	for i, v := range image {
		out[i/plane] += float64(v) / float64(plane)
	}
	return out
}

// readyColours are the mean image and the components that files hold; nil where the
// recipe names none.
func readyColours(c *Config, size int) (mean []float32, pca *data.ColourPCA, err error) {
	if c.MeanFile != "" {
		if mean, err = readMean(c.MeanFile, size); err != nil {
			return nil, nil, err
		}
	}
	if c.ColourFile != "" {
		pca, err = readColours(c.ColourFile)
	}
	return mean, pca, err
}

// statistics are those of the training images.
func statistics(ctx context.Context, c *Config, sets *Sets, progress func(done, total int)) (*data.Stats, error) {
	if sets.Stats != nil {
		return sets.Stats, nil
	}
	s, err := data.Statistics(ctx, sets.Train, progress)
	if err != nil {
		return nil, err
	}
	if n := sets.Train.Len(); float64(s.Bad) > c.MaxBad*float64(n) {
		return nil, fmt.Errorf("train: %d of %d training images cannot be read, more than data.max_bad = %g allows; the first one: %w", s.Bad, n, c.MaxBad, s.First)
	}
	return s, nil
}
