package viewer

import (
	"math"
	"slices"
	"strconv"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// settingsSheet lists all settings of a recipe, to be changed.
type settingsSheet struct {
	*settings
	recipe string
	filter string
	top    float64 // scrolled by
	seen   string  // the field that was scrolled to
	body   draw.Rect
}

// settingRow is the height of a setting, and settingField where its value begins.
const (
	settingRow   = 34
	settingField = 270
)

// fieldOf names the field of a setting, apart from that of the form below the sheet.
func fieldOf(path string) string { return "set " + path }

// rowOf and resetOf name what else of a setting's row the pointer can be on.
func rowOf(path string) string   { return "row " + path }
func resetOf(path string) string { return "reset " + path }

// openSettings shows a recipe's settings. The first keys that are typed are a filter.
func (a *App) openSettings(recipe string, s *settings) {
	b := &settingsSheet{settings: s, recipe: recipe}
	a.open(b)
	a.edit(b.filterEntry(a))
}

func (b *settingsSheet) filterEntry(a *App) entry {
	take := func(text string) string { b.filter, b.top = text, 0; return "" }
	enter := func(text string) string { take(text); a.edit(b.filterEntry(a)); return "" } // there is nothing to go on to
	return entry{id: "filter", value: b.filter, hint: "conv1, rate, snapshots …", left: true, check: take, apply: enter, keep: func(text string) { take(text) },
		turn: func(by int) { b.turn(a, "", by) }}
}

// entry is a setting's field: what is typed is checked at once.
func (b *settingsSheet) entry(a *App, s Setting) entry {
	value := s.Value
	if text, is := b.changed.text(s.Path); is && b.problem != "" {
		value = text // which may be what is wrong
	}
	return entry{
		id: fieldOf(s.Path), value: value, left: true, told: true, disabled: s.Fixed != "",
		check: func(text string) string { return b.check(s.Path, text) },
		apply: func(text string) string { return b.apply(s.Path, text) },
		keep: func(text string) {
			if text == value {
				return
			}
			if problem := b.apply(s.Path, text); problem != "" {
				a.say(s.Path+" stays as it was. "+problem, true)
			}
		},
		turn: func(by int) { b.turn(a, s.Path, by) },
	}
}

// turn types into the setting before or behind one; before the first is the filter.
func (b *settingsSheet) turn(a *App, path string, by int) {
	at, list := -1, b.found(b.filter)
	for i, s := range list {
		if s.Path == path {
			at = i
		}
	}
	for at += by; at >= 0 && at < len(list) && list[at].Fixed != ""; {
		at += by
	}
	switch {
	case at < 0 || len(list) == 0: // the filter may find none
		a.edit(b.filterEntry(a))
	case at < len(list):
		a.edit(b.entry(a, list[at]))
	default:
		a.edit(b.entry(a, list[len(list)-1]))
	}
}

func (b *settingsSheet) main(a *App) (e entry, is bool) { return b.filterEntry(a), true }

func (b *settingsSheet) key(a *App, name string) bool {
	by, is := map[string]float64{"Up": -settingRow, "Down": settingRow, "PageUp": -b.body.H, "PageDown": b.body.H, "Home": -1e9, "End": 1e9}[name]
	if is {
		b.scroll(a, by)
	}
	return is
}

// scroll scrolls down; draw keeps to the list.
func (b *settingsSheet) scroll(a *App, by float64) {
	b.top += by
	a.uncover()
}

// wrong are the lines of what is wrong with the setting that is typed.
func (b *settingsSheet) wrong(p *painter, path string) []string {
	if f := p.app.field; f != nil && f.id == fieldOf(path) && f.problem != "" {
		lines := p.Wrap(f.problem, small, b.body.W-settingField-2*theme.Margin)
		return lines[:min(3, len(lines))]
	}
	return nil
}

func (b *settingsSheet) draw(p *painter) {
	f, th, a := p.app.frame, p.th, p.app
	r := draw.Rect{W: min(860, f.width-48), H: f.height - 48}
	r.X, r.Y = math.Round((f.width-r.W)/2), 24
	p.Fill(r, th.Surface)
	p.Frame(r, 1, th.Text3)
	p.hit(hit{rect: r, id: "settingsSheet"})
	p.Text(r.X+24, r.Y+36, "All settings of "+b.recipe, strong, th.Text)
	p.TextRight(r.Right()-24, r.Y+36, b.count(), small, th.Text2)
	y := r.Y + 52
	x := p.label(r.X+24, y, "Filter")
	p.fieldBox(draw.Rect{X: x, Y: y, W: settingField + 16 - (x - r.X) + 180, H: theme.Control}, b.filterEntry(a))
	p.TextRight(r.Right()-24, y+18.5, `as in a recipe: 0.01, true, "step", [20, 30]`, small, th.Text2)
	b.body = draw.Rect{X: r.X + 1, Y: y + 40, W: r.W - 2, H: r.Bottom() - y - 40 - 56}
	p.HLine(r.X, b.body.Y-1, r.W, th.Line)
	p.HLine(r.X, b.body.Bottom(), r.W, th.Line)
	b.list(p)
	done := draw.Rect{X: r.Right() - 24 - 96, Y: r.Bottom() - 44, W: 96, H: theme.Control2}
	p.button(done, "done", "Done", look{key: "Esc", primary: true}, func() { a.goOn(); a.open(nil) })
	text, ink := b.told(a), th.Text2
	if b.problem != "" {
		text, ink = b.problem, th.Error
	}
	lines := p.first(2, p.Wrap(text, small, done.X-r.X-40), done.X-r.X-40)
	p.lines(r.X+24, done.Y+21-heightOf(len(lines)-1)/2, lines, ink)
}

// told says what a setting is: the one under the pointer, or else the one that is typed
// into.
func (b *settingsSheet) told(a *App) string {
	typed := ""
	for _, s := range b.rows {
		if s.Help == "" {
			continue
		}
		text := s.Path + ": " + s.Help
		switch {
		case slices.Contains([]string{rowOf(s.Path), fieldOf(s.Path), resetOf(s.Path)}, a.hot):
			return text
		case a.field != nil && a.field.id == fieldOf(s.Path):
			typed = text
		}
	}
	return typed
}

// count says how many are changed.
func (b *settingsSheet) count() string {
	if n := len(b.changed); n > 0 {
		return strconv.Itoa(n) + " changed"
	}
	return "none is changed"
}

// list draws the settings that pass the filter. The tabulator stops at those out of
// sight, too, and scrolls to them.
func (b *settingsSheet) list(p *painter) {
	rows, height, to := b.found(b.filter), 0.0, -1.0
	for _, s := range rows {
		if f := p.app.field; f != nil && f.id == fieldOf(s.Path) && b.seen != s.Path {
			b.seen, to = s.Path, height
		}
		height += settingRow + heightOf(len(b.wrong(p, s.Path)))
	}
	if to >= 0 {
		b.top = max(to+settingRow+heightOf(1)-b.body.H, min(b.top, to))
	}
	b.top = max(0, min(b.top, height-b.body.H))
	if len(rows) == 0 {
		p.Text(b.body.X+23, b.body.Y+28, "No setting has that in its path.", small, p.th.Text2)
	}
	part := &painter{Canvas: p.Part(b.body), app: p.app, th: p.th, hits: p.hits, over: true}
	first := len(*p.hits)
	p.hit(hit{rect: b.body, id: "settingsList"})
	y := b.body.Y - b.top
	for _, s := range rows {
		row := draw.Rect{X: b.body.X, Y: y, W: b.body.W, H: settingRow + heightOf(len(b.wrong(p, s.Path)))}
		y = row.Bottom()
		if row.Bottom() > b.body.Y && row.Y < b.body.Bottom() {
			b.row(part, row, s)
		} else if e := b.entry(p.app, s); s.Fixed == "" {
			p.hit(hit{id: e.id, focus: true, types: true, act: func() { p.app.edit(e) }})
		}
	}
	for i := first; i < len(*p.hits); i++ {
		h := &(*p.hits)[i]
		top, bottom := max(h.rect.Y, b.body.Y), min(h.rect.Bottom(), b.body.Bottom())
		h.rect.Y, h.rect.H = top, max(0, bottom-top)
		h.wheel = func(by float64) { b.scroll(p.app, -3*settingRow*by) }
	}
	b.bar(p, height)
}

// row draws a setting. What was changed has a mark, and what it was.
func (b *settingsSheet) row(p *painter, r draw.Rect, s Setting) {
	th, style := p.th, small
	_, changed := b.changed.text(s.Path)
	if changed {
		style = bold
		p.Fill(draw.Rect{X: r.X, Y: r.Y, W: 4, H: r.H}, th.Text)
	}
	p.hit(hit{rect: r, id: rowOf(s.Path)})
	p.Text(r.X+23, r.Y+21.5, p.Fit(s.Path, style, settingField-30), style, th.Text)
	box := draw.Rect{X: r.X + settingField, Y: r.Y + 3, W: 240, H: theme.Control}
	p.fieldBox(box, b.entry(p.app, s))
	for i, line := range b.wrong(p, s.Path) {
		p.Text(box.X, box.Bottom()+16+heightOf(i), line, small, th.Error)
	}
	x, right := box.Right()+16, r.Right()-24
	if changed {
		p.button(draw.Rect{X: right - 64, Y: box.Y, W: 64, H: theme.Control}, resetOf(s.Path), "Reset", look{}, func() {
			b.reset(s.Path)
			p.app.uncover()
		})
		p.Text(x, r.Y+21.5, p.Fit("was "+s.Was, small, right-80-x), small, th.Text2)
	} else if s.Fixed != "" {
		p.Text(x, r.Y+21.5, p.Fit(s.Fixed, small, right-x), small, th.Text2)
	}
}

// bar shows which part of the list is in sight, and scrolls.
func (b *settingsSheet) bar(p *painter, height float64) {
	if height <= b.body.H {
		return
	}
	track := draw.Rect{X: b.body.Right() - 10, Y: b.body.Y + 2, W: 8, H: b.body.H - 4}
	length := max(24, track.H*b.body.H/height)
	fill := p.th.Line
	if p.app.hot == "settingsBar" || p.app.pressed == "settingsBar" {
		fill = p.th.Text3
	}
	p.Fill(draw.Rect{X: track.X, Y: track.Y + (track.H-length)*b.top/(height-b.body.H), W: track.W, H: length}, fill)
	p.hit(hit{rect: track, id: "settingsBar", drag: func(to draw.Point) {
		b.top = (height - b.body.H) * (to.Y - track.Y - length/2) / (track.H - length)
		p.app.uncover()
	}})
}
