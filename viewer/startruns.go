package viewer

import (
	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/figure"
	"alexnet/viewer/plot"
	"alexnet/viewer/theme"
)

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
	room := r.H - 16 - 40 - s.machines.height(p, r.W)
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
	s.machines.draw(p, draw.Rect{X: r.X, Y: y + 24, W: r.W, H: r.Bottom() - y})
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
