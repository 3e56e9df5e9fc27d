package data

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestSpreadTakesAllClasses(t *testing.T) {
	set := Spread(NewGenerated(1, 100), 20)
	if set.Len() != 20 || set.Name(19) != "generated image 95 of seed 1" || set.Label(19) != 15 {
		t.Errorf("%d images, the last is %s of class %d", set.Len(), set.Name(19), set.Label(19))
	}
	a, b := make([]byte, 3*GeneratedSize*GeneratedSize), make([]byte, 3*GeneratedSize*GeneratedSize)
	if err := set.Pixels(1, a); err != nil {
		t.Fatal(err)
	}
	if err := NewGenerated(1, 100).Pixels(5, b); err != nil {
		t.Fatal(err)
	}
	if string(a) != string(b) {
		t.Error("image 1 is not image 5 of the set")
	}
	if all := Spread(set, 30); all.Len() != 20 {
		t.Errorf("%d of 20 images", all.Len())
	}
}

// Other pixels under a name that stays are other contents of the same images.
func TestContentsTellImagesThatChanged(t *testing.T) {
	dir := tree(t, "ant/a.png", "ant/b.png", "bee/a.png", "bee/b.png")
	identity := func() (images, contents string) {
		t.Helper()
		f, err := OpenFolder(dir, FolderOptions{Size: 8})
		if err != nil {
			t.Fatal(err)
		}
		return Fingerprint(f.Train), Contents(f.Train)
	}
	images, before := identity()
	if _, again := identity(); again != before {
		t.Error("the contents of the same images differ")
	}
	f, err := OpenFolder(dir, FolderOptions{Size: 8})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, f.Train.Name(0))
	seen := map[string]bool{before: true}
	for _, change := range []func() error{
		func() error { return os.Chtimes(file, time.Time{}, time.Unix(1, 0)) },
		func() error { return os.WriteFile(file, []byte("shorter"), 0o644) },
		func() error { return os.Remove(file) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		contents := Contents(f.Train)
		if seen[contents] || Fingerprint(f.Train) != images {
			t.Error("other contents are not told, or are other images")
		}
		seen[contents] = true
	}
	if set := NewGenerated(1, 3); Contents(set) != Fingerprint(set) {
		t.Error("a set that never changes has other contents")
	}
}
