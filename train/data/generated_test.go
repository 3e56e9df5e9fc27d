package data

import (
	"crypto/sha256"
	"fmt"
	"math"
	"testing"
)

// Runs and their figures depend on the generated images: a change of a bit
// must be meant.
func TestGeneratedGolden(t *testing.T) {
	const want = "bab7d13c70e0f923"
	h := sha256.New()
	set := NewGenerated(1, 20)
	pixels := make([]byte, GeneratedSize*GeneratedSize*3)
	for i := range set.Len() {
		if err := set.Pixels(i, pixels); err != nil {
			t.Fatal(err)
		}
		h.Write(pixels)
	}
	if got := fmt.Sprintf("%x", h.Sum(nil)[:8]); got != want {
		t.Errorf("images hash to %s, want %s", got, want)
	}
	if n := len(set.Classes()); n != 20 {
		t.Errorf("%d classes", n)
	}
}

func TestColourCarriesNoLuminance(t *testing.T) {
	for i := range 100 {
		c := chroma(float32(i)/100, 50)
		if s := c[0] + c[1] + c[2]; abs(s) > 1e-4 {
			t.Errorf("hue %d: channels sum to %v", i, s)
		}
	}
}

// The labels cannot be read off coarse colours: softmax regression on thumbnails
// errs on half of the images or more, while the demo's network errs on few.
func TestThumbnailsDoNotTellTheClass(t *testing.T) {
	train, val := thumbnails(t, 1, 4000), thumbnails(t, 2, 1000)
	var w [20][inputs]float64
	for epoch := range 30 {
		rate := 0.05 / (1 + float64(epoch)/10)
		for i, x := range train {
			p := scores(&w, x)
			sum := 0.0
			for k := range p {
				p[k] = math.Exp(p[k])
				sum += p[k]
			}
			for k := range p {
				g := p[k] / sum
				if k == i%20 {
					g--
				}
				for j := range x {
					w[k][j] -= rate * g * x[j]
				}
			}
		}
	}
	count := func(set [][inputs]float64) float64 {
		wrong := 0
		for i, x := range set {
			p := scores(&w, x)
			for k := range p {
				if k != i%20 && p[k] >= p[i%20] {
					wrong++
					break
				}
			}
		}
		return float64(wrong) / float64(len(set))
	}
	learned, errs := count(train), count(val)
	t.Logf("error %.1f %% on training images, %.1f %% on others", 100*learned, 100*errs)
	if errs < 0.5 {
		t.Errorf("thumbnails err on %.1f %% only", 100*errs)
	}
	if learned > 0.85 {
		t.Errorf("the regression learned nothing: it errs on %.1f %% of its own images", 100*learned)
	}
}

// inputs are the values of a thumbnail: 8 x 8 pixels of three colours, and a 1.
const inputs = 8*8*3 + 1

func thumbnails(t *testing.T, seed uint64, count int) [][inputs]float64 {
	set := NewGenerated(seed, count)
	pixels := make([]byte, GeneratedSize*GeneratedSize*3)
	out := make([][inputs]float64, count)
	for i := range out {
		if err := set.Pixels(i, pixels); err != nil {
			t.Fatal(err)
		}
		for p, v := range pixels {
			x, y, c := p/3%GeneratedSize, p/3/GeneratedSize, p%3
			out[i][(y/8*8+x/8)*3+c] += (float64(v) - 128) / 128 / 64
		}
		out[i][inputs-1] = 1
	}
	return out
}

func scores(w *[20][inputs]float64, x [inputs]float64) (p [20]float64) {
	for k := range p {
		for j := range x {
			p[k] += w[k][j] * x[j]
		}
	}
	return p
}

func BenchmarkGenerated(b *testing.B) {
	set := NewGenerated(1, 20000)
	pixels := make([]byte, GeneratedSize*GeneratedSize*3)
	for i := range b.N {
		set.Pixels(i%set.Len(), pixels)
	}
}
