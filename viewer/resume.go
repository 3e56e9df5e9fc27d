package viewer

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// Resumption is how a run that nobody trains can go on.
type Resumption struct {
	Name    string
	Step    int    // that it goes on from
	More    int    // steps proposed; 0: it has not come to its end and needs no more
	Warning string // what one should know before; empty: nothing
	// Begin goes on, behind its end for so many more steps.
	Begin func(more int) (Source, error)
	// BeginNewest goes on from a newer checkpoint, that of step Newest, of which Warning
	// says what speaks against it; nil: there is none.
	BeginNewest func() (Source, error)
	Newest      int
}

// mostSteps are those that may be asked for.
const mostSteps = 100_000_000

// canResume says whether the run that is shown can go on.
func (a *App) canResume() bool { return a.snap.Resumable && a.options.Resume != nil }

// resumeShown goes on with the run that is shown.
func (a *App) resumeShown() {
	if a.canResume() {
		a.resume(a.snap.Run.Path)
	}
}

// resume looks whether the run of a folder can go on, and lets it. It asks where there is
// something to say.
func (a *App) resume(path string) {
	look := a.options.Resume
	if look == nil {
		return
	}
	a.ask("Reading the newest checkpoint.", func() (take, drop func()) {
		found, err := look(path)
		return func() {
			switch {
			case err != nil:
				a.say(Sentence(err), true)
			case found.More > 0 || found.Warning != "":
				a.askResume(found)
			default:
				a.begin(func() (Source, error) { return found.Begin(0) })
			}
		}, nil
	})
}

// askResume asks how far a run shall go on.
func (a *App) askResume(found Resumption) {
	b := &resumeBox{found: found, more: strconv.Itoa(found.More)}
	a.open(b)
	if found.More > 0 {
		a.edit(b.entry(a))
	}
}

// resumeBox asks before a run goes on, and for how many steps if it has come to its
// end.
type resumeBox struct {
	found Resumption
	more  string // as it was typed
}

func (b *resumeBox) key(a *App, name string) bool {
	if name == "Enter" || name == "G" {
		b.begin(a)
		return true
	}
	return false
}

func (b *resumeBox) entry(a *App) entry {
	return entry{id: "more", value: b.more, keep: func(text string) { b.more = text }, apply: func(text string) string {
		b.more = text
		return b.tryBegin(a)
	}}
}

// main is the field of the steps, if they are asked for.
func (b *resumeBox) main(a *App) (e entry, is bool) { return b.entry(a), b.found.More > 0 }

// begin lets the run go on, or types into the field of which it says what is wrong.
func (b *resumeBox) begin(a *App) {
	if problem := b.tryBegin(a); problem != "" {
		a.edit(b.entry(a))
		a.field.problem = problem
	}
}

// tryBegin lets the run go on if what was typed is a number.
func (b *resumeBox) tryBegin(a *App) (problem string) {
	more := 0
	if b.found.More > 0 {
		n, err := strconv.Atoi(strings.TrimSpace(b.more))
		if err != nil || n < 1 || n > mostSteps {
			return fmt.Sprintf("Steps must be a whole number from 1 to %s.", theme.Count(mostSteps))
		}
		more = n
	}
	a.leaveField()
	a.open(nil)
	a.begin(func() (Source, error) { return b.found.Begin(more) })
	return ""
}

func (b *resumeBox) draw(p *painter) {
	const width = 560
	f, th, a := p.app.frame, p.th, p.app
	title, text := "Go on training "+b.found.Name+"?", b.found.Warning
	if b.found.More > 0 {
		text = strings.TrimSpace("It has come to its end at step " + theme.Count(b.found.Step) + ". For how many more steps shall it train? " + text)
	}
	lines := p.Wrap(text, small, width-72)
	height := 56 + heightOf(len(lines)) + 16 + theme.Control3 + 24
	if b.found.More > 0 {
		height += theme.Control + 32
	}
	r := draw.Rect{X: math.Round((f.width - width) / 2), Y: math.Round((f.height - height) / 2), W: width, H: height}
	p.Fill(r, th.Surface)
	p.Frame(r, 2, th.Text)
	p.hit(hit{rect: r, id: "resumeBox"})
	p.Icon(draw.Question, r.X+24, r.Y+24, th.Text, th.Surface)
	p.Text(r.X+48, r.Y+37, p.Fit(title, strong, r.W-72), strong, th.Text)
	y := p.paragraph(r.X+48, r.Y+62, r.W-72, text, small, th.Text2)
	if b.found.More > 0 {
		p.fieldBox(draw.Rect{X: r.X + 48, Y: y, W: 120, H: theme.Control}, b.entry(a))
		p.Text(r.X+180, y+18.5, "steps", small, th.Text2)
	}
	box := draw.Rect{X: r.X + 48, Y: r.Bottom() - 24 - theme.Control3, W: 172, H: theme.Control3}
	p.button(box, "goOn", "Go on training", look{key: "Enter", primary: true}, func() { b.begin(a) })
	if b.found.BeginNewest != nil {
		label := "From step " + theme.Count(b.found.Newest)
		box = draw.Rect{X: box.Right() + 8, Y: box.Y, W: math.Ceil(p.Width(label, small)) + 32, H: box.H}
		p.button(box, "goOnNewest", label, look{}, func() {
			a.open(nil)
			a.begin(b.found.BeginNewest)
		})
	}
	p.button(draw.Rect{X: box.Right() + 8, Y: box.Y, W: 84, H: box.H}, "cancel", "Cancel", look{}, func() { a.open(nil) })
}
