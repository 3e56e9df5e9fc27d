package viewer

import (
	"math"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/figure"
	"alexnet/viewer/theme"
)

// layersPage is a table of the layers' health.
type layersPage struct {
	linear bool    // histograms
	top    float64 // scrolled by
}

// Heights of the table's rows.
const (
	layerRow  = 31
	noticeRow = 28
)

func (l *layersPage) draw(p *painter, r draw.Rect) {
	rows := p.app.snap.Layers
	if len(rows) == 0 || p.app.past >= 0 {
		p.empty(r, p.app.nothing(layersTab))
		return
	}
	y := r.Y + 44
	if p.app.frame.wall {
		y = r.Y
	} else {
		l.tools(p, r)
	}
	p.HLine(r.X, y+8, r.W, p.th.Line)
	l.head(p, r, y+28, rows)
	p.HLine(r.X, y+36, r.W, p.th.Line)
	body := draw.Rect{X: r.X, Y: y + 37, W: r.W, H: r.Bottom() - y - 37}
	l.body(p, body, rows)
	p.hit(hit{rect: body, id: "layers", wheel: func(by float64) {
		l.top = max(0, min(l.top-by*layerRow, l.height(rows)-body.H))
		p.app.redraw(pagePart)
	}})
}

// height is that of all rows.
func (l *layersPage) height(rows []monitor.LayerFigures) float64 {
	h := layerRow * float64(len(rows))
	for _, row := range rows {
		if row.Notice != nil {
			h += noticeRow
		}
	}
	return h
}

func (l *layersPage) tools(p *painter, r draw.Rect) {
	y := r.Y + 8
	x := p.label(r.X+theme.Margin, y, "Histograms")
	chosen := 1
	if l.linear {
		chosen = 0
	}
	x = p.choices(x, y, "bars ", []string{"linear", "log"}, chosen, func(i int) { l.linear = i == 0; p.app.redraw(pagePart) })
	warnings, failures := 0, 0
	for _, row := range p.app.snap.Layers {
		switch {
		case row.Notice != nil && row.Notice.Error:
			failures++
		case row.Notice != nil:
			warnings++
		}
	}
	x += theme.Group
	for _, c := range []struct {
		n    int
		name string
		icon draw.Icon
	}{{failures, "error", draw.Error}, {warnings, "warning", draw.Warning}} {
		if c.n == 0 {
			continue
		}
		ink := p.th.Error
		if c.icon == draw.Warning {
			ink = p.th.Warning
		}
		p.Icon(c.icon, x, y+7, ink, p.th.Background)
		text := theme.Count(c.n) + " " + c.name
		if c.n > 1 {
			text += "s"
		}
		x += 20 + p.Text(x+20, y+18.5, text, small, p.th.Text) + 20
	}
}

// head names the columns: numbers end where their names do.
func (l *layersPage) head(p *painter, r draw.Rect, y float64, rows []monitor.LayerFigures) {
	dead := "Dead units"
	if rows[0].Saturated {
		dead = "Saturated"
	}
	p.Text(r.X+28, y, "Layer", small, p.th.Text2)
	for i, name := range []string{"Weight norm", "Gradient norm", "Update ÷ weight", dead} {
		p.TextRight(r.X+l.numberAt(i), y, name, small, p.th.Text2)
	}
	for i, name := range []string{"Weights", "Gradients", "Outputs"} {
		if x := r.X + l.histogramAt(i); x+80 < r.Right() {
			p.Text(x, y, name, small, p.th.Text2)
		}
	}
}

func (l *layersPage) numberAt(i int) float64    { return []float64{264, 378, 500, 588}[i] }
func (l *layersPage) histogramAt(i int) float64 { return 612 + 186*float64(i) }

func (l *layersPage) body(p *painter, r draw.Rect, rows []monitor.LayerFigures) {
	inside := &painter{Canvas: p.Part(r), app: p.app, th: p.th, hits: p.hits}
	y := r.Y - l.top
	for i, row := range rows {
		height := float64(layerRow)
		if row.Notice != nil {
			height += noticeRow
		}
		first := i == 0 || rows[i-1].Layer != row.Layer
		if y+height > r.Y && y < r.Bottom() {
			l.row(inside, draw.Rect{X: r.X, Y: y, W: r.W, H: height}, row, first)
		}
		if first && i > 0 {
			inside.HLine(r.X, y, r.W, p.th.Grid)
		}
		y += height
	}
}

func (l *layersPage) row(p *painter, r draw.Rect, row monitor.LayerFigures, first bool) {
	th := p.th
	base, mark := r.Y+20, th.Text
	if n := row.Notice; n != nil {
		ground, icon := th.WarningRow, draw.Warning
		mark = th.Warning
		if n.Error {
			ground, icon, mark = th.ErrorRow, draw.Error, th.Error
		}
		p.Fill(r, ground)
		p.Fill(draw.Rect{X: r.X, Y: r.Y, W: 4, H: r.H}, mark)
		p.Icon(icon, r.X+28, r.Y+layerRow+4, mark, ground)
		p.Text(r.X+52, r.Y+layerRow+15, p.Fit(n.Text, small, r.W-68), small, th.Text)
	}
	if first {
		p.Text(r.X+28, base, row.Layer, bold, th.Text)
	} else {
		p.Text(r.X+28, base, row.Shape, small, th.Text2)
	}
	ink := th.Column(row.Column)
	p.Fill(draw.Rect{X: r.X + 140, Y: base - 10, W: 12, H: 12}, ink)
	p.Text(r.X+158, base, theme.Count(row.Column+1), small, th.Text)
	for i, text := range []string{theme.Digits(row.WeightNorm), known(row.GradientNorm, theme.Digits), known(row.UpdateRatio, theme.Ratio), known(row.Dead, wholePercent)} {
		style, color := small, th.Text
		if text == "NaN" {
			style, color = bold, th.Error
		} else if i == 3 && row.Notice != nil && !row.Notice.Error {
			style, color = bold, mark
		}
		p.TextRight(r.X+l.numberAt(i), base, text, style, color)
	}
	for i, h := range []*monitor.Histogram{row.Weights, row.Gradients, row.Outputs} {
		box := draw.Rect{X: r.X + l.histogramAt(i), Y: r.Y + 4, W: 168, H: 22}
		switch {
		case box.Right() > r.Right():
		case h != nil:
			figure.Histogram(p.Canvas, box, h, !l.linear, ink, th.Line)
		case i == 1 && math.IsNaN(row.GradientNorm):
			p.Text(box.X, base, "no finite values", small, th.Error)
		default:
			p.Text(box.X, base, theme.Unknown, small, th.Text2)
		}
	}
}

// known writes a value; negative ones are not known.
func known(v float64, write func(float64) string) string {
	if v < 0 {
		return theme.Unknown
	}
	return write(v)
}

func wholePercent(v float64) string { return theme.Whole(100*v) + " %" }
