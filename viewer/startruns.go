package viewer

import (
	"strings"

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
	end, gap := s.ends(r, wide)
	y, runs := r.Y, s.runs(p.app)
	if len(runs) > 0 {
		p.TextRight(end-gap, r.Y-16, "Error", small, th.Text2)
		p.TextRight(end, r.Y-16, "Epoch", small, th.Text2)
	}
	if len(runs) > 0 && wide {
		p.Text(r.Right()-164, r.Y-16, "Training loss", small, th.Text2)
	}
	room := r.H - 16 - 40 - s.machines.height(p, r.W)
	most := max(1, int(room/pitch))
	switch {
	case s.failed != "":
		p.paragraph(r.X, y+20, r.W, s.failed, small, th.Text2)
		y += pitch
	case s.loaded && len(runs) == 0:
		p.paragraph(r.X, y+20, r.W, "No runs yet. Train the demo (D).", small, th.Text2)
		y += 40
	case !s.loaded && len(runs) == 0:
		p.Text(r.X, y+20, "Reading the runs.", small, th.Text2)
		y += 40
	}
	for i := range runs {
		if i == most {
			break
		}
		s.run(p, draw.Rect{X: r.X, Y: y, W: r.W, H: row}, &runs[i], s.chosen == i, wide)
		y += pitch
	}
	s.machines.draw(p, draw.Rect{X: r.X, Y: y + 24, W: r.W, H: r.Bottom() - y})
}

// ends says where the epochs end, and how far before them the errors.
func (s *startPage) ends(r draw.Rect, wide bool) (end, gap float64) {
	if wide {
		return r.Right() - 270, 130
	}
	return r.Right() - theme.Margin, 88
}

// runs are those that this process trains, as they are now, and those that were
// listed.
func (s *startPage) runs(a *App) (out []Recent) {
	mine := map[string]bool{}
	for _, source := range a.own {
		now := source.Latest()
		r := Summary(now)
		r.Note = "training now, in this window"
		if now.State != monitor.Training {
			r.Note = strings.ToLower(stateWords[now.State].word) + ", in this window"
		}
		mine[absolute(r.Path)] = true
		out = append(out, r)
	}
	for _, r := range s.recent {
		if !mine[absolute(r.Path)] { // it was not this process's when it was listed
			out = append(out, r)
		}
	}
	return out
}

// Summary is a run as the start page lists it, but for its note.
func Summary(s *monitor.Snapshot) Recent {
	r := Recent{Path: s.Run.Path, Name: s.Run.Name, Data: s.Run.Data, State: s.State, Resumable: s.Resumable, Epoch: s.Epoch, Epochs: s.Run.Epochs()}
	if n := len(s.Notices); n > 0 {
		r.Problem = &s.Notices[n-1]
	}
	for i, v := range s.Validations {
		if e := ErrorOf(s.Run, v); i == 0 || e < r.Error {
			r.Error, r.ErrorName = e, ErrorName(s.Run)
		}
	}
	if n := len(s.Kernels); n > 0 {
		r.Kernels = s.Kernels[n-1].Kernels
	}
	stride := max(1, len(s.Points)/300)
	for i := 0; i < len(s.Points); i += stride {
		r.Steps = append(r.Steps, float64(s.Points[i].Step))
		r.Losses = append(r.Losses, s.Points[i].Loss)
	}
	return r
}

// resumeWidth is that of the button that lets a run go on.
const resumeWidth = 116

// run draws a run's row.
func (s *startPage) run(p *painter, r draw.Rect, run *Recent, chosen, wide bool) {
	th, a := p.th, p.app
	id := "run" + run.Path
	fill, border := th.Surface, th.Line
	if a.hot == id || chosen {
		fill, border = th.Raised, th.Text
	}
	p.Fill(r, fill)
	p.Frame(r, 1, border)
	s.thumbnail(p, draw.Rect{X: r.X + 12, Y: r.Y + 11, W: 97, H: 72}, run.Kernels)
	x := r.X + 124
	end, gap := s.ends(r, wide)
	title := strong
	if !wide {
		title = bold // or the time at its end, which tells runs apart, has no room
	}
	p.Text(x, r.Y+29, p.Fit(run.Name, title, end-gap-70-x), title, th.Text)
	p.Text(x, r.Y+53, p.Fit(run.Data, small, end-gap-70-x), small, th.Text2)
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
	resumable, room := run.Resumable && a.options.Resume != nil, end-x-30
	if resumable {
		room -= resumeWidth + 8
	}
	p.Text(x+22, r.Y+75, p.Fit(note, small, room), small, th.Text)
	var whole func(at draw.Point, in bool) // tells what is cut
	if p.Width(note, small) > room {
		whole = p.hinting(draw.Rect{X: x, Y: r.Y + 60, W: room + 22, H: 20}, id, note)
	}
	if run.ErrorName != "" {
		p.TextRight(end-gap, r.Y+31, theme.Percent(run.Error), strong, th.Text)
		p.TextRight(end-gap, r.Y+51, run.ErrorName, small, th.Text2)
	}
	p.TextRight(end, r.Y+31, epochs(run.Epoch), strong, th.Text)
	if run.Epochs > 0 {
		p.TextRight(end, r.Y+51, "of "+wholeEpochs(run.Epochs), small, th.Text2)
	}
	if wide {
		p.spark(draw.Rect{X: r.Right() - 164, Y: r.Y + 16, W: 152, H: 62}, run)
	}
	path := run.Path
	p.ring(r.Inset(-3), id)
	p.hit(hit{rect: r, id: id, act: func() { a.openRun(path) }, focus: true, move: whole})
	if resumable { // above the row
		p.button(draw.Rect{X: end - resumeWidth, Y: r.Y + 65, W: resumeWidth, H: 24}, "resume"+path, "Go on training", look{}, func() { a.resume(path) })
	}
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
