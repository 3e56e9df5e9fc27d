package viewer

import (
	"testing"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// TestLargeLossHasRoom: the labels of a loss that went up by a thousand million lie
// within the page, linear and logarithmic.
func TestLargeLossHasRoom(t *testing.T) {
	for _, log := range []bool{false, true} {
		s := sample()
		for i := len(s.Points) - 10; i < len(s.Points); i++ {
			s.Points[i].Loss, s.Points[i].Rate = 2.37e9, 1e-7
		}
		a, _, _ := with(t, s, 1440, 900, 1)
		a.curves.log = log
		r := draw.Rect{W: 1100, H: 700}
		f := a.curves.build(a, r)
		c := draw.New(r, 1, a.fonts)
		for _, p := range f.Panes {
			for _, v := range p.Ticks {
				if w := c.Width(p.Label(v), draw.Style{Size: theme.Small}); w > f.Before-8 {
					t.Errorf("log %t, %s: %q is %.0f wide, there is room for %.0f", log, p.Title, p.Label(v), w, f.Before-8)
				}
			}
		}
		if f.Before > 80 {
			t.Errorf("log %t: %g of the page are left to labels", log, f.Before)
		}
	}
}
