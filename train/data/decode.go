package data

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"

	"golang.org/x/image/bmp"
	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

// maxPixels bounds a photograph before memory is asked for: a file of a few bytes can
// announce an image of terabytes.
const maxPixels = 200e6

// MaxFileBytes bounds the file of a photograph.
const MaxFileBytes = 1 << 30

// format is a kind of image file, known by how it begins.
type format struct {
	name   string
	magic  string // a ? stands for any byte
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	orient bool // the file may hold a camera's orientation
}

// formats is a list of our own because the one of package image is the whole
// program's, to which any package may add.
var formats = []format{
	{"JPEG", "\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode, true},
	{"PNG", "\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode, false},
	{"GIF", "GIF8?a", gif.DecodeConfig, gif.Decode, false}, // the first frame
	{"WebP", "RIFF????WEBP", webp.DecodeConfig, decodeWebP, false},
	{"BMP", "BM", bmp.DecodeConfig, bmp.Decode, false},
	{"PPM", "P6", ppmConfig, decodePPM, false},
}

func (f *format) matches(file []byte) bool {
	if len(file) < len(f.magic) {
		return false
	}
	for i := range len(f.magic) {
		if f.magic[i] != '?' && f.magic[i] != file[i] {
			return false
		}
	}
	return true
}

// FormatOf is the format of an image file by how it begins, such as JPEG; "": it is of none
// that is read.
func FormatOf(file []byte) string {
	f, err := known(file, formats)
	if err != nil {
		return ""
	}
	return f.name
}

// ReadImage reads a photograph and writes its central square, scaled to size x
// size, to dst as (y, x, colour) bytes: the shorter side becomes size and the
// middle is cut out, as in Krizhevsky 2012, section 2. The file is JPEG, PNG,
// GIF (of which it takes the first frame), WebP, BMP or PPM, whatever its name says;
// transparent images lie on white, and a JPEG is turned the way its camera was
// held. Colour profiles are ignored. Every error is a *BadImageError.
func ReadImage(path string, size int, dst []byte) error {
	if size < 1 || len(dst) != size*size*3 {
		panic(fmt.Sprintf("data: an image of %d x %d into %d bytes", size, size, len(dst)))
	}
	file, err := ReadFile(path)
	if err == nil {
		err = decode(file, formats, size, dst)
	}
	if err != nil {
		return &BadImageError{Path: path, Err: err}
	}
	return nil
}

// ReadFile reads a whole file, which must be a plain one: opening a pipe would
// wait for its writer. Its errors name no file.
func ReadFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil {
		switch {
		case !info.Mode().IsRegular():
			return nil, errors.New("is not a file")
		case info.Size() == 0:
			return nil, errors.New("the file is empty")
		case info.Size() > MaxFileBytes:
			return nil, fmt.Errorf("the file has %d bytes, more than the %d that are read", info.Size(), MaxFileBytes)
		}
		var file []byte
		if file, err = os.ReadFile(path); err == nil {
			return file, nil
		}
	}
	return nil, reason(err) // BadImageError names the path already
}

// Filter names what images are scaled by: a triangle as wide as two pixels of the
// smaller of the two images, so that fine texture does not turn into false patterns.
const Filter = "triangle (bilinear), widened when it shrinks against aliasing"

// DecodeImage is ReadImage for the bytes of a file. Its errors name no file.
func DecodeImage(file []byte, size int, dst []byte) error {
	if size < 1 || len(dst) != size*size*3 {
		panic(fmt.Sprintf("data: an image of %d x %d into %d bytes", size, size, len(dst)))
	}
	return decode(file, formats, size, dst)
}

// decode turns a file's bytes into the pixels of ReadImage.
func decode(file []byte, formats []format, size int, dst []byte) error {
	img, _, err := scaled(file, formats, size, square)
	if err == nil {
		RGB(dst, img)
	}
	return err
}

// Scaled decodes a photograph as ReadImage does and returns it upright with its
// shorter side scaled to size: the central square, or the whole. Of an image that is
// longer than MaxAspect times its shorter side the whole is the middle of it. shape is
// the photograph's own width and height. Errors name no file.
func Scaled(file []byte, size int, whole bool) (img *image.RGBA, shape image.Point, err error) {
	if whole {
		return scaled(file, formats, size, oblong)
	}
	return scaled(file, formats, size, square)
}

// scaled decodes a file and scales it by square or oblong. A decoder's panic is an
// error: one odd file among a million must not end a training run.
func scaled(file []byte, formats []format, size int, scale func(image.Image, int, int, int) *image.RGBA) (out *image.RGBA, shape image.Point, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the decoder failed: %v", p)
		}
	}()
	f, err := known(file, formats)
	if err != nil {
		return nil, shape, err
	}
	config, err := f.config(bytes.NewReader(file))
	if err != nil {
		return nil, shape, err
	}
	if config.Width < 1 || config.Height < 1 {
		return nil, shape, fmt.Errorf("it has %d x %d pixels", config.Width, config.Height)
	}
	if float64(config.Width)*float64(config.Height) > maxPixels {
		return nil, shape, fmt.Errorf("it has %d x %d pixels, more than the %d million that are read", config.Width, config.Height, int(maxPixels/1e6))
	}
	img, err := f.decode(bytes.NewReader(file))
	if err != nil {
		return nil, shape, err
	}
	turn := upright
	if f.orient {
		turn = orientation(file)
	}
	shape = image.Pt(config.Width, config.Height)
	if sideways(turn) {
		shape = image.Pt(config.Height, config.Width)
	}
	return turned(scale(img, config.Width, config.Height, size), turn), shape, nil
}

// known is the format that a file begins like.
func known(file []byte, formats []format) (*format, error) {
	for i := range formats {
		if formats[i].matches(file) {
			return &formats[i], nil
		}
	}
	return nil, errors.New("it is not a JPEG, PNG, GIF, WebP, BMP or PPM file, whatever its name says")
}

// square is the central square of an image on white, scaled to size x size. Width and
// height are those of the canvas on which a GIF's frame lies.
func square(img image.Image, width, height, size int) *image.RGBA {
	side := min(width, height)
	return fit(img, width, height, image.Pt(side, side), image.Pt(size, size))
}

// MaxAspect bounds the shape of an image that is kept whole: one of a single row of
// pixels would be thousands of times as long as it is high.
const MaxAspect = 4

// oblong is a whole image on white, its shorter side scaled to size.
func oblong(img image.Image, width, height, size int) *image.RGBA {
	short := min(width, height)
	cut := image.Pt(min(width, MaxAspect*short), min(height, MaxAspect*short))
	scale := func(side int) int { return (side*size + short/2) / short }
	return fit(img, width, height, cut, image.Pt(scale(cut.X), scale(cut.Y)))
}

// fit cuts the middle out of an image, on white, and scales it. It cuts before it
// scales, so that memory stays bounded for a very long image.
func fit(img image.Image, width, height int, part, to image.Point) *image.RGBA {
	corner := image.Pt((width-part.X)/2, (height-part.Y)/2)
	cut := image.NewRGBA(image.Rectangle{Max: part})
	draw.Draw(cut, cut.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(cut, cut.Bounds(), img, corner, draw.Over)
	if part == to {
		return cut
	}
	scaled := image.NewRGBA(image.Rectangle{Max: to})
	draw.BiLinear.Scale(scaled, scaled.Bounds(), cut, cut.Bounds(), draw.Src, nil)
	return scaled
}

// RGB writes an image that begins at (0, 0) to dst as (y, x, colour) bytes.
func RGB(dst []byte, img *image.RGBA) {
	at := 0
	for y := range img.Rect.Dy() {
		row := img.Pix[y*img.Stride:][:4*img.Rect.Dx()]
		for ; len(row) >= 4; row = row[4:] {
			copy(dst[at:at+3], row)
			at += 3
		}
	}
}
