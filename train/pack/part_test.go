package pack

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"alexnet/train/data"
)

// Smaller images are scaled down from those that are stored; larger ones are refused.
func TestPartSizes(t *testing.T) {
	p := made(t, options(folder(t, photos(t, map[string]int{"ant": 5, "bee": 5}))))
	set := part(t, p, Val, 5)
	file, err := set.File(1)
	if err != nil {
		t.Fatal(err)
	}
	got, want := make([]byte, 75), make([]byte, 75)
	if err := errors.Join(set.Pixels(1, got), data.DecodeImage(file, 5, want)); err != nil || !slices.Equal(got, want) || set.Size() != 5 {
		t.Errorf("%v, or other pixels", err)
	}
	_, err = p.Part(Val, 9)
	refused(t, err, "8 pixels", "data.size = 9", "--size 9")
	none, err := p.Part(Test, 8)
	if err != nil || none.Len() != 0 {
		t.Errorf("a part that is not there has %d images, %v", none.Len(), err)
	}
}

func TestPartOrdered(t *testing.T) {
	p := made(t, options(folder(t, photos(t, map[string]int{"ant": 4, "bee": 4}))))
	set := part(t, p, Train, 8)
	other, err := set.Ordered([]string{"bee", "cow", "ant"})
	if err != nil {
		t.Fatal(err)
	}
	if _, labels := list(other); !slices.Equal(labels, []int{2, 2, 2, 0, 0, 0}) || len(other.Classes()) != 3 || set.Label(0) != 0 {
		t.Errorf("labels %v", labels)
	}
	_, err = set.Ordered([]string{"bee", "cow"})
	refused(t, err, "ant", "not among")
}

// Packs of images of the same names are told apart by what is in the images.
func TestPartContents(t *testing.T) {
	images := photos(t, map[string]int{"ant": 4, "bee": 4})
	src := folder(t, images)
	first := part(t, made(t, options(src)), Train, 8)
	again := part(t, made(t, options(src)), Train, 8)
	for name := range images { // each has the picture of one of the other class
		to := strings.NewReplacer("ant", "bee", "bee", "ant").Replace(name)
		if err := os.WriteFile(filepath.Join(src, name), images[to], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	other := part(t, made(t, options(src)), Train, 8)
	if data.Contents(first) != data.Contents(again) || data.Contents(first) == data.Contents(other) || data.Fingerprint(first) != data.Fingerprint(other) {
		t.Errorf("contents %s, again %s, of other images %s", data.Contents(first), data.Contents(again), data.Contents(other))
	}
}

// Damage is found: of an image when it is read, of an index when the pack is opened, of
// anything by Verify.
func TestDamage(t *testing.T) {
	p := made(t, options(folder(t, photos(t, map[string]int{"ant": 9, "bee": 9}))))
	set := part(t, p, Train, 8)
	pixels := make([]byte, 3*8*8)
	tar, index := filepath.Join(p.Dir(), "train-00000.tar"), filepath.Join(p.Dir(), "train-00000.tsv")
	whole, err := os.ReadFile(tar)
	if err != nil {
		t.Fatal(err)
	}
	spoiled := bytes.Clone(whole)
	spoiled[set.Entry(3).Offset+100] ^= 1
	os.WriteFile(tar, spoiled, 0o644)
	err = set.Pixels(3, pixels)
	if bad := (*data.BadImageError)(nil); !errors.As(err, &bad) {
		t.Errorf("%v is no BadImageError", err)
	}
	refused(t, err, set.Name(3), "train-00000.tar", "checksum")
	if err := set.Pixels(4, pixels); err != nil {
		t.Error(err)
	}
	refused(t, p.Verify(context.Background(), nil), "train-00000.tar", "checksum")

	os.WriteFile(tar, whole[:len(whole)-1024], 0o644)
	_, err = p.Part(Train, 8)
	refused(t, err, "train-00000.tar", "bytes")
	os.WriteFile(tar, whole, 0o644)
	if err := p.Verify(context.Background(), nil); err != nil {
		t.Error(err)
	}

	text, _ := os.ReadFile(index)
	os.WriteFile(index, bytes.Replace(text, []byte("\t0\t"), []byte("\t1\t"), 1), 0o644)
	_, err = p.Part(Train, 8)
	refused(t, err, "train-00000.tsv", "checksum")

	mean := filepath.Join(p.Dir(), meanName)
	text, _ = os.ReadFile(mean)
	text[len(text)-1] ^= 1
	os.WriteFile(mean, text, 0o644)
	_, err = p.Stats()
	refused(t, err, meanName)
	q := made(t, options(folder(t, photos(t, map[string]int{"ant": 9, "bee": 9}))))
	for _, name := range []string{meanName, "val-00000.tar", "train-00000.tsv"} { // from the last that is looked at on
		if err := os.Remove(filepath.Join(q.Dir(), name)); err != nil {
			t.Fatal(err)
		}
		refused(t, q.Verify(context.Background(), nil), q.Dir()+" is not whole, for "+name+" is missing", "prepare it again")
	}
	if err := os.Remove(filepath.Join(q.Dir(), packName)); err != nil {
		t.Fatal(err)
	}
	if Is(q.Dir()) {
		t.Error("taken for a pack without any part's first shard")
	}
	if err := os.Remove(filepath.Join(p.Dir(), packName)); err != nil {
		t.Fatal(err)
	}
	_, err = Open(p.Dir())
	if refused(t, err, p.Dir()+" is not whole, for "+packName+" is missing", "prepare it again"); !Is(p.Dir()) {
		t.Error("not taken for a pack, but for a folder of images")
	}
	_, err = Prepare(context.Background(), p.Dir(), options(t.TempDir()))
	refused(t, err, p.Dir()+" is not whole, for "+packName+" is missing")
	_, err = Open(t.TempDir())
	refused(t, err, "alexnet prepare")
}
