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
	m := sampler{src: src, w: float64(w), h: float64(h)}
	m.n = min(mostSamples, max(2, int(math.Ceil(max(math.Hypot(ax, bx), math.Hypot(ay, by))))))
	step := 1 / float64(m.n)
	m.ax, m.bx, m.ay, m.by = ax*step, bx*step, ay*step, by*step
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			dx, dy := float64(x)+step/2-o.X, float64(y)+step/2-o.Y
			if sum, hits := m.pixel(ax*dx+ay*dy, bx*dx+by*dy); hits > 0 {
				blend(dst, x, y, sum, hits, m.n*m.n)
			}
		}
	}
}

// sampler looks at a picture n x n times for each pixel.
type sampler struct {
	src            *image.RGBA
	w, h           float64
	n              int
	ax, bx, ay, by float64 // texels from one sample to the next, right and down
}

// pixel sums the samples that meet the picture; the first one is at a, b.
func (m *sampler) pixel(a, b float64) (sum [3]int, hits int) {
	left, top := m.src.Rect.Min.X, m.src.Rect.Min.Y
	for range m.n {
		u, v := a, b
		for range m.n {
			if u >= 0 && v >= 0 && u < m.w && v < m.h {
				p := m.src.Pix[m.src.PixOffset(left+int(u), top+int(v)):]
				sum[0] += int(p[0])
				sum[1] += int(p[1])
				sum[2] += int(p[2])
				hits++
			}
			u, v = u+m.ax, v+m.bx
		}
		a, b = a+m.ay, b+m.by
	}
	return sum, hits
}

// blend lays the mean of hits samples over a pixel of which all are of.
func blend(dst *image.RGBA, x, y int, sum [3]int, hits, all int) {
	if hits == all {
		p := dst.Pix[dst.PixOffset(x, y):]
		p[0], p[1], p[2], p[3] = uint8(sum[0]/all), uint8(sum[1]/all), uint8(sum[2]/all), 255
		return
	}
	under := dst.RGBAAt(x, y)
	mix := func(sum int, under uint8) uint8 { return uint8((sum + int(under)*(all-hits) + all/2) / all) }
	dst.SetRGBA(x, y, color.RGBA{mix(sum[0], under.R), mix(sum[1], under.G), mix(sum[2], under.B), 255})
}
