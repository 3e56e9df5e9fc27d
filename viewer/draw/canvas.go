// Package draw draws rectangles, lines, polygons and text on the CPU, in the
// design's pixels, into images of the display's. Nothing here knows a window:
// every picture of the viewer can be drawn, compared and saved without one.
package draw

import (
	"image"
	"image/color"
	idraw "image/draw"
	"math"

	"golang.org/x/image/vector"
)

// Rect is a rectangle in the design's pixels.
type Rect struct{ X, Y, W, H float64 }

// Right is the x behind the rectangle.
func (r Rect) Right() float64 { return r.X + r.W }

// Bottom is the y below the rectangle.
func (r Rect) Bottom() float64 { return r.Y + r.H }

// Inset is the rectangle without a margin on all sides.
func (r Rect) Inset(by float64) Rect {
	return Rect{r.X + by, r.Y + by, max(0, r.W-2*by), max(0, r.H-2*by)}
}

// Overlaps says whether two rectangles have room in common.
func (r Rect) Overlaps(o Rect) bool {
	return r.X < o.Right() && o.X < r.Right() && r.Y < o.Bottom() && o.Y < r.Bottom()
}

// Contains says whether a point lies in the rectangle.
func (r Rect) Contains(x, y float64) bool {
	return x >= r.X && y >= r.Y && x < r.Right() && y < r.Bottom()
}

// Point is a place in the design's pixels.
type Point struct{ X, Y float64 }

// Canvas draws on a picture. Coordinates are the window's in the design's pixels;
// the picture's own rectangle says which part of the window it is.
type Canvas struct {
	Image *image.RGBA
	Scale float64 // the display's pixels for each of the design's
	Fonts *Fonts

	raster vector.Rasterizer
}

// New makes a canvas for a part of the window.
func New(part Rect, scale float64, fonts *Fonts) *Canvas {
	c := &Canvas{Scale: scale, Fonts: fonts}
	c.Image = image.NewRGBA(c.Pixels(part))
	return c
}

// Part is a canvas that draws into a part of this one and nowhere else.
func (c *Canvas) Part(r Rect) *Canvas {
	return &Canvas{Image: c.Image.SubImage(c.Pixels(r)).(*image.RGBA), Scale: c.Scale, Fonts: c.Fonts}
}

// Px is a length or place in the display's pixels.
func (c *Canvas) Px(v float64) int { return int(math.Floor(v*c.Scale + 0.5)) }

// Pixels is a rectangle in the display's pixels. Neighbours in the design are
// neighbours on the display.
func (c *Canvas) Pixels(r Rect) image.Rectangle {
	return image.Rect(c.Px(r.X), c.Px(r.Y), c.Px(r.Right()), c.Px(r.Bottom()))
}

// hair is the width of the thinnest line that is still as wide as the design's.
func (c *Canvas) hair(width float64) int { return max(1, c.Px(width)) }

// Fill fills a rectangle.
func (c *Canvas) Fill(r Rect, ink color.RGBA) { c.FillPixels(c.Pixels(r), ink) }

// FillPixels fills a rectangle of the display's pixels.
func (c *Canvas) FillPixels(r image.Rectangle, ink color.RGBA) {
	r = r.Intersect(c.Image.Rect)
	if r.Empty() {
		return
	}
	if ink.A != 255 {
		idraw.Draw(c.Image, r, image.NewUniform(color.NRGBA(ink)), image.Point{}, idraw.Over)
		return
	}
	first := c.Image.Pix[c.Image.PixOffset(r.Min.X, r.Min.Y):][:4*r.Dx()]
	for i := 0; i < len(first); i += 4 {
		first[i], first[i+1], first[i+2], first[i+3] = ink.R, ink.G, ink.B, 255
	}
	for y := r.Min.Y + 1; y < r.Max.Y; y++ {
		copy(c.Image.Pix[c.Image.PixOffset(r.Min.X, y):], first)
	}
}

// Frame draws a border inside a rectangle.
func (c *Canvas) Frame(r Rect, width float64, ink color.RGBA) {
	p, w := c.Pixels(r), c.hair(width)
	c.FillPixels(image.Rect(p.Min.X, p.Min.Y, p.Max.X, p.Min.Y+w), ink)
	c.FillPixels(image.Rect(p.Min.X, p.Max.Y-w, p.Max.X, p.Max.Y), ink)
	c.FillPixels(image.Rect(p.Min.X, p.Min.Y, p.Min.X+w, p.Max.Y), ink)
	c.FillPixels(image.Rect(p.Max.X-w, p.Min.Y, p.Max.X, p.Max.Y), ink)
}

// HLine draws a horizontal line one pixel of the design thick.
func (c *Canvas) HLine(x, y, width float64, ink color.RGBA) {
	c.FillPixels(image.Rect(c.Px(x), c.Px(y), c.Px(x+width), c.Px(y)+c.hair(1)), ink)
}

// VLine draws a vertical line one pixel of the design thick.
func (c *Canvas) VLine(x, y, height float64, ink color.RGBA) {
	c.FillPixels(image.Rect(c.Px(x), c.Px(y), c.Px(x)+c.hair(1), c.Px(y+height)), ink)
}

// DashedH draws a horizontal line of dashes.
func (c *Canvas) DashedH(x, y, width, dash, gap float64, ink color.RGBA) {
	for at := 0.0; at < width; at += dash + gap {
		c.HLine(x+at, y, min(dash, width-at), ink)
	}
}

// DashedV draws a vertical line of dashes.
func (c *Canvas) DashedV(x, y, height, dash, gap float64, ink color.RGBA) {
	for at := 0.0; at < height; at += dash + gap {
		c.VLine(x, y+at, min(dash, height-at), ink)
	}
}

// Hatch fills a rectangle with diagonal lines and draws its border: waiting.
func (c *Canvas) Hatch(r Rect, ink color.RGBA) {
	p := c.Pixels(r).Intersect(c.Image.Rect)
	period, width := c.hair(6), c.hair(1)
	for y := p.Min.Y; y < p.Max.Y; y++ {
		for x := p.Min.X; x < p.Max.X; x++ {
			if (x+y)%period < width {
				c.Image.SetRGBA(x, y, ink)
			}
		}
	}
	c.Frame(r, 1, ink)
}

// Polygon fills a polygon, its edges smoothed.
func (c *Canvas) Polygon(points []Point, ink color.RGBA) {
	if len(points) < 3 {
		return
	}
	box := c.box(points, 0)
	if box.Empty() {
		return
	}
	c.raster.Reset(box.Dx(), box.Dy())
	for i, p := range points {
		x, y := c.local(p, box)
		if i == 0 {
			c.raster.MoveTo(x, y)
		} else {
			c.raster.LineTo(x, y)
		}
	}
	c.raster.ClosePath()
	c.raster.Draw(c.Image, box, image.NewUniform(ink), image.Point{})
}

// box is what points, with a margin, cover of the picture.
func (c *Canvas) box(points []Point, margin float64) image.Rectangle {
	low, high := points[0], points[0]
	for _, p := range points {
		low.X, low.Y = min(low.X, p.X), min(low.Y, p.Y)
		high.X, high.Y = max(high.X, p.X), max(high.Y, p.Y)
	}
	return image.Rect(
		int(math.Floor((low.X-margin)*c.Scale)), int(math.Floor((low.Y-margin)*c.Scale)),
		int(math.Ceil((high.X+margin)*c.Scale))+1, int(math.Ceil((high.Y+margin)*c.Scale))+1,
	).Intersect(c.Image.Rect)
}

func (c *Canvas) local(p Point, box image.Rectangle) (x, y float32) {
	return float32(p.X*c.Scale - float64(box.Min.X)), float32(p.Y*c.Scale - float64(box.Min.Y))
}

// Polyline draws lines from point to point, width thick.
func (c *Canvas) Polyline(points []Point, width float64, ink color.RGBA) {
	c.stroke(points, width, ink, func(yield func(a, b Point)) { closed(points, max(width, 1/c.Scale)/2, yield) })
}

// DashedLine is Polyline with dashes; they run on from one piece to the next.
func (c *Canvas) DashedLine(points []Point, width, dash, gap float64, ink color.RGBA) {
	c.stroke(points, width, ink, func(yield func(a, b Point)) { dashes(points, dash, gap, yield) })
}

// dashes cuts lines into dashes.
func dashes(points []Point, dash, gap float64, yield func(a, b Point)) {
	at := 0.0 // within the pattern
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		length := math.Hypot(b.X-a.X, b.Y-a.Y)
		for done := 0.0; done < length; {
			step := dash - at
			if at >= dash {
				step = dash + gap - at
			}
			step = min(step, length-done)
			if at < dash {
				yield(along(a, b, done/length), along(a, b, (done+step)/length))
			}
			done += step
			if at += step; at >= dash+gap-1e-9 {
				at = 0
			}
		}
	}
}

func along(a, b Point, t float64) Point { return Point{a.X + (b.X-a.X)*t, a.Y + (b.Y-a.Y)*t} }

// strip is how wide the strips are in which lines are drawn, in the display's
// pixels. The rasterizer visits every pixel of a box, and the boxes about a line's
// parts are small; a pixel belongs to one strip only, so that none shows a seam.
const strip = 48

// stroke draws pieces of lines.
func (c *Canvas) stroke(points []Point, width float64, ink color.RGBA, pieces func(func(a, b Point))) {
	if len(points) < 2 {
		return
	}
	half := max(width, 1/c.Scale) / 2
	all := c.box(points, 2*half+1)
	if all.Empty() {
		return
	}
	var list [][2]Point
	pieces(func(a, b Point) {
		if a != b {
			list = append(list, [2]Point{a, b})
		}
	})
	src := image.NewUniform(ink)
	for left := all.Min.X; left < all.Max.X; left += strip {
		part := all
		part.Min.X, part.Max.X = left, min(left+strip, all.Max.X)
		low, high := float64(part.Min.X)/c.Scale-half, float64(part.Max.X)/c.Scale+half
		var within [][2]Point
		var ends []Point
		for _, p := range list {
			if max(p[0].X, p[1].X) >= low && min(p[0].X, p[1].X) <= high {
				within = append(within, p)
				ends = append(ends, p[0], p[1])
			}
		}
		if len(within) == 0 {
			continue
		}
		// Of a steep piece more is in the box than in the strip, which does no harm.
		if part = part.Intersect(c.box(ends, half+1)); !part.Empty() {
			c.raster.Reset(part.Dx(), part.Dy())
			for _, p := range within {
				c.quad(p[0], p[1], half, part)
			}
			c.raster.Draw(c.Image, part, src, image.Point{})
		}
	}
}

// quad adds a piece of a line. All turn the same way round, so that where they
// overlap the rasterizer adds and never takes away.
func (c *Canvas) quad(a, b Point, half float64, box image.Rectangle) {
	length := math.Hypot(b.X-a.X, b.Y-a.Y)
	dx, dy := (b.X-a.X)/length*half, (b.Y-a.Y)/length*half
	for i, p := range [4]Point{{a.X - dy, a.Y + dx}, {b.X - dy, b.Y + dx}, {b.X + dy, b.Y - dx}, {a.X + dy, a.Y - dx}} {
		if x, y := c.local(p, box); i == 0 {
			c.raster.MoveTo(x, y)
		} else {
			c.raster.LineTo(x, y)
		}
	}
	c.raster.ClosePath()
}

// closed yields the pieces of a line, longer at its corners by what closes them:
// more the sharper they are, nothing where the line goes straight on.
func closed(points []Point, half float64, yield func(a, b Point)) {
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		length := math.Hypot(b.X-a.X, b.Y-a.Y)
		if length == 0 {
			continue
		}
		ux, uy := (b.X-a.X)/length, (b.Y-a.Y)/length
		before, behind := 0.0, 0.0
		if i > 1 {
			before = half * corner(points[i-2], a, b)
		}
		if i+1 < len(points) {
			behind = half * corner(a, b, points[i+1])
		}
		yield(Point{a.X - ux*before, a.Y - uy*before}, Point{b.X + ux*behind, b.Y + uy*behind})
	}
}

// corner is the tangent of half the angle by which a line turns, at most 1.
func corner(a, b, c Point) float64 {
	ux, uy, vx, vy := b.X-a.X, b.Y-a.Y, c.X-b.X, c.Y-b.Y
	cross, dot := math.Abs(ux*vy-uy*vx), ux*vx+uy*vy
	if cross == 0 {
		return 0 // straight on, or back on itself
	}
	return min(1, cross/(math.Hypot(cross, dot)+dot))
}

// Picture puts a picture at a place of the display's pixels, each of its pixels
// zoom x zoom, never blurred.
func (c *Canvas) Picture(src *image.RGBA, left, top, zoom int) {
	r := src.Rect
	for y := range r.Dy() {
		from := src.Pix[src.PixOffset(r.Min.X, r.Min.Y+y):]
		for x := range r.Dx() {
			ink := color.RGBA{from[4*x], from[4*x+1], from[4*x+2], 255}
			c.FillPixels(image.Rect(left+x*zoom, top+y*zoom, left+(x+1)*zoom, top+(y+1)*zoom), ink)
		}
	}
}
