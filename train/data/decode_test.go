package data

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
)

// plain is an image of one colour.
func plain(w, h int, c color.Color) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	return img
}

// encoded is an image as a file's bytes.
func encoded(t testing.TB, img image.Image, encode func(io.Writer, image.Image) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodeJPEG(w io.Writer, img image.Image) error {
	return jpeg.Encode(w, img, &jpeg.Options{Quality: 90})
}

// encodeGIF writes an image of one colour.
func encodeGIF(w io.Writer, img image.Image) error {
	paletted := image.NewPaletted(img.Bounds(), color.Palette{img.At(0, 0), color.Black})
	return gif.Encode(w, paletted, nil)
}

// encodeWebP writes an opaque image of one colour as lossless WebP: each of the
// five prefix codes has one symbol, which takes no bits.
func encodeWebP(w io.Writer, img image.Image) error {
	var stream []byte
	used := 0
	put := func(value, bits int) {
		for i := range bits {
			if used%8 == 0 {
				stream = append(stream, 0)
			}
			stream[used/8] |= byte(value>>i&1) << (used % 8)
			used++
		}
	}
	put(0x2F, 8)
	put(img.Bounds().Dx()-1, 14)
	put(img.Bounds().Dy()-1, 14)
	put(0, 1+3) // no alpha, version
	put(0, 3)   // no transform, colour cache or meta codes
	r, g, b, _ := img.At(0, 0).RGBA()
	for _, symbol := range []int{int(g >> 8), int(r >> 8), int(b >> 8), 255, 0} {
		put(0b101, 3) // simple code, one symbol, of eight bits
		put(symbol, 8)
	}
	if len(stream)%2 == 1 {
		stream = append(stream, 0)
	}
	file := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(12+len(stream)))...)
	file = append(append(file, "WEBPVP8L"...), binary.LittleEndian.AppendUint32(nil, uint32(len(stream)))...)
	_, err := w.Write(append(file, stream...))
	return err
}

// save writes a file in a temporary folder and returns its path.
func save(t testing.TB, name string, file []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, file, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// pixels are those of a file as ReadImage gives them.
func pixels(t testing.TB, file []byte, size int) []byte {
	t.Helper()
	dst := make([]byte, size*size*3)
	if err := ReadImage(save(t, "image.jpg", file), size, dst); err != nil {
		t.Fatal(err)
	}
	return dst
}

// wantPixel compares the pixel at (x, y) of a square image.
func wantPixel(t *testing.T, pixels []byte, size, x, y int, want [3]byte, tolerance int) {
	t.Helper()
	got := pixels[3*(y*size+x):][:3]
	for c := range want {
		if d := int(got[c]) - int(want[c]); d > tolerance || d < -tolerance {
			t.Errorf("pixel (%d, %d) is %v, want %v", x, y, got, want)
			return
		}
	}
}

func TestReadImageKnowsFormatsByContent(t *testing.T) {
	orange := color.NRGBA{250, 130, 20, 255}
	for _, c := range []struct {
		name      string
		encode    func(io.Writer, image.Image) error
		tolerance int
	}{
		{"jpeg", encodeJPEG, 4},
		{"png", png.Encode, 0},
		{"gif", encodeGIF, 0},
		{"webp", encodeWebP, 0},
		{"bmp", bmp.Encode, 0},
	} {
		for _, size := range []int{3, 5, 9} { // shrunk, cut, enlarged
			t.Run(c.name, func(t *testing.T) {
				got := pixels(t, encoded(t, plain(8, 5, orange), c.encode), size)
				for i := range size * size {
					wantPixel(t, got, size, i%size, i/size, [3]byte{250, 130, 20}, c.tolerance)
				}
			})
		}
	}
}

func TestReadImageCutsTheCentre(t *testing.T) {
	for _, c := range []struct{ w, h int }{{12, 4}, {4, 12}} {
		img := plain(c.w, c.h, color.NRGBA{255, 0, 0, 255})
		x, y := (c.w-4)/2, (c.h-4)/2
		draw.Draw(img, image.Rect(x, y, x+4, y+4), image.NewUniform(color.NRGBA{0, 255, 0, 255}), image.Point{}, draw.Src)
		for _, size := range []int{2, 4, 8} {
			got := pixels(t, encoded(t, img, png.Encode), size)
			for i := range size * size {
				wantPixel(t, got, size, i%size, i/size, [3]byte{0, 255, 0}, 0)
			}
		}
	}
}

func TestReadImageDoesNotAlias(t *testing.T) {
	const side, size = 66, 16
	img := plain(side, side, color.White)
	for i := range side * side {
		if i%side%2 == 0 {
			img.SetNRGBA(i%side, i/side, color.NRGBA{0, 0, 0, 255})
		}
	}
	got := pixels(t, encoded(t, img, png.Encode), size)
	for i := range size * size {
		wantPixel(t, got, size, i%size, i/size, [3]byte{128, 128, 128}, 24)
	}
}

func TestReadImageColourModels(t *testing.T) {
	wide := image.Rect(0, 0, 4, 4)
	uniform := func(img draw.Image, c color.Color) image.Image {
		draw.Draw(img, wide, image.NewUniform(c), image.Point{}, draw.Src)
		return img
	}
	for _, c := range []struct {
		name string
		img  image.Image
		want [3]byte
	}{
		{"grey", uniform(image.NewGray(wide), color.Gray{77}), [3]byte{77, 77, 77}},
		{"grey of 16 bits", uniform(image.NewGray16(wide), color.Gray16{0x4DFF}), [3]byte{77, 77, 77}},
		{"colour of 16 bits", uniform(image.NewNRGBA64(wide), color.NRGBA64{0xFF00, 0x80FF, 0x1000, 0xFFFF}), [3]byte{255, 128, 16}},
		{"transparent", uniform(image.NewNRGBA(wide), color.NRGBA{200, 0, 0, 0}), [3]byte{255, 255, 255}},
		{"half transparent", uniform(image.NewNRGBA(wide), color.NRGBA{200, 0, 0, 128}), [3]byte{227, 127, 127}},
		{"palette", uniform(image.NewPaletted(wide, color.Palette{color.White, color.NRGBA{9, 99, 199, 255}}), color.NRGBA{9, 99, 199, 255}), [3]byte{9, 99, 199}},
		{"cmyk", uniform(image.NewCMYK(wide), color.CMYK{255, 0, 128, 0}), [3]byte{0, 255, 127}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{2, 4} {
				dst := make([]byte, size*size*3)
				RGB(dst, square(c.img, 4, 4, size))
				wantPixel(t, dst, size, 1, 1, c.want, 1)
				if c.name != "cmyk" { // which PNG cannot hold
					wantPixel(t, pixels(t, encoded(t, c.img, png.Encode), size), size, 1, 1, c.want, 1)
				}
			}
		})
	}
}

func TestReadImageTakesTheFirstFrame(t *testing.T) {
	palette := color.Palette{color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 0, 255, 255}}
	small := image.NewPaletted(image.Rect(2, 2, 6, 6), palette)
	second := image.NewPaletted(image.Rect(0, 0, 8, 8), palette)
	for i := range second.Pix {
		second.Pix[i] = 1
	}
	var file bytes.Buffer
	if err := gif.EncodeAll(&file, &gif.GIF{Image: []*image.Paletted{small, second}, Delay: []int{1, 1},
		Config: image.Config{ColorModel: palette, Width: 8, Height: 8}}); err != nil {
		t.Fatal(err)
	}
	got := pixels(t, file.Bytes(), 8)
	wantPixel(t, got, 8, 4, 4, [3]byte{255, 0, 0}, 0)
	wantPixel(t, got, 8, 0, 0, [3]byte{255, 255, 255}, 0) // the frame does not reach there
}

func TestReadImageErrors(t *testing.T) {
	whole := encoded(t, plain(40, 40, color.Black), encodeJPEG)
	bomb := encoded(t, plain(2, 2, color.Black), bmp.Encode)
	binary.LittleEndian.PutUint32(bomb[18:], 20000) // width and height
	binary.LittleEndian.PutUint32(bomb[22:], 20000)
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "the file is empty"},
		{"text", []byte("<html>404</html>"), "not a JPEG"},
		{"one byte", []byte("B"), "not a JPEG"},
		{"truncated", whole[:len(whole)-20], "short Huffman data"},
		{"header only", whole[:10], "EOF"},
		{"bomb", bomb, "20000 x 20000 pixels, more than the 200 million"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := save(t, "image.jpg", c.file)
			wantBad(t, ReadImage(path, 8, make([]byte, 8*8*3)), path, c.want)
		})
	}
	missing := filepath.Join(t.TempDir(), "none.jpg")
	wantBad(t, ReadImage(missing, 8, make([]byte, 8*8*3)), missing, "no such file")
	folder := t.TempDir()
	wantBad(t, ReadImage(folder, 8, make([]byte, 8*8*3)), folder, "not a file")
}

// wantBad wants a BadImageError that names the path once.
func wantBad(t *testing.T, err error, path, want string) {
	t.Helper()
	var bad *BadImageError
	if !errors.As(err, &bad) || bad.Path != path || strings.Count(err.Error(), path) != 1 || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}

func TestDecodeSurvivesAPanic(t *testing.T) {
	explosive := []format{{
		magic:  "?",
		config: func(io.Reader) (image.Config, error) { return image.Config{Width: 2, Height: 2}, nil },
		decode: func(io.Reader) (image.Image, error) { panic("index out of range") },
	}}
	err := decode([]byte("x"), explosive, 2, make([]byte, 12))
	if err == nil || !strings.Contains(err.Error(), "index out of range") {
		t.Error(err)
	}
}

// No cut or flipped file may panic or hang, whatever it decodes to.
func TestReadImageSurvivesDamage(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, encode := range []func(io.Writer, image.Image) error{encodeJPEG, png.Encode, encodeGIF, encodeWebP, bmp.Encode} {
		whole := encoded(t, plain(20, 16, color.NRGBA{1, 200, 3, 255}), encode)
		for range 100 {
			file := bytes.Clone(whole)[:1+random.IntN(len(whole))]
			file[random.IntN(len(file))] ^= 1 << random.IntN(8)
			path := save(t, "image.png", file)
			err := ReadImage(path, 8, make([]byte, 8*8*3))
			if bad := (*BadImageError)(nil); err != nil && !errors.As(err, &bad) {
				t.Errorf("%T %v", err, err)
			}
		}
	}
}

// BenchmarkReadImage reads a photograph of ImageNet's usual size.
func BenchmarkReadImage(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	img := image.NewNRGBA(image.Rect(0, 0, 500, 375))
	for i := range 500 * 375 {
		x, y := i%500, i/500
		img.SetNRGBA(x, y, color.NRGBA{byte(x + random.IntN(30)), byte(y), byte(x*y>>8 + random.IntN(30)), 255})
	}
	path := save(b, "image.jpg", encoded(b, img, encodeJPEG))
	dst := make([]byte, 256*256*3)
	for b.Loop() {
		if err := ReadImage(path, 256, dst); err != nil {
			b.Fatal(err)
		}
	}
}
