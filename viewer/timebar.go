package viewer

import (
	"math"
	"slices"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/plot"
	"alexnet/viewer/theme"
)

// track is where the time track lies and how long the run is on it: to now, or to what
// is kept of steps that the log does not tell of yet.
func (a *App) track() (r draw.Rect, axis plot.Axis) {
	bar := a.frame.rect[timePart]
	right := a.frame.rect[steeringPart].X - 40
	r = draw.Rect{X: 200, Y: bar.Y + 8, W: right - 200, H: 44}
	end := max(a.snap.Step, 1)
	if ticks := a.ticks(); len(ticks) > 0 {
		end = max(end, ticks[len(ticks)-1])
	}
	if events := a.snap.Events; len(events) > 0 {
		end = max(end, events[len(events)-1].Step)
	}
	return r, plot.Axis{Low: 0, High: float64(end)}
}

// time draws the bar below: where one looks back.
func (p *painter) time(r draw.Rect) {
	th, a := p.th, p.app
	p.Fill(r, th.Surface)
	p.HLine(r.X, r.Y, r.W, th.Line)
	icon := draw.Play
	if a.playing {
		icon = draw.Pause
	}
	none := len(a.stops()) == 0
	play := draw.Rect{X: theme.Margin, Y: r.Y + 16, W: theme.Control3, H: theme.Control3}
	p.button(play, "play", "", look{icon: icon, withIcon: true, disabled: none}, a.play)
	step, note := a.snap.Step, "now, epoch "+epochs(a.snap.Epoch)
	if !a.snap.State.Live() {
		note = "end, epoch " + epochs(a.snap.Epoch)
	}
	if a.past >= 0 {
		step, note = a.past, "looked back at"
		if per := a.snap.Run.StepsPerEpoch; per > 0 {
			note = "epoch " + epochs(float64(step)/per)
		}
	}
	p.Text(72, r.Y+33, "Step "+theme.Count(step), bold, th.Text)
	p.Text(72, r.Y+51, p.Fit(note, small, 124), small, th.Text2)
	p.drawTrack()
	x, width := a.frame.rect[steeringPart].X+theme.Margin, a.frame.rect[steeringPart].W-2*theme.Margin
	first := math.Round((width - 8) * 0.57)
	label, o := "Showing now", look{icon: draw.Clock, withIcon: !a.frame.compact, disabled: false}
	if !a.snap.State.Live() {
		label = "Showing the end"
		o.withIcon = false
	}
	if a.past >= 0 {
		label, o = "Back to now", look{primary: true, key: "End"}
	}
	p.button(draw.Rect{X: x, Y: r.Y + 16, W: first, H: theme.Control3}, "now", label, o, a.lookNow)
	p.button(draw.Rect{X: x + first + 8, Y: r.Y + 16, W: width - first - 8, H: theme.Control3}, "export", "Export …", look{key: "E"}, func() { a.run("E") })
}

func (p *painter) drawTrack() {
	th, a, s := p.th, p.app, p.app.snap
	r, axis := a.track()
	p.Fill(r, th.Background)
	p.trackLoss(r, axis)
	for _, step := range a.ticks() {
		p.VLine(onTrack(r, axis, step), r.Bottom()-5, 5, th.Text2)
	}
	p.flags(r, axis, s.Events)
	p.trackLabels(r, axis)
	at, ink := s.Step, th.Text
	if a.past >= 0 {
		at = a.past
	}
	x := r.X + r.W*axis.At(float64(at))
	p.Fill(draw.Rect{X: x - 1, Y: r.Y - 6, W: 3, H: r.H + 6}, ink)
	p.Fill(draw.Rect{X: x - 5, Y: r.Y - 6, W: 10, H: 10}, ink)
	p.hit(hit{
		rect: draw.Rect{X: r.X - 6, Y: r.Y - 6, W: r.W + 12, H: r.H + 26}, id: "track",
		drag:  func(to draw.Point) { a.lookAt(axis.Value((to.X - r.X) / r.W)) },
		wheel: func(by float64) { a.lookBack(-int(math.Copysign(1, by))) },
	})
}

// onTrack is where a line of one pixel marks a step: the last step's lies on the track,
// too.
func onTrack(r draw.Rect, axis plot.Axis, step int) float64 {
	return min(r.Right()-1, r.X+r.W*axis.At(float64(step)))
}

// trackLoss draws the loss behind the track.
func (p *painter) trackLoss(r draw.Rect, axis plot.Axis) {
	points := p.app.snap.Points
	s := &plot.Series{Ink: p.th.Text3, Width: 1}
	for _, q := range points {
		s.X, s.Y = append(s.X, float64(q.Step)), append(s.Y, q.Loss)
	}
	s.Y = plot.Smooth(s.Y, max(1, len(s.Y)/100))
	y, ok := plot.Range(false, s.Y)
	if !ok {
		return
	}
	if y.High == y.Low {
		y.High++
	}
	f := plot.Figure{X: axis, Panes: []plot.Pane{{Y: y, Height: r.H - 14, Series: []*plot.Series{s}}}}
	s.Quiet = true
	f.Draw(p.Canvas, p.th, draw.Rect{X: r.X, Y: r.Y + 8, W: r.W, H: r.H - 14})
}

// flags mark what was steered.
func (p *painter) flags(r draw.Rect, axis plot.Axis, events []monitor.Event) {
	events = slices.DeleteFunc(slices.Clone(events), func(e monitor.Event) bool { return e.Kind == monitor.Checkpointed })
	labels := markLabels(events, func(e monitor.Event) float64 { return onTrack(r, axis, e.Step) })
	for i, e := range events {
		x, end := onTrack(r, axis, e.Step), r.Right()
		p.VLine(x, r.Y, r.H-4, p.th.Text3)
		p.Icon(draw.Flag, x, r.Y, p.th.Text2, p.th.Background)
		for _, next := range events[i+1:] { // those of the same place are under the flag
			if at := onTrack(r, axis, next.Step); at > x+1 {
				end = at
				break
			}
		}
		if w := p.Width(labels[i], small); e.Kind == monitor.RateChanged && x+15+w < end {
			p.Text(x+11, r.Y+13, labels[i], small, p.th.Text2)
		}
	}
}

func (p *painter) trackLabels(r draw.Rect, axis plot.Axis) {
	per := p.app.snap.Run.StepsPerEpoch
	name, of := "epoch", func(v float64) float64 { return v / per }
	if per == 0 {
		name, of = "step", func(v float64) float64 { return v }
	}
	scale := plot.Axis{Low: of(axis.Low), High: of(axis.High)}
	y := r.Bottom() + 15
	free := r.X + p.Text(r.X, y, name+" 0", small, p.th.Text2) + 12
	if p.app.snap.Step == 0 {
		return // no steps to count yet
	}
	for _, v := range scale.Ticks(int(r.W / 160)) {
		text := theme.Tick(v)
		x := r.X + r.W*scale.At(v) - p.Width(text, small)/2
		if v > 0 && x > free && x < r.Right()-8 {
			free = x + p.Text(x, y, text, small, p.th.Text2) + 12
		}
	}
}
