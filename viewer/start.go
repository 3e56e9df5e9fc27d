package viewer

import (
	"slices"
	"strconv"
	"strings"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// startPage is what one sees first: train, or open a run.
type startPage struct {
	recent   []Recent // of others than this process
	listing  int      // counts the lists that were asked for
	loaded   bool
	failed   string // why runs could not be listed
	chosen   int    // by the keys; -1: none
	path     string // typed to be opened
	machines machines
	form     form
	changed  changes // settings of the demo
}

// loadStart lists runs and devices, on goroutines.
func (a *App) loadStart() {
	a.start.chosen = -1
	a.start.list(a)
	if !a.start.machines.tested {
		a.start.machines.test(a)
	}
	a.start.form.check(a)
}

// openPath asks for the path of what can be dropped as well.
func (a *App) openPath() {
	b := &pathBox{take: func(text string) string {
		if text = strings.TrimSpace(text); text == "" {
			return "Name a file or a folder."
		}
		a.open(nil)
		a.bring([]string{text})
		return ""
	}}
	a.open(b)
	a.edit(b.entry())
}

// list lists the runs. This process's own are known as they are now.
func (s *startPage) list(a *App) {
	list, wake, own, same := a.options.Recent, a.options.Wake, slices.Clone(a.own), a.options.Same
	if list == nil {
		return
	}
	s.listing++
	round := s.listing
	go func() {
		found, err := list()
		found = slices.DeleteFunc(found, func(r Recent) bool { return ownAt(own, same, r.Path) != nil })
		a.post(func() {
			if round != s.listing {
				return // what was its own may have ended by now
			}
			s.recent, s.loaded, s.failed = found, true, ""
			if err != nil {
				s.failed = Sentence(err)
			}
			a.redraw(pagePart)
		})
		wake()
	}()
}

func (s *startPage) key(a *App, name string) {
	switch name {
	case "D":
		a.demo()
	case "A":
		s.form.openSettings(a)
	case "O":
		a.edit(s.openEntry(a))
	case "Down", "Up":
		if n := len(s.runs(a)); n > 0 {
			if name == "Down" {
				s.chosen = min(n-1, s.chosen+1)
			} else {
				s.chosen = max(0, s.chosen-1)
			}
			a.redraw(pagePart)
		}
	case "G":
		if runs := s.runs(a); s.chosen >= 0 && s.chosen < len(runs) && runs[s.chosen].Resumable {
			a.resume(runs[s.chosen].Path)
		}
	case "Enter":
		if runs := s.runs(a); s.chosen >= 0 && s.chosen < len(runs) {
			a.openRun(runs[s.chosen].Path)
		}
	}
}

// openEntry is the field of the run to open.
func (s *startPage) openEntry(a *App) entry {
	return entry{
		id: "open", value: s.path, hint: "run folder, here or on a mounted server", left: true, told: true, path: folderPath,
		apply: func(text string) string { s.tryOpen(a, text); return "" },
		asks:  func() bool { return true },
		keep:  func(text string) { s.path = text },
	}
}

// tryOpen shows the run whose path was typed, or says below the field what is wrong with it
// if that still has it.
func (s *startPage) tryOpen(a *App, path string) {
	s.path = path
	a.openThen(path, func(source Source, err error) {
		f := a.field
		switch {
		case err == nil:
			a.Show(source)
		case f != nil && f.id == "open" && f.entered:
			a.answered(f.id)
			f.problem = Sentence(err)
			a.touch(f.id)
		default:
			a.say(Sentence(err), true)
		}
	})
}

func (a *App) demo() {
	if a.options.Demo == nil {
		a.say("This window cannot train. Train by alexnet train demo and open its folder here.", true)
		return
	}
	changed := a.start.changed.set()
	a.begin(func() (Source, error) { return a.options.Demo(changed) })
}

// demoSettings shows the demo's settings.
func (a *App) demoSettings() {
	a.openSettings("the demo", newSettings(a.options.DemoSettings, a.start.changed, func(c changes) {
		a.start.changed = c
		a.redraw(pagePart)
	}))
}

// settingsLabel is that of a button that shows settings, of which some are changed.
func settingsLabel(c changes) string {
	if n := len(c); n > 0 {
		return "Settings, " + strconv.Itoa(n) + " changed"
	}
	return "All settings …"
}

func (p *painter) startHeader(r draw.Rect) {
	th := p.th
	p.Fill(r, th.Surface)
	p.HLine(0, r.Bottom()-1, r.W, th.Line)
	w := p.Text(48, 52, "alexview", large, th.Text)
	p.Text(48+w+20, 52, "Train a two-column AlexNet on your own GPUs, watch it learn and steer it.", medium, th.Text2)
	x := r.W - 40
	for _, b := range []struct {
		id, label, key string
		act            func()
	}{{"help", "Help", "?", p.app.toggleHelp}, {"theme", map[bool]string{true: "Light theme", false: "Dark theme"}[th == theme.Dark], "F8", p.app.switchTheme}} {
		width := p.Width(b.label, small) + 8 + p.Width(b.key, small) + 16
		if p.app.frame.compact {
			width -= 8 + p.Width(b.key, small)
		}
		x -= width
		p.button(draw.Rect{X: x, Y: 32, W: width, H: 28}, b.id, b.label, look{key: b.key, plain: true}, b.act)
	}
}

// sizes are the distances on the start page. A low window has smaller ones.
type sizes struct {
	dense             bool
	top, demo, gap    float64
	head, pitch, foot float64 // of the form: its title, from row to row, the main button
	told              int     // lines of room for what is wrong with the run to open
	below             int     // and below the form's buttons
}

func (s *startPage) sizes(height float64) sizes {
	if height < 804 {
		return sizes{dense: true, top: 40, demo: 52, gap: theme.Unit, head: 38, pitch: 32, foot: theme.Control2, told: 2, below: 1}
	}
	return sizes{top: 56, demo: 104, gap: theme.Margin, head: 56, pitch: 40, foot: theme.Control3, told: 3, below: 2}
}

func (s *startPage) draw(p *painter, r draw.Rect) {
	p.Fill(r, p.th.Background)
	const margin, left = 48, 464
	z := s.sizes(r.H)
	s.left(p, draw.Rect{X: margin, Y: r.Y + z.top, W: min(left, r.W*0.4), H: r.H - z.top}, z)
	x := margin + min(left, r.W*0.4) + margin
	s.right(p, draw.Rect{X: x, Y: r.Y + z.top, W: r.W - x - margin, H: r.H - z.top})
}

func (s *startPage) box(p *painter, r draw.Rect, title string) {
	p.Fill(r, p.th.Surface)
	p.Frame(r, 1, p.th.Line)
	p.Text(r.X+theme.Margin, r.Y+34, title, strong, p.th.Text)
}

func (s *startPage) left(p *painter, r draw.Rect, z sizes) {
	p.Text(r.X, r.Y-16, "Start", strong, p.th.Text)
	demo := draw.Rect{X: r.X, Y: r.Y, W: r.W, H: z.demo}
	s.demo(p, demo, z)
	folder := draw.Rect{X: r.X, Y: demo.Bottom() + z.gap, W: r.W}
	folder.H = s.form.draw(p, folder, z)
	open := draw.Rect{X: r.X, Y: folder.Bottom() + z.gap, W: r.W}
	open.H = s.open(p, open, z)
	if line := open.Bottom() + 28; line+theme.Unit <= r.Bottom() {
		text := "You can also drop a folder on this window: of a run, or of images."
		p.Text(r.X, line, p.Fit(text, small, r.W), small, p.th.Text2)
	}
}

func (s *startPage) demo(p *painter, r draw.Rect, z sizes) {
	a := p.app
	s.box(p, r, "Train the demo")
	button := draw.Rect{X: r.Right() - 116, Y: r.Y + (r.H-z.foot)/2, W: 100, H: z.foot}
	settings := draw.Rect{X: button.X - 8 - 136, Y: button.Y, W: 136, H: button.H}
	if !z.dense {
		button.Y = r.Y + theme.Margin
		settings = draw.Rect{X: button.X - 15, Y: button.Bottom() + 4, W: button.W + 30, H: theme.Control}
		p.paragraph(r.X+theme.Margin, r.Y+58, r.W-150, "Generated images, a small two-column net. It needs no files and learns within minutes.", small, p.th.Text2)
	}
	p.button(button, "demo", "Start", look{primary: true, key: "D", disabled: a.options.Demo == nil}, a.demo)
	if a.options.DemoSettings != nil {
		p.button(settings, "demoSettings", settingsLabel(s.changed), look{plain: !z.dense}, a.demoSettings)
	}
}

// open draws the field of the run to open from r's upper edge down, above what is wrong
// with it or what it can become, and returns its height. In a low window its hint says what it is for.
func (s *startPage) open(p *painter, r draw.Rect, z sizes) float64 {
	a := p.app
	width, ink := r.W-2*theme.Margin, p.th.Error
	below := p.problem("open", width)
	if below == nil {
		below, ink = p.Wrap(a.matches("open"), small, width), p.th.Text2
	}
	below = p.first(z.told, below, width)
	r.H = z.demo + heightOf(len(below))
	box := draw.Rect{X: r.X + theme.Margin, Y: r.Y + 54, W: r.W - 2*theme.Margin - 80, H: theme.Control}
	if z.dense {
		p.Fill(r, p.th.Surface)
		p.Frame(r, 1, p.th.Line)
		box.Y = r.Y + 12
	} else {
		s.box(p, r, "Open a run")
	}
	p.fieldBox(box, s.openEntry(a))
	p.lines(box.X, box.Bottom()+18, below, ink)
	p.button(draw.Rect{X: box.Right() + 8, Y: box.Y, W: 72, H: theme.Control}, "openButton", "Open", look{key: "O"}, func() {
		if a.edit(s.openEntry(a)); s.path != "" {
			a.field.enter(a)
		}
	})
	return r.H
}
