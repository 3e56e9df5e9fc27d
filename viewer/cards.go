package viewer

import (
	"image/color"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// cards draws the run's question, what is wrong with it, and why it cannot be
// steered, as far as there is room, and returns where they end.
func (p *painter) cards(in draw.Rect, y, bottom float64) float64 {
	s := p.app.snap
	if s.Card != nil {
		y = p.card(in, y, bottom, s.Card)
	}
	for i := len(s.Notices) - 1; i >= 0; i-- {
		n := s.Notices[i]
		icon, ink, row := draw.Warning, p.th.Warning, p.th.WarningRow
		if n.Error {
			icon, ink, row = draw.Error, p.th.Error, p.th.ErrorRow
		}
		if end := p.notice(in, y, bottom, n.Text, icon, ink, row); end > y {
			y = end + 8
		}
	}
	if s.WatchOnly != "" && !p.app.canResume() {
		y = p.notice(in, y, bottom, s.WatchOnly, draw.Clock, p.th.Text2, p.th.Surface)
	}
	return y
}

// notice draws a sentence with its sign; it returns y if there is no room.
func (p *painter) notice(in draw.Rect, y, bottom float64, text string, icon draw.Icon, ink, ground color.RGBA) float64 {
	sign := icon != draw.Clock // a plain note has none
	left := 12.0
	if sign {
		left = 38
	}
	lines := p.Wrap(text, small, in.W-left-12)
	r := draw.Rect{X: in.X, Y: y, W: in.W, H: heightOf(len(lines)) + 16}
	if r.Bottom() > bottom {
		return y
	}
	p.Fill(r, ground)
	p.Frame(r, 1, p.th.Line)
	if ground != p.th.Surface {
		p.Fill(draw.Rect{X: r.X, Y: r.Y, W: 4, H: r.H}, ink)
	}
	if sign {
		p.Icon(icon, r.X+14, r.Y+10, ink, ground)
	}
	for i, line := range lines {
		p.Text(r.X+left, r.Y+21+heightOf(i), line, small, p.th.Text)
	}
	return r.Bottom()
}

// cardBox places a question; where its text has no room it is the short one.
func (p *painter) cardBox(in draw.Rect, y, bottom float64, card *monitor.Card) (r draw.Rect, lines []string) {
	for _, text := range []string{card.Text, card.Short} {
		if text == "" {
			continue
		}
		lines = p.Wrap(text, small, in.W-24)
		r = draw.Rect{X: in.X, Y: y, W: in.W, H: 34 + heightOf(len(lines)) + 12 + theme.Control2 + 12}
		if card.Tick != "" {
			r.H += 24
		}
		if r.Bottom() <= bottom && !p.app.frame.compact {
			break
		}
	}
	return r, lines
}

// card draws a question with its two answers. It has room but for the moment that a
// field above it says what is wrong with it: then the question waits.
func (p *painter) card(in draw.Rect, y, bottom float64, card *monitor.Card) float64 {
	th := p.th
	r, lines := p.cardBox(in, y, bottom, card)
	if f := p.app.field; r.Bottom() > bottom && f != nil && f.problem != "" {
		return y
	}
	border, icon, ink := th.Text, draw.Question, th.Text
	if card.Error {
		border, icon, ink = th.Error, draw.Error, th.Error
	}
	p.Frame(r, 2, border)
	p.Icon(icon, r.X+12, r.Y+14, ink, th.Surface)
	p.Text(r.X+34, r.Y+26, p.Fit(card.Title, bold, r.W-44), bold, th.Text)
	for i, line := range lines {
		p.Text(r.X+12, r.Y+49+heightOf(i), line, small, th.Text)
	}
	at := r.Y + 34 + heightOf(len(lines)) + 10
	half := (r.W - 24 - 8) / 2
	for i, c := range []monitor.Choice{card.Yes, card.No} {
		p.button(draw.Rect{X: r.X + 12 + float64(i)*(half+8), Y: at, W: half, H: theme.Control2}, "card"+c.Key, c.Label, look{key: c.Key, primary: i == 0},
			func() { p.app.send(c.Command) })
	}
	if card.Tick != "" {
		p.tick(draw.Rect{X: r.X + 12, Y: at + theme.Control2 + 10, W: r.W - 24, H: tickBox}, "tick", card.Tick, card.TickValue, func() {
			p.app.send(monitor.Command{Verb: monitor.Answer, Text: card.Tick})
		})
	}
	return r.Bottom() + 8
}
