package viewer

import (
	"math"
	"slices"
	"strings"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// cover lies over the parts until it is closed. It never stops the run.
type cover interface {
	draw(p *painter)
	key(a *App, name string) bool // says whether it took the key
}

// typing is a cover with a field that takes what is typed while no other does.
type typing interface {
	main(a *App) (e entry, is bool)
}

// mainField types into the cover's field, if it has one and no field has the focus.
func (a *App) mainField() {
	if c, is := a.cover.(typing); is && a.field == nil {
		if e, is := c.main(a); is {
			a.edit(e)
		}
	}
}

// mainIs says whether a field is the cover's own: leaving it alone would lead nowhere, for
// what is typed next goes into it again.
func (a *App) mainIs(f *field) bool {
	c, is := a.cover.(typing)
	if !is {
		return false
	}
	e, is := c.main(a)
	return is && e.id == f.id
}

// open shows a cover in the place of the one before; nil closes that. Behind a
// drop-down the tabulator goes on from there.
func (a *App) open(c cover) {
	focus := ""
	if m, is := a.cover.(*menu); is && c == nil {
		focus = m.focus
	}
	a.cover, a.focus, a.above = c, focus, nil // what is clicked before the next frame is not the one before
	a.touch(focus)
	a.uncover()
	a.move()
}

// help shows all keys.
type help struct{}

func (h *help) key(*App, string) bool { return false }

func (h *help) draw(p *painter) {
	th, f := p.th, p.app.frame
	const width, line = 760, 24
	groups := [][]string{{runKeys}, {pageKeys, pastKeys}, {viewKeys, startKeys}}
	height := 0.0
	for _, column := range groups {
		height = max(height, h.column(nil, 0, 0, column, line))
	}
	height += 76
	r := draw.Rect{X: (f.width - width) / 2, Y: max(8, (f.height-height)/2), W: width, H: height}
	p.Fill(r, th.Surface)
	p.Frame(r, 1, th.Text3)
	p.Text(r.X+24, r.Y+36, "Keys", strong, th.Text)
	p.TextRight(r.Right()-24, r.Y+36, "Letters act only while no field has the focus.", small, th.Text2)
	for i, column := range groups {
		h.column(p, r.X+24+float64(i)*240, r.Y+68, column, line)
	}
	p.hit(hit{rect: r, id: "help"})
}

// column draws groups of keys and returns the height; without a painter it only
// measures.
func (h *help) column(p *painter, x, y float64, groups []string, line float64) float64 {
	top := y
	for i, group := range groups {
		if i > 0 {
			y += 12
		}
		if p != nil {
			p.Text(x, y, group, bold, p.th.Text)
		}
		y += line
		for _, b := range bindings() {
			if b.group != group || b.text == "" {
				continue
			}
			if p != nil {
				p.Text(x, y, strings.Join(b.keys, " "), bold, p.th.Text)
				p.Text(x+88, y, b.text, small, p.th.Text2)
			}
			y += line
		}
	}
	return y - top
}

// menu is the list of a drop-down.
type menu struct {
	below   draw.Rect
	id      string
	focus   string // what had it before
	options []string
	chosen  int
	choose  func(i int)
	at      int // marked by the keys or the pointer, which moved last, from 1 on; 0: none
}

func (m *menu) draw(p *painter) {
	const line = 28
	width := m.below.W
	for _, o := range m.options {
		width = max(width, p.Width(o, bold)+28)
	}
	r := draw.Rect{X: m.below.X, Y: m.below.Bottom() - 1, W: width, H: line*float64(len(m.options)) + 2}
	if r.Bottom() > p.app.frame.height {
		r.Y = max(0, m.below.Y-r.H+1)
	}
	p.Fill(r, p.th.Raised)
	p.Frame(r, 1, p.th.Text3)
	for i, o := range m.options {
		row := draw.Rect{X: r.X + 1, Y: r.Y + 1 + line*float64(i), W: r.W - 2, H: line}
		id := m.id + "=" + o
		style, ink := small, p.th.Text
		if i == m.chosen {
			style = bold
		}
		if m.at == i+1 {
			p.Fill(row, p.th.Text)
			ink = p.th.Background
		}
		p.Text(row.X+9, row.Y+18.5, o, style, ink)
		p.hit(hit{rect: row, id: id, act: func() { m.take(p.app, i) }, move: func(_ draw.Point, over bool) {
			if over {
				m.mark(p.app, i+1)
			}
		}})
	}
}

func (m *menu) mark(a *App, at int) {
	if m.at != at {
		m.at = at
		a.uncover()
	}
}

func (m *menu) take(a *App, i int) {
	a.open(nil)
	m.choose(i)
}

func (m *menu) key(a *App, name string) bool {
	n := len(m.options)
	switch name {
	case "Down":
		m.mark(a, m.at%n+1)
	case "Up":
		if m.at <= 1 {
			m.mark(a, n)
		} else {
			m.mark(a, m.at-1)
		}
	case "Enter":
		if m.at > 0 {
			m.take(a, m.at-1)
		}
		return true
	default:
		return false
	}
	return true
}

// question asks before something is done.
type question struct {
	title, text string
	answers     []answer // the first is the one that is usual
}

// answer is a button of a question.
type answer struct {
	id, label, key string
	disabled       bool
	act            func()
}

// cancel is the answer that changes nothing.
var cancel = answer{id: "cancel", label: "Cancel", act: func() {}}

func (q *question) key(a *App, name string) bool {
	for i, w := range q.answers {
		if (w.key == name || i == 0 && name == "Enter") && !w.disabled {
			q.take(a, w)
			return true
		}
	}
	return false
}

func (q *question) take(a *App, w answer) {
	a.open(nil)
	w.act()
}

func (q *question) draw(p *painter) {
	f, th := p.app.frame, p.th
	width := 48.0 - 8
	for _, w := range q.answers {
		width += q.width(p, w) + 8
	}
	width = max(520, width)
	r := draw.Rect{X: math.Round((f.width - width) / 2), Y: (f.height - 150) / 2, W: width, H: 150}
	p.Fill(r, th.Surface)
	p.Frame(r, 2, th.Text)
	p.hit(hit{rect: r, id: "question"})
	p.Icon(draw.Question, r.X+24, r.Y+24, th.Text, th.Surface)
	p.Text(r.X+48, r.Y+37, p.Fit(q.title, strong, r.W-72), strong, th.Text)
	p.Text(r.X+48, r.Y+62, p.Fit(q.text, small, r.W-72), small, th.Text2)
	box := draw.Rect{X: r.X + 24, Y: r.Y + 88, H: theme.Control3}
	for i, w := range q.answers {
		box.W = q.width(p, w)
		p.button(box, w.id, w.label, look{key: w.key, primary: i == 0, disabled: w.disabled}, func() { q.take(p.app, w) })
		box.X = box.Right() + 8
	}
}

// width is a button's.
func (q *question) width(p *painter, w answer) float64 {
	width := p.Width(w.label, bold) + 32
	if w.key != "" {
		width += 8 + p.Width(w.key, small)
	}
	return math.Ceil(width)
}

// pathBox asks for the path of images or of a run.
type pathBox struct{ take func(text string) string }

func (b *pathBox) key(*App, string) bool { return false }

func (b *pathBox) entry() entry {
	return entry{id: "path", hint: "path of an image, a GIF, a folder of images or a run", left: true, path: anyPath, apply: b.take}
}

func (b *pathBox) main(*App) (e entry, is bool) { return b.entry(), true }

func (b *pathBox) draw(p *painter) {
	f, th := p.app.frame, p.th
	r := draw.Rect{X: (f.width - 560) / 2, Y: (f.height - 150) / 2, W: 560, H: 150}
	p.Fill(r, th.Surface)
	p.Frame(r, 1, th.Text3)
	p.hit(hit{rect: r, id: "pathBox"})
	p.Text(r.X+24, r.Y+34, "Open images or a run", strong, th.Text)
	p.TextRight(r.Right()-24, r.Y+34, "or drop them on the window", small, th.Text2)
	field := p.app.field
	p.fieldBox(draw.Rect{X: r.X + 24, Y: r.Y + 56, W: r.W - 48, H: theme.Control}, b.entry())
	text := p.app.matches("path")
	if text == "" {
		text = "Enter opens, Esc closes. Tab completes. A folder of frames plays as a video."
	}
	if field == nil || field.problem == "" {
		p.lines(r.X+24, r.Y+112, p.first(2, p.Wrap(text, small, r.W-48), r.W-48), th.Text2)
	}
}

// list is a sheet of lines, such as the whole journal.
type list struct {
	title string
	lines [][2]string
	none  string
	rest  string // what those are for which there is no room
}

func (l *list) key(*App, string) bool { return false }

const listLine = 22 // from line to line of a list

// shown are the lines that a window has room for, and how many more there are.
func (l *list) shown(height float64) [][2]string {
	most := max(1, int((height-160)/listLine))
	if len(l.lines) <= most {
		return l.lines
	}
	return append(slices.Clone(l.lines[:most-1]), [2]string{"", "and " + theme.Count(len(l.lines)-most+1) + " " + l.rest})
}

func (l *list) draw(p *painter) {
	f, th := p.app.frame, p.th
	const width, line = 560, listLine
	lines := l.shown(f.height)
	height := 76 + line*float64(max(1, len(lines)))
	r := draw.Rect{X: (f.width - width) / 2, Y: (f.height - height) / 2, W: width, H: height}
	p.Fill(r, th.Surface)
	p.Frame(r, 1, th.Text3)
	p.Text(r.X+24, r.Y+34, l.title, strong, th.Text)
	p.TextRight(r.Right()-24, r.Y+34, "Esc closes", small, th.Text2)
	if len(lines) == 0 {
		p.Text(r.X+24, r.Y+64, l.none, small, th.Text2)
	}
	for i, row := range lines {
		y := r.Y + 64 + line*float64(i)
		p.TextRight(r.X+104, y, row[0], small, th.Text2)
		p.Text(r.X+120, y, p.Fit(row[1], small, width-144), small, th.Text)
	}
	p.hit(hit{rect: r, id: "list"})
}

// journal shows all events, the newest first.
func (a *App) journal() {
	l := &list{title: "Journal", none: "Nothing has happened yet.", rest: "earlier, in log.jsonl"}
	for i := len(a.snap.Events) - 1; i >= 0; i-- {
		e := a.snap.Events[i]
		l.lines = append(l.lines, [2]string{"step " + theme.Count(e.Step), e.Text})
	}
	a.open(l)
}
