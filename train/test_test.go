package train

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Images that a run was trained on are known under another path, too: what it has set aside
// is tested on. Where some are others it says how many are called as those of its training.
func TestOwnImagesElsewhere(t *testing.T) {
	before, after, dir := filepath.Join(t.TempDir(), "before"), filepath.Join(t.TempDir(), "after"), filepath.Join(t.TempDir(), "run")
	saveFolder(t, before)
	run(t, tinyConfig(t, "data.set=folder", "data.dir="+before, "layer.fc3.units=2", "solver.max_steps=1"), dir, false, devices(t, "1"))
	if err := os.Rename(before, after); err != nil {
		t.Fatal(err)
	}
	l, _, err := NewestCheckpoint(filepath.Join(dir, "checkpoints"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	split, err := readLines(dir, "validation.txt")
	if err != nil || len(split) == 0 {
		t.Fatal(split, err)
	}
	open := func(part string, images int, note string) *Test {
		t.Helper()
		test, err := OpenTest(l, after, part)
		if err != nil {
			t.Fatal(err)
		}
		if test.Images.Len() != images || (note == "") != (test.Note == "") || !strings.Contains(test.Note, note) {
			t.Errorf("part %q: %d images, want %d; note %q, want %q", part, test.Images.Len(), images, test.Note, note)
		}
		return test
	}
	test := open("", len(split), "")
	for i := range test.Images.Len() {
		if name := test.Images.Name(i); name != split[i] {
			t.Errorf("image %d is %s, and %s was set aside", i, name, split[i])
		}
	}
	open("val", len(split), "")
	open("train", 40-len(split), "")
	savePicture(t, filepath.Join(after, "cat", "new.png"), 77)
	open("", 41, "36 of the 41 images to test on have names of images that "+dir)
}
