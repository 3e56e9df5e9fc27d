package figure

import (
	"image"
	"image/color"
	"math"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// pure is the place in a ramp of the column's own colour, at 60 %.
const pure = 153

// Ramp are the 256 colours of a map's values: black, the column's colour at
// 60 %, white.
func Ramp(column color.RGBA) (ramp [256]color.RGBA) {
	for i := range ramp {
		if i < pure {
			ramp[i] = theme.Mix(theme.Black, column, float64(i)/pure)
		} else {
			ramp[i] = theme.Mix(column, color.RGBA{255, 255, 255, 255}, float64(i-pure)/(255-pure))
		}
	}
	return ramp
}

// Atlas says where the maps of one column lie: as many in a row as are given, Gap
// pixels of the display between two. A value takes Zoom by Zoom pixels, or Shrink by
// Shrink values take one; one of the two is 1.
type Atlas struct {
	Left, Top    int
	H, W         int // of a map
	N, Across    int // maps, maps in a row
	Zoom, Shrink int
	Gap          int
}

// FitMaps is the atlas with the largest zoom at which all maps fit a box, and gaps as wide
// as that leaves room for. Where they are too many for that, maps shrink, at last to one
// pixel.
func FitMaps(h, w, n, left, top, width, height int) Atlas {
	a := Atlas{Left: left, Top: top, H: h, W: w, N: n, Shrink: 1}
	for a.Zoom = max(1, min(width/max(1, w), height/max(1, h))); a.Zoom > 1; a.Zoom-- {
		if a.fit(width, height) {
			return a.widen(width, height).even()
		}
	}
	for !a.fit(width, height) && a.Shrink < max(h, w) {
		a.Shrink++
	}
	return a.widen(width, height).even()
}

// fit puts as many maps in a row as a box has room for, and says whether all fit it.
func (a *Atlas) fit(width, height int) bool {
	a.Gap, _ = a.gaps()
	return a.pack(width, height)
}

// pack is fit with the gap that there is.
func (a *Atlas) pack(width, height int) bool {
	a.Across = max(1, min(a.N, (width+a.Gap)/(a.tile().X+a.Gap)))
	return a.Bounds().Dx() <= width && a.Bounds().Dy() <= height
}

// widen makes the gap as wide as a box has room for.
func (a Atlas) widen(width, height int) Atlas {
	wider := a
	for _, most := a.gaps(); wider.Gap < most; a = wider {
		if wider.Gap++; !wider.pack(width, height) {
			break
		}
	}
	return a
}

// gaps are the least and the most that lies between two maps. Where the values of a map
// are large it is wide, for the edge between two of them is not to be taken for that
// between two maps.
func (a Atlas) gaps() (least, most int) {
	const (
		dense = 8 // side of single values that need no gap: there is nothing to tell apart in them
		point = 3 // side of maps that are less than a picture, and have no room for one
		wide  = 4 // as between kernels
	)
	tile := a.tile()
	side := min(tile.X, tile.Y)
	if side < point || a.H*a.W == 1 && side <= dense {
		return 0, 0
	}
	least = max(1, min(a.Zoom/2, side/20))
	return least, max(least, min(wide, side/6))
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
	return image.Rect(a.Left, a.Top, a.Left+a.Across*(tile.X+a.Gap)-a.Gap, a.Top+rows*(tile.Y+a.Gap)-a.Gap)
}

// Tile is where a map lies.
func (a Atlas) Tile(i int) image.Rectangle {
	tile := a.tile()
	at := image.Pt(a.Left+i%a.Across*(tile.X+a.Gap), a.Top+i/a.Across*(tile.Y+a.Gap))
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

// cell is a map with what lies between it and those beside and below it.
func (a Atlas) cell(i int) image.Rectangle {
	r := a.Tile(i)
	if (i+1)%a.Across != 0 && i+1 < a.N {
		r.Max.X += a.Gap
	}
	if i+a.Across < a.N {
		r.Max.Y += a.Gap
	}
	return r
}

// Draw draws maps, (map, y, x), of which most is the brightest value. The gaps are grey,
// for a map may be black at its edges.
func (a Atlas) Draw(c *draw.Canvas, values []float32, most float64, ramp *[256]color.RGBA) {
	for i := range a.N {
		at := a.Tile(i).Min
		c.FillPixels(a.cell(i), theme.Between)
		shown, h, w := a.shrunk(values[i*a.H*a.W:][:a.H*a.W])
		c.Picture(Map(shown, h, w, most, ramp), at.X, at.Y, a.Zoom)
	}
}

// Ring marks a map as chosen.
func (a Atlas) Ring(c *draw.Canvas, i int) { ring(c, a.Tile(i), c.Px(3)) }

// notANumber is the colour of NaN, which no ramp has.
var notANumber = color.RGBA{255, 0, 255, 255}

// levelOf is how bright a value is, from 0 to 1.
func levelOf(v float32, most float64) float64 {
	if most <= 0 {
		return 0
	}
	return min(1, max(0, float64(v)/most))
}

// Map is the picture of a map: zero and below is black, most and above white.
func Map(values []float32, h, w int, most float64, ramp *[256]color.RGBA) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for p, v := range values {
		ink := notANumber
		if v == v {
			ink = ramp[int(math.Round(255*levelOf(v, most)))]
		}
		img.SetRGBA(p%w, p/w, ink)
	}
	return img
}

// mostCover leaves of the image below a map's strongest values enough to tell what it is.
const mostCover = 0.8

// Cover is what a map's value is over an image: a colour, and by which share it covers the
// image's. Where the map is 0 or below the image is as it is; the colour is of the ramp's
// upper part, for darker ones would dim the image instead of marking it.
func Cover(v float32, most float64, ramp *[256]color.RGBA) (ink color.RGBA, share float64) {
	if v != v {
		return notANumber, mostCover
	}
	level := levelOf(v, most)
	return ramp[max(pure, int(math.Round(255*level)))], mostCover * level
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
