package pack

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// Of a finished pack the same command says that it is complete and changes nothing; where
// another would come out it says what differs.
func TestPrepareAgain(t *testing.T) {
	files := photos(t, map[string]int{"ant": 20, "bee": 20})
	src := folder(t, files)
	tar := write(t, tarred(t, files, slices.Sorted(maps.Keys(files))), "photos.tar")
	for what, source := range map[string]string{"folder": src, "tar": tar} {
		o := options(source)
		p := made(t, o)
		before := contents(t, p.Dir())
		var said []string
		o.OnMessage = func(text string) { said = append(said, text) }
		q, err := Prepare(context.Background(), p.Dir(), o)
		if err != nil || q.Images() != p.Images() || len(said) != 1 {
			t.Fatalf("%s: %v, said %q", what, err, said)
		}
		if !maps.Equal(contents(t, p.Dir()), before) {
			t.Errorf("%s: preparing it again has changed the pack", what)
		}
		said = nil
		other := o
		other.Split = "val=0.5"
		_, err = Prepare(context.Background(), p.Dir(), other)
		refused(t, err, "another --split: a tenth of each class then, val=0.5 now", "remove it", "another DST")
	}
	for what, change := range map[string]func() error{
		"added":   func() error { return os.WriteFile(filepath.Join(src, "ant", "new.jpg"), photo(t, 99, 9, 9), 0o644) },
		"removed": func() error { return os.Remove(filepath.Join(src, "bee", "bee_003.JPEG")) },
		"changed": func() error {
			return os.Chtimes(filepath.Join(src, "bee", "bee_004.JPEG"), time.Time{}, time.Unix(1e9, 0))
		},
	} {
		p := made(t, options(src))
		if err := change(); err != nil {
			t.Fatal(err)
		}
		_, err := Prepare(context.Background(), p.Dir(), options(src))
		if err == nil {
			t.Fatalf("an image was %s, and the pack is complete", what)
		}
		refused(t, err, "images were added, removed or changed", "remove it", "another DST")
	}
	p := made(t, options(src))
	if err := os.Remove(filepath.Join(p.Dir(), "val-00000.tar")); err != nil {
		t.Fatal(err)
	}
	_, err := Prepare(context.Background(), p.Dir(), options(src))
	refused(t, err, "val-00000.tar")
	os.Remove(filepath.Join(p.Dir(), sourceName))
	_, err = Prepare(context.Background(), p.Dir(), options(src))
	refused(t, err, "what it was prepared from", "another DST")
}

// Preparing does not go on with other images than those that were listed, and says what
// to do about one that goes while it runs.
func TestPrepareGoesOnWithTheSame(t *testing.T) {
	src := folder(t, photos(t, map[string]int{"ant": 30, "bee": 30}))
	begun := func() string {
		dst := filepath.Join(t.TempDir(), "pack")
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		o := options(src)
		o.OnProgress = func(p Progress) {
			if p.Done >= 32 {
				cancel()
			}
		}
		if _, err := Prepare(ctx, dst, o); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		return dst
	}
	dst := begun()
	if _, err := Prepare(context.Background(), dst, options(src)); err != nil {
		t.Error(err)
	}
	bee := func(name string) string { return filepath.Join(src, "bee", name) }
	for what, change := range map[string]func() error{
		"added":   func() error { return os.WriteFile(filepath.Join(src, "ant", "new.jpg"), photo(t, 99, 9, 9), 0o644) },
		"changed": func() error { return os.Chtimes(bee("bee_027.JPEG"), time.Time{}, time.Unix(1e9, 0)) },
		"removed": func() error { return os.Remove(bee("bee_028.JPEG")) },
	} {
		dst := begun()
		if err := change(); err != nil {
			t.Fatal(err)
		}
		_, err := Prepare(context.Background(), dst, options(src))
		if err == nil {
			t.Fatalf("an image was %s, and preparing goes on", what)
		}
		refused(t, err, "has changed since its images were listed: images were added, removed or changed", "remove "+dst)
	}
	// The file that is no image is told of between the listing and the preparing.
	os.WriteFile(filepath.Join(src, "notes.txt"), nil, 0o644)
	o, dst := options(src), filepath.Join(t.TempDir(), "pack")
	o.OnMessage = func(string) { os.Remove(bee("bee_029.JPEG")) }
	_, err := Prepare(context.Background(), dst, o)
	refused(t, err, "bee/bee_029.JPEG in "+src+": the file has gone", "bring it back", "remove "+dst)
}
