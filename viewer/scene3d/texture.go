package scene3d

import (
	"image"
	"image/color"
	"math"
)

// mostSamples is the most samples in a row of a pixel: more texels than that are
// not all looked at.
const mostSamples = 4

// Texture lays a picture on a parallelogram, whose corners are the display's
// pixels. Where the picture is smaller than it, its pixels stay sharp; where it is
// larger, they are averaged. Edges are smoothed.
func Texture(dst *image.RGBA, q Quad, src *image.RGBA) {
	o, u, v := q.Corners[0], q.Corners[1], q.Corners[3]
	ux, uy, vx, vy := u.X-o.X, u.Y-o.Y, v.X-o.X, v.Y-o.Y
	area := ux*vy - uy*vx
	w, h := src.Rect.Dx(), src.Rect.Dy()
	if math.Abs(area) < 1e-6 || w == 0 || h == 0 {
		return // seen from its edge
	}
	low, high := Bounds(q.Corners[:]...)
	box := image.Rect(int(math.Floor(low.X)), int(math.Floor(low.Y)), int(math.Ceil(high.X)), int(math.Ceil(high.Y))).Intersect(dst.Rect)
	// Texels for a step of a pixel to the right, and down.
	ax, bx := vy/area*float64(w), -uy/area*float64(h)
	ay, by := -vx/area*float64(w), ux/area*float64(h)
	n := min(mostSamples, max(2, int(math.Ceil(max(math.Hypot(ax, bx), math.Hypot(ay, by))))))
	step := 1 / float64(n)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			var sum [3]int
			hits := 0
			for i := range n * n {
				dx, dy := float64(x)+(float64(i%n)+0.5)*step-o.X, float64(y)+(float64(i/n)+0.5)*step-o.Y
				a, b := ax*dx+ay*dy, bx*dx+by*dy
				if a < 0 || b < 0 || a >= float64(w) || b >= float64(h) {
					continue
				}
				at := src.PixOffset(src.Rect.Min.X+int(a), src.Rect.Min.Y+int(b))
				sum[0] += int(src.Pix[at])
				sum[1] += int(src.Pix[at+1])
				sum[2] += int(src.Pix[at+2])
				hits++
			}
			if hits > 0 {
				blend(dst, x, y, sum, hits, n*n)
			}
		}
	}
}

// blend lays the mean of hits samples over a pixel of which all are of.
func blend(dst *image.RGBA, x, y int, sum [3]int, hits, all int) {
	under := dst.RGBAAt(x, y)
	mix := func(sum int, under uint8) uint8 { return uint8((sum + int(under)*(all-hits) + all/2) / all) }
	dst.SetRGBA(x, y, color.RGBA{mix(sum[0], under.R), mix(sum[1], under.G), mix(sum[2], under.B), 255})
}
