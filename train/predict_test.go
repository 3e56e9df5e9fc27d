package train

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"alexnet/net"
	"alexnet/train/data"
)

// damaged is a set of which one image cannot be read.
type damaged struct {
	data.Set
	bad int
}

var errDamaged = errors.New("half a file")

func (d damaged) Pixels(i int, dst []byte) error {
	if i == d.bad {
		return &data.BadImageError{Path: d.Name(i), Err: errDamaged}
	}
	return d.Set.Pixels(i, dst)
}

// The centre crop's predictions are an evaluation's; ten crops' are the mean over crops
// that are cut and mirrored here. An image that cannot be read leaves the others theirs.
func TestPrediction(t *testing.T) {
	c, dir := tinyConfig(t), filepath.Join(t.TempDir(), "run")
	devices := devices(t, "2")
	set := run(t, c, dir, false, devices).Sets.Val
	l, _, err := FindCheckpoint(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	build := func(batch int) *net.Net {
		n, err := l.Build(c, devices, net.Options{Batch: batch})
		if err == nil {
			err = l.Load(n)
		}
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	n := build(8)
	mean, err := l.Mean()
	if err != nil {
		t.Fatal(err)
	}
	predictions, _ := newPredictions(t, c, mean)
	e := Evaluation{Predictions: predictions}
	if _, err := e.Run(context.Background(), n, c, set); err != nil {
		t.Fatal(err)
	}
	const bad = 9
	check := func(p Prediction, n *net.Net, want []float32) {
		t.Helper()
		done := 0
		p.Top, p.OnImages = 20, func(now, _ int) { done = now }
		got, err := p.Run(context.Background(), n, c, damaged{set, bad})
		if err != nil || len(got) != set.Len() || done != set.Len() {
			t.Fatalf("%v: %d images, told of %d, want %d", err, len(got), done, set.Len())
		}
		for i, g := range got {
			if i == bad {
				if !errors.Is(g.Err, errDamaged) || g.Guesses != nil {
					t.Errorf("of the damaged image: %+v", g)
				}
				continue
			}
			if g.Err != nil || g.Label != set.Label(i) || len(g.Guesses) != 20 || (g.Picture != nil) != p.Pictures {
				t.Fatalf("image %d: %+v", i, g)
			}
			probabilities := make([]float32, 20)
			for k, guess := range g.Guesses {
				probabilities[guess.Class] = float32(guess.Probability)
				if k > 0 && guess.Probability > g.Guesses[k-1].Probability {
					t.Errorf("image %d: the guesses are not in order", i)
				}
			}
			if d := differ(probabilities, want[20*i:20*(i+1)]); !(d < 1e-5) {
				t.Errorf("image %d: probabilities differ by %g", i, d)
			}
		}
	}
	check(Prediction{Pictures: true}, n, e.Predictions.probabilities)
	check(Prediction{}, build(1), e.Predictions.probabilities)
	check(Prediction{TenCrops: true}, n, tenByHand(t, n, c, set, mean))
}

// tenByHand are probabilities (image, class) that are means over the paper's ten crops,
// which are made into the first layer's inputs here.
func tenByHand(t *testing.T, n *net.Net, c *Config, set data.Set, mean []float32) []float32 {
	t.Helper()
	const size, crop, room = 64, 56, 8 // of the tiny recipe
	corners := [][2]int{{0, 0}, {room, 0}, {0, room}, {room, room}, {room / 2, room / 2}}
	out := make([]float32, 20*set.Len())
	pixels := make([]byte, size*size*3)
	for i := range set.Len() {
		if err := set.Pixels(i, pixels); err != nil {
			t.Fatal(err)
		}
		for k := range 10 {
			left, top, values := corners[k/2][0], corners[k/2][1], make([]float32, 3*crop*crop)
			for to := range values {
				x, y, colour := to%crop, to/crop%crop, to/(crop*crop)
				if k%2 == 1 {
					x = crop - 1 - x
				}
				at := (top+y)*size + left + x
				values[to] = (float32(pixels[3*at+colour]) - mean[colour*size*size+at]) * float32(c.Scale)
			}
			if _, err := n.Test(&net.Batch{Values: values, Labels: []int32{0}, Valid: 1}); err != nil {
				t.Fatal(err)
			}
			p, err := n.Probabilities(1)
			if err != nil {
				t.Fatal(err)
			}
			for class, v := range p {
				out[20*i+class] += v / 10
			}
		}
	}
	return out
}
