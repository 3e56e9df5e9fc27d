package data

import "math/rand/v2"

// Order is the permutation of n images in an epoch: a function of seed and epoch.
func Order(seed, epoch uint64, n int) []int {
	return rand.New(rand.NewPCG(seed, 2*epoch)).Perm(n)
}

// Crop says how one image becomes an input: the crop's corner in pixels, whether
// it is mirrored, and the shift in grey levels of red, green and blue.
type Crop struct {
	X, Y   int
	Mirror bool
	Shift  [3]float32
}

// Augment are the settings of a training image's random draws (Krizhevsky 2012,
// section 4.1).
type Augment struct {
	RandomCrop bool // a place of its own; otherwise the centre
	Mirror     bool // with probability 1/2
	// Colour is the standard deviation of the three factors of Components, whose
	// rows are added to every pixel: 0.1 in the paper, 0 for none.
	Colour     float64
	Components [3][3]float64 // principal component j times its scale, by colour
}

// Draw makes the crop of the counter-th training image: a function of seed and
// counter alone. room is the image's size minus the crop's.
func (a *Augment) Draw(seed, counter uint64, room int) Crop {
	random := rand.New(rand.NewPCG(seed, 2*counter+1))
	c := Centre(room)
	if a.RandomCrop {
		c.X, c.Y = random.IntN(room+1), random.IntN(room+1)
	}
	if a.Mirror {
		c.Mirror = random.Uint64()&1 == 1
	}
	if a.Colour > 0 {
		for _, component := range a.Components {
			factor := random.NormFloat64() * a.Colour
			for k, v := range component {
				c.Shift[k] += float32(factor * v)
			}
		}
	}
	return c
}

// Centre is the crop in the middle of an image.
func Centre(room int) Crop { return Crop{X: room / 2, Y: room / 2} }

// TenCrops are those whose probabilities are averaged in testing: the centre, the four
// corners and the mirrors of all five (Krizhevsky 2012, section 4.1).
func TenCrops(room int) []Crop {
	crops := []Crop{Centre(room), {}, {X: room}, {Y: room}, {X: room, Y: room}}
	for _, c := range crops[:5] {
		c.Mirror = true
		crops = append(crops, c)
	}
	return crops
}
