package pack

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// noise is an image of coarse noise, so that no two are alike.
func noise(seed uint64, w, h int) *image.RGBA {
	random := rand.New(rand.NewPCG(seed, 1))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	var c color.RGBA
	for y := range h {
		for x := range w {
			if x%3 == 0 {
				c = color.RGBA{uint8(random.IntN(256)), uint8(random.IntN(256)), uint8(random.IntN(256)), 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func encoded(t *testing.T, img image.Image, encode func(io.Writer, image.Image) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asJPEG(w io.Writer, img image.Image) error { return jpeg.Encode(w, img, nil) }

// photo is a file of an image of its own.
func photo(t *testing.T, seed uint64, w, h int) []byte {
	t.Helper()
	return encoded(t, noise(seed, w, h), asJPEG)
}

// photos are files of classes with so many images each, by their paths.
func photos(t *testing.T, counts map[string]int) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	seed := uint64(0)
	for class, n := range counts {
		for i := range n {
			seed++
			files[fmt.Sprintf("%s/%s_%03d.JPEG", class, class, i)] = photo(t, seed, 14+i%5, 12+i%3)
		}
	}
	return files
}

// folder writes files to a folder.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// tarred makes a tar of files, in the order of names.
func tarred(t *testing.T, files map[string][]byte, names []string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range names {
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, Size: int64(len(files[name]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func write(t *testing.T, text []byte, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// options are those of the tests: images of 8x8 in shards of 32.
func options(sources ...string) Options {
	return Options{Sources: sources, Size: 8, Encoding: JPEG, Quality: 95, Seed: 1, shard: 2 * chunkImages}
}

func made(t *testing.T, o Options) *Pack {
	t.Helper()
	p, err := Prepare(context.Background(), filepath.Join(t.TempDir(), "pack"), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// refused expects an error with words.
func refused(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; expected one with %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error %q does not say %q", err, w)
		}
	}
}

func part(t *testing.T, p *Pack, name string, size int) *Part {
	t.Helper()
	out, err := p.Part(name, size)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// contents are all files of a folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// sameFiles compares folders, but for some files.
func sameFiles(t *testing.T, got, want string, but ...string) {
	t.Helper()
	a, b := contents(t, got), contents(t, want)
	for _, name := range but {
		delete(a, name)
		delete(b, name)
	}
	for name := range b {
		if a[name] != b[name] {
			t.Errorf("%s differs", name)
		}
		delete(a, name)
	}
	for name := range a {
		t.Errorf("%s is there", name)
	}
}

func list(s *Part) (names []string, labels []int) {
	for i := range s.Len() {
		names, labels = append(names, s.Name(i)), append(labels, s.Label(i))
	}
	return names, labels
}

func asPNG(w io.Writer, img image.Image) error { return png.Encode(w, img) }
