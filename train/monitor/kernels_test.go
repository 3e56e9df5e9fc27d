package monitor

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestAutocorrelation(t *testing.T) {
	const size = 11
	r := rand.New(rand.NewPCG(1, 2))
	noise, wave := make([]float32, 3*size*size*50), make([]float32, 3*size*size)
	for i := range noise {
		noise[i] = float32(r.NormFloat64())
	}
	for i := range wave {
		wave[i] = float32(math.Sin(2 * math.Pi * float64(i%size) / 8))
	}
	k := Kernels{Values: noise, Size: size, Columns: []int{25, 25}}
	mean := 0.0
	for i := range 50 {
		mean += k.Figures(i).Autocorrelation / 50
	}
	if math.Abs(mean) > 0.02 {
		t.Errorf("noise has autocorrelation %.3f", mean)
	}
	k = Kernels{Values: wave, Size: size, Columns: []int{1}}
	if f := k.Figures(0); f.Autocorrelation < 0.7 || f.Chroma > 1e-6 || math.Abs(f.Luminance-math.Sqrt(0.5)) > 0.1 {
		t.Errorf("a grey wave has %+v", f)
	}
}

func TestPictureLayout(t *testing.T) {
	const size = 2
	values := make([]float32, 20*3*size*size)
	for i := range 3 * size * size {
		values[17*3*size*size+i] = 1 // the second kernel of column 2
	}
	k := Kernels{Values: values, Size: size, Columns: []int{16, 4}}
	img := k.Picture(1)
	if b := img.Bounds(); b.Dx() != 16*4+2 || b.Dy() != 2+4+8+4 {
		t.Errorf("%v", b)
	}
	if b := (&Kernels{Values: make([]float32, 48*3*11*11), Size: 11, Columns: []int{16, 32}}).Picture(8).Bounds(); b.Dx() != 16*(88+4)+4 || b.Dy() != 4+3*(88+4)+16 {
		t.Errorf("enlarged: %v", b)
	}
	for _, c := range []struct{ x, y, want int }{{2, 2, 128}, {6, 14, 255}, {2, 14, 128}, {0, 0, 255}, {10, 14, 128}} {
		if r, _, _, _ := img.At(c.x, c.y).RGBA(); int(r>>8) != c.want {
			t.Errorf("(%d, %d) is %d, want %d", c.x, c.y, r>>8, c.want)
		}
	}
}

// A kernel below a fifth of the strongest one's norm does not count.
func TestColumnFigures(t *testing.T) {
	const size = 11
	values := make([]float32, 4*3*size*size)
	for i, height := range []float32{1, 0.25, 0.15, 0.5} {
		for p := range 3 * size * size {
			values[i*3*size*size+p] = height * float32(math.Sin(2*math.Pi*float64(p%size)/8))
		}
	}
	k := Kernels{Values: values, Size: size, Columns: []int{3, 1}}
	f := k.ColumnFigures()
	if len(f) != 2 || f[0].Kernels != 3 || f[0].Strong != 2 || f[1].Strong != 1 {
		t.Fatalf("%+v", f)
	}
	if want := k.Figures(0).Luminance * math.Sqrt((1+0.0625+0.0225)/3); math.Abs(f[0].Luminance-want) > 1e-6 {
		t.Errorf("luminance %v, want %v", f[0].Luminance, want)
	}
	if f[1].Autocorrelation < 0.7 || f[1].Chroma > 1e-6 {
		t.Errorf("a grey wave has %+v", f[1])
	}
}
