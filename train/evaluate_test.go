package train

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"alexnet/net"
	"alexnet/train/data"
	"alexnet/train/safetensors"
)

// loadedNets are the networks of a run's checkpoints, newest first.
func loadedNets(t *testing.T, c *Config, dir string) (nets []*net.Net, list []*Loaded) {
	t.Helper()
	for _, path := range checkpoints(filepath.Join(dir, "checkpoints")) {
		l, err := LoadCheckpoint(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		n, err := l.Build(c, devices(t, "2"), net.Options{Batch: 8})
		if err == nil {
			err = l.Load(n)
		}
		if err != nil {
			t.Fatal(err)
		}
		nets, list = append(nets, n), append(list, l)
	}
	return nets, list
}

// evaluated runs an evaluation, and fails the test if it does.
func evaluated(t *testing.T, e Evaluation, n *net.Net, c *Config, set data.Set) Evaluation {
	t.Helper()
	v, err := e.Run(context.Background(), n, c, set)
	if err != nil {
		t.Fatal(err)
	}
	if v != e.Outcomes.Validation() {
		t.Errorf("%+v, and of the outcomes %+v", v, e.Outcomes.Validation())
	}
	return e
}

// like compares outcomes with those of probabilities (image, class), without one image.
func like(t *testing.T, got Outcomes, probabilities []float32, set data.Set, without int) {
	t.Helper()
	next := 0
	for i := range set.Len() {
		if i == without {
			continue
		}
		p, label := probabilities[20*i:20*(i+1)], set.Label(i)
		rank := 0
		for _, v := range p {
			if v > p[label] {
				rank++
			}
		}
		want := Outcome{Image: i, Label: label, Rank: rank, Loss: -math.Log(float64(p[label]))}
		o := got[next]
		if next++; o.Image != want.Image || o.Label != want.Label || o.Rank != want.Rank || !(math.Abs(o.Loss-want.Loss) < 1e-4) {
			t.Errorf("%+v, want %+v", o, want)
		}
	}
	if next != len(got) {
		t.Errorf("%d outcomes, want %d", len(got), next)
	}
}

// With what the network says or without, in the centre or in ten crops, and averaged
// over networks, an evaluation's outcomes are those of probabilities worked out here. An
// image that cannot be read leaves the others theirs.
func TestEvaluation(t *testing.T) {
	c, dir := tinyConfig(t), filepath.Join(t.TempDir(), "run")
	set := run(t, c, dir, false, devices(t, "2")).Sets.Val
	nets, list := loadedNets(t, c, dir)
	const bad = 3
	var mean []float32
	var average Outputs
	for i, n := range nets[:2] {
		m, err := list[i].Mean()
		if err != nil {
			t.Fatal(err)
		}
		predictions, path := newPredictions(t, c, m)
		centre := evaluated(t, Evaluation{Predictions: predictions}, n, c, set)
		if err := predictions.Finish(); err != nil {
			t.Fatal(err)
		}
		written(t, path, c, set, m)
		like(t, centre.Outcomes, predictions.probabilities, set, -1)
		if fast := evaluated(t, Evaluation{}, n, c, set); !slices.Equal(fast.Outcomes, centre.Outcomes) {
			t.Errorf("two at once: %v, one after the other %v", fast.Outcomes, centre.Outcomes)
		}
		damagedSet := damaged{set, bad}
		if fast := evaluated(t, Evaluation{}, n, c, damagedSet); fast.Unreadable != 1 {
			t.Errorf("%d unreadable images", fast.Unreadable)
		} else {
			like(t, fast.Outcomes, predictions.probabilities, set, bad)
		}
		ten := tenByHand(t, n, c, set, m)
		var outputs Outputs
		like(t, evaluated(t, Evaluation{TenCrops: true, Outputs: &outputs}, n, c, damagedSet).Outcomes, ten, set, bad)
		average.Average(&outputs)
		if mean == nil {
			mean = make([]float32, len(ten))
		}
		for k, p := range ten {
			mean[k] += p / 2
		}
	}
	like(t, average.Outcomes(), mean, set, bad)
	counts := average.Confusion()
	for i := range set.Len() {
		p := mean[20*i : 20*(i+1)]
		if i != bad {
			counts[set.Label(i)][slices.Index(p, slices.Max(p))]--
		}
	}
	for row, columns := range counts {
		if !slices.Equal(columns, make([]int, 20)) {
			t.Errorf("counts of class %d are off by %v", row, columns)
		}
	}
}

// newPredictions begins a file of predictions.
func newPredictions(t *testing.T, c *Config, mean []float32) (p *Predictions, path string) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "predictions.safetensors"))
	if err == nil {
		t.Cleanup(func() { file.Close() })
		p, err = NewPredictions(file, c, mean)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p, file.Name()
}

// A disk that fills up loses the predictions, and not the test.
func TestPredictionsOnFullDisk(t *testing.T) {
	c, dir := tinyConfig(t), filepath.Join(t.TempDir(), "run")
	set := run(t, c, dir, false, devices(t, "1")).Sets.Val
	nets, loaded := loadedNets(t, c, dir)
	mean, err := loaded[0].Mean()
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	p, err := NewPredictions(file, c, mean)
	if err != nil {
		t.Fatal(err)
	}
	for row := make([]float32, 3*c.Crop*c.Crop); err == nil; { // what is buffered
		err = p.images.Add(row)
	}
	var said []string
	e := Evaluation{Predictions: p, OnMessage: func(text string) { said = append(said, text) }}
	v, err := e.Run(context.Background(), nets[0], c, set)
	if err != nil || v.Loss <= 0 || len(e.Outcomes) != set.Len() {
		t.Errorf("%v: %+v of %d images", err, v, len(e.Outcomes))
	}
	if len(said) != 1 || !strings.Contains(said[0], "goes on") {
		t.Errorf("said %q", said)
	}
	if err := p.Finish(); !errors.Is(err, syscall.ENOSPC) {
		t.Error(err)
	}
}

// written checks the images that a file of predictions holds.
func written(t *testing.T, path string, c *Config, set data.Set, mean []float32) {
	t.Helper()
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	images, err := f.Floats("images")
	if err != nil {
		t.Fatal(err)
	}
	if shape := f.Shape("images"); !slices.Equal(shape, []int{set.Len(), 3, c.Crop, c.Crop}) {
		t.Fatalf("images of shape %v", shape)
	}
	last, pixels := set.Len()-1, make([]byte, 3*c.Size*c.Size)
	if err := set.Pixels(last, pixels); err != nil {
		t.Fatal(err)
	}
	off := (c.Size - c.Crop) / 2
	y, x, colour := c.Crop-1, 1, 2
	at := (y+off)*c.Size + x + off
	want := (float32(pixels[3*at+colour]) - mean[colour*c.Size*c.Size+at]) * float32(c.Scale)
	if got := images[((last*3+colour)*c.Crop+y)*c.Crop+x]; got != want {
		t.Errorf("a pixel of the last image is %g, want %g", got, want)
	}
}

// A network whose weights have exploded has no errors, and says so, also where it is only
// the label's output that is not finite: its probability is 0, and its loss infinite.
func TestExplodedIsTold(t *testing.T) {
	c, dir := tinyConfig(t), filepath.Join(t.TempDir(), "run")
	set := run(t, c, dir, false, devices(t, "1")).Sets.Val
	nets, _ := loadedNets(t, c, dir)
	n := nets[0]
	told := func(what string, e Evaluation) {
		t.Helper()
		if _, err := e.Run(context.Background(), n, c, set); !errors.Is(err, ErrExploded) {
			t.Errorf("%s: %v", what, err)
		}
	}
	write := func(p *net.Param, values []float32) {
		t.Helper()
		if err := n.Write(p, net.Value, values); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range n.Params {
		write(p, slices.Repeat([]float32{1e30}, p.Count()))
	}
	told("centres", Evaluation{})
	told("one crop", Evaluation{Outputs: &Outputs{}})
	told("ten crops", Evaluation{TenCrops: true})
	p := Prediction{Top: 5}
	if _, err := p.Run(context.Background(), n, c, set); !errors.Is(err, ErrExploded) {
		t.Errorf("predictions: %v", err)
	}
	for _, p := range n.Params {
		write(p, make([]float32, p.Count()))
	}
	biases := n.Params[len(n.Params)-1]
	values := make([]float32, biases.Count())
	values[set.Label(0)] = float32(math.Inf(-1))
	write(biases, values)
	told("infinite loss", Evaluation{})
	told("infinite loss of one crop", Evaluation{Outputs: &Outputs{}})
}

// Of equally probable classes the first counts, and no loss is infinite, which JSON
// does not know.
func TestOutcome(t *testing.T) {
	p := []float32{0.4, 0, 0.4, 0.2, 0}
	for label, rank := range []int{0, 3, 1, 2, 4} {
		if o := outcome(7, label, p); o.Rank != rank || o.Label != label || o.Image != 7 || math.IsInf(o.Loss, 0) {
			t.Errorf("%+v, want rank %d", o, rank)
		}
		if g := guesses(p, 5); g[rank].Class != label {
			t.Errorf("class %d is guess %d", label, rank)
		}
	}
}

// Classes of which there is no image have no errors.
func TestClasses(t *testing.T) {
	o := Outcomes{{Label: 4, Rank: 5}, {Label: 1, Rank: 1}, {Label: 4, Rank: 0}, {Label: 4, Rank: 4}, {Label: 4, Rank: 7}}
	want := []ClassErrors{{Class: 1, Images: 1, Top1Error: 1}, {Class: 4, Images: 4, Top1Error: 0.75, Top5Error: 0.5}}
	if got := o.Classes(); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// Mistakes are in order of the wrong class's probability, and what is right is not
// among them.
func TestMistakes(t *testing.T) {
	set := data.NewGenerated(1, 6) // of labels 0 to 5
	o := newOutputs(set)
	for i, p := range []struct {
		class int
		sure  float32
	}{{7, 0.5}, {1, 0.9}, {3, 0.7}, {8, 0.99}, {2, 0.7}, {9, 0.6}} {
		if i == 3 {
			continue // it cannot be read
		}
		o.probabilities[i] = make([]float32, 20)
		o.probabilities[i][p.class] = p.sure
		o.probabilities[i][19] = 1 - p.sure
	}
	list, err := o.Mistakes(3, 2)
	if err != nil || len(list) != 3 {
		t.Fatalf("%v: %+v", err, list)
	}
	pixels := make([]byte, 64*64*3)
	for k, want := range []struct{ image, class int }{{2, 3}, {4, 2}, {5, 9}} {
		got := list[k]
		if got.Image != set.Name(want.image) || got.Label != want.image || len(got.Guesses) != 2 || got.Guesses[0].Class != want.class || got.Guesses[1].Class != 19 {
			t.Errorf("%+v, want image %d as %d", got, want.image, want.class)
		}
		if err := set.Pixels(want.image, pixels); err != nil {
			t.Fatal(err)
		}
		if c := got.Picture.RGBAAt(63, 1); c.R != pixels[(64+63)*3] || c.B != pixels[(64+63)*3+2] {
			t.Errorf("the picture of image %d is another's", want.image)
		}
	}
}

// Networks that tell other classes apart cannot be averaged, nor those whose images
// differ, if only by their folder.
func TestSame(t *testing.T) {
	test := func(dir string, images data.Set, classes ...string) *Test {
		return &Test{Loaded: &Loaded{Path: "a", State: State{Classes: classes}}, Config: &Config{Data: Data{Set: "folder", Dir: dir}}, Images: images}
	}
	ten := data.NewGenerated(1, 10)
	one := test("photos", ten, "cat", "dog")
	if err := one.Same(test("photos/", data.NewGenerated(1, 10), "cat", "dog")); err != nil {
		t.Error(err)
	}
	for i, other := range []*Test{test("photos", ten, "dog", "cat"), test("more", ten, "cat", "dog"),
		test("photos", data.NewGenerated(1, 9), "cat", "dog"), test("photos", data.NewGenerated(2, 10), "cat", "dog")} {
		if one.Same(other) == nil {
			t.Errorf("the other %d is taken for the same", i)
		}
	}
}
