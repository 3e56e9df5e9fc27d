package train

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
	"alexnet/train/monitor"
)

// opener opens devices for a copy, which closes them itself.
func opener(t *testing.T) func(int) ([]*engine.Device, error) {
	t.Helper()
	enginetest.Open(t)
	return func(columns int) ([]*engine.Device, error) {
		list, err := engine.Devices()
		if err != nil {
			return nil, err
		}
		if list, err = engine.Select(list, nil, columns); err != nil {
			return nil, err
		}
		d, err := engine.Open(list[0], engine.Options{})
		return []*engine.Device{d}, err
	}
}

// A copy makes of images what the trainer makes of them, and takes in newer
// checkpoints; nothing in the run's folder changes.
func TestCopy(t *testing.T) {
	open := opener(t)
	dir := filepath.Join(t.TempDir(), "run")
	tr := run(t, tinyConfig(t, "solver.max_steps=6"), dir, false, devices(t, "2"))
	w := monitor.Watch{Maps: true, Faces: true, Layer: "fc2", Image: 3}
	want, _, err := tr.sight.Look(w, 6)
	if err != nil {
		t.Fatal(err)
	}
	files := func() (out []string) {
		filepath.WalkDir(dir, func(path string, _ os.DirEntry, _ error) error { out = append(out, path); return nil })
		return out
	}
	before, told := files(), ""
	c, err := LoadCopy(context.Background(), dir, open, func(text string) { told += text })
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got, faces, err := c.Look(w, c.Step)
	if err != nil {
		t.Fatal(err)
	}
	if c.Step != 6 || got.Title != want.Title || got.Label != want.Label || len(faces.Layers) != 3 || !strings.Contains(told, "Loading the checkpoint of step 6.") {
		t.Errorf("step %d, %s, label %d, %d faces; it told %q", c.Step, got.Title, got.Label, len(faces.Layers), told)
	}
	alike(t, got, want)
	p, err := c.Patches(c.Step)
	if err != nil || p.Images != 20 || len(p.Kernels) != 16 {
		t.Errorf("patches %+v, %v", p, err)
	}
	if after := files(); !reflect.DeepEqual(after, before) {
		t.Errorf("the folder holds %v, before %v", after, before)
	}

	if newer, err := c.Renew(); newer || err != nil {
		t.Errorf("nothing newer: %v, %v", newer, err)
	}
	tr = run(t, tinyConfig(t, "solver.max_steps=9"), dir, true, devices(t, "2"))
	if want, _, err = tr.sight.Look(w, 9); err != nil {
		t.Fatal(err)
	}
	if newer, err := c.Renew(); !newer || err != nil || c.Step != 9 {
		t.Fatalf("a newer checkpoint: %v, %v, step %d", newer, err, c.Step)
	}
	if got, _, err = c.Look(w, c.Step); err != nil {
		t.Fatal(err)
	}
	alike(t, got, want)
	broken := filepath.Join(dir, "checkpoints", checkpointName(12))
	if err := os.WriteFile(broken, []byte("half a file"), 0o644); err != nil {
		t.Fatal(err)
	}
	if newer, err := c.Renew(); newer || err != nil || c.Step != 9 {
		t.Errorf("half a checkpoint: %v, %v, step %d", newer, err, c.Step)
	}
}

// alike compares maps and predictions, which other kernels round otherwise.
func alike(t *testing.T, got, want *monitor.Maps) {
	t.Helper()
	if len(got.Columns) != len(want.Columns) || len(got.Prediction) != len(want.Prediction) {
		t.Fatalf("%d columns and %d guesses, want %d and %d", len(got.Columns), len(got.Prediction), len(want.Columns), len(want.Prediction))
	}
	for i, column := range want.Columns {
		for k, v := range column {
			if d := got.Columns[i][k] - v; d > 1e-4 || d < -1e-4 {
				t.Fatalf("column %d, value %d: %g, want %g", i, k, got.Columns[i][k], v)
			}
		}
	}
	for i, g := range want.Prediction {
		if d := got.Prediction[i].Probability - g.Probability; d > 1e-4 || d < -1e-4 {
			t.Errorf("guess %d has %g, want %g", i, got.Prediction[i].Probability, g.Probability)
		}
	}
}

func TestNoCopy(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	load := func(open func(int) ([]*engine.Device, error)) error {
		c, err := LoadCopy(context.Background(), dir, open, func(string) {})
		if err == nil {
			c.Close()
		}
		return err
	}
	if err := load(nil); err == nil || err.Error() != "the run has no checkpoint yet" {
		t.Errorf("without a checkpoint: %v", err)
	}
	run(t, tinyConfig(t, "solver.max_steps=3"), dir, false, devices(t, "1"))
	none := errors.New("no device")
	if err := load(func(int) ([]*engine.Device, error) { return nil, none }); !errors.Is(err, none) {
		t.Errorf("without a device: %v", err)
	}
	path := filepath.Join(dir, "checkpoints", checkpointName(3))
	if err := os.Truncate(path, 2000); err != nil {
		t.Fatal(err)
	}
	wants(t, load(nil), checkpointName(3))
}

// Without its validation images a copy still looks at files.
func TestCopyWithoutImages(t *testing.T) {
	open := opener(t)
	photos := filepath.Join(t.TempDir(), "photos")
	saveFolder(t, photos)
	dir := filepath.Join(t.TempDir(), "run")
	run(t, tinyConfig(t, "solver.max_steps=3", "data.set=folder", "data.dir="+photos, "layer.fc3.units=2"), dir, false, devices(t, "1"))
	if err := os.RemoveAll(photos); err != nil {
		t.Fatal(err)
	}
	c, err := LoadCopy(context.Background(), dir, open, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	m, _, err := c.Look(monitor.Watch{Maps: true, Layer: "conv1"}, c.Step)
	if err != nil || !strings.Contains(m.Problem, photos) || !strings.Contains(m.Problem, "drop an image") {
		t.Errorf("it says %q, %v", m.Problem, err)
	}
	if p, err := c.Patches(c.Step); err != nil || p.Problem == "" {
		t.Errorf("patches %+v, %v", p, err)
	}
	file := filepath.Join(t.TempDir(), "one.png")
	savePicture(t, file, 1)
	if m, _, err = c.Look(monitor.Watch{Maps: true, Layer: "conv1", Image: -1, File: file}, c.Step); err != nil || m.Problem != "" || len(m.Columns) != 2 {
		t.Errorf("a file: %+v, %v", m, err)
	}
}

func savePicture(t *testing.T, path string, shade uint8) {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 70, 64))
	for i := range img.Pix {
		img.Pix[i] = uint8(i) * shade
	}
	f, err := os.Create(path)
	if err == nil {
		err = errors.Join(png.Encode(f, img), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// saveFolder makes two classes of 20 images.
func saveFolder(t *testing.T, dir string) {
	t.Helper()
	for i := range 40 {
		class := filepath.Join(dir, []string{"cat", "dog"}[i%2])
		if err := os.MkdirAll(class, 0o755); err != nil {
			t.Fatal(err)
		}
		savePicture(t, filepath.Join(class, fmt.Sprintf("%d.png", i)), uint8(i+1))
	}
}
