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
// one pixel of the display between two. A value takes Zoom by Zoom pixels, or Shrink by
// Shrink values take one; one of the two is 1.
type Atlas struct {
	Left, Top    int
	H, W         int // of a map
	N, Across    int // maps, maps in a row
	Zoom, Shrink int
	Line         int
}

// FitMaps is the atlas with the largest zoom at which all maps fit a box. Where they
// are too many for that, maps shrink, at last to one pixel.
func FitMaps(h, w, n, left, top, width, height int) Atlas {
	a := Atlas{Left: left, Top: top, H: h, W: w, N: n, Shrink: 1}
	for a.Zoom = max(1, min(width/max(1, w), height/max(1, h))); a.Zoom > 1; a.Zoom-- {
		if a.fit(width, height) {
			return a.even()
		}
	}
	for !a.fit(width, height) && a.Shrink < max(h, w) {
		a.Shrink++
	}
	return a.even()
}

// fit puts as many maps in a row as a box has room for, and says whether all fit it.
func (a *Atlas) fit(width, height int) bool {
	a.Line = 1
	tile := a.tile()
	if tile.Y <= 8 {
		a.Line = 0 // single values need no lines
	}
	a.Across = max(1, min(a.N, (width+a.Line)/(tile.X+a.Line)))
	return a.Bounds().Dx() <= width && a.Bounds().Dy() <= height
}

// tile is the size of a map on the display.
func (a Atlas) tile() image.Point {
	return image.Pt((a.W+a.Shrink-1)/a.Shrink*a.Zoom, (a.H+a.Shrink-1)/a.Shrink*a.Zoom)
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
	rows, tile := (a.N+a.Across-1)/a.Across, a.tile()
	return image.Rect(a.Left, a.Top, a.Left+a.Across*(tile.X+a.Line)-a.Line, a.Top+rows*(tile.Y+a.Line)-a.Line)
}

// Tile is where a map lies.
func (a Atlas) Tile(i int) image.Rectangle {
	tile := a.tile()
	at := image.Pt(a.Left+i%a.Across*(tile.X+a.Line), a.Top+i/a.Across*(tile.Y+a.Line))
	return image.Rectangle{at, at.Add(tile)}
}

// At is the map at a point, and the row and column of its value there: of several the
// first.
func (a Atlas) At(p image.Point) (i, y, x int, ok bool) {
	for i := range a.N {
		if t := a.Tile(i); p.In(t) {
			return i, (p.Y - t.Min.Y) / a.Zoom * a.Shrink, (p.X - t.Min.X) / a.Zoom * a.Shrink, true
		}
	}
	return 0, 0, 0, false
}

// Peak is the value that is shown of a map, (y, x), for the one at a row and column: the
// largest of those that share its pixel, and where that lies.
func (a Atlas) Peak(values []float32, row, column int) (v float32, y, x int) {
	v, y, x = values[row*a.W+column], row, column
	for i := row; i < min(a.H, row+a.Shrink); i++ {
		for j := column; j < min(a.W, column+a.Shrink); j++ {
			if u := values[i*a.W+j]; u > v || u != u {
				v, y, x = u, i, j
			}
		}
	}
	return v, y, x
}

// shrunk is what is shown of a map, and its size.
func (a Atlas) shrunk(values []float32) (out []float32, h, w int) {
	if a.Shrink == 1 {
		return values, a.H, a.W
	}
	h, w = (a.H+a.Shrink-1)/a.Shrink, (a.W+a.Shrink-1)/a.Shrink
	for i := range h * w {
		v, _, _ := a.Peak(values, i/w*a.Shrink, i%w*a.Shrink)
		out = append(out, v)
	}
	return out, h, w
}

// Draw draws maps, (map, y, x), of which most is the brightest value.
func (a Atlas) Draw(c *draw.Canvas, values []float32, most float64, ramp *[256]color.RGBA) {
	c.FillPixels(a.Bounds(), theme.Black)
	for i := range a.N {
		at := a.Tile(i).Min
		shown, h, w := a.shrunk(values[i*a.H*a.W:][:a.H*a.W])
		c.Picture(Map(shown, h, w, most, ramp), at.X, at.Y, a.Zoom)
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
