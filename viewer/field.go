package viewer

import (
	"unicode"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// entry is a field: what it shows, and what becomes of what is typed.
type entry struct {
	id, value, hint string
	left            bool // the text begins at the left
	wrong           bool // what it holds
	disabled        bool
	told            bool // what is wrong with what is typed is said elsewhere
	path            int  // what kind of path it is, if it is one
	apply           func(text string) (problem string)
	// asks says that what apply took is still looked at: Enter leaves the field once that
	// has found nothing wrong, by answered.
	asks func() bool
	// keep takes what was typed when the field is left otherwise than by Enter and
	// Esc; nil: the value before is restored. The tabulator types into such fields.
	keep func(text string)
	// check says what is wrong with what is typed so far; nil: that is said by apply.
	check func(text string) (problem string)
	turn  func(by int) // goes to the field below or above; nil: there is none
}

// Kinds of paths, which the tabulator completes.
const (
	noPath = iota
	anyPath
	folderPath
)

// field is text that is being typed.
type field struct {
	entry
	text    []rune
	problem string
	all     bool   // the first character replaces the text
	entered bool   // by Enter, and what that has asked is not answered yet
	matches string // names that it can become, once they are asked for
}

// edit gives a field the focus.
func (a *App) edit(e entry) {
	a.field = &field{entry: e, text: []rune(e.value), all: true}
	a.touch(e.id)
}

// leaveField restores what was before.
func (a *App) leaveField() {
	if a.field != nil {
		id := a.field.id
		a.field = nil
		a.touch(id)
	}
}

// goOn leaves the field for something else.
func (a *App) goOn() {
	f := a.field
	a.leaveField()
	if f != nil && f.keep != nil {
		f.keep(string(f.text))
	}
}

// key takes keys that edit, and swallows letters: they come as characters. Of those with
// Ctrl only that which closes the window is let through: others steer the run.
func (f *field) key(a *App, e Key) bool {
	switch {
	case e.Ctrl && e.Name == "A":
		f.all = true
	case e.Ctrl:
		return e.Name != "Q"
	case e.Name == "Tab" && !e.Shift && f.path != noPath && f.complete(a):
		// and the focus stays
	case e.Name == "Tab" && f.keep != nil:
		a.goOn()
		a.focus = f.id
		return false
	case e.Name == "Esc" && a.mainIs(f):
		a.leaveField()
		a.open(nil)
		return true
	case e.Name == "Esc" || e.Name == "Tab":
		a.leaveField()
	case e.Name == "Enter":
		f.enter(a)
	case e.Name == "Backspace":
		if f.all {
			f.text = nil
		} else if n := len(f.text); n > 0 {
			f.text = f.text[:n-1]
		}
		f.typed()
	case (e.Name == "Up" || e.Name == "Down") && f.turn != nil:
		a.goOn()
		f.turn(map[string]int{"Up": -1, "Down": 1}[e.Name])
		return true
	case len(e.Name) > 1 && e.Name[0] == 'F' && unicode.IsDigit(rune(e.Name[1])):
		return false
	}
	a.touch(f.id)
	return true
}

// enter applies what was typed, and leaves the field unless that is wrong.
func (f *field) enter(a *App) {
	f.problem = f.apply(string(f.text))
	if f.entered = f.asks != nil && f.asks(); f.problem == "" && !f.entered && a.field == f {
		a.leaveField()
	}
	a.touch(f.id)
}

// answered leaves the field that Enter has asked about, unless it is wrong. There one goes
// on typing: the letters would be commands.
func (a *App) answered(wrong string) {
	if f := a.field; f != nil && f.entered {
		f.entered = false
		if f.id != wrong {
			a.leaveField()
		}
	}
}

func (f *field) insert(a *App, r rune) {
	if f.all {
		f.text = nil
	}
	f.text = append(f.text, r)
	f.typed()
	a.touch(f.id)
}

// typed looks at the text, which is another than before.
func (f *field) typed() {
	f.all, f.entered, f.problem, f.matches = false, false, "", ""
	if f.check != nil {
		f.problem = f.check(string(f.text))
	}
}

// problem are the lines of what is wrong with what is typed in a field, where the
// field itself does not say it.
func (p *painter) problem(id string, width float64) []string {
	if f := p.app.field; f != nil && f.id == id && f.problem != "" {
		return p.Wrap(f.problem, small, width)
	}
	return nil
}

// fieldBox draws a field: what is being typed if it has the focus, otherwise its
// value. A text too wide shows its end.
func (p *painter) fieldBox(r draw.Rect, e entry) {
	th, f := p.th, p.app.field
	fill, border, ink := th.Background, th.Line, th.Text
	if e.disabled {
		fill, ink = th.Surface, th.Text3
	} else if p.app.hot == e.id {
		border = th.Text3
	}
	if e.wrong {
		border = th.Error
	}
	typing := f != nil && f.id == e.id
	p.Fill(r, fill)
	text := e.value
	if typing {
		text, border = string(f.text), th.Text
		if f.problem != "" {
			border = th.Error
		}
	}
	p.Frame(r, 1, border)
	y := r.Y + r.H/2 + 4.5
	inside := &painter{Canvas: p.Part(r.Inset(2)), app: p.app, th: p.th, hits: p.hits}
	width := p.Width(text, small)
	x := r.Right() - 9 - width
	if e.left {
		x = min(r.X+9, r.Right()-9-width)
	}
	if typing && f.all && text != "" {
		inside.Fill(draw.Rect{X: x - 2, Y: y - 13, W: width + 4, H: 18}, th.Raised)
	}
	switch {
	case text == "" && !typing:
		inside.Text(r.X+9, y, e.hint, small, th.Text3)
	default:
		inside.Text(x, y, text, small, ink)
	}
	if typing {
		inside.VLine(x+width+1, y-13, 17, th.Text)
		if f.problem != "" && !f.told {
			p.Text(r.X, r.Bottom()+theme.Unit+8, f.problem, small, th.Error)
		}
	}
	p.work(r, e.id, e.disabled, func() { p.app.edit(e) })
	if n := len(*p.hits); !e.disabled && e.keep != nil {
		(*p.hits)[n-1].types = true
	}
}
