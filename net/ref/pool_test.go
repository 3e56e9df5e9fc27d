package ref

import (
	"math/rand/v2"
	"testing"
)

var poolCases = []struct {
	name                       string
	n, c, h, w, kernel, stride int
}{
	{"one pixel", 1, 1, 1, 1, 1, 1},
	{"the paper's 3/2", 2, 2, 7, 5, 3, 2},
	{"3/2, windows that do not fit", 1, 3, 6, 8, 3, 2},
	{"2/2", 2, 1, 4, 6, 2, 2},
	{"stride 1", 1, 2, 4, 4, 3, 1},
	{"pixels between the windows", 1, 2, 7, 7, 2, 3},
}

// Values are 0.1 or more apart, so that no step changes a maximum.
func TestPoolBackward(t *testing.T) {
	for i, c := range poolCases {
		rng := rand.New(rand.NewPCG(8, uint64(i)))
		x := distinct(rng, c.n, c.c, c.h, c.w)
		y := MaxPool(x, c.kernel, c.stride)
		dy := random(rng, y.N, y.C, y.H, y.W)
		loss := func() float64 { return dot(MaxPool(x, c.kernel, c.stride).Data, dy.Data) }
		checkGradient(t, "maxpool "+c.name, loss, x.Data, MaxPoolBackward(x, dy, c.kernel, c.stride).Data, 1e-8)
		loss = func() float64 { return dot(AvgPool(x, c.kernel, c.stride).Data, dy.Data) }
		checkGradient(t, "avgpool "+c.name, loss, x.Data, AvgPoolBackward(x, dy, c.kernel, c.stride).Data, 1e-8)
	}
}

// A 4x5 map; 3/2 windows are at columns 0 and 2 of row 0, and row 3 is left out.
func TestPoolByHand(t *testing.T) {
	x := From(1, 1, 4, 5, []float64{
		-1, -2, -3, 0, -9,
		-4, -5, 7, -6, -7,
		-8, -1, -2, -4, 7,
		99, 99, 99, 99, 99})
	checkValues(t, "maxpool", MaxPool(x, 3, 2).Data, []float64{7, 7}, 0)
	checkValues(t, "avgpool", AvgPool(x, 3, 2).Data, []float64{-19. / 9, -17. / 9}, 1e-15)
	// The first 7 in row order wins both windows and gets both gradients.
	want := make([]float64, 20)
	want[7] = 5
	checkValues(t, "maxpool backward", MaxPoolBackward(x, From(1, 1, 1, 2, []float64{2, 3}), 3, 2).Data, want, 0)
	checkValues(t, "avgpool backward", AvgPoolBackward(x, From(1, 1, 1, 2, []float64{9, 18}), 3, 2).Data, []float64{
		1, 1, 3, 2, 2,
		1, 1, 3, 2, 2,
		1, 1, 3, 2, 2,
		0, 0, 0, 0, 0}, 1e-15)
}

// Behind a ReLU whole windows are 0: the gradient goes to their first pixel.
func TestMaxPoolTie(t *testing.T) {
	got := MaxPoolBackward(New(1, 1, 3, 3), From(1, 1, 1, 1, []float64{1}), 3, 2)
	checkValues(t, "tie", got.Data, []float64{1, 0, 0, 0, 0, 0, 0, 0, 0}, 0)
}

func TestPoolMistakes(t *testing.T) {
	checkPanics(t, "kernel", "fits an input of shape (1, 1, 2, 4)", func() { MaxPool(New(1, 1, 2, 4), 3, 2) })
	checkPanics(t, "gradient", "does not fit", func() { AvgPoolBackward(New(1, 1, 4, 4), New(1, 1, 2, 2), 3, 2) })
}
