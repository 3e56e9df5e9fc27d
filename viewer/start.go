package viewer

import (
	"strings"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/figure"
	"alexnet/viewer/plot"
	"alexnet/viewer/theme"
)

// startPage is what one sees first: train, or open a run.
type startPage struct {
	recent  []Recent
	devices []Device
	loaded  bool
	failed  string // why runs could not be listed
	chosen  int    // by the keys; -1: none
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
					a.start.failed = err.Error()
				}
				a.redraw(pagePart)
			})
			a.options.Wake()
		}()
	}
	if list := a.options.Devices; list != nil {
		go func() {
			found, err := list()
			if err != nil {
				return // no device is listed: the page says so
			}
			a.post(func() { a.start.devices = found; a.redraw(pagePart) })
			a.options.Wake()
		}()
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
		a.say(err.Error(), true)
		return err.Error()
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
		a.say(err.Error(), true)
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

func (s *startPage) right(p *painter, r draw.Rect) {
	const pitch, row = 102, 94
	th := p.th
	p.Text(r.X, r.Y-16, "Recent runs", strong, th.Text)
	wide := r.W > 640
	p.TextRight(r.Right()-s.lossRoom(wide)-130, r.Y-16, "Error", small, th.Text2)
	p.TextRight(r.Right()-s.lossRoom(wide), r.Y-16, "Epoch", small, th.Text2)
	if wide {
		p.Text(r.Right()-164, r.Y-16, "Training loss", small, th.Text2)
	}
	room := r.H - 16 - 60 - 36*float64(max(1, len(s.devices)))
	most := max(1, int(room/pitch))
	y := r.Y
	switch {
	case s.failed != "":
		p.paragraph(r.X, y+20, r.W, s.failed, small, th.Text2)
		y += pitch
	case s.loaded && len(s.recent) == 0:
		p.paragraph(r.X, y+20, r.W, "No runs yet. Train the demo (D).", small, th.Text2)
		y += pitch
	case !s.loaded:
		p.Text(r.X, y+20, "Reading the runs.", small, th.Text2)
		y += pitch
	}
	for i := range s.recent {
		if i == most {
			break
		}
		s.run(p, draw.Rect{X: r.X, Y: y, W: r.W, H: row}, i, wide)
		y += pitch
	}
	s.machines(p, draw.Rect{X: r.X, Y: y + 24, W: r.W, H: r.Bottom() - y})
}

func (s *startPage) lossRoom(wide bool) float64 {
	if wide {
		return 270
	}
	return 16
}

// run draws a run's row.
func (s *startPage) run(p *painter, r draw.Rect, i int, wide bool) {
	th, a, run := p.th, p.app, &s.recent[i]
	id := "run" + run.Path
	fill, border := th.Surface, th.Line
	if a.hot == id || s.chosen == i {
		fill, border = th.Raised, th.Text
	}
	p.Fill(r, fill)
	p.Frame(r, 1, border)
	s.thumbnail(p, draw.Rect{X: r.X + 12, Y: r.Y + 11, W: 97, H: 72}, run.Kernels)
	x, end := r.X+124, r.Right()-s.lossRoom(wide)
	p.Text(x, r.Y+29, p.Fit(run.Name, strong, end-200-x), strong, th.Text)
	p.Text(x, r.Y+53, p.Fit(run.Data, small, end-200-x), small, th.Text2)
	icon, ink, note := stateWords[run.State].icon, th.Text2, run.Note
	if run.State.Live() {
		ink = th.Text
	}
	if run.Problem != nil {
		icon, ink, note = draw.Warning, th.Warning, run.Problem.Text
		if run.Problem.Error {
			icon, ink = draw.Error, th.Error
		}
	}
	p.Icon(icon, x, r.Y+64, ink, fill)
	p.Text(x+22, r.Y+75, p.Fit(note, small, end-x-30), small, th.Text)
	if run.ErrorName != "" {
		p.TextRight(end-130, r.Y+35, theme.Percent(run.Error), strong, th.Text)
		p.TextRight(end-130, r.Y+57, run.ErrorName, small, th.Text2)
	}
	p.TextRight(end, r.Y+35, epochs(run.Epoch), strong, th.Text)
	if run.Epochs > 0 {
		p.TextRight(end, r.Y+57, "of "+wholeEpochs(run.Epochs), small, th.Text2)
	}
	if wide {
		p.spark(draw.Rect{X: r.Right() - 164, Y: r.Y + 16, W: 152, H: 62}, run)
	}
	p.work(r, id, false, func() { a.openRun(run.Path) })
}

func (s *startPage) thumbnail(p *painter, r draw.Rect, k *monitor.Kernels) {
	p.Fill(r, theme.Black)
	if k == nil {
		return
	}
	box := p.Pixels(r.Inset(2))
	n := k.Count()
	across := max(1, min(8, box.Dx()/(k.Size+1)))
	down := max(1, min((n+across-1)/across, box.Dy()/(k.Size+1)))
	zoom := max(1, (min(box.Dx()/across, box.Dy()/down)-1)/k.Size)
	part := p.Part(r.Inset(2))
	shown := min(n, across*down)
	for i := range shown { // spread over all columns
		values := k.Values[i*n/shown*3*k.Size*k.Size:][:3*k.Size*k.Size]
		left, top := box.Min.X+i%across*(k.Size*zoom+1), box.Min.Y+i/across*(k.Size*zoom+1)
		part.Picture(figure.Kernel(values, k.Size, figure.Strongest(values)), left, top, zoom)
	}
}

// spark draws a run's loss without axes; one that ended in NaN in the colour of
// errors.
func (p *painter) spark(r draw.Rect, run *Recent) {
	line := &plot.Series{X: run.Steps, Y: run.Losses, Ink: p.th.Text2, Width: 1.5, Quiet: true}
	if run.Problem != nil && run.Problem.Error {
		line.Ink = p.th.Error
	}
	x, ok := plot.Range(false, run.Steps)
	y, fine := plot.Range(false, run.Losses)
	if !ok || !fine || x.High <= x.Low {
		return
	}
	if y.High <= y.Low {
		y.High = y.Low + 1
	}
	f := plot.Figure{X: x, Panes: []plot.Pane{{Y: y, Height: r.H, Series: []*plot.Series{line}}}, Gap: 4}
	f.Draw(p.Canvas, p.th, r)
}

// machines lists the devices.
func (s *startPage) machines(p *painter, r draw.Rect) {
	const pitch = 36
	th := p.th
	p.Text(r.X, r.Y, "Devices", strong, th.Text)
	y := r.Y + 20
	if p.app.options.Devices == nil || len(s.devices) == 0 {
		p.HLine(r.X, y-4, r.W, th.Grid)
		p.Text(r.X, y+18, "alexnet devices lists what there is to compute on.", small, th.Text2)
		return
	}
	for _, d := range s.devices {
		p.HLine(r.X, y-4, r.W, th.Grid)
		icon, ink, note := draw.Check, th.Text, "self-test passed"
		if d.Problem != "" {
			icon, ink, note = draw.Error, th.Error, d.Problem
		}
		p.Icon(icon, r.X, y+7, ink, th.Background)
		p.Text(r.X+26, y+18, p.Fit(d.Name, small, 200), small, th.Text)
		p.Text(r.X+236, y+18, p.Fit(d.Type, small, 118), small, th.Text2)
		p.Text(r.X+364, y+18, d.Memory, small, th.Text2)
		p.Text(r.X+436, y+18, p.Fit(d.Driver, small, 140), small, th.Text2)
		p.TextRight(r.Right(), y+18, p.Fit(note, small, max(60, r.W-590)), small, th.Text2)
		y += pitch
	}
}
