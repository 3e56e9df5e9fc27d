package viewer

import (
	"fmt"
	"math"
	"time"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// patches are the parts of watched images that excite the chosen kernel most. A click
// opens the image.
func (k *kernelsPage) patches(p *painter, r draw.Rect, number int) {
	const side, apart = 44, 47
	a, th, y := p.app, p.th, r.Y+153
	p.Text(r.X, y, "Watched patches that excite it most", small, th.Text2)
	list, why := a.patchesOf(number)
	if why != "" {
		y = p.paragraph(r.X, y+20, r.W, why, small, th.Text3)
		if a.past < 0 && y+theme.Control < r.Bottom() {
			p.loadButton(draw.Rect{X: r.X, Y: y - 6, W: 140, H: theme.Control}, look{})
		}
		return
	}
	for i, patch := range list {
		zoom := max(1, int(side*p.Scale)/patch.Picture.Rect.Dx())
		box := draw.Rect{X: r.X + apart*float64(i), Y: y + 12, W: float64(zoom*patch.Picture.Rect.Dx()) / p.Scale, H: float64(zoom*patch.Picture.Rect.Dy()) / p.Scale}
		if box.Right() > r.Right() || box.Bottom() > r.Bottom() {
			break
		}
		p.Picture(patch.Picture, p.Px(box.X), p.Px(box.Y), zoom)
		id := "patch" + theme.Count(i)
		if a.hot == id {
			p.Frame(box.Inset(-2), 2, th.Text)
		}
		if box.Bottom()+18 < r.Bottom() {
			p.TextCenter(box.X+box.W/2, box.Bottom()+16, theme.Digits(patch.Value), small, th.Text)
		}
		p.hit(hit{rect: box, id: id, act: func() { a.maps.openImage(a, patch.Image) }})
	}
	if y += 12 + side + 36; y+8 < r.Bottom() {
		p.Text(r.X, y, p.Fit(a.patchesFrom(), small, r.W), small, th.Text2)
	}
}

// patchesFrom says what patches are of, and when newer ones are looked for: searches take
// time from the training and are far apart.
func (a *App) patchesFrom() string {
	s, found := a.snap, a.snap.Patches
	step, next := theme.Count(found.Step), "within 1 min"
	wait := found.Due.Sub(a.options.Now())
	if s.State != monitor.Training || found.Step == s.Step || wait <= 0 {
		return "of " + theme.Count(found.Images) + " validation images, at step " + step
	}
	if wait >= time.Minute {
		next = fmt.Sprintf("in %d min", int(math.Ceil(wait.Minutes())))
	}
	return "of " + theme.Count(found.Images) + " images, at step " + step + "; next " + next
}

// patchesOf are a kernel's patches, or a sentence why there are none.
func (a *App) patchesOf(number int) (list []monitor.Patch, why string) {
	s := a.snap.Patches
	switch {
	case a.past >= 0:
		return nil, "They are of now only."
	case s == nil && a.loadable() && a.snap.Copy.Failed: // which may be a long story
		return nil, "The network could not be loaded. The page of activations says why."
	case s == nil && a.loadable() && a.snap.Copy.Text != "":
		return nil, a.snap.Copy.Text
	case s == nil && a.loadable():
		return nil, "They need the network, here in this process."
	case s == nil && a.snap.WatchOnly != "" && a.snap.Copy == nil:
		return nil, "Not known of a run of another process."
	case s == nil && a.snap.Copy != nil:
		return nil, "Looking for them …"
	case s == nil:
		return nil, "None yet: they are looked for after the next step."
	case s.Problem != "":
		return nil, s.Problem
	case number >= len(s.Kernels) || len(s.Kernels[number]) == 0:
		return nil, "Nothing in " + theme.Count(s.Images) + " validation images excites it."
	}
	return s.Kernels[number], ""
}

// openImage shows what the network makes of a validation image.
func (k *activationsPage) openImage(a *App, image int) {
	k.album, k.image = nil, image
	a.turn(activationsTab)
}
