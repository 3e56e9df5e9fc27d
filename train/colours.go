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
// their statistics are not known. progress may be nil.
func measureColours(ctx context.Context, c *Config, sets *Sets, progress func(done, total int)) (*Colours, error) {
	set, size := sets.Train, sets.Train.Size()
	out := &Colours{Mean: make([]float32, 3*size*size)}
	if c.Mean == "none" && c.Colour == 0 {
		return out, nil
	}
	s := sets.Stats
	if s == nil {
		var err error
		if s, err = data.Statistics(ctx, set, progress); err != nil {
			return nil, err
		}
	}
	if float64(s.Bad) > c.MaxBad*float64(set.Len()) {
		return nil, fmt.Errorf("train: %d of %d training images cannot be read, more than data.max_bad = %g allows; the first one: %w", s.Bad, set.Len(), c.MaxBad, s.First)
	}
	if s.Bad > 0 {
		out.unreadable = fmt.Sprintf("%d of %d training images cannot be read; others take their place", s.Bad, set.Len())
	}
	switch c.Mean {
	case "image":
		out.Mean = s.Mean
	case "colour":
		for colour, mean := range s.Colour.Mean {
			for i := range size * size {
				out.Mean[colour*size*size+i] = float32(mean)
			}
		}
	}
	out.Components = s.Colour.Components(data.ColourScale(c.ColourScale))
	return out, nil
}
