package viewer

import (
	"math"
	"slices"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/plot"
	"alexnet/viewer/theme"
)

// What the curves run along.
const (
	alongEpoch = iota
	alongStep
	alongTime
)

var (
	alongNames  = []string{"epoch", "step", "time"}
	smoothSteps = []int{1, 10, 50, 200, 1000}
)

// curvesPage are the run's figures over time.
type curvesPage struct {
	along, smooth int
	log           bool
	view          plot.Axis // what is zoomed to; without extent: all
	other         *compared
	choices       []Recent // runs to compare with
	figure        plot.Figure
	at            draw.Rect // where the figure is
	grabbed       float64   // where in the view the drag began
	from          plot.Axis
}

// compared is another run that lies under this one.
type compared struct {
	name   string
	source Source
	left   chan struct{} // closed when it is compared with no longer
}

func (k *curvesPage) init(s Settings) {
	k.log, k.smooth = s.Log, s.Smooth
	if s.Along >= 0 && s.Along < len(alongNames) {
		k.along = s.Along
	}
	if k.smooth == 0 {
		k.smooth = 50
	}
}

func (k *curvesPage) keep(s *Settings) { s.Log, s.Along, s.Smooth = k.log, k.along, k.smooth }

func (k *curvesPage) reset() { k.view = plot.Axis{} }

// leave forgets what belongs to the run that is no longer shown.
func (k *curvesPage) leave(a *App) {
	k.reset()
	k.compare(a, "", nil)
	k.choices = nil
}

func (k *curvesPage) toggleLog(a *App) {
	k.log = !k.log
	a.redraw(pagePart)
}

func (k *curvesPage) fit(a *App) {
	k.view = plot.Axis{}
	a.redraw(pagePart)
}

func (k *curvesPage) draw(p *painter, r draw.Rect) {
	a := p.app
	if len(a.snap.Points) == 0 && len(a.snap.Validations) == 0 {
		p.empty(r, a.nothing(curvesTab))
		return
	}
	top := r.Y + 56
	if a.frame.wall {
		top = r.Y + 12
	} else {
		k.tools(p, r)
	}
	k.at = draw.Rect{X: r.X + 14, Y: top, W: r.W - 14 - theme.Margin, H: r.Bottom() - top}
	k.figure = k.build(a, k.at)
	if a.past >= 0 {
		here := k.place(a.snap, a.past, float64(a.past)/max(1e-9, a.snap.Run.StepsPerEpoch))
		k.figure.Until(here, a.th.TrainRaw)
		defer k.here(p, here)
	}
	k.figure.Draw(p.Canvas, p.th, k.at)
	k.pointer(p)
}

// here marks the step that is looked back at.
func (k *curvesPage) here(p *painter, x float64) {
	plots := k.figure.Plots(k.at)
	first, last := plots[0], plots[len(plots)-1]
	if at := k.figure.X.At(x); at >= 0 && at <= 1 {
		p.VLine(first.X+at*first.W, first.Y, last.Bottom()-first.Y, p.th.Text)
	}
}

// pointer makes the wheel zoom, the button drag and the place be read out.
func (k *curvesPage) pointer(p *painter) {
	a := p.app
	plots := k.figure.Plots(k.at)
	if len(plots) == 0 {
		return
	}
	first, last := plots[0], plots[len(plots)-1]
	area := draw.Rect{X: first.X, Y: first.Y, W: first.W, H: last.Bottom() - first.Y}
	place := func(at draw.Point) float64 { return (at.X - area.X) / area.W }
	p.hit(hit{
		rect: area, id: "plots",
		wheel: func(by float64) {
			k.zoom(a, place(a.pointer), math.Pow(0.8, by))
		},
		drag: func(to draw.Point) {
			if a.dragging == nil || k.from.High == 0 {
				return
			}
			k.view = k.from.Pan(k.grabbed - place(to))
			a.redraw(pagePart)
		},
		move: func(at draw.Point, in bool) {
			a.hover = nil
			if in {
				a.hover = func(p *painter) { k.readout(p, at, place(at)) }
			}
			k.from, k.grabbed = k.figure.X, place(at)
			a.parts[pagePart].covered = true
		},
	})
}

// zoom keeps what is under the pointer there, and shows no more than there is.
func (k *curvesPage) zoom(a *App, at, factor float64) {
	all, ok := k.extent(a)
	if !ok {
		return
	}
	view := k.figure.X.Zoom(at, factor)
	view.Low, view.High = max(view.Low, all.Low), min(view.High, all.High)
	switch {
	case view.High-view.Low >= all.High-all.Low:
		view = plot.Axis{}
	case view.High-view.Low < (all.High-all.Low)/1e5:
		return
	}
	k.view = view
	a.redraw(pagePart)
}

// readout says the values at the pointer.
func (k *curvesPage) readout(p *painter, at draw.Point, share float64) {
	x := k.figure.X.Value(share)
	s := p.app.snap
	step, title := 0, ""
	switch per := s.Run.StepsPerEpoch; k.along {
	case alongStep:
		step = int(math.Round(x))
		title = "Step " + theme.Count(step)
		k.figure.Readout(p.Canvas, p.th, k.at, x, at, title, "epoch "+epochs(float64(step)/max(1e-9, per)))
		return
	case alongTime:
		title = seconds(x)
		step = stepAt(s.Points, x)
	default:
		title = "Epoch " + epochs(x)
		step = int(math.Round(x * per))
	}
	k.figure.Readout(p.Canvas, p.th, k.at, x, at, title, "step "+theme.Count(step))
}

func (k *curvesPage) tools(p *painter, r draw.Rect) {
	a := p.app
	y := r.Y + 12
	x := p.label(r.X+theme.Margin, y, "Along")
	x = p.choices(x, y, "along ", alongNames, k.along, func(i int) {
		k.along, k.view = i, plot.Axis{}
		a.redraw(pagePart)
	})
	x = p.label(x+theme.Margin, y, "Scale")
	chosen := 0
	if k.log {
		chosen = 1
	}
	x = p.choices(x, y, "axis ", []string{"linear", "log"}, chosen, func(i int) { k.log = i == 1; a.redraw(pagePart) })
	x = p.label(x+theme.Margin, y, "Smooth")
	names, at := []string{}, 0
	for i, n := range smoothSteps {
		if names = append(names, theme.Count(n)); n == k.smooth {
			at = i
		}
	}
	x = p.pick(x, y, 74, "smooth", names, at, func(i int) { k.smooth = smoothSteps[i]; a.redraw(pagePart) })
	k.compareTool(p, x+8, y, r.Right()-80)
	p.button(draw.Rect{X: r.Right() - theme.Margin - 56, Y: y, W: 56, H: theme.Control}, "fit", "Fit", look{key: "F", plain: true}, func() { k.fit(a) })
}

// compareTool chooses another run.
func (k *curvesPage) compareTool(p *painter, x, y, right float64) {
	a := p.app
	if a.options.Recent == nil || a.options.Open == nil {
		return
	}
	if !a.frame.compact {
		x = p.label(x+8, y, "Compare with")
	}
	width := min(176, right-x)
	names, at, choices := []string{"no other run"}, 0, k.choices // others may be listed when one is chosen
	for i, r := range choices {
		names = append(names, r.Name)
		if k.other != nil && k.other.name == r.Name {
			at = i + 1
		}
	}
	p.pick(x, y, width, "compare", names, at, func(i int) {
		if i > 0 {
			k.openOther(a, choices[i-1])
			return
		}
		a.unask()
		k.compare(a, "", nil)
	})
	if k.choices == nil {
		k.choices = []Recent{}
		k.loadChoices(a)
	}
}

// openOther opens a run to compare with. One that this process trains is followed like others.
func (k *curvesPage) openOther(a *App, r Recent) {
	open := a.options.Open
	a.ask("Opening "+r.Path+".", func() (take, drop func()) {
		source, err := open(r.Path)
		if err != nil {
			return func() { a.say(Sentence(err), true) }, nil
		}
		return func() { k.compare(a, r.Name, source) }, func() { source.Close() }
	})
}

// loadChoices lists the other runs, on a goroutine.
func (k *curvesPage) loadChoices(a *App) {
	recent, wake, same, own := a.options.Recent, a.options.Wake, a.options.Same, a.snap.Run.Path
	go func() {
		list, err := recent()
		if err != nil {
			return // no other run is offered, which is true
		}
		list = slices.DeleteFunc(list, func(r Recent) bool { return same(own, r.Path) })
		a.post(func() {
			if a.snap == nil || a.snap.Run.Path != own {
				return // another run is shown
			}
			k.choices = append([]Recent{}, list...) // if there is none, not nil: they would be listed again and again
			a.redraw(pagePart)
		})
		wake()
	}()
}

func (k *curvesPage) compare(a *App, name string, source Source) {
	if k.other != nil {
		close(k.other.left)
		k.other.source.Close()
	}
	k.other = nil
	if source != nil {
		k.other = &compared{name, source, make(chan struct{})}
		a.listen(source, k.other.left, func() { a.redraw(pagePart) })
	}
	a.redraw(pagePart)
}

// stepAt is the step that was done after so many seconds.
func stepAt(points []monitor.Point, seconds float64) int {
	step := 0
	for _, p := range points {
		if p.Seconds > seconds {
			break
		}
		step = p.Step
	}
	return step
}
