package train

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"alexnet/net"
	"alexnet/train/data"
	"alexnet/train/monitor"
)

// A run that is watched in every way ends with the bits of one that is not, and
// shows what was asked for.
func TestWatchingChangesNothing(t *testing.T) {
	dirs := t.TempDir()
	run(t, tinyConfig(t), filepath.Join(dirs, "alone"), false, devices(t, "2"))
	tr, err := start(t, tinyConfig(t), filepath.Join(dirs, "watched"), false, devices(t, "2"), nil)
	if err != nil {
		t.Fatal(err)
	}
	b := monitor.NewBoard(&monitor.Snapshot{})
	tr.Board = b
	<-tr.sight.gather()
	watch := monitor.Watch{Kernels: true, Patches: true, Maps: true, Layers: true, Timeline: true, Layer: "conv1"}
	b.Watch(watch)
	measured := 0
	tr.OnProgress = func(p Progress) { // each look is at another image: it is due at once
		watch.Image = p.Step
		if p.Step%2 == 0 {
			watch.Layer = []string{"conv1", "fc2", "fc3"}[p.Step/2%3]
		}
		b.Watch(watch)
		if l := tr.live.timeline; l != nil && l.Step == p.Step {
			measured++
		}
	}
	if err := tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	tr.Close()
	name := checkpointName(12)
	if read(t, dirs, "watched", "checkpoints", name) != read(t, dirs, "alone", "checkpoints", name) {
		t.Error("watching changed the run")
	}
	s := b.Latest()
	if measured < 3 {
		t.Errorf("%d steps were measured", measured)
	}
	if s.Patches == nil || len(s.Patches.Kernels) != 16 {
		t.Errorf("patches %+v", s.Patches)
	}
	if l := s.Timeline; l == nil || l.Total <= 0 || len(l.Lanes) != 4 || l.Lanes[2].Kind != monitor.ExchangeLane || len(l.Lanes[2].Spans) == 0 ||
		l.Lanes[3].Kind != monitor.ImageLane || !slices.ContainsFunc(l.Lanes[3].Spans, func(s monitor.Span) bool { return s.Name == "upload" && s.To > s.From }) ||
		!slices.ContainsFunc(l.Lanes[1].Spans, func(s monitor.Span) bool { return s.Kind == monitor.Backward }) {
		t.Errorf("timeline %+v", s.Timeline)
	}
	if len(s.Machines) != 2 || s.Machines[1].Columns[0] != 1 || s.Machines[0].Used <= 0 || s.Machines[0].Capacity < s.Machines[0].Used || s.Machines[0].Computing <= 0 {
		t.Errorf("machines %+v", s.Machines)
	}
	if len(s.Layers) != 6 || s.Layers[0].Layer != "conv1" || s.Layers[1].Column != 1 || s.Layers[0].Shape != "8×8×3, 8" {
		t.Fatalf("layers %+v", s.Layers)
	}
	for _, f := range s.Layers {
		if f.WeightNorm <= 0 || f.GradientNorm <= 0 || f.UpdateRatio <= 0 || f.Weights == nil || f.Gradients == nil || f.Outputs == nil || (f.Dead < 0) != (f.Layer == "fc3") {
			t.Errorf("layer %+v", f)
		}
	}
}

// onBoard is a run on two devices that shows itself and has not begun a step.
func onBoard(t *testing.T) *Trainer {
	t.Helper()
	tr, err := start(t, tinyConfig(t), filepath.Join(t.TempDir(), "run"), false, devices(t, "2"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	tr.Board = monitor.NewBoard(&monitor.Snapshot{})
	if err := tr.live.begin(tr); err != nil {
		t.Fatal(err)
	}
	return tr
}

// The maps are those of the image that is watched, and so is what the network makes
// of it.
func TestMapsOfAnImage(t *testing.T) {
	tr := onBoard(t)
	for _, image := range []int{3, 23} { // of 20: it begins anew
		tr.Board.Watch(monitor.Watch{Maps: true, Layer: "conv1", Image: image})
		if err := tr.look(); err != nil {
			t.Fatal(err)
		}
		m := tr.Board.Latest().Maps
		if m == nil || m.Title != "Validation 4" || m.Label != tr.Sets.Val.Label(3) || len(m.Columns) != 2 || m.H != 7 || m.W != 7 || len(m.Columns[1]) != 8*7*7 || len(m.Prediction) != 5 {
			t.Fatalf("maps %+v", m)
		}
		pixels := make([]byte, 64*64*3)
		tr.Sets.Val.Pixels(3, pixels)
		if at := m.Image.RGBAAt(10, 20); at.R != pixels[(24*64+14)*3] || at.B != pixels[(24*64+14)*3+2] {
			t.Error("the picture is not the crop of the image")
		}
		sum := 0.0
		for _, v := range m.Columns[0] {
			sum += float64(v)
			if v < 0 {
				t.Fatal("a ReLU's output is negative")
			}
		}
		if sum == 0 {
			t.Error("all maps are zero")
		}
	}
}

// A file is prepared as an image of the validation is, and of one that cannot be read
// there is a sentence.
func TestMapsOfAFile(t *testing.T) {
	tr := onBoard(t)
	dir := t.TempDir()
	photo := image.NewRGBA(image.Rect(0, 0, 64, 64)) // of validation image 3
	pixels := make([]byte, 64*64*3)
	tr.Sets.Val.Pixels(3, pixels)
	for i := range 64 * 64 {
		photo.SetRGBA(i%64, i/64, color.RGBA{pixels[3*i], pixels[3*i+1], pixels[3*i+2], 255})
	}
	var file bytes.Buffer
	if err := png.Encode(&file, photo); err != nil {
		t.Fatal(err)
	}
	good, bad := filepath.Join(dir, "good.png"), filepath.Join(dir, "bad.png")
	for path, text := range map[string]string{good: file.String(), bad: "no image"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	look := func(w monitor.Watch) *monitor.Maps {
		w.Maps, w.Layer = true, "conv1"
		tr.Board.Watch(w)
		if err := tr.look(); err != nil {
			t.Fatal(err)
		}
		return tr.Board.Latest().Maps
	}
	want, got := look(monitor.Watch{Image: 3}), look(monitor.Watch{Image: -1, File: good})
	if got.Title != "good.png" || got.File != good || got.Label != -1 || !reflect.DeepEqual(got.Columns, want.Columns) || !reflect.DeepEqual(got.Prediction, want.Prediction) {
		t.Errorf("a file of validation image 4's pixels has other maps: %s, label %d, %v; want %v", got.Title, got.Label, got.Prediction, want.Prediction)
	}
	for path, words := range map[string]string{
		filepath.Join(dir, "none.jpg"): "none.jpg cannot be shown: no such file or directory.",
		bad:                            "bad.png cannot be shown: it is not a JPEG, PNG, GIF, WebP, BMP or PPM file, whatever its name says.",
	} {
		if m := look(monitor.Watch{Image: -1, File: path}); m.Problem != words || m.Columns != nil || m.File != path {
			t.Errorf("%s: %+v, want %q", path, m, words)
		}
	}
	tr.sight.Val = nil
	if m := look(monitor.Watch{Image: 1}); m.Problem == "" {
		t.Error("without validation images there is no sentence")
	}
}

// While a run trains, a frame of a video waits until it may cost something again; a
// paused run shows it at once, and so are other images in both.
func TestFramesWait(t *testing.T) {
	tr := onBoard(t)
	tr.live.frameDue = time.Now().Add(time.Hour)
	w := monitor.Watch{Maps: true, Layer: "conv1", Image: -1, File: "1.png", Playing: true}
	tr.live.seen = w
	w.File = "2.png"
	tr.Board.Watch(w)
	if tr.lookDue() {
		t.Error("the next frame is due at once while the run trains")
	}
	tr.steering.paused = true
	if !tr.lookDue() {
		t.Error("the next frame waits although the run is paused")
	}
	tr.steering.paused = false
	w.Playing = false
	tr.Board.Watch(w)
	if !tr.lookDue() {
		t.Error("another image waits")
	}
}

// The outputs that layers are measured by are those of the last step's batch, never
// those of an image that was looked at or of a validation.
func TestOutputsAreOfTheBatch(t *testing.T) {
	tr := onBoard(t)
	c := tr.Config
	loader, err := data.NewLoader(tr.Sets.Train, data.LoaderOptions{Batch: c.Batch, Crop: c.Crop, Train: true, Seed: c.Seed, Workers: 1, Ahead: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer loader.Close()
	step := func() {
		t.Helper()
		if err := errors.Join(tr.begin(loader), tr.finish()); err != nil {
			t.Fatal(err)
		}
	}
	look := func(w monitor.Watch) []monitor.LayerFigures {
		t.Helper()
		tr.Board.Watch(w)
		if err := tr.look(); err != nil {
			t.Fatal(err)
		}
		return tr.Board.Latest().Layers
	}
	validate := func() {
		t.Helper()
		if err := tr.validate(context.Background()); err != nil {
			t.Fatal(err)
		}
	}

	step()
	first := look(monitor.Watch{Layers: true})
	if len(first) == 0 || first[0].Outputs == nil {
		t.Fatalf("layers %+v", first)
	}
	look(monitor.Watch{Maps: true, Layer: "conv1", Image: 3})
	if again := look(monitor.Watch{Layers: true}); !reflect.DeepEqual(again, first) {
		t.Error("an image that was looked at changed the layers' figures")
	}
	validate()
	if again := look(monitor.Watch{Layers: true, Image: 1}); !reflect.DeepEqual(again, first) {
		t.Error("a validation changed the layers' figures")
	}

	step()
	validate()
	for _, f := range look(monitor.Watch{Layers: true, Image: 2}) {
		if f.Outputs != nil || f.Dead >= 0 {
			t.Errorf("%s has outputs of a validation", f.Layer)
		}
		if f.GradientNorm <= 0 || f.UpdateRatio <= 0 {
			t.Errorf("%s has no gradients without outputs: %+v", f.Layer, f)
		}
	}
	step()
	if f := look(monitor.Watch{Layers: true, Image: 3}); f[0].Outputs == nil {
		t.Error("a step brought no outputs")
	}
}

func TestSilentUnits(t *testing.T) {
	relu := []float32{0, 0, 1, 0 /**/, 0, 0, 0, 0 /**/, 0, 0, 0, 2 /**/, 0, 0, 0, 0} // 2 images of 2 units of 4
	tanh := []float32{0.99, -0.99, 0.5, 0}
	for _, c := range []struct {
		name   string
		values []float32
		units  int
		f      net.Function
		want   float64
		whole  bool
	}{
		{"one of two is dead", relu, 2, net.ReLU, 0.5, false},
		{"half saturated", tanh, 1, net.Tanh, 0.5, true},
		{"the ends of a logistic", []float32{0.999, 0.001, 0.5, 0.5}, 1, net.Sigmoid, 0.5, true},
		{"no function", tanh, 1, "", -1, false},
	} {
		if got, whole := silent(c.values, c.units, 4, c.f); got != c.want || whole != c.whole {
			t.Errorf("%s: %g, %v; want %g, %v", c.name, got, whole, c.want, c.whole)
		}
	}
}

func TestHistogram(t *testing.T) {
	nan := float32(math.NaN())
	h := histogram([]float32{-1, 0, 0, nan, 1})
	if h.Low != -1 || h.High != 1 || h.Counts[0] != 1 || h.Counts[bins/2] != 2 || h.Counts[bins-1] != 1 {
		t.Errorf("%+v", h)
	}
	if h := histogram([]float32{nan}); h != nil {
		t.Errorf("of no finite values %+v", h)
	}
}

func TestIll(t *testing.T) {
	for _, c := range []struct {
		f    monitor.LayerFigures
		want string
	}{
		{monitor.LayerFigures{WeightNorm: 1, GradientNorm: 1, UpdateRatio: 1e-3, Dead: 0.1}, ""},
		{monitor.LayerFigures{WeightNorm: 1, GradientNorm: math.NaN()}, "gradient"},
		{monitor.LayerFigures{WeightNorm: math.Inf(1)}, "weights"},
		{monitor.LayerFigures{WeightNorm: 1, Dead: 0.6}, "60 % of the units were zero"},
		{monitor.LayerFigures{WeightNorm: 1, Dead: 0.6, Saturated: true}, "60 % of the outputs are saturated"},
		{monitor.LayerFigures{WeightNorm: 1, UpdateRatio: 0.1}, "by 10 %"},
	} {
		n := ill(c.f)
		if (n == nil) != (c.want == "") || n != nil && !strings.Contains(n.Text, c.want) {
			t.Errorf("%+v gave %v, want %q", c.f, n, c.want)
		}
	}
}

func TestStuck(t *testing.T) {
	points := func(loss float64, n int) (out []monitor.Point) {
		for i := range n {
			out = append(out, monitor.Point{Step: 20 * (i + 1), Loss: loss})
		}
		return out
	}
	if !isStuck(points(6.908, 100), 1000) || isStuck(points(6.8, 100), 1000) || isStuck(points(6.908, 99), 1000) {
		t.Error("a loss of ln(classes) for 2,000 steps is stuck; a lower one, or fewer steps, is not")
	}
}

// Of the watched image the strongest maps of every layer with weights are shown,
// of both columns, and how much of them is above zero.
func TestFacesOfAnImage(t *testing.T) {
	tr := onBoard(t)
	tr.Board.Watch(monitor.Watch{Faces: true, Image: 3})
	if err := tr.look(); err != nil {
		t.Fatal(err)
	}
	f, network := tr.Board.Latest().Faces, tr.Board.Latest().Run.Network
	if f == nil || network == nil || len(f.Layers) != len(network.Blocks) || f.Title != "Validation 4" || len(f.Prediction) != 5 {
		t.Fatalf("faces %+v of %+v", f, network)
	}
	for i, face := range f.Layers {
		b := network.Blocks[i]
		if face.H != b.H || face.W != b.W || len(face.Columns) != len(b.Channels) || len(face.Columns[1])%(b.H*b.W) != 0 || len(face.Columns[1]) == 0 {
			t.Errorf("%s: a face of %dx%d, %d columns", b.Layer, face.H, face.W, len(face.Columns))
		}
		above := 0
		for _, v := range face.Columns[0] {
			if v > 0 {
				above++
			}
		}
		if (above > 0) != (face.Above[0] > 0) || face.Above[0] > 1 {
			t.Errorf("%s: %d values shown above zero, a share of %g", b.Layer, above, face.Above[0])
		}
	}
}
