package viewer

import (
	"image"
	"image/color"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/figure"
	"alexnet/viewer/theme"
)

// Side of the photograph, and what room the prediction of five classes takes below it.
const (
	photoLeast, photoMost = 240, 416
	photoBelow            = 64 + 4*26 + 18
)

// photo draws the image with the chosen map over it and the prediction below.
func (k *activationsPage) photo(p *painter, r draw.Rect, m *monitor.Maps) {
	k.column = min(k.column, len(m.Columns)-1)
	n := len(m.Columns[k.column]) / (m.H * m.W)
	k.one = min(k.one, n-1)
	values := m.Columns[k.column][k.one*m.H*m.W:][:m.H*m.W]
	side := draw.Rect{X: r.X, Y: r.Y, W: r.W, H: r.W}
	k.picture(p, p.Pixels(side), m, values)
	k.caption(p, side, m, values)
	y := r.Y + r.W
	p.Text(r.X, y+52, "Prediction", bold, p.th.Text)
	name := p.app.class
	if m.Label >= 0 {
		p.TextRight(r.Right(), y+52, p.Fit("true label: "+name(m.Label), small, r.W-90), small, p.th.Text2)
	}
	k.names = max(k.names, figure.PredictionNames, figure.NamesWidth(p.Canvas, m.Prediction, name))
	figure.Prediction(p.Canvas, p.th, draw.Rect{X: r.X, Y: y + 64, W: r.W, H: r.Bottom() - y - 64}, min(k.names, figure.MostNames(r.W)), m.Prediction, m.Label, name)
}

// picture draws the image, and what a map of it covers.
func (k *activationsPage) picture(p *painter, box image.Rectangle, m *monitor.Maps, values []float32) {
	ramp := figure.Ramp(p.th.Column(k.column))
	most := figure.Strongest(values)
	inks, covers := make([]color.RGBA, len(values)), make([]float64, len(values))
	if m.Image == nil || laid(m) && !k.bare {
		for i, v := range values {
			inks[i], covers[i] = figure.Cover(v, most, &ramp)
		}
	}
	p.FillPixels(box, theme.Black)
	seen := box.Intersect(p.Image.Rect)
	for y := seen.Min.Y; y < seen.Max.Y; y++ {
		for x := seen.Min.X; x < seen.Max.X; x++ {
			under := theme.Black
			if m.Image != nil {
				s := m.Image.Rect
				under = m.Image.RGBAAt(s.Min.X+(x-box.Min.X)*s.Dx()/box.Dx(), s.Min.Y+(y-box.Min.Y)*s.Dy()/box.Dy())
			}
			i := (y-box.Min.Y)*m.H/box.Dy()*m.W + (x-box.Min.X)*m.W/box.Dx()
			ink := theme.Mix(under, inks[i], covers[i])
			ink.A = 255
			p.Image.SetRGBA(x, y, ink)
		}
	}
}

// laid says whether maps lie over the image: a unit has no place in it.
func laid(m *monitor.Maps) bool { return m.Image != nil && m.H*m.W > 1 }

// caption says below the image what lies over it, and makes that come and go: by a tick,
// by a click on the image and by a key.
func (k *activationsPage) caption(p *painter, side draw.Rect, m *monitor.Maps, values []float32) {
	name, y, width := k.nameOf(p.app, m, k.column, k.one), side.Bottom(), side.W
	if m.H*m.W == 1 {
		p.Text(side.X, y+20, p.Fit(name+": "+theme.Digits(float64(values[0])), small, width), small, p.th.Text)
		return
	}
	name += " of column " + theme.Count(k.column+1)
	if !laid(m) {
		p.Text(side.X, y+20, p.Fit(name, small, width), small, p.th.Text)
		return
	}
	p.hit(hit{rect: side, id: "photo", act: func() { k.toggleMap(p.app) }})
	if !p.app.frame.compact {
		width -= p.TextRight(side.Right(), y+20, "M", small, p.th.Text2) + 8
	}
	p.tick(draw.Rect{X: side.X, Y: y + 8.5, W: width, H: tickBox}, "over", p.Fit(name+" over the image", small, width-tickText), !k.bare, func() { k.toggleMap(p.app) })
}

// toggleMap shows the image with the chosen map over it, or bare.
func (k *activationsPage) toggleMap(a *App) {
	if a.page != activationsTab {
		return
	}
	k.bare = !k.bare
	a.redraw(pagePart)
}
