package train

import (
	"fmt"

	"alexnet/train/data"
)

// meanImage is what a recipe subtracts from every image, (3, Size, Size).
func meanImage(c *Config, set data.Set) ([]float32, error) {
	size := set.Size()
	mean := make([]float32, 3*size*size)
	if c.Mean == "none" {
		return mean, nil
	}
	sums := make([]uint64, 3*size*size)
	pixels := make([]byte, 3*size*size)
	count := 0
	// A mean over 5,000 images is exact to a fraction of a grey level.
	step := max(1, set.Len()/5000)
	for i := 0; i < set.Len(); i += step {
		if set.Pixels(i, pixels) != nil {
			continue
		}
		count++
		for k, v := range pixels {
			sums[k] += uint64(v)
		}
	}
	if count == 0 {
		return nil, fmt.Errorf("train: no image of the set can be read")
	}
	for c := range 3 {
		for i := range size * size {
			mean[c*size*size+i] = float32(float64(sums[3*i+c]) / float64(count))
		}
	}
	if c.Mean == "colour" {
		flatten(mean, size*size)
	}
	return mean, nil
}

// flatten replaces each colour's plane by its mean.
func flatten(mean []float32, plane int) {
	for c := range 3 {
		total := 0.0
		for _, v := range mean[c*plane : (c+1)*plane] {
			total += float64(v)
		}
		for i := range plane {
			mean[c*plane+i] = float32(total / float64(plane))
		}
	}
}
