package data

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"time"
)

// maxFramePixels bounds all frames of an animation together, which are decoded at
// once, at a byte a pixel.
const maxFramePixels = 256e6

// defaultDelay is how long a frame is shown whose file says nothing, or less than
// any screen could show: what browsers do.
const (
	defaultDelay = 100 * time.Millisecond
	leastDelay   = 20 * time.Millisecond
)

// delays are how long each frame of a GIF is shown; they are as many as there are
// frames. Nothing is decoded: the blocks that the file consists of are counted. A
// file that ends too early has the frames that begin before that.
func delays(file []byte) (out []time.Duration, pixels int) {
	const header, descriptor = 13, 10
	if len(file) < header {
		return nil, 0
	}
	at, delay := header+colourTable(file[10]), defaultDelay
	for at < len(file) {
		switch file[at] {
		case 0x21: // an extension; a graphic control holds the next frame's delay
			if at+6 < len(file) && file[at+1] == 0xf9 {
				delay = time.Duration(binary.LittleEndian.Uint16(file[at+4:])) * 10 * time.Millisecond
				if delay < leastDelay {
					delay = defaultDelay
				}
			}
			at = behindBlocks(file, at+2)
		case 0x2c: // a frame
			if at+descriptor > len(file) {
				return out, pixels
			}
			pixels += int(binary.LittleEndian.Uint16(file[at+5:])) * int(binary.LittleEndian.Uint16(file[at+7:]))
			out, delay = append(out, delay), defaultDelay
			at = behindBlocks(file, at+descriptor+colourTable(file[at+9])+1)
		default: // the end, or what a decoder stops at
			return out, pixels
		}
	}
	return out, pixels
}

// colourTable is the size of the table of colours that flags announce.
func colourTable(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// behindBlocks skips blocks that begin with their lengths, to the one of length 0.
func behindBlocks(file []byte, at int) int {
	for at < len(file) && file[at] != 0 {
		at += 1 + int(file[at])
	}
	return at + 1
}

// animation is a decoded GIF. Its frames lie over each other: one is drawn behind
// those before it.
type animation struct {
	frames *gif.GIF
	canvas *image.RGBA
	drawn  int // frames on the canvas
	under  *image.RGBA
}

func newAnimation(file []byte) (*animation, error) {
	if _, pixels := delays(file); pixels > maxFramePixels {
		return nil, fmt.Errorf("its frames have %d million pixels together, more than the %d million that are read", pixels/1e6, int(maxFramePixels/1e6))
	}
	config, err := gif.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	if config.Width < 1 || config.Height < 1 || float64(config.Width)*float64(config.Height) > maxPixels {
		return nil, fmt.Errorf("it has %d x %d pixels", config.Width, config.Height)
	}
	g, err := gif.DecodeAll(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	return &animation{frames: g, canvas: image.NewRGBA(image.Rect(0, 0, config.Width, config.Height))}, nil
}

// show draws a frame.
func (a *animation) show(frame int) (*image.RGBA, error) {
	if frame < 0 || frame >= len(a.frames.Image) {
		return nil, errors.New("the file has no such frame any more")
	}
	if frame < a.drawn-1 {
		clear(a.canvas.Pix)
		a.drawn, a.under = 0, nil
	}
	for a.drawn <= frame {
		if a.drawn > 0 {
			a.dispose(a.drawn - 1)
		}
		img := a.frames.Image[a.drawn]
		if a.disposal(a.drawn) == gif.DisposalPrevious {
			a.under = &image.RGBA{Pix: bytes.Clone(a.canvas.Pix), Stride: a.canvas.Stride, Rect: a.canvas.Rect}
		}
		draw.Draw(a.canvas, img.Rect, img, img.Rect.Min, draw.Over)
		a.drawn++
	}
	return a.canvas, nil
}

func (a *animation) disposal(frame int) byte {
	if frame < len(a.frames.Disposal) {
		return a.frames.Disposal[frame]
	}
	return gif.DisposalNone
}

// dispose takes away what a frame leaves behind for the next one.
func (a *animation) dispose(frame int) {
	switch a.disposal(frame) {
	case gif.DisposalBackground:
		draw.Draw(a.canvas, a.frames.Image[frame].Rect, image.Transparent, image.Point{}, draw.Src)
	case gif.DisposalPrevious:
		copy(a.canvas.Pix, a.under.Pix)
	}
}
