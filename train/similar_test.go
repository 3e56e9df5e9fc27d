package train

import (
	"cmp"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"alexnet/net"
	"alexnet/train/data"
)

func TestFeaturesOf(t *testing.T) {
	paper, err := LoadConfig("alexnet")
	if err != nil {
		t.Fatal(err)
	}
	cifar, err := LoadConfig("cifar10-relu")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		spec               net.Spec
		layer, want, makes string
		width              int
	}{
		{paper.Net, "", "fc7", "relu7", 4096},
		{paper.Net, "fc6", "fc6", "relu6", 4096},
		{paper.Net, "relu6", "relu6", "relu6", 4096},
		{paper.Net, "pool5", "pool5", "pool5", 256 * 6 * 6},
		{paper.Net, "fc8", "fc8", "fc8", 1000},
		{cifar.Net, "", "pool3", "pool3", 64 * 3 * 3},
	} {
		f, err := FeaturesOf(c.spec, c.layer)
		if err != nil {
			t.Fatal(err)
		}
		if f.Layer != c.want || f.Width != c.width || c.spec.Layers[f.number].LayerName() != c.makes {
			t.Errorf("%q: %+v of %s, want %+v", c.layer, f, c.spec.Layers[f.number].LayerName(), c)
		}
	}
	_, err = FeaturesOf(paper.Net, "fc9")
	wants(t, err, "no layer fc9", "conv1, relu1", "fc7")
	if _, err := FeaturesOf(paper.Net, "gather7"); err == nil {
		t.Error("features of a gather")
	}
	one := net.Spec{Columns: 1, Input: paper.Net.Input, Layers: []net.Layer{net.Dense{Name: "fc1", Units: 3, ParamOptions: net.DefaultParamOptions}, net.Softmax{Name: "softmax"}}}
	_, err = FeaturesOf(one, "")
	wants(t, err, "none before it")
}

// hidden is a set one of whose images cannot be read.
type hidden struct {
	data.Set
	bad int
}

func (h hidden) Pixels(i int, dst []byte) error {
	if i == h.bad {
		return &data.BadImageError{Path: "hidden", Err: errors.New("not to be read")}
	}
	return h.Set.Pixels(i, dst)
}

// An index holds what the layer makes of every image that can be read, and is made anew
// where the checkpoint, the images or the layer are others; a search in it finds what
// comparing all with each other does.
func TestIndex(t *testing.T) {
	dir, list := filepath.Join(t.TempDir(), "run"), devices(t, "2")
	c := tinyConfig(t)
	run(t, c, dir, false, list)
	l, _, err := FindCheckpoint(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	g, err := OpenGallery(c, l, "")
	if err != nil || g.Len() != c.TrainImages {
		t.Fatal(err, g)
	}
	g.Set = hidden{g.Set, 7}
	n, err := l.Build(c, list, net.Options{Batch: 8, Keep: true})
	if err == nil {
		err = l.Load(n)
	}
	if err != nil {
		t.Fatal(err)
	}
	f, err := FeaturesOf(c.Net, "")
	if err != nil {
		t.Fatal(err)
	}
	path := IndexPath(l, g, f)
	if want := filepath.Join(dir, "index", "fc2.safetensors"); path != want || OpenIndex(path, l, g, f) != nil {
		t.Fatalf("%s, want %s, which is not there yet", path, want)
	}
	x, err := MakeIndex(context.Background(), path, l, g, f, n, c, nil)
	if err != nil || len(x.Images) != g.Len()-1 || slices.Contains(x.Images, 7) || x.Images[7] != 8 || x.Width != 24 {
		t.Fatalf("%v: %+v", err, x)
	}
	defer x.Close()
	if again := OpenIndex(path, l, g, f); again == nil {
		t.Error("the index of the same images is not taken")
	} else {
		again.Close()
	}
	other := *g
	other.Key = "other"
	conv, _ := FeaturesOf(c.Net, "pool1")
	if OpenIndex(path, l, &other, f) != nil || OpenIndex(path, l, g, conv) != nil || IndexPath(l, g, conv) == path {
		t.Error("the index of other images or of another layer is taken")
	}
	first, err := LoadCheckpoint(checkpoints(filepath.Join(dir, "checkpoints"))[1])
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if OpenIndex(path, first, g, f) != nil {
		t.Error("the index of another checkpoint is taken")
	}
	similarLikeByHand(t, n, c, x, f)
}

// similarLikeByHand compares the images of an index with each other in float64.
func similarLikeByHand(t *testing.T, n *net.Net, c *Config, x *Index, f *Features) {
	t.Helper()
	rows := make([]float32, len(x.Images)*x.Width)
	if err := x.Table().Read(0, rows); err != nil {
		t.Fatal(err)
	}
	row := func(i int) []float32 { return rows[i*x.Width : (i+1)*x.Width] }
	if !finite(rows) || slices.Max(rows) <= 0 || slices.Min(rows) < 0 {
		t.Fatal("these are no outputs of a ReLU")
	}
	k := Comparison{Features: f, Top: 5, Pictures: true}
	list, err := k.Read(context.Background(), n, c, x.Gallery)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Search(context.Background(), devices(t)[0], x, list); err != nil {
		t.Fatal(err)
	}
	if s := list[7]; s.Err == nil || s.Near != nil {
		t.Errorf("of an image that cannot be read: %+v", s)
	}
	for i, image := range x.Images {
		order := make([]int, len(x.Images))
		away := make([]float64, len(order))
		for k := range order {
			order[k] = k
			for j, v := range row(k) {
				d := float64(v) - float64(row(i)[j])
				away[k] += d * d
			}
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(away[a], away[b]) })
		for place, near := range list[image].Near {
			want := math.Sqrt(away[order[place]])
			if name := x.Gallery.Name(x.Images[order[place]]); near.Image != name || math.Abs(near.Distance-want) > 1e-9 || near.Label != x.Gallery.Label(x.Images[order[place]]) || near.Picture == nil {
				t.Fatalf("image %d, neighbour %d: %s at %g, want %s at %g", image, place, near.Image, near.Distance, name, want)
			}
		}
		if len(list[image].Near) != 5 || list[image].Near[0].Image != x.Gallery.Name(image) {
			t.Errorf("image %d is not nearest to itself: %v", image, list[image].Near)
		}
	}
}

// A gallery is a run's training images as they were, or all of a folder.
func TestOpenGallery(t *testing.T) {
	dir, list := filepath.Join(t.TempDir(), "run"), devices(t)
	c := tinyConfig(t, "solver.max_steps=1", "validate.every=1", "checkpoint.every=1")
	run(t, c, dir, false, list)
	l, _, err := FindCheckpoint(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = OpenGallery(tinyConfig(t, "data.train_images=39"), l, "")
	wants(t, err, "are not those of", "--index")
	_, err = OpenGallery(c, l, filepath.Join(dir, "nothing"))
	wants(t, err, "there is no folder")
	_, err = OpenGallery(c, l, filepath.Join(dir, "checkpoints"))
	wants(t, err, "holds no image")
	if err := os.WriteFile(filepath.Join(dir, "checkpoints", "a.png"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	g, err := OpenGallery(c, l, dir)
	if err != nil {
		t.Fatal(err)
	}
	f := &Features{Layer: "fc2", Width: 24}
	if g.Name(g.Len()-1) != "kernels.png" && g.Name(0) != "checkpoints/a.png" || g.Label(0) != -1 || g.Folder != dir || filepath.Dir(IndexPath(l, g, f)) != filepath.Join(dir, "index") || IndexPath(l, g, f) == IndexPath(l, &Gallery{}, f) {
		t.Errorf("%+v, %s", g, IndexPath(l, g, f))
	}
	if err := os.WriteFile(filepath.Join(dir, "checkpoints", "a.png"), []byte("other"), 0o644); err != nil {
		t.Fatal(err)
	}
	if other, err := OpenGallery(c, l, dir); err != nil || other.Key == g.Key {
		t.Errorf("%v: a gallery of an image that has changed has the same key", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "index")); err == nil {
		t.Error("an index was made without need")
	}
}
