package viewer

import (
	"alexnet/viewer/draw"
)

// hint says what a place of the page shows while the pointer is there.
func (p *painter) hint(r draw.Rect, id, text string) {
	id = "hint " + id
	p.hit(hit{rect: r, id: id, move: p.hinting(r, id, text)})
}

// hinting explains a place while the pointer is on what has the name.
func (p *painter) hinting(r draw.Rect, id, text string) (move func(at draw.Point, in bool)) {
	a := p.app
	return func(_ draw.Point, in bool) {
		a.hover = nil
		if in {
			a.hover = func(p *painter) {
				if _, _, still := a.find(id); still {
					p.explain(r, text)
				}
			}
		}
		a.parts[pagePart].covered = true
	}
}

// explain draws a hint below its place, or above where there is no room.
func (p *painter) explain(at draw.Rect, text string) {
	const width, away = 320, 6
	page := p.app.frame.rect[pagePart].Inset(8)
	lines := p.Wrap(text, small, width-24)
	r := draw.Rect{X: at.X, Y: at.Bottom() + away, W: width, H: heightOf(len(lines)) + 16}
	r.X = max(page.X, min(r.X, page.Right()-r.W))
	if r.Bottom() > page.Bottom() {
		r.Y = max(page.Y, at.Y-away-r.H)
	}
	p.Fill(r, p.th.Surface)
	p.Frame(r, 1, p.th.Text3)
	p.lines(r.X+12, r.Y+21, lines, p.th.Text)
}
