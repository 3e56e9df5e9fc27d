package data

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
)

// ppmHeader is the head of a binary PPM file: "P6", width, height and the largest
// value, with white space and comments between them, and one white space behind.
func ppmHeader(r *bufio.Reader) (width, height int, err error) {
	magic := make([]byte, 2)
	if _, err := io.ReadFull(r, magic); err != nil {
		return 0, 0, err
	}
	var numbers [3]int
	for i := range numbers {
		if numbers[i], err = ppmNumber(r); err != nil {
			return 0, 0, err
		}
	}
	if numbers[2] != 255 {
		return 0, 0, fmt.Errorf("ppm: the largest value is %d; those of 255 are read", numbers[2])
	}
	return numbers[0], numbers[1], nil
}

// ppmNumber reads a number and the byte behind it.
func ppmNumber(r *bufio.Reader) (n int, err error) {
	digits := 0
	for {
		c, err := r.ReadByte()
		switch {
		case err != nil:
			return 0, err
		case c == '#' && digits == 0:
			if _, err := r.ReadString('\n'); err != nil {
				return 0, err
			}
		case c >= '0' && c <= '9' && n < 1e8:
			n, digits = 10*n+int(c-'0'), digits+1
		case c == ' ' || c >= '\t' && c <= '\r':
			if digits > 0 {
				return n, nil
			}
		default:
			return 0, errors.New("ppm: the header is damaged")
		}
	}
}

func ppmConfig(r io.Reader) (image.Config, error) {
	w, h, err := ppmHeader(bufio.NewReader(r))
	return image.Config{ColorModel: color.RGBAModel, Width: w, Height: h}, err
}

func decodePPM(r io.Reader) (image.Image, error) {
	in := bufio.NewReader(r)
	w, h, err := ppmHeader(in)
	if err != nil {
		return nil, err
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	row := make([]byte, 3*w)
	for y := range h {
		if _, err := io.ReadFull(in, row); err != nil {
			return nil, fmt.Errorf("ppm: %w", err)
		}
		out := img.Pix[y*img.Stride:]
		for x := range w {
			copy(out[4*x:], row[3*x:3*x+3])
			out[4*x+3] = 255
		}
	}
	return img, nil
}

// PPM is an image, which begins at (0, 0), as a binary PPM file: its pixels as they are.
func PPM(img *image.RGBA) []byte {
	head := fmt.Appendf(nil, "P6\n%d %d\n255\n", img.Rect.Dx(), img.Rect.Dy())
	out := make([]byte, len(head)+3*img.Rect.Dx()*img.Rect.Dy())
	copy(out, head)
	RGB(out[len(head):], img)
	return out
}
