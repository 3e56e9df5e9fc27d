package viewer

import (
	"math"
	"slices"
	"testing"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
)

// TestNamesLieOnNoOther: turned until blocks hide each other, none has the name of one behind
// it written on, nor what a hidden link carries; and in the first view all have names.
func TestNamesLieOnNoOther(t *testing.T) {
	for _, size := range [][2]int{{1024, 640}, {1440, 900}} {
		a, _, _ := with(t, full(), size[0], size[1], 1)
		press(a, "4")
		k := &a.network
		for _, by := range []draw.Point{{}, {X: 150}, {X: -150}, {X: 150, Y: 150}, {X: 110, Y: 20}} {
			k.fit(a)
			dragTo(a, 500, 350, 500+by.X, 350+by.Y)
			p := &painter{Canvas: draw.New(a.frame.rect[pagePart], 1, a.fonts), app: a, th: a.th}
			c := captions{area: a.frame.rect[pagePart]}
			list, _ := k.captions()
			names := 0
			for _, of := range list {
				before := len(c.taken)
				c.put(p, []caption{of})
				for _, r := range c.taken[before:] {
					over := k.under(draw.Point{X: r.X + r.W/2, Y: r.Y + r.H/2})
					if over != nil && slices.ContainsFunc(of.front, func(b block) bool { return b.solid == over.solid }) {
						t.Errorf("%v, dragged by %v: %s is written on layer %d of column %d, before it", size, by, of.name, over.layer, over.column)
					}
				}
				names += min(1, len(c.taken)-before)
			}
			if all := len(k.seen); by == (draw.Point{}) && names != all || names < 5 {
				t.Errorf("%v, dragged by %v: %d of %d blocks have names", size, by, names, all)
			}
			for layer := range k.of.Blocks {
				before := len(c.taken)
				k.carried(p, layer, &c)
				for _, r := range c.taken[before:] {
					if over := k.under(draw.Point{X: r.X + r.W/2, Y: r.Y + r.H/2}); over != nil {
						t.Errorf("%v, dragged by %v: what layer %d is sent is written on layer %d", size, by, layer, over.layer)
					}
				}
			}
		}
	}
}

// TestLinkWidths: in every network, the smallest too, a link that carries more than another
// is seen to be wider.
func TestLinkWidths(t *testing.T) {
	tiny := &monitor.Network{Input: monitor.Block{Layer: "image", H: 24, W: 24, Channels: []int{3}}}
	for i, sent := range []int64{0, 27_648, 55_296, 8_192} {
		b := monitor.Block{Layer: "layer", H: 6, W: 6, Channels: []int{8, 8}}
		if i > 0 {
			b.Sent = []int64{sent, sent}
		}
		tiny.Blocks = append(tiny.Blocks, b)
	}
	for name, n := range map[string]*monitor.Network{"the paper's": figure2(), "a tiny one": tiny} {
		snap := full()
		snap.Run.Network, snap.Faces, snap.Maps = n, nil, nil
		a, _, _ := with(t, snap, 1440, 900, 1)
		press(a, "4")
		k := &a.network
		drawn := map[int64]int{} // pixels across, by what a link carries
		for _, l := range k.scene.links {
			if l.sender >= 0 && drawn[l.bytes] == 0 {
				drawn[l.bytes] = across(a, k, l)
			}
		}
		for one := range drawn {
			for other := range drawn {
				if 2*one <= other && drawn[one] >= drawn[other] {
					t.Errorf("%s: a link of %d bytes is %d pixels wide, one of %d is %d", name, one, drawn[one], other, drawn[other])
				}
			}
			if drawn[one] < 2 || drawn[one] > 20 {
				t.Errorf("%s: a link of %d bytes is %d pixels wide", name, one, drawn[one])
			}
		}
	}
}

// across counts the pixels of a link's colour not far from its middle, in a line across it.
func across(a *App, k *networkPage, l link) (n int) {
	from, to := k.place(l.from), k.place(l.to)
	at := draw.Point{X: from.X + (to.X-from.X)*0.3, Y: from.Y + (to.Y-from.Y)*0.3}
	length := math.Hypot(to.X-from.X, to.Y-from.Y)
	dx, dy := -(to.Y-from.Y)/length, (to.X-from.X)/length
	page, ink := a.Picture(), a.th.Column(l.sender)
	for d := -30.0; d <= 30; d++ {
		if page.RGBAAt(int(at.X+d*dx), int(at.Y+d*dy)) == ink {
			n++
		}
	}
	return n
}
