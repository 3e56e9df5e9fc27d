package data

import (
	"math"
	"math/rand/v2"
	"testing"
)

func analyse(t *testing.T, pixels []byte) *ColourPCA {
	t.Helper()
	var sums ColourSums
	sums.add(pixels)
	p, err := sums.pca()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func near(t *testing.T, what string, got, want [3]float64, tolerance float64) {
	t.Helper()
	for c := range want {
		if !(math.Abs(got[c]-want[c]) <= tolerance) {
			t.Errorf("%s is %v, want %v", what, got, want)
			return
		}
	}
}

// Pixels are spread along three chosen directions by chosen amounts.
func TestColourPCAFindsTheDirections(t *testing.T) {
	a, b := 1/math.Sqrt(3), 1/math.Sqrt(2)
	want := [3][3]float64{{a, a, a}, {b, 0, -b}, {-a * b, 2 * a * b, -a * b}}
	deviations := [3]float64{40, 15, 5}
	random := rand.New(rand.NewPCG(1, 1))
	pixels := make([]byte, 3*200000)
	for i := 0; i < len(pixels); i += 3 {
		x := [3]float64{120, 110, 100}
		for j, d := range want {
			z := random.NormFloat64() * deviations[j]
			for c := range x {
				x[c] += z * d[c]
			}
		}
		for c, v := range x {
			pixels[i+c] = byte(math.Round(max(0, min(255, v))))
		}
	}
	p := analyse(t, pixels)
	near(t, "mean", p.Mean, [3]float64{120, 110, 100}, 0.5)
	near(t, "deviation", p.Deviation, deviations, 0.3)
	for j := range want {
		sum, square, along := 0.0, 0.0, 0.0
		for c, d := range p.Direction[j] {
			sum, square, along = sum+d, square+d*d, along+d*want[j][c]
		}
		if sum < -1e-9 || math.Abs(square-1) > 1e-12 || math.Abs(along) < 0.999 {
			t.Errorf("direction %d is %v, want %v", j, p.Direction[j], want[j])
		}
		if d := p.Deviation[j] / 255; math.Abs(p.Eigenvalue[j]-d*d) > 1e-12 {
			t.Errorf("eigenvalue %d is %v", j, p.Eigenvalue[j])
		}
	}
}

func TestColourPCAOfOneColour(t *testing.T) {
	p := analyse(t, []byte{10, 20, 30, 10, 20, 30, 10, 20, 30})
	near(t, "mean", p.Mean, [3]float64{10, 20, 30}, 0)
	near(t, "deviation", p.Deviation, [3]float64{}, 0)
	// Grey pixels vary along (1, 1, 1) alone.
	p = analyse(t, []byte{0, 0, 0, 255, 255, 255})
	near(t, "deviation", p.Deviation, [3]float64{127.5 * math.Sqrt(3), 0, 0}, 1e-5)
	near(t, "direction", p.Direction[0], [3]float64{1 / math.Sqrt(3), 1 / math.Sqrt(3), 1 / math.Sqrt(3)}, 1e-12)
}

// The formula E[ab] - E[a]E[b] in float64 would lose half of these digits.
func TestColourCovarianceIsExact(t *testing.T) {
	s := ColourSums{Count: 3e13, Sum: [3]uint64{3e13*200 + 1, 0, 0}}
	s.Products[0][0] = 3e13*200*200 + 401 // one pixel is 201
	want := 1/3e13 - 1/3e13/3e13
	if got := s.covariance(0, 0); math.Abs(got-want) > 1e-12*want {
		t.Errorf("covariance %v, want %v", got, want)
	}
}

func TestComponents(t *testing.T) {
	p := ColourPCA{Deviation: [3]float64{51, 10, 5}, Eigenvalue: [3]float64{0.04, 0.01, 0},
		Direction: [3][3]float64{{0.6, 0.8, 0}, {0.8, -0.6, 0}, {0, 0, 1}}}
	near(t, "deviation 0", p.Components(Deviation)[0], [3]float64{30.6, 40.8, 0}, 1e-12)
	near(t, "deviation 1", p.Components(Deviation)[1], [3]float64{8, -6, 0}, 1e-12)
	near(t, "eigenvalue 0", p.Components(Eigenvalue)[0], [3]float64{6.12, 8.16, 0}, 1e-12)
	defer func() {
		if recover() == nil {
			t.Error("an unknown scale is taken")
		}
	}()
	p.Components("variance")
}

func TestPositive(t *testing.T) {
	for _, c := range [][2][3]float64{
		{{-0.6, -0.8, 0}, {0.6, 0.8, 0}},
		{{0.6, 0.8, 0}, {0.6, 0.8, 0}},
		{{-0.8, 0.6, 0}, {0.8, -0.6, 0}},
		{{-math.Sqrt2 / 2, math.Sqrt2 / 2, 0}, {math.Sqrt2 / 2, -math.Sqrt2 / 2, 0}},
		{{0, -math.Sqrt2 / 2, math.Sqrt2 / 2}, {0, math.Sqrt2 / 2, -math.Sqrt2 / 2}},
	} {
		if got := positive(c[0]); got != c[1] {
			t.Errorf("%v becomes %v, want %v", c[0], got, c[1])
		}
	}
}
