package train

import (
	"os"
	"path/filepath"
	"testing"

	"alexnet/train/data"
)

// Images to train on, or to test several networks on, stay in memory once they are decoded; of those that are read once
// none does, as a folder may have gigabytes of them.
func TestWhoKeepsImages(t *testing.T) {
	dir, at := t.TempDir(), filepath.Join(t.TempDir(), "run")
	saveFolder(t, dir)
	c := tinyConfig(t, "data.set=folder", "data.dir="+dir, "layer.fc3.units=2", "solver.max_steps=1")
	own, err := OpenSets(c, "")
	if err != nil {
		t.Fatal(err)
	}
	run(t, c, at, false, devices(t))
	l, _, err := FindCheckpoint(at)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	folder, err := OpenFolder(c, "")
	if err != nil {
		t.Fatal(err)
	}
	gallery, err := OpenGallery(c, l, "")
	if err != nil {
		t.Fatal(err)
	}
	tested, err := OpenTestSet(c, l, false, "train")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []struct {
		name  string
		set   data.Set
		keeps bool
	}{{"a run's", own.Train, true}, {"a folder's", folder.Train, false}, {"a gallery's", gallery, false}, {"a test's", tested, true}} {
		pixels := make([]byte, 3*c.Size*c.Size)
		if err := s.set.Pixels(0, pixels); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, s.set.Name(0))
		if err := os.Rename(file, file+".away"); err != nil {
			t.Fatal(err)
		}
		if err := s.set.Pixels(0, pixels); (err == nil) != s.keeps {
			t.Errorf("%s image is kept: %t", s.name, err == nil)
		}
		if err := os.Rename(file+".away", file); err != nil {
			t.Fatal(err)
		}
	}
}
