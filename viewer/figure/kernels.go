// Package figure draws what a network holds and does: kernels as in the paper's
// Figure 3, maps, histograms, predictions as in Figure 4 and the timeline of a
// step. It draws on the CPU; nothing here knows a window or a run.
package figure

import (
	"image"
	"image/color"
	"math"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// perRow is the number of kernels in a row of Figure 3.
const perRow = 16

// Largest is the side in pixels beyond which a tile of a kernel grows no more.
const Largest = 88

// Grid says where the kernels of a figure lie: the columns one above the other, a
// black frame round each. All lengths are the display's pixels, for kernels are
// only ever enlarged by whole numbers.
type Grid struct {
	Left, Top     int
	Size, Zoom    int   // of a kernel; of each of its pixels
	Columns       []int // kernels of each column
	Gap, Frame    int
	BetweenFrames int // between two columns
}

// Fit is the grid with the largest zoom that fits a width and a height.
func Fit(k *monitor.Kernels, left, top, width, height int, scale float64) Grid {
	px := func(v float64) int { return int(math.Round(v * scale)) }
	g := Grid{Left: left, Top: top, Size: k.Size, Columns: k.Columns, Gap: px(4), Frame: px(4), BetweenFrames: px(12)}
	most := max(1, int(Largest*scale)/k.Size)
	for g.Zoom = most; g.Zoom > 1; g.Zoom-- {
		if s := g.Bounds(); s.Dx() <= width && s.Dy() <= height {
			break
		}
	}
	return g
}

func (g Grid) cell() int { return g.Size*g.Zoom + g.Gap }

func (g Grid) width() int {
	widest := 0
	for _, n := range g.Columns {
		widest = max(widest, min(n, perRow))
	}
	return widest*g.cell() - g.Gap + 2*g.Frame
}

func rows(n int) int { return (n + perRow - 1) / perRow }

// Column is the black frame of a column.
func (g Grid) Column(column int) image.Rectangle {
	top := g.Top
	for i := 0; ; i++ {
		height := rows(g.Columns[i])*g.cell() - g.Gap + 2*g.Frame
		if i == column {
			return image.Rect(g.Left, top, g.Left+g.width(), top+height)
		}
		top += height + g.BetweenFrames
	}
}

// Bounds is the whole figure.
func (g Grid) Bounds() image.Rectangle {
	return image.Rectangle{image.Pt(g.Left, g.Top), g.Column(len(g.Columns) - 1).Max}
}

// Tile is where a kernel of a column lies.
func (g Grid) Tile(column, i int) image.Rectangle {
	at := g.Column(column).Min.Add(image.Pt(g.Frame+i%perRow*g.cell(), g.Frame+i/perRow*g.cell()))
	return image.Rectangle{at, at.Add(image.Pt(g.Size*g.Zoom, g.Size*g.Zoom))}
}

// At is the kernel at a point.
func (g Grid) At(p image.Point) (column, i int, ok bool) {
	for column, n := range g.Columns {
		for i := range n {
			if p.In(g.Tile(column, i)) {
				return column, i, true
			}
		}
	}
	return 0, 0, false
}

// First is the number of the first kernel of a column.
func (g Grid) First(column int) int {
	n := 0
	for _, c := range g.Columns[:column] {
		n += c
	}
	return n
}

// Draw draws all kernels. Common: all by one scale, otherwise each by its own.
func (g Grid) Draw(c *draw.Canvas, values []float32, common bool) {
	n := 3 * g.Size * g.Size
	scale := 0.0
	if common {
		scale = Strongest(values)
	}
	for column, count := range g.Columns {
		c.FillPixels(g.Column(column), theme.Black)
		for i := range count {
			k := values[(g.First(column)+i)*n:][:n]
			by := scale
			if !common {
				by = Strongest(k)
			}
			at := g.Tile(column, i).Min
			c.Picture(Kernel(k, g.Size, by), at.X, at.Y, g.Zoom)
		}
	}
}

// Ring marks a kernel as chosen.
func (g Grid) Ring(c *draw.Canvas, column, i int) {
	ring(c, g.Tile(column, i), c.Px(3))
}

// ring is white in black: white alone is lost at the edge on a light ground.
func ring(c *draw.Canvas, r image.Rectangle, w int) {
	frame(c, r, w+c.Px(1), theme.Black)
	frame(c, r, w, theme.Selection)
}

// frame fills what lies up to w pixels around a rectangle.
func frame(c *draw.Canvas, r image.Rectangle, w int, ink color.RGBA) {
	o := r.Inset(-w)
	for _, side := range []image.Rectangle{
		{o.Min, image.Pt(o.Max.X, r.Min.Y)}, {image.Pt(o.Min.X, r.Max.Y), o.Max},
		{o.Min, image.Pt(r.Min.X, o.Max.Y)}, {image.Pt(r.Max.X, o.Min.Y), o.Max},
	} {
		c.FillPixels(side, ink)
	}
}

// Strongest is the largest absolute value, NaN and infinities left out.
func Strongest(values []float32) float64 {
	most := float32(0)
	for _, v := range values {
		if v < 0 {
			v = -v
		}
		if v > most && v <= math.MaxFloat32 {
			most = v
		}
	}
	return float64(most)
}

// Kernel is the picture of a kernel, (colour, y, x), one pixel a weight: zero is
// mid grey, plus and minus scale are 255 and 1. What is not a number is magenta.
func Kernel(values []float32, size int, scale float64) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	plane := size * size
	for p := range plane {
		img.SetRGBA(p%size, p/size, kernelColour([3]float32{values[p], values[plane+p], values[2*plane+p]}, scale))
	}
	return img
}

func kernelColour(v [3]float32, scale float64) color.RGBA {
	var out [3]uint8
	for i, x := range v {
		switch {
		case x != x: // NaN
			return color.RGBA{255, 0, 255, 255}
		case scale == 0:
			out[i] = 128
		default:
			out[i] = uint8(math.Round(128 + 127*min(1, max(-1, float64(x)/scale))))
		}
	}
	return color.RGBA{out[0], out[1], out[2], 255}
}
