package viewer

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// send asks the run for something.
func (a *App) send(c monitor.Command) {
	if err := a.source.Send(c); err != nil {
		a.say(Sentence(err), true)
		return
	}
	a.redraw(steeringPart)
}

// Sentence is an error as the window says it: a sentence, without the name of the
// package that a terminal shows first.
func Sentence(err error) string {
	text := err.Error()
	if name, rest, found := strings.Cut(text, ": "); found && !strings.ContainsAny(name, " /.") {
		text = rest
	}
	if text == "" {
		return text
	}
	if word, _, _ := strings.Cut(text, " "); !strings.Contains(strings.TrimRight(word, "."), ".") { // solver.rate is a name
		first, size := utf8.DecodeRuneInString(text)
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

// pauseOrResume goes by what the run does now, and by what it has been asked for, which the
// window may not show yet.
func (a *App) pauseOrResume() {
	now := a.source.Latest()
	next := monitor.Pause
	if now.State == monitor.Paused {
		next = monitor.Resume
	}
	for _, c := range now.Pending {
		switch c.Verb {
		case monitor.Pause, monitor.StepOnce:
			next = monitor.Resume
		case monitor.Resume:
			next = monitor.Pause
		}
	}
	a.send(monitor.Command{Verb: next})
}

// answer takes the answer to the card that is open, if the key is one of its.
func (a *App) answer(key string) {
	card := a.snap.Card
	if card == nil {
		return
	}
	for _, c := range []monitor.Choice{card.Yes, card.No} {
		if c.Key == key {
			a.send(c.Command)
		}
	}
}

// setter applies what was typed in a field. What is no number at all is told how one is
// written: 0,002 would be.
func (a *App) setter(verb monitor.Verb, name string, low, high float64, example string) func(string) string {
	return func(text string) string {
		v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		bounds := "between " + strconv.FormatFloat(low, 'f', -1, 64) + " and " + strconv.FormatFloat(high, 'f', -1, 64) + "."
		switch {
		case err != nil && !math.IsInf(v, 0) || math.IsNaN(v):
			return name + " must be a number such as " + example + ", " + bounds
		case v < low || v > high:
			return name + " must be " + bounds
		}
		a.send(monitor.Command{Verb: verb, Value: v})
		return ""
	}
}

// unsteered says whether the run takes no commands.
func (a *App) unsteered() bool { return a.snap.WatchOnly != "" || !a.snap.State.Live() }

// steering draws the panel at the right.
func (p *painter) steering(r draw.Rect) {
	th, s := p.th, p.app.snap
	p.Fill(r, th.Surface)
	p.VLine(r.X, r.Y, r.H, th.Line)
	in := draw.Rect{X: r.X + theme.Margin, Y: r.Y + theme.Margin, W: r.W - 2*theme.Margin, H: r.H - 2*theme.Margin}
	off := p.app.unsteered()
	p.runButtons(in, off)
	y := p.rate(in, off)
	if !p.app.frame.compact {
		y = p.solver(in, y, off)
	}
	half := (in.W - 8) / 2
	p.button(draw.Rect{X: in.X, Y: y, W: half, H: theme.Control2}, "validate", "Validate", look{key: "V", disabled: off}, func() { p.app.run("V") })
	p.button(draw.Rect{X: in.X + half + 8, Y: y, W: half, H: theme.Control2}, "checkpoint", "Checkpoint", look{key: "C", disabled: off}, func() { p.app.run("C") })
	y += theme.Control2
	if n := len(s.Validations); n > 0 && !p.app.frame.compact {
		v := s.Validations[n-1]
		p.Text(in.X, y+20, p.Fit("Validated: epoch "+epochs(v.Epoch)+", step "+theme.Count(v.Step), small, in.W), small, th.Text2)
	}
	if !p.app.frame.compact {
		y += 24
	}
	bottom := in.Bottom() - theme.Control2
	y = p.cards(in, y+theme.Margin, bottom-theme.Margin)
	if !p.app.frame.compact {
		p.journalLines(in, y+12, bottom-theme.Margin)
	}
	p.stopButtons(in, bottom, off)
	p.splitter(r)
}

// splitter makes the panel wider and narrower.
func (p *painter) splitter(r draw.Rect) {
	a := p.app
	if a.frame.compact {
		return
	}
	if a.hot == "splitter" || a.pressed == "splitter" {
		p.Fill(draw.Rect{X: r.X, Y: r.Y, W: 3, H: r.H}, p.th.Text3)
	}
	p.hit(hit{rect: draw.Rect{X: r.X, Y: r.Y, W: 5, H: r.H}, id: "splitter", drag: func(to draw.Point) {
		a.options.Settings.Steering = min(theme.SteeringMost, max(theme.SteeringLeast, math.Round(a.frame.width-to.X)))
		a.arrange()
	}, twice: a.fitPanes})
}

func (p *painter) runButtons(in draw.Rect, off bool) {
	wide := math.Round((in.W - 8) * 0.6)
	if p.app.canResume() {
		p.button(draw.Rect{X: in.X, Y: in.Y, W: in.W, H: theme.Control3}, "resume", "Go on training", look{icon: draw.Play, withIcon: true, key: "G", primary: true}, p.app.resumeShown)
		return
	}
	label, icon, primary := "Pause", draw.Pause, false
	if p.app.snap.State == monitor.Paused {
		label, icon, primary = "Resume", draw.Play, true
	}
	p.button(draw.Rect{X: in.X, Y: in.Y, W: wide, H: theme.Control3}, "pause", label, look{icon: icon, withIcon: true, key: "Space", primary: primary && !off, disabled: off}, p.app.pauseOrResume)
	p.button(draw.Rect{X: in.X + wide + 8, Y: in.Y, W: in.W - wide - 8, H: theme.Control3}, "step", "Step", look{icon: draw.StepOn, withIcon: true, key: "S", disabled: off}, func() { p.app.run("S") })
}

// undoable says whether the last change can be taken back still.
func (a *App) undoable() bool { return !a.unsteered() && a.options.Now().Before(a.snap.Undo) }

// solverPitch is from one field of the solver to the next.
const solverPitch = 36

// solver draws momentum, decay and dropout and returns where the next begin.
func (p *painter) solver(in draw.Rect, y float64, off bool) float64 {
	y = p.solverFields(in, y, off)
	p.HLine(in.X, y+4, in.W, p.th.Line)
	return y + 20
}

// solverFields are one below the other, each above what is wrong with it; where they
// end is returned.
func (p *painter) solverFields(in draw.Rect, y float64, off bool) float64 {
	s := p.app.snap.Solver
	for _, row := range []struct {
		label   string
		value   float64
		verb    monitor.Verb
		example string
	}{{"Momentum", s.Momentum, monitor.SetMomentum, "0.9"}, {"Weight decay", s.Decay, monitor.SetDecay, "0.0005"}, {"Dropout", s.Dropout, monitor.SetDropout, "0.5"}} {
		value := theme.Rate(row.value)
		if row.verb == monitor.SetDropout && row.value == 0 {
			value = theme.Unknown // the network has no such layer
		}
		if row.verb == monitor.SetDropout && s.DropoutOff {
			value = "off"
		}
		p.Text(in.X, y+18.5, row.label, small, p.th.Text2)
		box := draw.Rect{X: in.Right() - 96, Y: y, W: 96, H: theme.Control}
		p.fieldBox(box, entry{id: row.label, value: value, disabled: off, told: true, apply: p.app.setter(row.verb, row.label, 0, 1, row.example)})
		wrong := p.problem(row.label, in.W)
		p.lines(in.X, box.Bottom()+17, wrong, p.th.Error)
		y += solverPitch + heightOf(len(wrong))
	}
	return y
}

func (p *painter) stopButtons(in draw.Rect, y float64, off bool) {
	r := draw.Rect{X: in.X, Y: y, W: in.W, H: theme.Control2}
	if a := p.app; a.frame.compact {
		r.W = 88
		p.button(draw.Rect{X: r.Right() + 8, Y: y, W: in.W - r.W - 8, H: r.H}, "moreSolver", "More …", look{}, func() { a.open(&more{}) })
	}
	if off && !p.app.snap.Stoppable {
		p.button(r, "stop", "Close", look{key: "Ctrl+Q"}, p.app.close)
		return
	}
	p.button(r, "stop", "Stop …", look{icon: draw.Stop, withIcon: true}, p.app.askStop)
}

// journalLines are the newest events as far as there is room.
func (p *painter) journalLines(in draw.Rect, y, bottom float64) {
	th, events := p.th, p.app.snap.Events
	if y+heightOf(2) > bottom {
		return
	}
	p.Text(in.X, y+13, "Journal, by epoch", small, th.Text2)
	p.TextRight(in.Right(), y+13, "J", small, th.Text3)
	p.hit(hit{rect: draw.Rect{X: in.X, Y: y, W: in.W, H: bottom - y}, id: "journal", act: p.app.journal})
	y += 13 + 20
	for _, e := range newestFirst(events) {
		if y >= bottom {
			break
		}
		p.TextRight(in.X+30, y, epochs(e.Epoch), small, th.Text2)
		p.Text(in.X+40, y, p.inShort(e, in.W-40), small, th.Text)
		y += 20
	}
}

// newestFirst are events from the newest back, and of checkpoints one behind the other the
// last alone: so what was changed stays in sight.
func newestFirst(events []monitor.Event) (out []monitor.Event) {
	for i, e := range slices.Backward(events) {
		if e.Kind == monitor.Checkpointed && i+1 < len(events) && events[i+1].Kind == monitor.Checkpointed {
			continue
		}
		out = append(out, e)
	}
	return out
}

// inShort is an event's sentence, or where that has no room what stands for it on marks.
func (p *painter) inShort(e monitor.Event, width float64) string {
	if p.Width(e.Text, small) <= width || e.Short == "" {
		return p.Fit(e.Text, small, width)
	}
	first, size := utf8.DecodeRuneInString(e.Short)
	return p.Fit(string(unicode.ToUpper(first))+e.Short[size:], small, width)
}
