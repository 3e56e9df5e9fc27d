// Package golden compares pictures drawn on the CPU with those that were looked
// at and kept. `go test ./viewer/... -update` keeps new ones; look at them.
package golden

import (
	"bytes"
	"flag"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "keep the pictures drawn now as the golden ones")

// tolerance is by how much a colour may differ: the rasterizer sums in another
// order on processors without its assembly.
const tolerance = 3

// Check compares a picture with testdata/NAME.png.
func Check(t *testing.T, name string, got *image.RGBA) {
	t.Helper()
	path := filepath.Join("testdata", name+".png")
	if *update {
		keep(t, path, got)
		return
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; draw it with -update and look at it", err)
	}
	want, err := png.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if n, at := Differ(want, got); n > 0 {
		other := filepath.Join(t.TempDir(), "got.png")
		keep(t, other, got)
		t.Errorf("%s: %d pixels differ, the first at %v; if that is meant, run with -update and look at it", path, n, at)
	}
}

// Differ counts the pixels that differ and says where the first is. Pictures of
// different size differ everywhere.
func Differ(want, got image.Image) (n int, first image.Point) {
	a, b := want.Bounds(), got.Bounds()
	if a.Size() != b.Size() {
		return a.Dx() * a.Dy(), a.Min
	}
	for y := range a.Dy() {
		for x := range a.Dx() {
			if far(want, got, a.Min.Add(image.Pt(x, y)), b.Min.Add(image.Pt(x, y))) {
				if n == 0 {
					first = image.Pt(x, y)
				}
				n++
			}
		}
	}
	return n, first
}

func far(want, got image.Image, p, q image.Point) bool {
	r1, g1, b1, a1 := want.At(p.X, p.Y).RGBA()
	r2, g2, b2, a2 := got.At(q.X, q.Y).RGBA()
	for _, pair := range [][2]uint32{{r1, r2}, {g1, g2}, {b1, b2}, {a1, a2}} {
		if d := int(pair[0]>>8) - int(pair[1]>>8); d > tolerance || d < -tolerance {
			return true
		}
	}
	return false
}

func keep(t *testing.T, path string, picture image.Image) {
	t.Helper()
	var b bytes.Buffer
	err := png.Encode(&b, picture)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, b.Bytes(), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
