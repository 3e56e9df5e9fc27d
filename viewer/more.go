package viewer

import (
	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// more is what the steering panel of a small window has no room for.
type more struct{}

func (m *more) key(*App, string) bool { return false }

func (m *more) draw(p *painter) {
	panel := p.app.frame.rect[steeringPart]
	height := 34 + 3*solverPitch + 8.0
	if f := p.app.field; f != nil { // it is one of these: the sheet takes the others' place
		height += heightOf(len(p.problem(f.id, panel.W-32)))
	}
	r := draw.Rect{X: panel.X + 8, Y: panel.Bottom() - theme.Margin - theme.Control2 - 8 - height, W: panel.W - 16, H: height}
	p.Fill(r, p.th.Surface)
	p.Frame(r, 1, p.th.Text3)
	p.Text(r.X+8, r.Y+22, "More", bold, p.th.Text)
	p.TextRight(r.Right()-8, r.Y+22, "Esc closes", small, p.th.Text2)
	p.hit(hit{rect: r, id: "moreSheet"})
	p.solverFields(draw.Rect{X: r.X + 8, Y: r.Y, W: r.W - 16, H: r.H}, r.Y+34, p.app.unsteered())
}
