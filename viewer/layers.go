package viewer

import (
	"math"
	"strings"

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
	c := columnsOf(r.W)
	lines := l.lines(p, rows, r.W)
	p.HLine(r.X, y+8, r.W, p.th.Line)
	y = l.head(p, r, y+28, c, rows) + 8
	p.HLine(r.X, y, r.W, p.th.Line)
	body := draw.Rect{X: r.X, Y: y + 1, W: r.W, H: r.Bottom() - y - 1}
	l.body(p, body, c, lines)
	p.hit(hit{rect: body, id: "layers", wheel: func(by float64) {
		l.top = max(0, min(l.top-by*layerRow, tableHeight(lines)-body.H))
		p.app.redraw(pagePart)
	}})
}

// layerLine is a row of the table with its notice in lines.
type layerLine struct {
	monitor.LayerFigures
	first  bool // of its layer
	alone  bool // the layer's only one: the network has one column
	notice []string
}

// lines are the table's rows in a width, in which a notice is told as a whole.
func (l *layersPage) lines(p *painter, rows []monitor.LayerFigures, width float64) (out []layerLine) {
	for i, row := range rows {
		line := layerLine{LayerFigures: row, first: i == 0 || rows[i-1].Layer != row.Layer}
		line.alone = line.first && (i == len(rows)-1 || rows[i+1].Layer != row.Layer)
		if row.Notice != nil {
			line.notice = p.Wrap(row.Notice.Text, small, width-68)
		}
		out = append(out, line)
	}
	return out
}

// update is how fast the weights change.
func (l layerLine) update() string {
	if l.Frozen {
		return "frozen"
	}
	return known(l.UpdateRatio, theme.Ratio)
}

func (l layerLine) height() float64 {
	if len(l.notice) == 0 {
		return layerRow
	}
	return layerRow + noticeRow + heightOf(len(l.notice)-1)
}

// tableHeight is that of all rows.
func tableHeight(lines []layerLine) (h float64) {
	for _, l := range lines {
		h += l.height()
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

// layerColumns say where the table's columns are: numbers end, histograms begin there.
type layerColumns struct {
	numbers           [4]float64
	first, pitch, bar float64 // of the histograms, and their width
	broken            bool    // the names of numbers are of two lines
}

// columnsOf fits the columns into a width.
func columnsOf(width float64) layerColumns {
	c := layerColumns{numbers: [4]float64{264, 378, 500, 588}, first: 612, pitch: 186, bar: 168}
	if c.histogram(2)+c.bar > width {
		c = layerColumns{numbers: [4]float64{236, 304, 372, 428}, first: 448, broken: true}
		c.pitch = math.Floor((width - c.first - 4) / 3)
		c.bar = c.pitch - 12
	}
	return c
}

func (c layerColumns) histogram(i int) float64 { return c.first + c.pitch*float64(i) }

// head names the columns: numbers end where their names do. It returns the baseline of
// the last line.
func (l *layersPage) head(p *painter, r draw.Rect, y float64, c layerColumns, rows []monitor.LayerFigures) float64 {
	dead := [2]string{"Dead", "units"}
	if rows[0].Saturated {
		dead = [2]string{"", "Saturated"}
	}
	top := y
	if c.broken {
		y += theme.SmallLine
	}
	p.Text(r.X+28, y, "Layer", small, p.th.Text2)
	for i, name := range [][2]string{{"Weight", "norm"}, {"Gradient", "norm"}, {"Update", "÷ weight"}, dead} {
		if !c.broken {
			name = [2]string{"", strings.TrimSpace(name[0] + " " + name[1])}
		}
		p.TextRight(r.X+c.numbers[i], top, name[0], small, p.th.Text2)
		p.TextRight(r.X+c.numbers[i], y, name[1], small, p.th.Text2)
	}
	for i, name := range []string{"Weights", "Gradients", "Outputs"} {
		p.Text(r.X+c.histogram(i), y, name, small, p.th.Text2)
	}
	return y
}

func (l *layersPage) body(p *painter, r draw.Rect, c layerColumns, lines []layerLine) {
	inside := &painter{Canvas: p.Part(r), app: p.app, th: p.th, hits: p.hits}
	y := r.Y - l.top
	for i, line := range lines {
		box := draw.Rect{X: r.X, Y: y, W: r.W, H: line.height()}
		if box.Bottom() > r.Y && y < r.Bottom() {
			l.row(inside, box, c, line)
		}
		if line.first && i > 0 {
			inside.HLine(r.X, y, r.W, p.th.Grid)
		}
		y = box.Bottom()
	}
}

func (l *layersPage) row(p *painter, r draw.Rect, c layerColumns, row layerLine) {
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
		p.lines(r.X+52, r.Y+layerRow+15, row.notice, th.Text)
	}
	if row.first {
		p.Text(r.X+28, base, row.Layer, bold, th.Text)
	} else {
		p.Text(r.X+28, base, row.Shape, small, th.Text2)
	}
	ink := th.Column(row.Column)
	if row.alone {
		p.TextRight(r.X+c.numbers[0]-56, base, row.Shape, small, th.Text2)
	} else {
		p.Fill(draw.Rect{X: r.X + 140, Y: base - 10, W: 12, H: 12}, ink)
		p.Text(r.X+158, base, theme.Count(row.Column+1), small, th.Text)
	}
	for i, text := range []string{theme.Digits(row.WeightNorm), known(row.GradientNorm, theme.Digits), row.update(), known(row.Dead, wholePercent)} {
		style, color := small, th.Text
		if text == "NaN" {
			style, color = bold, th.Error
		} else if i == 3 && row.Notice != nil && !row.Notice.Error {
			style, color = bold, mark
		}
		p.TextRight(r.X+c.numbers[i], base, text, style, color)
	}
	for i, h := range []*monitor.Histogram{row.Weights, row.Gradients, row.Outputs} {
		box := draw.Rect{X: r.X + c.histogram(i), Y: r.Y + 4, W: c.bar, H: 22}
		switch {
		case h != nil:
			figure.Histogram(p.Canvas, box, h, !l.linear, ink, th.Line)
		case i == 1 && math.IsNaN(row.GradientNorm):
			p.Text(box.X, base, p.Fit("no finite values", small, box.W), small, th.Error)
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
