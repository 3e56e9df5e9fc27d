package viewer

import (
	"errors"
	"image/color"
	"strconv"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// page is one of the tabs.
type page int

const (
	kernelsTab page = iota
	activationsTab
	curvesTab
	networkTab
	layersTab
	devicesTab
)

// pages are the tabs, with the sentences of those that have nothing to show: yet, of a
// run of another process, of one that has ended, and of the step that is looked back at.
var pages = []struct{ name, yet, away, ended, then string }{
	kernelsTab: {"Kernels", "No kernels yet: the first snapshot comes after step 1.",
		"No kernels yet: they come with the first snapshot or checkpoint.",
		"No kernels: the run ended before its first snapshot.",
		"No kernels of then: the snapshots keep none."},
	activationsTab: {"Activations", "No maps yet: they come after the next step.",
		"No maps here: they need the network, and another process has it.",
		"No maps: they need the network, and the run ended without a checkpoint of it.",
		noMapsThen},
	curvesTab: {"Curves", "No steps yet: the curves begin after step 1.",
		"No steps yet: the first line of the log comes after step 1.",
		"No steps: the run ended before the first of them was in its log.",
		"No steps of then: the log holds none."},
	networkTab: {"Network", "No maps on the blocks yet: they come after the next step.",
		"No maps on the blocks: they need the network, and another process has it.",
		"No maps on the blocks: they need the network, and the run ended without a checkpoint of it.",
		noMapsThen},
	layersTab: {"Layers", "No figures yet: they come after the next step.",
		"No figures of layers here: gradients and outputs are with the process that trains.",
		"No figures of layers: they are taken while a run trains, and this one has ended.",
		"Snapshots keep no figures of layers. Back to now: End."},
	devicesTab: {"Devices", "No timeline yet: it comes after the next step.",
		"No timeline here: it is measured by the process that trains.",
		"No timeline: it is measured while a run trains, and this one has ended.",
		"Snapshots keep no timeline. Back to now: End."},
}

const noMapsThen = "No maps of then: the run keeps no snapshots (snapshots.every in its recipe)."

// nothing is the sentence of a page that has nothing to show, behind one on what a run
// does that has not begun yet.
func (a *App) nothing(g page) string {
	switch {
	case a.snap.State == monitor.Preparing && a.snap.Reason != "":
		return Sentence(errors.New(a.snap.Reason)) + " " + pages[g].yet
	case a.past >= 0:
		return pages[g].then
	case g == curvesTab && a.snap.Unreadable == 1:
		return "No steps: a line of the log cannot be read, and no other is of a step."
	case g == curvesTab && a.snap.Unreadable > 1:
		return "No steps: " + theme.Count(a.snap.Unreadable) + " lines of the log cannot be read, and no other is of a step."
	case !a.snap.State.Live():
		return pages[g].ended
	case a.snap.WatchOnly != "":
		return pages[g].away
	}
	return pages[g].yet
}

// tabs draws the names of the pages with their keys.
func (p *painter) tabs(r draw.Rect) {
	th, a := p.th, p.app
	p.Fill(r, th.Surface)
	p.HLine(r.X, r.Bottom()-1, r.W, th.Line)
	x := r.X
	for i, tab := range pages {
		digit := strconv.Itoa(i + 1)
		w := p.Width(tab.name, medium) + 9 + p.Width(digit, small) + 2*theme.Margin
		box := draw.Rect{X: x, Y: r.Y, W: w, H: r.H}
		active, id := a.page == page(i), "tab"+digit
		ink := th.Text2
		if active {
			p.Fill(box, th.Background)
			p.Fill(draw.Rect{X: x, Y: r.Y, W: w, H: 2}, th.Text)
			p.VLine(box.Right()-1, r.Y, r.H, th.Line)
			if i > 0 {
				p.VLine(box.X, r.Y, r.H, th.Line)
			}
			ink = th.Text
		} else if a.hot == id {
			ink = th.Text
		}
		at := x + theme.Margin
		at += p.Text(at, r.Y+26, tab.name, medium, ink)
		p.Text(at+9, r.Y+26, digit, small, th.Text3)
		if ink, bad := a.trouble(page(i)); bad && !active {
			p.Fill(draw.Rect{X: box.Right() - 13, Y: r.Y + 8, W: 8, H: 8}, ink)
		}
		p.hit(hit{rect: box, id: id, act: func() { a.turn(page(i)) }, focus: true})
		p.ring(box.Inset(4), id) // within: a tab reaches to the part's edges
		x += w
	}
	x = r.Right() - 8
	for _, b := range []struct {
		id, label, key string
		small          bool // a small window has room for it
		act            func()
	}{{"help", "Help", "?", false, a.toggleHelp}, {"save", "Save picture", "P", false, a.savePicture}, {"runs", "Other runs", "O", true, a.home}} {
		if a.frame.compact && !b.small {
			continue
		}
		width := p.Width(b.label, small) + 16
		if !a.frame.compact {
			width += 8 + p.Width(b.key, small)
		}
		p.button(draw.Rect{X: x - width, Y: r.Y + 6, W: width, H: 28}, b.id, b.label, look{key: b.key, plain: true}, b.act)
		x -= width + 8
	}
}

// trouble says whether a page that may not be seen has something to warn of, and
// in which colour.
func (a *App) trouble(g page) (ink color.RGBA, bad bool) {
	if g != layersTab {
		return ink, false
	}
	for _, l := range a.snap.Layers {
		switch {
		case l.Notice == nil:
		case l.Notice.Error:
			return a.th.Error, true
		default:
			ink, bad = a.th.Warning, true
		}
	}
	return ink, bad
}

// draw draws a page.
func (g page) draw(p *painter, r draw.Rect) {
	p.Fill(r, p.th.Background)
	switch g {
	case kernelsTab:
		p.app.kernels.draw(p, r)
	case curvesTab:
		p.app.curves.draw(p, r)
	case activationsTab:
		p.app.maps.draw(p, r)
	case networkTab:
		p.app.network.draw(p, r)
	case layersTab:
		p.app.layers.draw(p, r)
	case devicesTab:
		p.app.devices.draw(p, r)
	}
}

// follows says whether a page shows something that differs between two
// snapshots.
func (g page) follows(before, now *monitor.Snapshot) bool {
	if before.State != now.State || now.State == monitor.Preparing && before.Reason != now.Reason {
		return true // what it says where it has nothing to show
	}
	switch g {
	case kernelsTab:
		return len(before.Kernels) != len(now.Kernels) || before.Patches != now.Patches || recopied(before, now) || before.Run != now.Run
	case curvesTab:
		return len(before.Points) != len(now.Points) || len(before.Validations) != len(now.Validations) || len(before.Events) != len(now.Events) || before.Unreadable != now.Unreadable
	case networkTab:
		return before.Faces != now.Faces || before.Maps != now.Maps || recopied(before, now) || before.Run != now.Run || newest(before) != newest(now)
	}
	return g == activationsTab && (before.Maps != now.Maps || recopied(before, now) || newest(before) != newest(now)) || g == layersTab && len(now.Layers) > 0 || g == devicesTab && (before.Timeline != now.Timeline || now.Timeline != nil)
}

// recopied says whether there is something else to say of a copy: that one can be had,
// too, which the end of a run brings.
func recopied(before, now *monitor.Snapshot) bool {
	return (before.Copy == nil) != (now.Copy == nil) || before.Copied() != now.Copied()
}

// newest is the last snapshot of a run; nil: it has none.
func newest(s *monitor.Snapshot) *monitor.Past {
	if n := len(s.Pasts); n > 0 {
		return s.Pasts[n-1]
	}
	return nil
}
