package ref

import (
	"math"
	"math/rand/v2"
	"testing"
)

// alpha is large here, so that the window matters in every digit.
var lrnCases = []struct {
	name                  string
	n, c, h, w            int
	groups, size          int
	k, alpha, beta, scale float64 // scale of the inputs
}{
	{"paper's constants", 1, 8, 2, 2, 2, 5, 2, 1e-4, 0.75, 100},
	{"one group", 2, 7, 2, 1, 1, 5, 2, 0.3, 0.75, 1},
	{"two equal groups", 1, 6, 2, 2, 2, 5, 1, 0.5, 0.75, 1},
	{"odd groups 4+3", 2, 7, 1, 2, 2, 3, 2, 0.5, 0.6, 1},
	{"groups smaller than the window", 1, 5, 1, 1, 3, 9, 1, 0.7, 1.5, 1},
	{"a window of one", 1, 3, 2, 2, 1, 1, 1, 0.7, 0.75, 1},
}

func TestLRN(t *testing.T) {
	for i, c := range lrnCases {
		rng := rand.New(rand.NewPCG(6, uint64(i)))
		x := random(rng, c.n, c.c, c.h, c.w)
		for j := range x.Data {
			x.Data[j] *= c.scale
		}
		column := []int{}
		for g, channels := range Deal(c.c, c.groups) {
			for range channels {
				column = append(column, g)
			}
		}
		want := x.Like()
		for n := range x.N {
			for h := range x.H {
				for w := range x.W {
					for i := range x.C {
						d := c.k
						for j := range x.C {
							if 2*max(i-j, j-i) < c.size && column[i] == column[j] {
								d += c.alpha * x.At(n, j, h, w) * x.At(n, j, h, w)
							}
						}
						want.Set(n, i, h, w, x.At(n, i, h, w)/math.Pow(d, c.beta))
					}
				}
			}
		}
		checkValues(t, c.name, LRN(x, c.groups, c.size, c.k, c.alpha, c.beta).Data, want.Data, 1e-12)
	}
}

func TestLRNBackward(t *testing.T) {
	for i, c := range lrnCases {
		rng := rand.New(rand.NewPCG(7, uint64(i)))
		x, dy := random(rng, c.n, c.c, c.h, c.w), random(rng, c.n, c.c, c.h, c.w)
		for j := range x.Data {
			x.Data[j] *= c.scale
		}
		loss := func() float64 { return dot(LRN(x, c.groups, c.size, c.k, c.alpha, c.beta).Data, dy.Data) }
		dx := LRNBackward(x, dy, c.groups, c.size, c.k, c.alpha, c.beta)
		checkGradient(t, c.name, loss, x.Data, dx.Data, 1e-7)
	}
}

// Channels 1, 2, 3 and 4 with k = 1, alpha = 1, beta = 1: d is 1 plus the squares
// in a window of three, in one column and in two.
func TestLRNByHand(t *testing.T) {
	x := From(1, 4, 1, 1, []float64{1, 2, 3, 4})
	checkValues(t, "one column", LRN(x, 1, 3, 1, 1, 1).Data, []float64{1. / 6, 2. / 15, 3. / 30, 4. / 26}, 1e-15)
	checkValues(t, "two columns", LRN(x, 2, 3, 1, 1, 1).Data, []float64{1. / 6, 2. / 6, 3. / 26, 4. / 26}, 1e-15)
	// dy = (1, 0, 0, 0): only d_1 = 6 counts, dx_1 = 1/6 - 2*1*1/36, dx_2 = -2*2*1/36.
	dy := From(1, 4, 1, 1, []float64{1, 0, 0, 0})
	checkValues(t, "backward", LRNBackward(x, dy, 2, 3, 1, 1, 1).Data, []float64{1./6 - 2./36, -4. / 36, 0, 0}, 1e-15)
}

func TestLRNMistakes(t *testing.T) {
	checkPanics(t, "even", "expected an odd number", func() { LRN(New(1, 4, 1, 1), 1, 4, 2, 1e-4, 0.75) })
	checkPanics(t, "gradient", "does not fit", func() { LRNBackward(New(1, 4, 1, 1), New(1, 3, 1, 1), 1, 5, 2, 1e-4, 0.75) })
}
