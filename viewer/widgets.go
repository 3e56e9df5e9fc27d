package viewer

import (
	"image/color"
	"time"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// Styles of text.
var (
	small  = draw.Style{Size: theme.Small}
	bold   = draw.Style{Size: theme.Small, Bold: true}
	medium = draw.Style{Size: theme.Medium}
	strong = draw.Style{Size: theme.Medium, Bold: true}
	large  = draw.Style{Size: theme.Large, Bold: true}
)

// hit is a place that the pointer can work.
type hit struct {
	rect  draw.Rect
	id    string
	act   func()                       // a click
	drag  func(draw.Point)             // the button is held; called at once, too
	drop  func()                       // it is let go after that
	twice func()                       // a double click, instead of the second drag
	wheel func(by float64)             //
	move  func(at draw.Point, in bool) // the pointer moves within, or leaves
	focus bool                         // the tabulator stops here
	types bool                         // and acts at once: a field that is typed into
}

// painter draws a part and notes what can be worked in it.
type painter struct {
	*draw.Canvas
	app  *App
	th   *theme.Theme
	hits *[]hit
	over bool // draws what lies over the parts
}

func (p *painter) hit(h hit) { *p.hits = append(*p.hits, h) }

// look is how a button looks.
type look struct {
	icon     draw.Icon
	withIcon bool
	key      string // hint behind the label
	primary  bool
	chosen   bool // of a row of choices
	disabled bool
	plain    bool // text only
}

// ground is a control's fill, border and text for its state.
func (p *painter) ground(id string, o look) (fill, border, ink, hint color.RGBA) {
	th := p.th
	fill, border, ink, hint = th.Raised, th.Line, th.Text, th.Text2
	hot, down := p.app.hot == id, p.app.pressed == id
	switch {
	case o.disabled:
		return th.Surface, th.Line, th.Text3, th.Text3
	case o.primary || o.chosen:
		fill, border, ink, hint = th.Text, th.Text, th.Background, th.Background
	case down && hot:
		fill = th.Surface
	}
	if hot && !o.chosen {
		border = th.Text3
	}
	return fill, border, ink, hint
}

// button draws a button and makes it work.
func (p *painter) button(r draw.Rect, id, label string, o look, act func()) {
	fill, border, ink, hint := p.ground(id, o)
	if !o.plain {
		p.Fill(r, fill)
		p.Frame(r, 1, border)
	}
	style := small
	if o.primary || o.chosen {
		style = bold
	}
	if p.app.frame.compact && !p.over {
		o.key = ""
	}
	width := p.Width(label, style)
	if o.withIcon {
		width += draw.IconSize + 6
	}
	if o.key != "" {
		width += 8 + p.Width(o.key, small)
	}
	x, y := r.X+(r.W-width)/2, r.Y+r.H/2
	if o.withIcon {
		p.Icon(o.icon, x, y-draw.IconSize/2, ink, fill)
		x += draw.IconSize + 6
	}
	x += p.Text(x, y+4.5, label, style, ink)
	if o.key != "" {
		p.Text(x+8, y+4.5, o.key, small, hint)
	}
	p.work(r, id, o.disabled, act)
}

// work notes a control and draws the ring of the focus.
func (p *painter) work(r draw.Rect, id string, disabled bool, act func()) {
	if disabled {
		return
	}
	p.ring(r.Inset(-3), id)
	p.hit(hit{rect: r, id: id, act: act, focus: true})
}

// ring is that of the focus, if a control has it.
func (p *painter) ring(r draw.Rect, id string) {
	if p.app.focus == id {
		p.Frame(r, 2, p.th.Text)
	}
}

// The side of a box that is ticked, and where what it is for begins.
const tickBox, tickText = 14, 22

// tick draws a box that is ticked or not, and what for, and makes it work.
func (p *painter) tick(r draw.Rect, id, label string, on bool, act func()) {
	box := draw.Rect{X: r.X, Y: r.Y, W: tickBox, H: tickBox}
	p.Frame(box, 1, p.th.Text2)
	if on {
		p.Icon(draw.Check, box.X, box.Y, p.th.Text, p.th.Surface)
	}
	p.Text(box.X+tickText, box.Y+11.5, label, small, p.th.Text)
	p.work(r, id, false, act)
}

// choices draws a row of which one is chosen and returns its right end.
func (p *painter) choices(x, y float64, id string, labels []string, chosen int, choose func(i int)) float64 {
	for i, label := range labels {
		w := p.Width(label, bold) + 18
		p.button(draw.Rect{X: x, Y: y, W: w, H: theme.Control}, id+label, label, look{chosen: i == chosen}, func() { choose(i) })
		x += w - 1
	}
	return x + 1
}

// pick draws a drop-down and returns its right end; chosen -1: none of the options.
// Without options it does nothing, but the tabulator stops at it as later.
func (p *painter) pick(x, y, w float64, id string, options []string, chosen int, choose func(i int)) float64 {
	r := draw.Rect{X: x, Y: y, W: w, H: theme.Control}
	fill, border, ink, _ := p.ground(id, look{disabled: len(options) == 0})
	p.Fill(r, fill)
	p.Frame(r, 1, border)
	text := theme.Unknown
	if chosen >= 0 {
		text = options[chosen]
	}
	p.Text(x+10, y+18.5, p.FitMiddle(text, small, w-36), small, ink)
	p.Icon(draw.Down, r.Right()-22, y+7, p.th.Text2, fill)
	p.work(r, id, false, func() {
		if len(options) > 0 {
			p.app.open(&menu{below: r, id: id, focus: p.app.focus, options: options, chosen: chosen, choose: choose})
		}
	})
	return r.Right()
}

// label draws the caption of a tool bar's control.
func (p *painter) label(x, y float64, text string) float64 {
	return x + p.Text(x, y+18.5, text, small, p.th.Text2) + 8
}

// paragraph draws wrapped text from a first baseline on and returns the baseline
// behind the last line.
func (p *painter) paragraph(x, y, width float64, text string, style draw.Style, ink color.RGBA) float64 {
	for _, line := range p.Wrap(text, style, width) {
		p.Text(x, y, line, style, ink)
		y += theme.SmallLine
	}
	return y
}

// first are the first lines of a text; the last of them is cut if there are more.
func (p *painter) first(most int, lines []string, width float64) []string {
	if len(lines) <= most {
		return lines
	}
	cut := append([]string(nil), lines[:most]...)
	cut[most-1] = p.Fit(cut[most-1]+" "+lines[most], small, width)
	return cut
}

// lines draws lines of small text from a first baseline on.
func (p *painter) lines(x, y float64, lines []string, ink color.RGBA) {
	for i, line := range lines {
		p.Text(x, y+heightOf(i), line, small, ink)
	}
}

// empty draws the sentence of a page that has nothing to show and returns the baseline
// behind its last line.
func (p *painter) empty(r draw.Rect, text string) float64 {
	lines := p.Wrap(text, medium, min(560, r.W-2*theme.Margin))
	y := r.Y + r.H/2 - float64(len(lines)-1)*12
	for _, line := range lines {
		p.TextCenter(r.X+r.W/2, y, line, medium, p.th.Text2)
		y += 24
	}
	return y
}

// toast is a sentence at the page's foot for a few seconds.
type toast struct {
	text  string
	error bool
	until time.Time
}

// say shows a sentence.
func (a *App) say(text string, isError bool) {
	a.toast = toast{text, isError, a.options.Now().Add(6 * time.Second)}
	a.uncover()
}

func (p *painter) drawToast() {
	page := p.app.frame.rect[pagePart]
	room := page.W - 6*theme.Margin
	lines := p.first(3, p.Wrap(p.app.toast.text, small, room), room)
	w := 0.0
	for _, line := range lines {
		w = max(w, p.Width(line, small)+2*theme.Margin)
	}
	left := page.X + (page.W-w)/2
	icon := draw.Check
	ink := p.th.Text
	if p.app.toast.error {
		w, icon, ink = w+22, draw.Warning, p.th.Warning
	}
	more := heightOf(len(lines) - 1)
	r := draw.Rect{X: left, Y: page.Bottom() - 52 - more, W: w, H: 36 + more}
	p.Fill(r, p.th.Surface)
	p.Frame(r, 1, p.th.Text3)
	x := r.X + theme.Margin
	if p.app.toast.error {
		p.Icon(icon, x, r.Y+11, ink, p.th.Surface)
		x += 22
	}
	p.lines(x, r.Y+22.5, lines, p.th.Text)
}
