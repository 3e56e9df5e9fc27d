package train

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"alexnet/train/safetensors"
)

// meanFiles writes one mean image, red 1..., in every format.
func meanFiles(t *testing.T, size int) (mean []float32, files map[string]string) {
	t.Helper()
	plane := size * size
	mean = make([]float32, 3*plane)
	for i := range mean {
		mean[i] = float32(1 + i/plane*60 + i%plane%50)
	}
	raw := func(planes ...int) []byte {
		var b bytes.Buffer
		for _, p := range planes {
			binary.Write(&b, binary.LittleEndian, mean[p*plane:(p+1)*plane])
		}
		return b.Bytes()
	}
	bgr := raw(2, 1, 0)
	packed := []byte{0x08, 1, 0x10, 3, 0x18, byte(size), 0x20, byte(size), 0x2a} // num, channels, height, width, data
	packed = append(binary.AppendUvarint(packed, uint64(len(bgr))), bgr...)
	var single []byte
	for value := range slices.Chunk(bgr, 4) {
		single = append(append(single, 0x2d), value...)
	}
	var tensors bytes.Buffer
	if err := safetensors.Write(&tensors, []safetensors.Tensor{{Name: "mean", Shape: []int{3, size, size}, Floats: mean}}, nil); err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	for name, text := range map[string][]byte{"mean.bin": raw(0, 1, 2), "packed.binaryproto": packed, "single.binaryproto": single, "mean.safetensors": tensors.Bytes()} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		files[name] = path
	}
	return mean, files
}

func TestReadMean(t *testing.T) {
	mean, files := meanFiles(t, 64)
	for name, path := range files {
		if got, err := readMean(path, 64); err != nil || !slices.Equal(got, mean) {
			t.Errorf("%s: %v, or other values", name, err)
		}
		_, err := readMean(path, 60)
		wants(t, err, "data.mean_file", "64x64", "60x60")
		text, _ := os.ReadFile(path)
		os.WriteFile(path, text[:len(text)/2-3], 0o644)
		if _, err := readMean(path, 64); err == nil {
			t.Errorf("half of %s was read", name)
		}
	}
	_, err := readMean("nothing.bin", 64)
	wants(t, err, "nothing.bin", "no such file")
}

// As many numbers may be of another layout, and of another range.
func TestReadMeanOfOtherShapes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mean.safetensors")
	read := func(brightest float32, shape ...int) error {
		t.Helper()
		mean := make([]float32, 3*8*8)
		for i := range mean {
			mean[i] = brightest * float32(i%10) / 9
		}
		if err := WriteTensors(path, []safetensors.Tensor{{Name: "mean", Shape: shape, Floats: mean}}, nil); err != nil {
			t.Fatal(err)
		}
		_, err := readMean(path, 8)
		return err
	}
	for _, shape := range [][]int{{3, 8, 8}, {1, 3, 8, 8}} {
		if err := read(140, shape...); err != nil {
			t.Errorf("%v: %v", shape, err)
		}
	}
	for _, shape := range [][]int{{8, 8, 3}, {1, 8, 8, 3}, {3, 4, 16}, {192}, {3, 64}} {
		wants(t, read(140, shape...), "data.mean_file", dimensions(shape), "expected 3 x SIZE x SIZE")
	}
	wants(t, read(1, 3, 8, 8), "largest value is 1", "grey levels from 0 to 255")
	wants(t, read(0.5, 3, 8, 8), "largest value is 0.5", "grey levels from 0 to 255")
}

// The 2012 code's components: columns of "vecs" with their deviations.
func TestReadColours(t *testing.T) {
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "pca.json")
		os.WriteFile(path, []byte(text), 0o644)
		return path
	}
	p, err := readColours(write(`{"stdevs": [20, 40, 120], "vecs": [[0.6, 0, 0.8], [0, 1, 0], [-0.8, 0, 0.6]]}`))
	if err != nil {
		t.Fatal(err)
	}
	if p.Deviation != [3]float64{20, 40, 120} || p.Direction[0] != [3]float64{0.6, 0, -0.8} || p.Direction[2] != [3]float64{0.8, 0, 0.6} || math.Abs(p.Eigenvalue[1]-1600.0/65025) > 1e-12 {
		t.Errorf("%+v", p)
	}
	for _, text := range []string{`{`, `{"stdevs": [1, 2], "vecs": []}`, `{"stdevs": [1, 2, 3], "vecs": [[1, 0, 0], [0, 2, 0], [0, 0, 1]]}`} {
		_, err := readColours(write(text))
		wants(t, err, "data.colour_file", "pca.json")
	}
}

// Files take the place of a pass over the images; what they do not tell is measured.
func TestReadyColours(t *testing.T) {
	mean, files := meanFiles(t, 64)
	pca := filepath.Join(t.TempDir(), "pca.json")
	os.WriteFile(pca, []byte(`{"stdevs": [20, 40, 120], "vecs": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}`), 0o644)
	passes := 0
	measured := func(set ...string) *Colours {
		t.Helper()
		c := tinyConfig(t, set...)
		sets, err := OpenSets(c, "")
		if err != nil {
			t.Fatal(err)
		}
		passes = 0
		out, err := measureColours(context.Background(), c, sets, func(done, total int) { passes++ })
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	own := measured()
	both := measured("data.mean=image", "data.mean_file="+files["mean.bin"], "data.colour_file="+pca)
	if !slices.Equal(both.Mean, mean) || both.Components[1] != [3]float64{0, 40, 0} || passes != 0 {
		t.Errorf("components %v, %d passes", both.Components, passes)
	}
	level := measured("data.mean=colour", "data.mean_file="+files["mean.bin"])
	if want := planeMeans(mean); level.Mean[70] != float32(want[0]) || level.Mean[2*64*64] != float32(want[2]) || level.Components != own.Components || passes == 0 {
		t.Errorf("red %g, components %v", level.Mean[70], level.Components)
	}
	if c := measured("data.colour_file=" + pca); !slices.Equal(c.Mean, own.Mean) || c.Components != both.Components {
		t.Error("the mean of the images is not theirs")
	}
	_, err := DecodeConfig("tiny.toml", tiny, []string{"data.mean=none", "data.mean_file=x"})
	wants(t, err, "data.mean_file", "none")
}
