package figure

import (
	"image"
	"image/color"
	"math"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// Ramp are the 256 colours of a map's values: black, the column's colour at
// 60 %, white.
func Ramp(column color.RGBA) (ramp [256]color.RGBA) {
	for i := range ramp {
		if t := float64(i) / 255; t < 0.6 {
			ramp[i] = theme.Mix(theme.Black, column, t/0.6)
		} else {
			ramp[i] = theme.Mix(column, color.RGBA{255, 255, 255, 255}, (t-0.6)/0.4)
		}
	}
	return ramp
}

// Atlas says where the maps of one column lie: as many in a row as are given,
// one pixel of the display between two.
type Atlas struct {
	Left, Top  int
	H, W       int // of a map
	N, Across  int // maps, maps in a row
	Zoom, Line int
}

// FitMaps is the atlas with the largest zoom at which all maps fit a box.
func FitMaps(h, w, n, left, top, width, height int) Atlas {
	best := Atlas{Left: left, Top: top, H: h, W: w, N: n, Across: 1, Zoom: 1, Line: 1}
	for zoom := max(1, min(width/max(1, w), height/max(1, h))); zoom >= 1; zoom-- {
		a := Atlas{Left: left, Top: top, H: h, W: w, N: n, Zoom: zoom, Line: 1}
		if h*zoom <= 8 {
			a.Line = 0 // single values need no lines
		}
		a.Across = max(1, min(n, (width+a.Line)/(w*zoom+a.Line)))
		if zoom == 1 || a.Bounds().Dy() <= height {
			return a.even()
		}
	}
	return best
}

// even makes the rows as equally long as they can be.
func (a Atlas) even() Atlas {
	if a.N > 0 {
		rows := (a.N + a.Across - 1) / a.Across
		a.Across = (a.N + rows - 1) / rows
	}
	return a
}

// Bounds is the whole atlas.
func (a Atlas) Bounds() image.Rectangle {
	rows := (a.N + a.Across - 1) / a.Across
	return image.Rect(a.Left, a.Top, a.Left+a.Across*(a.W*a.Zoom+a.Line)-a.Line, a.Top+rows*(a.H*a.Zoom+a.Line)-a.Line)
}

// Tile is where a map lies.
func (a Atlas) Tile(i int) image.Rectangle {
	at := image.Pt(a.Left+i%a.Across*(a.W*a.Zoom+a.Line), a.Top+i/a.Across*(a.H*a.Zoom+a.Line))
	return image.Rectangle{at, at.Add(image.Pt(a.W*a.Zoom, a.H*a.Zoom))}
}

// At is the map at a point, and the row and column of its value there.
func (a Atlas) At(p image.Point) (i, y, x int, ok bool) {
	for i := range a.N {
		if t := a.Tile(i); p.In(t) {
			return i, (p.Y - t.Min.Y) / a.Zoom, (p.X - t.Min.X) / a.Zoom, true
		}
	}
	return 0, 0, 0, false
}

// Draw draws maps, (map, y, x), of which most is the brightest value.
func (a Atlas) Draw(c *draw.Canvas, values []float32, most float64, ramp *[256]color.RGBA) {
	c.FillPixels(a.Bounds(), theme.Black)
	for i := range a.N {
		at := a.Tile(i).Min
		c.Picture(Map(values[i*a.H*a.W:][:a.H*a.W], a.H, a.W, most, ramp), at.X, at.Y, a.Zoom)
	}
}

// Ring marks a map as chosen.
func (a Atlas) Ring(c *draw.Canvas, i int) { ring(c, a.Tile(i), c.Px(3)) }

// Map is the picture of a map: zero and below is black, most and above white.
func Map(values []float32, h, w int, most float64, ramp *[256]color.RGBA) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for p, v := range values {
		ink := color.RGBA{255, 0, 255, 255} // not a number
		if v == v {
			level := 0.0
			if most > 0 {
				level = math.Round(255 * min(1, max(0, float64(v)/most)))
			}
			ink = ramp[int(level)]
		}
		img.SetRGBA(p%w, p/w, ink)
	}
	return img
}

// AboveZero is the share of values above zero.
func AboveZero(values []float32) float64 {
	n := 0
	for _, v := range values {
		if v > 0 {
			n++
		}
	}
	return float64(n) / float64(max(1, len(values)))
}
