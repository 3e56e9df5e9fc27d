package viewer

import (
	"math"
	"time"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/plot"
	"alexnet/viewer/theme"
)

// place is where a step lies on the axis.
func (k *curvesPage) place(s *monitor.Snapshot, step int, epoch float64) float64 {
	switch k.along {
	case alongStep:
		return float64(step)
	case alongTime:
		return secondsAt(s.Points, step)
	}
	return epoch
}

// secondsAt is when a step was done.
func secondsAt(points []monitor.Point, step int) float64 {
	low, high := 0, len(points)
	for low < high { // the first point that is not before the step
		if mid := (low + high) / 2; points[mid].Step < step {
			low = mid + 1
		} else {
			high = mid
		}
	}
	switch {
	case len(points) == 0:
		return 0
	case low == len(points):
		return points[low-1].Seconds
	case low == 0 || points[low].Step == step:
		return points[low].Seconds
	}
	a, b := points[low-1], points[low]
	return a.Seconds + (b.Seconds-a.Seconds)*float64(step-a.Step)/float64(b.Step-a.Step)
}

// columns are a run's figures as the panes want them.
type columns struct {
	x, loss, rate, speed []float64
	vx, vloss            []float64 // of validations
	top1, top5           []float64
	vsteps               []int
}

// validation names one, for the read-out.
func (c *columns) validation(i int) string { return "validation of step " + theme.Count(c.vsteps[i]) }

func (k *curvesPage) columns(s *monitor.Snapshot) (c columns) {
	for _, p := range s.Points {
		c.x = append(c.x, k.place(s, p.Step, p.Epoch))
		if k.along == alongTime {
			c.x[len(c.x)-1] = p.Seconds
		}
		c.loss, c.rate, c.speed = append(c.loss, p.Loss), append(c.rate, p.Rate), append(c.speed, p.ImagesPerSecond)
	}
	for _, v := range s.Validations {
		c.vx, c.vsteps = append(c.vx, k.place(s, v.Step, v.Epoch)), append(c.vsteps, v.Step)
		c.vloss, c.top1, c.top5 = append(c.vloss, v.Loss), append(c.top1, v.Top1Error), append(c.top5, v.Top5Error)
	}
	return c
}

// extent is the axis of all that is shown; the start is always on it.
func (k *curvesPage) extent(a *App) (plot.Axis, bool) {
	c := k.columns(a.snap)
	lists := [][]float64{{0}, c.x, c.vx}
	if k.other != nil {
		o := k.columns(k.other.source.Latest())
		lists = append(lists, o.x, o.vx)
	}
	all, ok := plot.Range(false, lists...)
	return all, ok && all.High > all.Low
}

// build makes the figure of what is known now.
func (k *curvesPage) build(a *App, r draw.Rect) plot.Figure {
	s := a.snap
	f := plot.Figure{Lane: true, Before: 46, After: 150, Gap: 30, Label: theme.Tick, Word: alongNames[k.along]}
	var ok bool
	if f.X, ok = k.extent(a); !ok {
		f.X = plot.Axis{Low: 0, High: 1}
	}
	if k.view.Ok() {
		f.X = k.view
	}
	wish := int((r.W - 200) / 100)
	f.Ticks = f.X.Ticks(wish)
	switch k.along {
	case alongTime:
		f.Ticks, f.Label, f.Word = f.X.TimeTicks(wish), seconds, ""
	case alongStep:
		f.Ticks, f.Label = f.X.WholeTicks(wish), theme.Whole
	}
	c, other, name := k.columns(s), columns{}, ""
	if k.other != nil {
		other, name = k.columns(k.other.source.Latest()), k.other.name
	}
	window := func(s *monitor.Snapshot) int {
		every := max(1, s.Run.LogEvery)
		return max(1, (k.smooth+every-1)/every)
	}
	loss := k.lossPane(a.th, c, window(s))
	if k.other != nil {
		loss.Series = append(loss.Series, rival(a.th, name, "training", other.x, plot.Smooth(other.loss, window(k.other.source.Latest()))))
	}
	k.scale(&loss, 6)
	f.Panes = append(f.Panes, loss, k.errorPane(a.th, s.Run, c, name, other), k.ratePane(a.th, c), k.speedPane(a.th, c))
	k.fitPanes(&f, r, a.frame.compact)
	f.MakeRoom(&draw.Canvas{Scale: a.scale, Fonts: a.fonts})
	f.Marks = k.marks(s, f.X, r.W-f.Before-f.After)
	return f
}

// fitPanes gives the panes their heights: what is more than the design's goes to
// loss and errors; where there is less, images/s goes first, then the rate.
func (k *curvesPage) fitPanes(f *plot.Figure, r draw.Rect, compact bool) {
	fixed := func() float64 {
		sum := float64(plot.LaneHeight + plot.AxisHeight)
		for i := range f.Panes {
			if i > 0 {
				sum += f.Gap
			}
			if i > 1 {
				sum += f.Panes[i].Height
			}
		}
		return sum
	}
	f.Panes[2].Height, f.Panes[3].Height = 54, 40
	if compact {
		f.Panes = f.Panes[:3]
	}
	for len(f.Panes) > 2 && r.H-fixed() < 240 {
		f.Panes = f.Panes[:len(f.Panes)-1]
	}
	room := max(80, r.H-fixed())
	f.Panes[0].Height = math.Round(room * 226 / (226 + 166))
	f.Panes[1].Height = room - f.Panes[0].Height
}

// rival is a line of the other run, of which the read-out says what it is.
func rival(th *theme.Theme, name, what string, x, y []float64) *plot.Series {
	return &plot.Series{Name: name, Told: what + " of " + name, X: x, Y: y, Ink: th.Compared, Width: 1.5, Dashed: true}
}

func (k *curvesPage) lossPane(th *theme.Theme, c columns, window int) plot.Pane {
	p := plot.Pane{Title: "Loss", Label: theme.Tick, Value: theme.Loss}
	p.Series = []*plot.Series{
		{Name: "training, raw", X: c.x, Y: c.loss, Ink: th.TrainRaw, Width: 1, Quiet: true},
		{Name: "training", X: c.x, Y: plot.Smooth(c.loss, window), Ink: th.Train, Width: 2, Bold: true},
		{Name: "validation", X: c.vx, Y: c.vloss, Ink: th.Validation, Width: 2, Squares: true, Bold: true, Of: c.validation},
	}
	return p
}

// scale fits a pane's axis to its series.
func (k *curvesPage) scale(p *plot.Pane, ticks int) {
	var lists [][]float64
	for _, s := range p.Series {
		lists = append(lists, s.Y)
	}
	if y, ok := plot.Range(k.log, lists...); ok {
		p.Y = y.Widen(ticks)
		p.Ticks = p.Y.Ticks(ticks)
	}
}

func (k *curvesPage) errorPane(th *theme.Theme, run *monitor.Run, c columns, name string, other columns) plot.Pane {
	p := plot.Pane{Title: "Validation error", Value: theme.Percent, Y: plot.Axis{Low: 0, High: 1}, Ticks: []float64{0, 0.25, 0.5, 0.75, 1}}
	p.Series = []*plot.Series{
		{Name: "top-1", X: c.vx, Y: c.top1, Ink: th.Validation, Width: 1.5, Squares: true, Bold: true, Of: c.validation},
		{Name: "top-5", X: c.vx, Y: c.top5, Ink: th.Validation, Width: 2.5, Squares: true, Bold: true, Of: c.validation},
	}
	first := other.top5
	if ErrorName(run) == "top-1" {
		p.Series[0].Width, p.Series[1].Width, first = 2.5, 1.5, other.top1
	}
	if name != "" {
		p.Series = append(p.Series, rival(th, name, ErrorName(run), other.vx, first))
		p.Series[2].Squares, p.Series[2].Of = true, other.validation
	}
	if k.log {
		k.scale(&p, 5)
		p.Y.High = 1
		p.Ticks = p.Y.Ticks(5)
	}
	top := 1.0
	p.Label = func(v float64) string {
		text := theme.Tick(math.Round(1e4*v) / 100)
		if v == top {
			text += " %"
		}
		return text
	}
	return p
}

// ratePane is always logarithmic: rates change by factors.
func (k *curvesPage) ratePane(th *theme.Theme, c columns) plot.Pane {
	p := plot.Pane{Title: "Rate", Label: theme.Rate, Value: theme.Rate}
	p.Series = []*plot.Series{{Name: "rate", X: c.x, Y: c.rate, Ink: th.Train, Width: 2, Steps: true, Bold: true}}
	if y, ok := plot.Range(true, c.rate); ok {
		y.Low = math.Pow(10, math.Floor(math.Log10(y.Low)+1e-9))
		y.High = math.Pow(10, math.Ceil(math.Log10(y.High)-1e-9))
		if y.Low == y.High {
			y.High *= 10
		}
		p.Y, p.Ticks = y, y.Ticks(min(4, max(2, int(math.Log10(y.High/y.Low)+0.5))))
	}
	return p
}

func (k *curvesPage) speedPane(th *theme.Theme, c columns) plot.Pane {
	p := plot.Pane{Title: "Images per second", Label: theme.Whole, Value: theme.Whole}
	p.Series = []*plot.Series{{Name: "images/s", X: c.x, Y: c.speed, Ink: th.Train, Width: 1.5, Bold: true}}
	if y, ok := plot.Range(false, c.speed, []float64{0}); ok && y.High > 0 {
		p.Y = y.Widen(3)
		p.Ticks = []float64{p.Y.Low, p.Y.High}
	}
	return p
}

// marks are the events: flags for what was steered, squares for checkpoints.
func (k *curvesPage) marks(s *monitor.Snapshot, x plot.Axis, width float64) (out []plot.Mark) {
	labels := markLabels(s.Events, func(e monitor.Event) float64 { return width * x.At(k.place(s, e.Step, e.Epoch)) })
	last := -1
	for i, e := range s.Events {
		if e.Kind == monitor.Checkpointed {
			last = i
		}
	}
	for i, e := range s.Events {
		m := plot.Mark{X: k.place(s, e.Step, e.Epoch), Text: labels[i], Flag: e.Kind != monitor.Checkpointed}
		if !m.Flag && i != last {
			m.Text = "" // one of them tells what the squares are
		}
		out = append(out, m)
	}
	return out
}

// seconds writes a time on an axis.
func seconds(v float64) string {
	if v == 0 {
		return "0 s"
	}
	if v < 10 && v == math.Trunc(v) {
		return theme.Tick(v) + " s"
	}
	text := theme.Duration(time.Duration(v * float64(time.Second)))
	for _, zero := range []string{" 00 s", " 00 min", " 00 h"} {
		if n := len(text) - len(zero); n > 0 && text[n:] == zero {
			return text[:n]
		}
	}
	return text
}
