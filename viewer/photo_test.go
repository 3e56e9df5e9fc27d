package viewer

import (
	"image"
	"image/color"
	"testing"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// TestImageIsSeen: the image is as it is where the map over it is 0, and everywhere once the
// map is off, by its tick, a click on the image or the key.
func TestImageIsSeen(t *testing.T) {
	s := full()
	m := s.Maps
	for i := range m.H * m.W { // of the first map only the right half is active
		if m.Columns[0][i] = 0; i%m.W >= 28 {
			m.Columns[0][i] = 4
		}
	}
	for _, th := range []*theme.Theme{theme.Dark, theme.Light} {
		a, _, _ := with(t, s, 1440, 900, 1)
		if press(a, "2"); th == theme.Light {
			press(a, "F8")
		}
		r, _ := activationsLayout(a.frame.rect[pagePart])
		left, right := covered(a, m, r)
		if left != 0 || right < 0.9 {
			t.Errorf("%s: of the image where the map is 0 %.0f %% differ, elsewhere %.0f %%", th.Name, 100*left, 100*right)
		}
		over := a.Picture()
		for what, work := range map[string]func(){"the key": func() { press(a, "M") }, "the tick": func() { click(t, a, "over") }, "a click": func() { click(t, a, "photo") }} {
			work()
			if left, right := covered(a, m, r); left != 0 || right != 0 {
				t.Errorf("%s: after %s %.0f %% and %.0f %% of the image are covered", th.Name, what, 100*left, 100*right)
			}
			work()
			a.Handle(Moved{5, 5})
			if left, right := covered(a, m, r); left != 0 || right < 0.9 {
				t.Errorf("%s: after %s twice the map is not over the image", th.Name, what)
			}
		}
		press(a, "3", "M", "2")
		if a.maps.bare || !same(over, a.Picture()) {
			t.Errorf("%s: on another page the key took the map away", th.Name)
		}
	}
}

// covered are the shares of the left and the right half of the image that are drawn
// otherwise than it is.
func covered(a *App, m *monitor.Maps, r draw.Rect) (left, right float64) {
	page := a.Picture()
	box := image.Rect(int(r.X), int(r.Y), int(r.X+r.W), int(r.Y+r.W))
	half := box.Dx() / 2
	for y := range box.Dy() {
		for x := range box.Dx() {
			want := m.Image.RGBAAt(x*m.Image.Rect.Dx()/box.Dx(), y*m.Image.Rect.Dy()/box.Dy())
			got := page.RGBAAt(box.Min.X+x, box.Min.Y+y)
			if got == (color.RGBA{want.R, want.G, want.B, 255}) {
				continue
			}
			if x < half {
				left++
			} else {
				right++
			}
		}
	}
	of := float64(half * box.Dy())
	return left / of, right / of
}

// TestUnitsLieNowhere: a unit has no place in the image, and there is nothing to tick.
func TestUnitsLieNowhere(t *testing.T) {
	s := full()
	s.Maps.H, s.Maps.W, s.Maps.Columns = 1, 1, [][]float32{{1, 2}, {3, 4}}
	a, _, _ := with(t, s, 1440, 900, 1)
	press(a, "2")
	if _, _, ok := a.find("over"); ok {
		t.Error("a unit can be laid over the image")
	}
}
