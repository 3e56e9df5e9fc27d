package viewer

import (
	"image/color"
	"math"
	"strconv"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// scaleRate multiplies the rate, as far as its bounds.
func (a *App) scaleRate(by float64) {
	rate := a.snap.Solver.Rate * by
	if most := min(monitor.MostRate, max(monitor.LeastRate, rate)); rate != most {
		a.send(monitor.Command{Verb: monitor.SetRate, Value: most})
		return
	}
	a.send(monitor.Command{Verb: monitor.ScaleRate, Value: by})
}

func (a *App) typeRate() {
	if a.snap.WatchOnly != "" {
		a.say(a.snap.WatchOnly, true)
		return
	}
	if a.wall {
		a.toggleWall() // the field is not on it
	}
	a.edit(a.rateEntry(theme.Rate(a.snap.Solver.Rate)))
}

func (a *App) rateEntry(value string) entry {
	return entry{id: "rate", value: value, disabled: a.unsteered(), told: true, apply: a.setter(monitor.SetRate, "Rate", monitor.LeastRate, monitor.MostRate, "0.002")}
}

// rate draws the learning rate's controls and returns where the next begin.
func (p *painter) rate(in draw.Rect, off bool) float64 {
	th, a := p.th, p.app
	y := in.Y + theme.Control3 + 27
	p.Text(in.X, y, "Learning rate", small, th.Text2)
	waiting := a.snap.Awaits(monitor.SetRate) || a.snap.Awaits(monitor.ScaleRate)
	a.undoing = a.undoable()
	switch {
	case waiting:
		p.TextRight(in.Right(), y, "from the next step", small, th.Text2)
	case a.undoing:
		width := p.Width("UndoCtrl+Z", small) + 24
		p.button(draw.Rect{X: in.Right() - width + 8, Y: y - 19, W: width, H: theme.Control}, "undo", "Undo", look{key: "Ctrl+Z", plain: true}, func() { a.run("Ctrl+Z") })
	}
	y += 11
	const side, height = 60, 36
	p.button(draw.Rect{X: in.X, Y: y, W: side, H: height}, "less", "÷ 10", look{disabled: off}, func() { a.scaleRate(0.1) })
	p.button(draw.Rect{X: in.Right() - side, Y: y, W: side, H: height}, "more", "× 10", look{disabled: off}, func() { a.scaleRate(10) })
	box := draw.Rect{X: in.X + side + 4, Y: y, W: in.W - 2*side - 8, H: height}
	value, rate := theme.Unknown, a.snap.Solver.Rate
	if a.sliding > 0 {
		rate = a.sliding
	}
	if finite(rate) {
		value = p.rateIn(box.W-8, rate)
	}
	if a.field != nil && a.field.id == "rate" {
		p.fieldBox(box, a.rateEntry(value))
	} else {
		p.bigField(box, value, off)
		if waiting {
			p.Frame(box, 2, th.Text)
		}
	}
	if wrong := p.problem("rate", in.W); wrong != nil { // where the slider is, so that nothing moves
		p.lines(in.X, y+height+18, wrong[:min(3, len(wrong))], th.Error)
	} else {
		p.rateSlider(in, y+height+20, off)
	}
	return y + height + 56
}

// rateIn writes a rate with as many of its digits as there is room for: that of a warm-up
// has any number of them.
func (p *painter) rateIn(width, rate float64) string {
	text := theme.Rate(rate)
	for digits := 5; digits > 1 && p.Width(text, strong) > width; digits-- {
		rounded, _ := strconv.ParseFloat(strconv.FormatFloat(rate, 'g', digits, 64), 64)
		text = theme.Rate(rounded)
	}
	return text
}

// bigField is the rate when it is not being typed: readable from further away.
func (p *painter) bigField(r draw.Rect, value string, off bool) {
	fill, border, ink := p.th.Background, p.th.Line, p.th.Text
	if off {
		fill, ink = p.th.Surface, p.th.Text2
	} else if p.app.hot == "rate" {
		border = p.th.Text3
	}
	p.Fill(r, fill)
	p.Frame(r, 1, border)
	p.TextCenter(r.X+r.W/2, r.Y+24, value, strong, ink)
	p.work(r, "rate", off, p.app.typeRate)
}

// rateSlider is logarithmic from 0.00001 to 0.1.
func (p *painter) rateSlider(in draw.Rect, y float64, off bool) {
	const low, high = -5, -1
	th, a := p.th, p.app
	ink := th.Text2
	if off {
		ink = th.Line
	}
	p.HLine(in.X, y, in.W, ink)
	for i := 0; i <= high-low; i++ {
		p.VLine(in.X+(in.W-1)*float64(i)/(high-low), y-4, 9, ink)
	}
	at := func(rate float64) float64 { return min(1, max(0, (math.Log10(rate)-low)/(high-low))) }
	v := a.snap.Solver.Rate
	if a.sliding > 0 {
		v = a.sliding
	}
	if finite(v) && v > 0 {
		knob := th.Text
		if off {
			knob = th.Text3
		}
		p.knob(in.X+in.W*at(v), y, math.Log10(v), low, high, knob)
	}
	p.Text(in.X, y+24, "0.00001", small, th.Text2)
	p.TextCenter(in.X+in.W/2, y+24, "0.001", small, th.Text2)
	p.TextRight(in.Right(), y+24, "0.1", small, th.Text2)
	if off {
		return
	}
	p.hit(hit{
		rect: draw.Rect{X: in.X, Y: y - 10, W: in.W, H: 20}, id: "slider",
		drag: func(to draw.Point) {
			rate := math.Pow(10, low+(high-low)*min(1, max(0, (to.X-in.X)/in.W)))
			a.sliding, _ = strconv.ParseFloat(strconv.FormatFloat(rate, 'g', 2, 64), 64)
			a.redraw(steeringPart)
		},
		drop: func() {
			rate := a.sliding
			a.sliding = 0
			a.send(monitor.Command{Verb: monitor.SetRate, Value: rate})
		},
		wheel: func(by float64) { a.scaleRate(math.Pow(10, by/10)) },
	})
}

// knob draws that of a slider from low to high. A value that is further out is an arrow.
func (p *painter) knob(x, y, value, low, high float64, ink color.RGBA) {
	const near = 0.01 // the value of an end was rounded
	switch {
	case value < low-near:
		p.Polygon([]draw.Point{{X: x - 8, Y: y}, {X: x + 4, Y: y - 8}, {X: x + 4, Y: y + 8}}, ink)
	case value > high+near:
		p.Polygon([]draw.Point{{X: x + 8, Y: y}, {X: x - 4, Y: y - 8}, {X: x - 4, Y: y + 8}}, ink)
	default:
		p.Fill(draw.Rect{X: x - 4, Y: y - 8, W: 8, H: 16}, ink)
	}
}
