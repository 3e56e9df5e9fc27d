package ref

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// random fills a tensor with N(0, 1).
func random(rng *rand.Rand, n, c, h, w int) *Tensor {
	return From(n, c, h, w, normal(rng, n*c*h*w))
}

func normal(rng *rand.Rand, count int) []float64 {
	v := make([]float64, count)
	for i := range v {
		v[i] = rng.NormFloat64()
	}
	return v
}

// distinct is a tensor of shuffled values at least 0.1 apart and 0.05 away from
// 0: a step of a finite difference changes no maximum and no sign.
func distinct(rng *rand.Rand, n, c, h, w int) *Tensor {
	t := New(n, c, h, w)
	for i, place := range rng.Perm(len(t.Data)) {
		t.Data[i] = 0.1*float64(place-len(t.Data)/2) + 0.05
	}
	return t
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func sum(v []float64) float64 {
	total := 0.0
	for i := range v {
		total += v[i]
	}
	return total
}

// step of central differences; their error is about step^2 times the third
// derivative plus 1e-16/step of the function's value.
const step = 1e-4

// central is dL/dv[i] by central differences.
func central(loss func() float64, v []float64, i int) float64 {
	kept := v[i]
	v[i] = kept + step
	above := loss()
	v[i] = kept - step
	below := loss()
	v[i] = kept
	return (above - below) / (2 * step)
}

// near tells whether got is within tol of want, relative where want is above 1.
func near(got, want, tol float64) bool { return math.Abs(got-want) <= tol*max(1, math.Abs(want)) }

// checkGradient compares a gradient with central differences of loss at every
// value of v.
func checkGradient(t *testing.T, what string, loss func() float64, v, gradient []float64, tol float64) {
	t.Helper()
	if len(gradient) != len(v) {
		t.Fatalf("%s: %d gradients of %d values", what, len(gradient), len(v))
	}
	for i := range v {
		if want := central(loss, v, i); !near(gradient[i], want, tol) {
			t.Fatalf("%s: gradient %d of %d is %.9g; central differences give %.9g", what, i, len(v), gradient[i], want)
		}
	}
}

func checkValues(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values; expected %d", what, len(got), len(want))
	}
	for i := range want {
		if !near(got[i], want[i], tol) {
			t.Fatalf("%s: value %d is %.12g; expected %.12g", what, i, got[i], want[i])
		}
	}
}

// checkPanics runs a caller's mistake.
func checkPanics(t *testing.T, name, sentence string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if said, _ := recover().(string); !strings.Contains(said, sentence) {
			t.Errorf("%s: panicked with %q; expected %q in it", name, said, sentence)
		}
	}()
	f()
}

func TestDeal(t *testing.T) {
	for _, c := range []struct {
		units, columns int
		want           []int
	}{
		{5, 2, []int{3, 2}},
		{96, 2, []int{48, 48}},
		{7, 1, []int{7}},
		{11, 4, []int{3, 3, 3, 2}},
		{1, 3, []int{1, 0, 0}},
	} {
		if got := Deal(c.units, c.columns); !slices.Equal(got, c.want) {
			t.Errorf("Deal(%d, %d) = %v; expected %v", c.units, c.columns, got, c.want)
		}
	}
}

// 5 channels and 3 units in 2 groups are 3 -> 2 and 2 -> 1.
func TestSources(t *testing.T) {
	got, total := sources(5, 3, 2, 4)
	want := []source{{0, 3, 0}, {0, 3, 12}, {3, 2, 24}}
	if !slices.Equal(got, want) || total != 32 {
		t.Errorf("sources are %v, %d weights; expected %v, 32", got, total, want)
	}
}

func TestTensorIndex(t *testing.T) {
	x := New(2, 3, 4, 5)
	next := 0
	for n := range 2 {
		for c := range 3 {
			for h := range 4 {
				for w := range 5 {
					x.Set(n, c, h, w, float64(next))
					if x.Index(n, c, h, w) != next || x.At(n, c, h, w) != float64(next) {
						t.Fatalf("(%d, %d, %d, %d) is not value %d", n, c, h, w, next)
					}
					next++
				}
			}
		}
	}
	if image := x.Image(1); len(image) != 60 || image[0] != 60 {
		t.Errorf("image 1 starts with %v and has %d values", image[0], len(image))
	}
}

func TestTensorMistakes(t *testing.T) {
	checkPanics(t, "negative", "cannot be of shape (1, -1, 2, 2)", func() { New(1, -1, 2, 2) })
	checkPanics(t, "short", "3 values do not fill", func() { From(1, 1, 2, 2, make([]float64, 3)) })
	checkPanics(t, "columns", "dealt to 0 columns", func() { Deal(4, 0) })
}
