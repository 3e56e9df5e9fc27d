package viewer

import (
	"math"
	"time"

	"alexnet/viewer/draw"
)

// still is by how many pixels less a hand moves in a click.
const still = 4

// Handle takes an event.
func (a *App) Handle(e Event) {
	switch e := e.(type) {
	case Moved:
		a.pointer, a.inside = draw.Point{X: e.X / a.scale, Y: e.Y / a.scale}, true
		if a.dragging != nil {
			a.dragging(a.pointer)
			return
		}
		a.move()
	case Left:
		a.inside = false
		a.move()
	case Pressed:
		a.press(e.Down)
	case Wheeled:
		if h, ok := a.under(); ok && h.wheel != nil {
			h.wheel(e.By)
		}
	case Key:
		a.key(e)
	case Char:
		a.char(e.Rune)
	case Dropped:
		a.bring(e.Paths)
	case Closing:
		a.close()
	}
}

// under is the topmost place under the pointer.
func (a *App) under() (hit, bool) {
	if !a.inside {
		return hit{}, false
	}
	for i := len(a.above) - 1; i >= 0; i-- {
		if h := a.above[i]; h.rect.Contains(a.pointer.X, a.pointer.Y) {
			return h, true
		}
	}
	if a.cover != nil {
		return hit{}, false
	}
	for i := range a.parts {
		if !a.parts[i].rect.Contains(a.pointer.X, a.pointer.Y) {
			continue
		}
		for k := len(a.parts[i].hits) - 1; k >= 0; k-- {
			if h := a.parts[i].hits[k]; h.rect.Contains(a.pointer.X, a.pointer.Y) {
				return h, true
			}
		}
	}
	return hit{}, false
}

// find is the place of a name.
func (a *App) find(id string) (hit, part, bool) {
	for i := range a.parts {
		for _, h := range a.parts[i].hits {
			if h.id == id {
				return h, part(i), true
			}
		}
	}
	for _, h := range a.above {
		if h.id == id {
			return h, parts, true
		}
	}
	return hit{}, 0, false
}

// touch redraws the part that a place is in.
func (a *App) touch(id string) {
	if _, i, ok := a.find(id); ok && i < parts {
		a.redraw(i)
	} else if ok {
		a.uncover()
	}
}

func (a *App) move() {
	h, ok := a.under()
	if h.id != a.hot {
		if old, _, was := a.find(a.hot); was && old.move != nil {
			old.move(a.pointer, false)
		} else if !was {
			a.hover = nil // of what is no more
		}
		a.touch(a.hot)
		a.hot = h.id
		a.touch(a.hot)
	}
	if ok && h.move != nil {
		h.move(a.pointer, true)
	}
}

func (a *App) press(down bool) {
	if !down {
		was, drop := a.pressed, a.dropping
		a.pressed, a.dragging, a.dropping = "", nil, nil
		a.touch(was)
		if drop != nil {
			drop()
		}
		h, i, ok := a.find(was)
		covered := a.cover != nil && i < parts
		if ok && !covered && h.act != nil && a.inside && a.pressing.Contains(a.pointer.X, a.pointer.Y) {
			h.act()
		}
		return
	}
	h, ok := a.under()
	if !ok && a.cover == nil {
		return // beside everything: a field goes on to be typed into
	}
	if a.field != nil && h.id != a.field.id {
		a.goOn()
	}
	if !ok {
		a.open(nil) // a click beside it closes it
		return
	}
	a.touch(a.focus)
	a.focus = "" // the ring is for those who use the tabulator
	const double = 400 * time.Millisecond
	now := a.options.Now()
	again := h.id == a.last && now.Sub(a.went) < double && math.Hypot(a.pointer.X-a.place.X, a.pointer.Y-a.place.Y) < still
	a.pressed, a.pressing, a.last, a.went, a.place = h.id, h.rect, h.id, now, a.pointer
	a.touch(h.id)
	if again && h.twice != nil {
		h.twice()
		return
	}
	if h.drag != nil {
		a.dragging, a.dropping = h.drag, h.drop
		h.drag(a.pointer)
	}
}

// tabulate moves the focus on, or back.
func (a *App) tabulate(back bool) {
	var ids []string
	if a.cover != nil {
		ids = stops(ids, a.above)
	} else {
		for i := range a.parts {
			ids = stops(ids, a.parts[i].hits)
		}
	}
	if len(ids) == 0 {
		return
	}
	at := -1
	for i, id := range ids {
		if id == a.focus {
			at = i
		}
	}
	switch {
	case back && at <= 0:
		at = len(ids) - 1
	case back:
		at--
	default:
		at = (at + 1) % len(ids)
	}
	a.touch(a.focus)
	a.focus = ids[at]
	a.touch(a.focus)
	if h, _, ok := a.find(a.focus); ok && h.types {
		h.act()
	}
}

func stops(ids []string, hits []hit) []string {
	for _, h := range hits {
		if h.focus {
			ids = append(ids, h.id)
		}
	}
	return ids
}
