package viewer

import (
	"image"
	"math"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/figure"
	"alexnet/viewer/plot"
	"alexnet/viewer/theme"
)

// What the Kernels page shows of each kernel.
const (
	showWeights = iota
	showChange
	showGradient
)

// kernelsPage is the first layer, live: the paper's Figure 3.
type kernelsPage struct {
	common         bool // one scale for all
	show           int
	column, kernel int // chosen
	x, y           int // the weight that is read out
	grid           figure.Grid
	run            string // the folder of the run in which that was chosen
}

// shows keeps what was chosen in a run when that is shown again, and not in another.
func (k *kernelsPage) shows(run string) {
	if run = absolute(run); run != k.run {
		k.column, k.kernel, k.x, k.y, k.show, k.run = 0, 0, 0, 0, showWeights, run
	}
}

// step chooses the kernel before or behind.
func (k *kernelsPage) step(a *App, by int) {
	shot := a.shot()
	if shot == nil || a.page != kernelsTab {
		return
	}
	columns := shot.Kernels.Columns
	at := k.kernel + by
	switch {
	case at < 0 && k.column > 0:
		k.column--
		at = columns[k.column] - 1
	case at >= columns[k.column] && k.column < len(columns)-1:
		k.column, at = k.column+1, 0
	}
	k.kernel = min(columns[k.column]-1, max(0, at))
	a.redraw(pagePart)
}

// names of what is shown; a run that is followed keeps no gradients, but what
// momentum has gathered of them.
func gradientOf(shot *monitor.Shot) (string, []float32) {
	if shot.Gradient != nil {
		return "Gradient", shot.Gradient
	}
	return "Momentum", shot.Velocity
}

// changed is what the weights have become since the first shot that is there.
func (a *App) changed(shot *monitor.Shot) (string, []float32) {
	first := a.snap.Kernels[0]
	if len(first.Kernels.Values) != len(shot.Kernels.Values) {
		return "Change", nil
	}
	name := "Since start"
	if first.Step > 0 {
		name = "Since step " + theme.Count(first.Step)
	}
	out := make([]float32, len(shot.Kernels.Values))
	for i, v := range shot.Kernels.Values {
		out[i] = v - first.Kernels.Values[i]
	}
	return name, out
}

func (k *kernelsPage) draw(p *painter, r draw.Rect) {
	a := p.app
	shot := a.shot()
	if shot == nil {
		text := a.nothing(kernelsTab)
		if a.snap.Read < 1 {
			text = "Reading the log: " + theme.Whole(100*a.snap.Read) + " %."
		}
		p.empty(r, text)
		return
	}
	if k.column >= len(shot.Kernels.Columns) || k.kernel >= shot.Kernels.Columns[k.column] {
		k.column, k.kernel = 0, 0
	}
	k.x, k.y = min(k.x, shot.Kernels.Size-1), min(k.y, shot.Kernels.Size-1)
	if !a.frame.wall {
		k.tools(p, r, shot)
	}
	strip := k.figure(p, r, shot)
	if strip.H > 0 {
		p.HLine(r.X, strip.Y, r.W, p.th.Line)
		k.strip(p, strip, shot)
		k.splitter(p, r, strip.Y)
	}
}

func (k *kernelsPage) tools(p *painter, r draw.Rect, shot *monitor.Shot) {
	a := p.app
	y := r.Y + 12
	x := r.X + theme.Margin
	name := k.layer(a)
	if k.frozen(a) {
		name += ", frozen"
		p.hint(draw.Rect{X: x, Y: y + 4, W: 120, H: 20}, "frozen", frozenHint)
	}
	x += p.Text(x, y+18.5, p.Fit(name, bold, 120), bold, p.th.Text)
	x = p.label(x+theme.Group, y, "Show")
	change, _ := a.changed(shot)
	gradient, _ := gradientOf(shot)
	x = p.pick(x, y, 120, "show", []string{"Weights", change, gradient}, k.show, func(i int) { k.show = i; a.redraw(pagePart) })
	x = p.label(x+theme.Margin, y, "Scale")
	chosen := 0
	if k.common {
		chosen = 1
	}
	x = p.choices(x, y, "scale ", []string{"each kernel", "common"}, chosen, func(i int) { k.common = i == 1; a.redraw(pagePart) })
	if a.frame.compact {
		return
	}
	note := theme.Count(shot.Kernels.Count()) + " kernels of " + size(shot.Kernels.Size) + " × 3, of step " + theme.Count(shot.Step)
	if a.past >= 0 {
		note = "as they were at step " + theme.Count(shot.Step)
	}
	if w := p.Width(note, small); x+24+w < r.Right()-theme.Margin {
		p.TextRight(r.Right()-theme.Margin, y+18.5, note, small, p.th.Text2)
	}
}

func size(n int) string { return theme.Count(n) + " × " + theme.Count(n) }

// values are what is shown of the kernels.
func (k *kernelsPage) values(a *App, shot *monitor.Shot) []float32 {
	switch {
	case k.show != showWeights && k.frozen(a):
		return nil
	case k.show == showChange:
		_, v := a.changed(shot)
		return v
	case k.show == showGradient:
		_, v := gradientOf(shot)
		return v
	}
	return shot.Kernels.Values
}

// figure draws the kernels with the columns' names and returns what is left
// below.
func (k *kernelsPage) figure(p *painter, r draw.Rect, shot *monitor.Shot) (below draw.Rect) {
	a := p.app
	left, top, least := 212.0, r.Y+52, 200.0
	if a.frame.compact {
		left, least = 164, 142
	}
	if a.frame.wall {
		left, top, least = 212, r.Y+16, 0
	}
	if s := a.options.Settings.Strip; s > 0 && !a.frame.wall {
		least = stripHeight(r, s)
	}
	gap := p.Px(4)
	x, y := p.Px(left)-gap, p.Px(top)
	width, height := p.Px(r.Right()-theme.Margin)+gap-x, p.Px(r.Bottom()-least)-y
	k.grid = figure.Fit(shot.Kernels, x, y, width, height, p.Scale)
	values := k.values(a, shot)
	if values == nil {
		for column := range k.grid.Columns {
			p.FillPixels(k.grid.Column(column), theme.Black)
		}
		why := "This checkpoint keeps none."
		if k.frozen(a) {
			why = frozenHint
		}
		p.Text(left+8, top+24, p.Fit(why, small, r.Right()-left-2*theme.Margin), small, theme.Selection)
	} else {
		k.grid.Draw(p.Canvas, values, k.common)
		k.grid.Ring(p.Canvas, k.column, k.kernel)
	}
	for column := range k.grid.Columns {
		box := k.grid.Column(column)
		k.name(p, draw.Rect{X: r.X + theme.Margin, Y: float64(box.Min.Y) / p.Scale, W: left - theme.Margin - 16, H: float64(box.Dy()) / p.Scale}, shot, column)
	}
	b := k.grid.Bounds()
	p.hit(hit{
		rect: draw.Rect{X: float64(b.Min.X) / p.Scale, Y: float64(b.Min.Y) / p.Scale, W: float64(b.Dx()) / p.Scale, H: float64(b.Dy()) / p.Scale}, id: "figure",
		act: func() { k.choose(a) },
	})
	bottom := math.Ceil(float64(b.Max.Y)/p.Scale) + 12
	return draw.Rect{X: r.X, Y: bottom, W: r.W, H: max(0, r.Bottom()-bottom)}
}

// stripHeight keeps room for the tools, a few kernels and what is below them.
func stripHeight(r draw.Rect, height float64) float64 {
	const least, above = 142, 200
	return max(least, min(height, r.H-above))
}

// splitter gives the kernels more room, or what is below them. The line moves in
// steps, for kernels are enlarged by whole numbers.
func (k *kernelsPage) splitter(p *painter, r draw.Rect, y float64) {
	a := p.app
	if a.hot == "strip" || a.pressed == "strip" {
		p.Fill(draw.Rect{X: r.X, Y: y - 1, W: r.W, H: 3}, p.th.Text3)
	}
	p.hit(hit{rect: draw.Rect{X: r.X, Y: y - 4, W: r.W, H: 9}, id: "strip", drag: func(to draw.Point) {
		a.options.Settings.Strip = math.Round(stripHeight(r, r.Bottom()-to.Y))
		a.redraw(pagePart)
	}, twice: a.fitPanes})
}

// layer is the name of the first layer, the only one whose kernels are shown.
func (k *kernelsPage) layer(a *App) string {
	if layers := a.snap.Run.Layers; len(layers) > 0 {
		return layers[0]
	}
	return "the first layer"
}

// frozen says that the layer's weights stay as they are.
func (k *kernelsPage) frozen(a *App) bool {
	n := a.snap.Run.Network
	return n != nil && len(n.Blocks) > 0 && n.Blocks[0].Layer == k.layer(a) && n.Blocks[0].Frozen
}

// turnLayer says why there is no other layer to turn to.
func (k *kernelsPage) turnLayer(a *App) {
	a.say("Only the kernels of "+k.layer(a)+" are pictures: they read red, green and blue.", false)
}

func (k *kernelsPage) choose(a *App) {
	at := image.Pt(int(a.pointer.X*a.scale), int(a.pointer.Y*a.scale))
	if column, i, ok := k.grid.At(at); ok {
		k.column, k.kernel = column, i
		a.redraw(pagePart)
	}
}

// name writes a column's name, its device and how coloured its kernels are.
func (k *kernelsPage) name(p *painter, r draw.Rect, shot *monitor.Shot, column int) {
	th, a := p.th, p.app
	ink := th.Column(column)
	p.Fill(draw.Rect{X: r.X, Y: r.Y + 4, W: 4, H: r.H - 8}, ink)
	x, y := r.X+16, r.Y+17
	p.Text(x, y, "Column "+theme.Count(column+1), strong, th.Text)
	y += 22
	if column < len(a.snap.Run.Devices) {
		for _, line := range p.Wrap(a.snap.Run.Devices[column], small, r.W-16) {
			p.Text(x, y, line, small, th.Text2)
			y += theme.SmallLine
		}
	}
	f := shot.Figures[column]
	share := theme.Whole(100 * f.ColourShare())
	bottom := r.Bottom() - 6
	amounts := "light " + theme.Digits(1000*f.Luminance) + " · colour " + theme.Digits(1000*f.Chroma)
	if p.app.frame.compact || r.H < 150 {
		p.Text(x, bottom-6, "colour "+share+" %", bold, ink)
		p.hint(draw.Rect{X: x, Y: bottom - 20, W: r.W - 16, H: 20}, "colour "+theme.Count(column), colourHint+" Here: "+amounts+".")
		return
	}
	p.hint(draw.Rect{X: x, Y: bottom - 74, W: r.W - 16, H: 76}, "colour "+theme.Count(column), colourHint)
	p.Text(x, bottom-60, "Colour share", small, th.Text2)
	p.Text(x, bottom-26, share+" %", large, ink)
	p.Text(x, bottom-2, amounts, small, th.Text2)
}

// What the page's words mean.
const (
	colourHint = "Light is how much the kernels vary between black and white, colour how far they lie from grey, both in thousandths. " +
		"The colour share is colour ÷ (light + colour): 0 % is black and white."
	specialHint = "The colour shares of the columns over time. In the paper one column became largely colour-blind and the other coloured, in every run (section 6.1); " +
		"which of them is chance."
	changeHint   = "How the weights have changed since then: what training has added to them. Grey: nothing."
	gradientHint = "The gradient: in which direction the loss of the last step that was watched rises with each weight."
	frozenHint   = "This layer is frozen: its weights do not change, and no gradient is computed for them."
	momentumHint = "Momentum: the steps of late added up, each 0.9 of the one before it in the paper (section 5). The next step goes on with it."
)

// strip draws the chosen kernel and the meter of specialisation.
func (k *kernelsPage) strip(p *painter, r draw.Rect, shot *monitor.Shot) {
	split := r.X + 648
	if p.app.frame.compact {
		split = r.X + 124
		if r.W > 1000 {
			split = r.X + 320
		}
	}
	p.VLine(split, r.Y, r.H, p.th.Line)
	k.enlarged(p, draw.Rect{X: r.X + theme.Margin, Y: r.Y, W: split - r.X - 2*theme.Margin, H: r.H}, shot)
	k.meter(p, draw.Rect{X: split + 12, Y: r.Y, W: r.Right() - split - 12, H: r.H})
}

// pointsApart is the difference of two shares as they are shown, in whole per cent.
func pointsApart(a, b float64) string {
	return theme.Whole(math.Abs(math.Round(100*a) - math.Round(100*b)))
}

// meter draws how coloured the columns are over time: in the paper one becomes
// colour-blind and the other does not.
func (k *kernelsPage) meter(p *painter, r draw.Rect) {
	a, th := p.app, p.th
	shots := a.snap.Kernels
	columns := len(shots[0].Figures)
	title, hint := "Specialisation of the columns", specialHint
	if columns == 1 { // which has nothing to specialise from
		title, hint = "Colour of the kernels", colourHint
	}
	w := p.Text(r.X+2, r.Y+28, title, bold, th.Text)
	p.hint(draw.Rect{X: r.X + 2, Y: r.Y + 14, W: w, H: 20}, "specialisation", hint)
	if more := r.X + 2 + w + 10; more+p.Width("colour share", small)+120 < r.Right() {
		p.Text(more, r.Y+28, "colour share", small, th.Text2)
	}
	pane := plot.Pane{Y: plot.Axis{Low: 0, High: 1}, Ticks: []float64{0, 0.25, 0.5, 0.75, 1}, Height: r.H - 44 - 44}
	if pane.Height < 24 {
		return
	}
	pane.Label = func(v float64) string {
		if v == 0.25 || v == 0.75 {
			return ""
		}
		return theme.Whole(100*v) + " %"
	}
	if pane.Height < 100 {
		pane.Ticks = []float64{0, 0.5, 1}
	}
	pane.Value = theme.Percent
	if columns == 2 && pane.Height > 130 {
		pane.Guides = []plot.Guide{{Y: 0.57, Text: "paper 57 %"}, {Y: 0.11, Text: "paper 11 %"}}
	}
	word, place := "epoch", func(s *monitor.Shot) float64 { return s.Epoch }
	end := a.snap.Epoch
	if a.snap.Run.StepsPerEpoch == 0 { // without its log nobody knows
		word, place, end = "step", func(s *monitor.Shot) float64 { return float64(s.Step) }, float64(a.snap.Step)
	}
	var shares []float64
	for column := range columns {
		s := &plot.Series{Name: "Column " + theme.Count(column+1), Ink: th.Column(column), Width: 2, Tinted: true}
		for _, shot := range shots {
			s.X, s.Y = append(s.X, place(shot)), append(s.Y, shot.Figures[column].ColourShare())
		}
		shares = append(shares, a.shot().Figures[column].ColourShare())
		pane.Series = append(pane.Series, s)
	}
	if columns == 2 {
		p.TextRight(r.Right()-theme.Margin, r.Y+28, pointsApart(shares[0], shares[1])+" points apart", small, th.Text2)
	}
	x := plot.Axis{Low: 0, High: max(end, place(shots[len(shots)-1]), 1e-9)}
	f := plot.Figure{X: x, Ticks: x.Ticks(int(r.W / 100)), Label: theme.Tick, Word: word, Panes: []plot.Pane{pane}, Before: 44, After: 90, Gap: 20}
	at := draw.Rect{X: r.X, Y: r.Y + 28, W: r.W - 4, H: r.H - 28}
	f.Draw(p.Canvas, th, at)
	if shot := a.shot(); a.past >= 0 && shot != nil {
		plot := f.Plots(at)[0]
		p.VLine(plot.X+plot.W*x.At(place(shot)), plot.Y, plot.H, th.Text)
	}
}
