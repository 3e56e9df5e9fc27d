package viewer

import (
	"image"
	"image/color"
	"math"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/figure"
	"alexnet/viewer/theme"
)

// enlarged draws the chosen kernel, its change, its gradient and its values.
func (k *kernelsPage) enlarged(p *painter, r draw.Rect, shot *monitor.Shot) {
	th, a := p.th, p.app
	ks := shot.Kernels
	n := 3 * ks.Size * ks.Size
	number := k.grid.First(k.column) + k.kernel
	values := ks.Values[number*n:][:n]
	p.Fill(draw.Rect{X: r.X, Y: r.Y + 18, W: 12, H: 12}, th.Column(k.column))
	title := "Kernel " + theme.Count(k.kernel+1)
	if !a.frame.compact {
		title += " of " + theme.Count(ks.Columns[k.column]) + ", column " + theme.Count(k.column+1)
	}
	p.Text(r.X+20, r.Y+28, p.Fit(title, bold, r.W-20), bold, th.Text)
	top := r.Y + 40
	side := min(209, r.Bottom()-top-theme.Margin, r.W)
	zoom := max(1, int(side*p.Scale)/ks.Size)
	box := k.picture(p, r.X, top, zoom, ks.Size, values)
	p.hit(hit{rect: box, id: "enlarged", move: func(at draw.Point, in bool) {
		if in {
			k.point(a, at, box, ks.Size)
		}
	}})
	cell := image.Rect(0, 0, zoom, zoom).Add(image.Pt(p.Px(box.X)+k.x*zoom, p.Px(top)+k.y*zoom))
	p.mark(cell)
	if r.W < 560 {
		return
	}
	k.others(p, draw.Rect{X: r.X + 225, Y: r.Y, W: 88, H: r.H}, shot, number)
	right := draw.Rect{X: r.X + 333, Y: r.Y, W: r.W - 333, H: r.H}
	k.figures(p, right, values, ks.Size)
	if r.Y+190 < r.Bottom() {
		k.patches(p, right, number)
	}
}

// picture draws a kernel by its own scale.
func (k *kernelsPage) picture(p *painter, x, y float64, zoom, size int, values []float32) draw.Rect {
	p.Picture(figure.Kernel(values, size, figure.Strongest(values)), p.Px(x), p.Px(y), zoom)
	side := float64(zoom*size) / p.Scale
	return draw.Rect{X: x, Y: y, W: side, H: side}
}

// mark draws a small white frame with a dark one about it, to be seen on all
// grounds.
func (p *painter) mark(r image.Rectangle) {
	p.outline(r.Inset(-1), 1, theme.Black)
	p.outline(r, max(1, p.Px(2)), theme.Selection)
}

// outline draws a border inside a rectangle of the display's pixels.
func (p *painter) outline(r image.Rectangle, w int, ink color.RGBA) {
	p.FillPixels(image.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Min.Y+w), ink)
	p.FillPixels(image.Rect(r.Min.X, r.Max.Y-w, r.Max.X, r.Max.Y), ink)
	p.FillPixels(image.Rect(r.Min.X, r.Min.Y, r.Min.X+w, r.Max.Y), ink)
	p.FillPixels(image.Rect(r.Max.X-w, r.Min.Y, r.Max.X, r.Max.Y), ink)
}

func (k *kernelsPage) point(a *App, at draw.Point, box draw.Rect, size int) {
	x := min(size-1, int((at.X-box.X)/box.W*float64(size)))
	y := min(size-1, int((at.Y-box.Y)/box.H*float64(size)))
	if x != k.x || y != k.y {
		k.x, k.y = x, y
		a.redraw(pagePart)
	}
}

// others are the chosen kernel's change and gradient.
func (k *kernelsPage) others(p *painter, r draw.Rect, shot *monitor.Shot, number int) {
	ks := shot.Kernels
	n := 3 * ks.Size * ks.Size
	y := r.Y + 28
	change, changed := p.app.changed(shot)
	gradient, gathered := gradientOf(shot)
	hint := gradientHint
	if shot.Gradient == nil {
		hint = momentumHint
	}
	changeHint := changeHint
	if k.frozen(p.app) {
		changeHint, hint = frozenHint, frozenHint
	}
	for _, o := range []struct {
		name, hint string
		values     []float32
	}{{change, changeHint, changed}, {gradient, hint, gathered}} {
		if y+12+88 > r.Bottom() {
			return
		}
		p.Text(r.X, y, p.Fit(o.name, small, r.W+18), small, p.th.Text2)
		p.hint(draw.Rect{X: r.X, Y: y - 14, W: r.W, H: 114}, o.name, o.hint)
		switch {
		case k.frozen(p.app):
			p.Text(r.X, y+26, "none: frozen", small, p.th.Text2)
		case o.values == nil:
			p.Text(r.X, y+26, theme.Unknown, small, p.th.Text2)
		default:
			k.picture(p, r.X, y+12, max(1, int(88*p.Scale)/ks.Size), ks.Size, o.values[number*n:][:n])
		}
		y += 125
	}
}

// figures writes the value under the pointer and what describes the kernel.
func (k *kernelsPage) figures(p *painter, r draw.Rect, values []float32, size int) {
	th := p.th
	plane, at := size*size, k.y*size+k.x
	p.Text(r.X, r.Y+28, "Row "+theme.Count(k.y+1)+", column "+theme.Count(k.x+1), small, th.Text2)
	for i, name := range []string{"R", "G", "B"} {
		x := r.X + float64(i)*92
		p.Text(x, r.Y+54, name, small, th.Text2)
		p.Text(x+16, r.Y+54, theme.Signed(float64(values[i*plane+at])), small, th.Text)
	}
	low, high, squares := values[0], values[0], 0.0
	for _, v := range values {
		low, high = min(low, v), max(high, v)
		squares += float64(v) * float64(v)
	}
	for i, o := range []struct{ name, value string }{
		{"Smallest", theme.Signed(float64(low))}, {"Largest", theme.Signed(float64(high))}, {"Norm", theme.Digits(math.Sqrt(squares))},
	} {
		x := r.X + float64(i)*92
		p.Text(x, r.Y+82, o.name, small, th.Text2)
		p.Text(x, r.Y+100, o.value, small, th.Text)
	}
}
