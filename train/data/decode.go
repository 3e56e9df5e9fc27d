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

// A photograph beyond these is refused before memory is asked for: a file of a
// few bytes can announce an image of terabytes.
const (
	maxPixels    = 200e6
	maxFileBytes = 1 << 30
)

// format is a kind of image file, known by how it begins.
type format struct {
	magic  string // a ? stands for any byte
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	orient bool // the file may hold a camera's orientation
}

// formats is a list of our own because the one of package image is the whole
// program's, to which any package may add.
var formats = []format{
	{"\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode, true},
	{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode, false},
	{"GIF8?a", gif.DecodeConfig, gif.Decode, false}, // the first frame
	{"RIFF????WEBP", webp.DecodeConfig, webp.Decode, false},
	{"BM", bmp.DecodeConfig, bmp.Decode, false},
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

// ReadImage reads a photograph and writes its central square, scaled to size x
// size, to dst as (y, x, colour) bytes: the shorter side becomes size and the
// middle is cut out, as in Krizhevsky 2012, section 2. The file is JPEG, PNG,
// GIF (of which it takes the first frame), WebP or BMP, whatever its name says;
// transparent images lie on white, and a JPEG is turned the way its camera was
// held. Colour profiles are ignored. Every error is a *BadImageError.
func ReadImage(path string, size int, dst []byte) error {
	if size < 1 || len(dst) != size*size*3 {
		panic(fmt.Sprintf("data: an image of %d x %d into %d bytes", size, size, len(dst)))
	}
	file, err := readFile(path)
	if err == nil {
		err = decode(file, formats, size, dst)
	}
	if err != nil {
		return &BadImageError{Path: path, Err: err}
	}
	return nil
}

// readFile reads a whole file, which must be a plain one: opening a pipe would
// wait for its writer.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil {
		switch {
		case !info.Mode().IsRegular():
			return nil, errors.New("is not a file")
		case info.Size() == 0:
			return nil, errors.New("the file is empty")
		case info.Size() > maxFileBytes:
			return nil, fmt.Errorf("the file has %d bytes, more than the %d that are read", info.Size(), maxFileBytes)
		}
		var file []byte
		if file, err = os.ReadFile(path); err == nil {
			return file, nil
		}
	}
	return nil, reason(err) // BadImageError names the path already
}

// decode turns a file's bytes into the pixels of ReadImage. A decoder's panic
// is an error: one odd file among a million must not end a training run.
func decode(file []byte, formats []format, size int, dst []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the decoder failed: %v", p)
		}
	}()
	for i := range formats {
		f := &formats[i]
		if !f.matches(file) {
			continue
		}
		config, err := f.config(bytes.NewReader(file))
		if err != nil {
			return err
		}
		if config.Width < 1 || config.Height < 1 {
			return fmt.Errorf("it has %d x %d pixels", config.Width, config.Height)
		}
		if float64(config.Width)*float64(config.Height) > maxPixels {
			return fmt.Errorf("it has %d x %d pixels, more than the %d million that are read", config.Width, config.Height, int(maxPixels/1e6))
		}
		img, err := f.decode(bytes.NewReader(file))
		if err != nil {
			return err
		}
		turn := upright
		if f.orient {
			turn = orientation(file)
		}
		writeTurned(dst, square(img, config.Width, config.Height, size), turn)
		return nil
	}
	return errors.New("it is not a JPEG, PNG, GIF, WebP or BMP file, whatever its name says")
}

// square is the central square of an image on white, scaled to size x size. It
// cuts before it scales, so that memory stays bounded for a very long image.
// Width and height are those of the canvas on which a GIF's frame lies.
func square(img image.Image, width, height, size int) *image.RGBA {
	side := min(width, height)
	corner := image.Pt((width-side)/2, (height-side)/2)
	cut := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.Draw(cut, cut.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(cut, cut.Bounds(), img, corner, draw.Over)
	if side == size {
		return cut
	}
	// The scaler widens the kernel when it shrinks, which keeps fine texture from
	// turning into false patterns.
	scaled := image.NewRGBA(image.Rect(0, 0, size, size))
	draw.BiLinear.Scale(scaled, scaled.Bounds(), cut, cut.Bounds(), draw.Src, nil)
	return scaled
}
