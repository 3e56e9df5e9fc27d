package data

import (
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

func TestOpenFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"cat/2.png", "cat/10.png", "cat/notes.txt", "cat/kittens/1.png", "bird/1.png", "empty/notes.txt"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err == nil {
			err = png.Encode(f, image.NewGray(image.Rect(0, 0, 4, 4)))
		}
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	t.Chdir(filepath.Join(dir, "cat"))
	set := OpenFiles([]string{".", dir + "/bird", "../cat/2.png", "notes.txt", "none.png", "../empty"}, 4, []string{"dog", "cat"})
	want := []struct {
		name  string
		label int
		reads bool
	}{{"2.png", 1, true}, {"10.png", 1, true}, {dir + "/bird/1.png", -1, true}, {"../cat/2.png", 1, true}, {"notes.txt", 1, true}, {"none.png", 1, false}, {"../empty", -1, false}}
	if set.Len() != len(want) || set.Size() != 4 || len(set.Classes()) != 2 {
		t.Fatalf("%d images of %d pixels in %d classes", set.Len(), set.Size(), len(set.Classes()))
	}
	for i, w := range want {
		err := set.Pixels(i, make([]byte, 4*4*3))
		if set.Name(i) != w.name || set.Label(i) != w.label || (err == nil) != w.reads {
			t.Errorf("image %d: %s, label %d, %v; want %+v", i, set.Name(i), set.Label(i), err, w)
		}
		if bad := (*BadImageError)(nil); err != nil && !errors.As(err, &bad) {
			t.Errorf("%s: %v is no BadImageError", w.name, err)
		}
	}
}
