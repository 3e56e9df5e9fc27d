package train

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"alexnet/assets"
	"alexnet/engine"
	"alexnet/net"
	"alexnet/train/safetensors"
)

// builtToKeep builds the network of a checkpoint, whose features can be read.
func builtToKeep(t *testing.T, l *Loaded, c *Config, list []*engine.Device) *net.Net {
	t.Helper()
	n, err := l.Build(c, list, net.Options{Batch: 8, Keep: true})
	if err == nil {
		err = l.Load(n)
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// indexOf trains a tiny run and makes the index of its training images.
func indexOf(t *testing.T, list []*engine.Device) (*Loaded, *Index, *Features) {
	t.Helper()
	dir := t.TempDir()
	c := tinyConfig(t, "layer.fc2.std=0.1")
	run(t, c, dir, false, list)
	l, _, err := FindCheckpoint(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	g, err := OpenGallery(c, l, "")
	if err != nil {
		t.Fatal(err)
	}
	n := builtToKeep(t, l, c, list)
	f, err := FeaturesOf(c.Net, "")
	if err != nil {
		t.Fatal(err)
	}
	x, err := MakeIndex(context.Background(), IndexPath(l, g, f), l, g, f, n, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return l, x, f
}

// Codes are learned, come back from their file with the network that made them, and recall
// what comparing all images with each other says.
func TestCodes(t *testing.T) {
	list := devices(t)
	l, x, f := indexOf(t, list)
	var left []float64
	training := CoderTraining{Bits: 64, Set: []string{"data.batch=8", "solver.warmup=0", "solver.max_epochs=40"}, OnTest: func(_ int, u float64) { left = append(left, u) }}
	coder, err := training.Run(context.Background(), x, list[0])
	if err != nil {
		t.Fatal(err)
	}
	if first, last := left[0], left[len(left)-1]; !(last < first/1.5 && last > 0) {
		t.Errorf("codes leave %g of the variance unexplained at first and %g at last: %v", first, last, left)
	}
	path := CodesPath(x.Path, 64)
	made, err := MakeCodes(context.Background(), path, coder, x, list[0], 10, nil)
	if err != nil {
		t.Fatal(err)
	}
	again, other, err := OpenCodes(path, l, x.Gallery, f, list[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]float32, len(x.Images)*x.Width)
	if err := x.Table().Read(0, rows); err != nil {
		t.Fatal(err)
	}
	encoded, err := other.Encode(rows)
	if err != nil || !slices.Equal(again.Codes.Bits, made.Codes.Bits) || !slices.Equal(encoded, made.Codes.Bits) || again.Recall != made.Recall || !slices.Equal(again.Images, x.Images) {
		t.Errorf("%v: codes came back as others, or are made as others: recall %+v, %+v", err, again.Recall, made.Recall)
	}
	codesLikeByHand(t, path, rows, x, encoded)
	if want := recallByHand(rows, x.Width, encoded, 10); math.Abs(made.Recall.At10-want) > 1e-12 || made.Recall.At100 != 1 || made.Recall.Images != 10 {
		t.Errorf("recall %+v; want %g among the first 10, and all of fewer than 100", made.Recall, want)
	}
	for _, o := range []*Features{{Layer: "pool1", Width: f.Width}} {
		if _, _, err := OpenCodes(path, l, x.Gallery, o, list[0], nil); !errors.Is(err, ErrNoCodes) {
			t.Errorf("codes of another layer: %v", err)
		}
	}
	if _, _, err := OpenCodes(CodesPath(x.Path, 128), l, x.Gallery, f, list[0], nil); !errors.Is(err, ErrNoCodes) {
		t.Errorf("codes that are not there: %v", err)
	}
}

// A file that a user names for an index is replaced only where it is one, and no file that
// is written replaces a checkpoint.
func TestFilesThatStay(t *testing.T) {
	list := devices(t)
	l, x, f := indexOf(t, list)
	c, err := l.Config()
	if err != nil {
		t.Fatal(err)
	}
	n := builtToKeep(t, l, c, list)
	copied := func(text []byte) string {
		path := filepath.Join(t.TempDir(), "named.safetensors")
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	read := func(path string) []byte {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	index := func(path string) error {
		x, err := MakeIndex(context.Background(), path, l, x.Gallery, f, n, c, nil)
		if err == nil {
			x.Close()
		}
		return err
	}
	checkpoint, notes := copied(read(l.Path)), copied([]byte("what I found out"))
	for _, path := range []string{checkpoint, notes} {
		before := read(path)
		wants(t, index(path), path, "is no index", "--index-file")
		if !slices.Equal(read(path), before) {
			t.Errorf("%s was replaced", path)
		}
	}
	if err := index(copied(read(x.Path))); err != nil {
		t.Errorf("over an index: %v", err)
	}
	if err := os.WriteFile(x.Path, read(x.Path)[:100], 0o644); err != nil {
		t.Fatal(err)
	}
	if err := index(x.Path); err != nil {
		t.Errorf("over half an index in the run's folder: %v", err)
	}
	wants(t, l.Export(checkpoint, false), checkpoint, "is a checkpoint of a run", "name another file")
	if !slices.Equal(read(checkpoint), read(l.Path)) {
		t.Error("the checkpoint was replaced")
	}
	for range 2 { // and an export is replaced
		if err := l.Export(notes, false); err != nil {
			t.Error(err)
		}
	}
}

// codesLikeByHand makes codes from the parameters in their file.
func codesLikeByHand(t *testing.T, path string, rows []float32, x *Index, codes []uint64) {
	t.Helper()
	file, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	read := func(name string) []float32 {
		values, err := file.Floats(name)
		if err != nil {
			t.Fatal(err)
		}
		return values
	}
	weights, biases, mean, scale := read("code.weight"), read("code.bias"), read(meanOfCodes), read(scaleName)[0]
	varies := 0.0
	for i := range x.Images {
		for k := range 64 {
			sum := float64(biases[k])
			for c, v := range rows[i*x.Width : (i+1)*x.Width] {
				sum += float64(weights[k*x.Width+c]) * float64((v-mean[c])*scale)
			}
			if bit := codes[i]>>k&1 == 1; math.Abs(sum) > 1e-4 && bit != (sum > 0) {
				t.Fatalf("image %d: bit %d of %g is %t", i, k, sum, bit)
			}
		}
		for c, v := range rows[i*x.Width : (i+1)*x.Width] {
			d := float64(v-mean[c]) * float64(scale)
			varies += d * d / float64(len(x.Images))
		}
	}
	if math.Abs(varies-variance) > 1e-3 {
		t.Errorf("features vary by %g, want %d", varies, variance)
	}
}

// recallByHand is the share of the ten nearest images by features among the ten by codes,
// of some images among the others.
func recallByHand(rows []float32, width int, codes []uint64, images int) (recall float64) {
	count := len(codes)
	nearest := func(own int, away func(i int) float64) []int {
		var order []int
		for i := range count {
			if i != own {
				order = append(order, i)
			}
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(away(a), away(b)) })
		return order[:10]
	}
	for i := range images {
		own := i * count / images
		want := nearest(own, func(i int) (sum float64) {
			for c := range width {
				d := float64(rows[i*width+c]) - float64(rows[own*width+c])
				sum += d * d
			}
			return sum
		})
		for _, row := range nearest(own, func(i int) float64 { return float64(bits.OnesCount64(codes[i] ^ codes[own])) }) {
			if slices.Contains(want, row) {
				recall += 0.1 / float64(images)
			}
		}
	}
	return recall
}

func TestCoderConfig(t *testing.T) {
	c, err := coderConfig(assets.Codes, 512, 256, nil)
	if err != nil {
		t.Fatal(err)
	}
	code, features := c.Net.Layers[0].(net.Dense), c.Net.Layers[2].(net.Dense)
	if c.Net.Input != (net.Shape{C: 512, H: 1, W: 1}) || code.Units != 256 || features.Units != 512 || math.Abs(features.Std-1.0/16) > 1e-12 {
		t.Errorf("%+v", c.Net)
	}
	_, err = coderConfig(tiny, 512, 256, nil)
	wants(t, err, "no dense layer, its binary units")
	_, err = coderConfig(assets.Codes, 512, 256, []string{"solver.rat=1"})
	wants(t, err, "solver.rat")
	for _, bits := range []int{0, 32, 100, 2048} {
		if CheckBits(bits) == nil {
			t.Errorf("codes of %d bits are taken", bits)
		}
	}
}

// The auto-encoder's recipe is none to train on images.
func TestCodesAreNoRecipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "codes.toml")
	if err := os.WriteFile(path, []byte(assets.Codes), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := LoadConfig(path)
	wants(t, err, path, "the last layer is squares", "softmax")
}
