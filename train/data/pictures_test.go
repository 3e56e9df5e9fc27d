package data

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCompareNatural(t *testing.T) {
	want := []string{"a.png", "frame1.png", "Frame2.png", "frame02b.png", "frame10.png", "frame10a.png", "frame99999999999999999999.png", "frame100000000000000000000.png", "z.png"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, compareNatural)
	if !slices.Equal(got, want) {
		t.Errorf("sorted %q, want %q", got, want)
	}
}

// put writes a file into a folder.
func put(t *testing.T, dir, name string, file []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, file, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// moving is a GIF of 8 x 8: red; a green corner over it, which goes again; a blue
// one, whose ground is cleared; a white one.
func moving(t *testing.T) []byte {
	t.Helper()
	inks := color.Palette{color.RGBA{255, 0, 0, 255}, color.RGBA{0, 255, 0, 255}, color.RGBA{0, 0, 255, 255}, color.White, color.Transparent}
	g := &gif.GIF{
		Delay: []int{0, 5, 30, 1}, Disposal: []byte{gif.DisposalNone, gif.DisposalPrevious, gif.DisposalBackground, gif.DisposalNone},
		Config: image.Config{Width: 8, Height: 8, ColorModel: inks},
	}
	for i, r := range []image.Rectangle{image.Rect(0, 0, 8, 8), image.Rect(0, 0, 4, 4), image.Rect(4, 4, 8, 8), image.Rect(0, 4, 4, 8)} {
		img := image.NewPaletted(r, inks)
		for k := range img.Pix {
			img.Pix[k] = uint8(i)
		}
		g.Image = append(g.Image, img)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPictures(t *testing.T) {
	dir := t.TempDir()
	picture := encoded(t, plain(4, 4, color.White), png.Encode)
	for _, name := range []string{"f10.png", "f9.png", "F1.PNG", "notes.txt", ".f2.png"} {
		put(t, dir, name, picture)
	}
	if err := os.Mkdir(filepath.Join(dir, "f3.png"), 0o755); err != nil {
		t.Fatal(err)
	}
	list, err := Pictures([]string{dir})
	var names []string
	for _, p := range list {
		names = append(names, filepath.Base(p.Path))
	}
	if want := []string{"F1.PNG", "f9.png", "f10.png"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("listed %q, %v; want %q", names, err, want)
	}
	path := put(t, t.TempDir(), "moving.gif", moving(t))
	if list, err = Pictures([]string{path, filepath.Join(dir, "notes.txt")}); err != nil || len(list) != 5 || list[2] != (Picture{path, 2, 300 * time.Millisecond}) {
		t.Errorf("of a GIF and a text %+v, %v", list, err)
	}
	for i, want := range []time.Duration{defaultDelay, 50 * time.Millisecond, 300 * time.Millisecond, defaultDelay} {
		if list[i].Delay != want {
			t.Errorf("frame %d is shown for %v, want %v", i, list[i].Delay, want)
		}
	}
	for words, path := range map[string]string{"no such file": filepath.Join(dir, "none"), "holds no image": t.TempDir()} {
		if _, err := Pictures([]string{path}); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, want %q", path, err, words)
		}
	}
}

// Frames lie over those before them, forwards and backwards, by what the file says
// of their remains.
func TestReadFrames(t *testing.T) {
	const size = 8
	path := put(t, t.TempDir(), "moving.gif", moving(t))
	r, dst := &Reader{}, make([]byte, size*size*3)
	red, green, blue, white := [3]byte{255, 0, 0}, [3]byte{0, 255, 0}, [3]byte{0, 0, 255}, [3]byte{255, 255, 255}
	want := [][4][3]byte{{red, red, red, red}, {green, red, red, red}, {red, red, red, blue}, {red, red, white, white}} // corners, by rows
	for _, i := range []int{0, 1, 2, 3, 1, 1, 0, 3} {
		if err := r.Read(Picture{Path: path, Frame: i}, size, dst); err != nil {
			t.Fatal(err)
		}
		for corner, at := range []int{0, 7, 56, 63} {
			if got := [3]byte(dst[3*at:]); got != want[i][corner] {
				t.Errorf("frame %d, corner %d is %v, want %v", i, corner, got, want[i][corner])
			}
		}
	}
	if err := r.Read(Picture{Path: path, Frame: 4}, size, dst); err == nil || !strings.Contains(err.Error(), "no such frame") {
		t.Errorf("frame 5 of 4: %v", err)
	}
	// The file is another one now.
	put(t, filepath.Dir(path), "moving.gif", encoded(t, plain(4, 4, color.RGBA{0, 0, 255, 255}), encodeGIF))
	if err := r.Read(Picture{Path: path}, size, dst); err != nil || [3]byte(dst) != blue {
		t.Errorf("behind a change of the file it is %v, %v", dst[:3], err)
	}
}

// A few bytes that announce frames of gigabytes are refused before they are decoded,
// and no cut makes the counting run on.
func TestBadAnimations(t *testing.T) {
	whole := moving(t)
	for cut := range whole {
		if list, _ := delays(whole[:cut]); len(list) > 4 {
			t.Errorf("the first %d bytes have %d frames", cut, len(list))
		}
	}
	huge := []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00")
	frame := []byte{0x2c, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 2, 0}
	path := put(t, t.TempDir(), "huge.gif", append(append(huge, frame...), frame...))
	if err := (&Reader{}).Read(Picture{Path: path, Frame: 1}, 8, make([]byte, 192)); err == nil || !strings.Contains(err.Error(), "million pixels together") {
		t.Errorf("a huge animation: %v", err)
	}
}
