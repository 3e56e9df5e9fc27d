package viewer

import (
	"strings"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// startPage is what one sees first: train, or open a run.
type startPage struct {
	recent   []Recent
	loaded   bool
	failed   string // why runs could not be listed
	chosen   int    // by the keys; -1: none
	machines machines
}

// loadStart lists runs and devices, on goroutines.
func (a *App) loadStart() {
	a.start.chosen = -1
	if list := a.options.Recent; list != nil {
		go func() {
			found, err := list()
			a.post(func() {
				a.start.recent, a.start.loaded = found, true
				if err != nil {
					a.start.failed = sentence(err)
				}
				a.redraw(pagePart)
			})
			a.options.Wake()
		}()
	}
	if !a.start.machines.tested {
		a.start.machines.test(a)
	}
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
	a.edit("path", "", b.take)
}

// openRun opens a run's folder.
func (a *App) openRun(path string) (problem string) {
	if a.options.Open == nil {
		return "Runs cannot be opened here."
	}
	source, err := a.options.Open(path)
	if err != nil {
		a.say(sentence(err), true)
		return sentence(err)
	}
	a.Show(source)
	return ""
}

func (s *startPage) key(a *App, name string) {
	switch name {
	case "D":
		a.demo()
	case "O":
		a.edit("open", "", a.openRun)
	case "Down", "Up":
		if n := len(s.recent); n > 0 {
			if name == "Down" {
				s.chosen = min(n-1, s.chosen+1)
			} else {
				s.chosen = max(0, s.chosen-1)
			}
			a.redraw(pagePart)
		}
	case "Enter":
		if s.chosen >= 0 && s.chosen < len(s.recent) {
			a.openRun(s.recent[s.chosen].Path)
		}
	}
}

func (a *App) demo() {
	if a.options.Demo == nil {
		a.say("This window cannot train. Train by alexnet train demo and open its folder here.", true)
		return
	}
	source, err := a.options.Demo()
	if err != nil {
		a.say(sentence(err), true)
		return
	}
	a.Show(source)
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

func (s *startPage) draw(p *painter, r draw.Rect) {
	p.Fill(r, p.th.Background)
	const margin, left = 48, 464
	s.left(p, draw.Rect{X: margin, Y: r.Y + 56, W: min(left, r.W*0.4), H: r.H})
	x := margin + min(left, r.W*0.4) + margin
	s.right(p, draw.Rect{X: x, Y: r.Y + 56, W: r.W - x - margin, H: r.H - 56})
}

func (s *startPage) box(p *painter, r draw.Rect, title string) {
	p.Fill(r, p.th.Surface)
	p.Frame(r, 1, p.th.Line)
	p.Text(r.X+theme.Margin, r.Y+34, title, strong, p.th.Text)
}

func (s *startPage) left(p *painter, r draw.Rect) {
	th, a := p.th, p.app
	p.Text(r.X, r.Y-16, "Start", strong, th.Text)
	demo := draw.Rect{X: r.X, Y: r.Y, W: r.W, H: 104}
	s.box(p, demo, "Train the demo")
	p.paragraph(demo.X+theme.Margin, demo.Y+58, demo.W-150, "Generated images, a small two-column net. First kernels after seconds.", small, th.Text2)
	p.button(draw.Rect{X: demo.Right() - 116, Y: demo.Y + 32, W: 100, H: theme.Control3}, "demo", "Start", look{primary: true, key: "D", disabled: a.options.Demo == nil}, a.demo)
	folder := draw.Rect{X: r.X, Y: demo.Bottom() + theme.Margin, W: r.W, H: 104}
	s.box(p, folder, "Train on my folder")
	p.paragraph(folder.X+theme.Margin, folder.Y+58, folder.W-2*theme.Margin, "For now by the command line, with a window: alexview train demo --data FOLDER", small, th.Text2)
	open := draw.Rect{X: r.X, Y: folder.Bottom() + theme.Margin, W: r.W, H: 124}
	s.box(p, open, "Open a run")
	box := draw.Rect{X: open.X + theme.Margin, Y: open.Y + 54, W: open.W - 3*theme.Margin - 72, H: theme.Control}
	p.fieldBox(box, "open", "", "run folder, here or on a mounted server", true, false, a.openRun)
	p.button(draw.Rect{X: box.Right() + 8, Y: box.Y, W: open.Right() - theme.Margin - box.Right() - 8, H: theme.Control}, "openButton", "Open", look{key: "O"}, func() {
		if a.field != nil && a.field.id == "open" {
			a.field.key(a, Key{Name: "Enter"})
			return
		}
		a.edit("open", "", a.openRun)
	})
	p.Text(r.X, open.Bottom()+28, "You can also drop the folder of a run on this window.", small, th.Text2)
}
