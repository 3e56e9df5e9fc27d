package viewer

import (
	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// Of a run that another process trains, or that is over, maps need a copy of its
// network in this process. It is made when the user asks for it, for it takes memory
// and time of a device.

// loadable says whether a copy of now could be had and is not there.
func (a *App) loadable() bool { return a.past < 0 && a.snap.Copy != nil && a.snap.Copy.Step < 0 }

// load asks for a copy.
func (a *App) load() {
	if a.loadable() && !a.snap.Copy.Loading {
		a.send(monitor.Command{Verb: monitor.Load})
	}
}

// loading is the sentence of a page that needs a copy.
func (a *App) loading(g page) string {
	c := a.snap.Copy
	switch {
	case c == nil:
		return a.nothing(g)
	case c.Step >= 0:
		return "Looking at the image …"
	case c.Text != "":
		return c.Text
	}
	return "Maps need the network, which the newest checkpoint holds."
}

const loadWidth = 190 // of the button among the tools

// loadButton draws what asks for a copy, where one can be had, and says whether it did.
func (p *painter) loadButton(r draw.Rect, o look) bool {
	c := p.app.snap.Copy
	if !p.app.loadable() || c.Loading {
		return false
	}
	label := "Load the network"
	if c.Failed {
		label = "Try again"
	}
	p.button(r, "load", label, o, p.app.load)
	return true
}

// missing says why a page has nothing to show: of a snapshot or of now.
func (a *App) missing(g page, why string) string {
	if a.past >= 0 || a.wanted() != nil {
		return why
	}
	return a.loading(g)
}

// unloaded is a page that has nothing to show without a copy, or of the step looked
// back at.
func (p *painter) unloaded(r draw.Rect, g page, why string) {
	y := p.empty(r, p.app.missing(g, why))
	p.loadButton(draw.Rect{X: r.X + r.W/2 - 110, Y: y + 12, W: 220, H: theme.Control3}, look{key: "Enter", primary: true})
}

// copyNote says whose work the maps are.
func (a *App) copyNote() string {
	switch c := a.snap.Copy; {
	case c == nil:
		return ""
	case c.Step < 0: // they are of a copy that was lost
		return c.Text
	default:
		return "by the checkpoint of step " + theme.Count(c.Step)
	}
}
