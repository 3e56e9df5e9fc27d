package viewer

import (
	"image/color"
	"math"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/scene3d"
	"alexnet/viewer/theme"
)

// networkPage is the paper's Figure 2, live and in three dimensions. The block that
// is chosen is the Activations page's.
type networkPage struct {
	turned scene3d.Camera // what the user changed of the first view: angles, Scale a factor, At a way
	of     *monitor.Network
	scene  *netScene
	faces  netFaces
	snap   *monitor.Snapshot // whose maps are shown
	base   scene3d.Camera    // the view from these angles of all that there is
	camera scene3d.Camera
	seen   []block // as they are painted

	grabbed draw.Point // where a drag began, and the view then
	from    scene3d.Camera
	held    bool   // the button is down
	dragged bool   // and the pointer moved: it is no click
	hot     *block // under the pointer
}

// block is a solid with the sides of it that are seen.
type block struct {
	solid
	sides []scene3d.Quad
}

func (k *networkPage) reset() {
	k.turned = scene3d.Camera{Yaw: netYaw, Pitch: netPitch, Scale: 1}
	k.hot = nil
}

// fit leads back to the first view.
func (k *networkPage) fit(a *App) {
	k.reset()
	a.redraw(pagePart)
}

func (k *networkPage) draw(p *painter, r draw.Rect) {
	a := p.app
	n, why := a.snap.Run.Network, ""
	k.snap, why = a.then(networkTab)
	if n == nil || len(n.Blocks) == 0 {
		k.of, k.scene, k.seen, k.hot = nil, nil, nil, nil
		p.empty(r, "No network here: the run does not tell the shapes of its layers.")
		return
	}
	area := draw.Rect{X: r.X, Y: r.Y + 52, W: r.W, H: r.H - 52}
	if a.frame.wall {
		area = r
	} else {
		k.tools(p, r, why)
	}
	if k.of != n {
		k.of, k.scene, k.hot = n, newScene(n), nil
	}
	if k.turned.Scale == 0 {
		k.reset()
	}
	k.faces.load(k.snap, p.th)
	const left, right, above = 24, 84, 46 // for the labels
	room := draw.Rect{X: area.X + left, Y: area.Y + above, W: area.W - left - right, H: area.H - 2*above}
	k.base = k.scene.fit(room, k.turned.Yaw, k.turned.Pitch)
	k.camera = k.base
	k.camera.Scale *= k.turned.Scale
	k.camera.At.X += k.turned.At.X
	k.camera.At.Y += k.turned.At.Y
	part := *p
	part.Canvas = p.Canvas.Part(area)
	k.paint(&part, area)
	k.pointer(p, area)
}

func (k *networkPage) tools(p *painter, r draw.Rect, why string) {
	a, s, y := p.app, k.snap, r.Y+12
	title := ""
	switch {
	case s.Faces != nil:
		title = s.Faces.Title
	case s.Maps != nil:
		title = s.Maps.Title
	default:
		right := r.Right() - theme.Margin
		if p.loadButton(draw.Rect{X: right - loadWidth, Y: y, W: loadWidth, H: theme.Control}, look{key: "Enter"}) {
			right -= loadWidth + theme.Margin
		}
		p.Text(r.X+theme.Margin, y+18.5, p.Fit(a.missing(networkTab, why), small, right-r.X-theme.Margin), small, p.th.Text2)
		return
	}
	x := a.maps.source(p, r.X+theme.Margin, y, title) + theme.Group
	right := r.Right() - theme.Margin - 72
	if p.loadButton(draw.Rect{X: right - loadWidth, Y: y, W: loadWidth, H: theme.Control}, look{key: "Enter"}) {
		right -= loadWidth + theme.Group
	}
	note := a.maps.note(a)
	if s.Faces == nil && s.Maps.Problem != "" {
		note = s.Maps.Problem
	}
	p.Text(x, y+18.5, p.Fit(note, small, right-x), small, p.th.Text2)
	p.button(draw.Rect{X: r.Right() - theme.Margin - 64, Y: y, W: 64, H: theme.Control}, "reset", "Reset", look{key: "F", plain: true}, func() { k.fit(a) })
}

// paint draws the scene, the farthest first; links lie below all blocks.
func (k *networkPage) paint(p *painter, area draw.Rect) {
	for _, l := range k.scene.links {
		ink, width := p.th.Text3, 2.0
		if l.sender >= 0 {
			ink, width = p.th.Column(l.sender), linkWidth(l.bytes, k.scene.most)
		}
		p.Polyline([]draw.Point{k.place(l.from), k.place(l.to)}, width, ink)
	}
	boxes := make([]scene3d.Box, len(k.scene.solids))
	for i, s := range k.scene.solids {
		boxes[i] = s.box
	}
	k.seen = k.seen[:0]
	for _, i := range scene3d.Order(boxes, k.camera) {
		b := block{k.scene.solids[i], boxes[i].See(k.camera)}
		k.seen = append(k.seen, b)
		k.block(p, b)
	}
	k.labels(p, area)
}

// linkWidth is a link's by what it carries, in the network whose links carry at most so
// much: 14 px where that is most, as in the paper's network with its batch of 128, and
// 2 px more than nothing, to be seen.
func linkWidth(bytes, most int64) float64 {
	const least, widest = 2, 14
	return least + (widest-least)*float64(bytes)/float64(max(1, most))
}

func (k *networkPage) place(v scene3d.V) draw.Point { return draw.Point(k.camera.Project(v)) }

// corners are a side's, for a polygon.
func corners(q scene3d.Quad) []draw.Point {
	out := make([]draw.Point, 4)
	for i, c := range q.Corners {
		out[i] = draw.Point(c)
	}
	return out
}

// shades are how much of the colour the sides of a block have.
var shades = [...]float64{scene3d.FrontSide: 0.3, scene3d.BackSide: 0.5, scene3d.LeftSide: 0.42, scene3d.RightSide: 0.42, scene3d.TopSide: 0.75, scene3d.BottomSide: 0.25}

func (k *networkPage) block(p *painter, b block) {
	ink := p.th.Text3
	if b.layer >= 0 {
		ink = p.th.Column(b.column)
	}
	for _, q := range b.sides {
		points := corners(q)
		picture := k.faces.image
		if b.layer >= 0 {
			picture = k.faces.picture[[2]int{b.layer, b.column}]
		}
		if q.Side != scene3d.FrontSide && q.Side != scene3d.BackSide || picture == nil {
			p.Polygon(points, theme.Mix(p.th.Background, ink, shades[q.Side]))
		} else {
			for i := range q.Corners {
				q.Corners[i].X *= p.Scale
				q.Corners[i].Y *= p.Scale
			}
			scene3d.Texture(p.Image, q, picture)
		}
		for i := range points { // one by one: the boxes about edges are small, and one pixel needs no joints
			p.Polyline([]draw.Point{points[i], points[(i+1)%4]}, 1, ink)
		}
	}
	if a := p.app; b.layer >= 0 && b.layer == a.maps.layer && b.column == a.maps.column {
		k.ring(p, b, theme.Black, 5) // white alone is lost on light faces
		k.ring(p, b, theme.Selection, 3)
	}
}

// ring marks a block on the side that shows its maps, or on the one beside it.
func (k *networkPage) ring(p *painter, b block, ink color.RGBA, width float64) {
	if len(b.sides) > 0 { // in the order of Side
		points := corners(b.sides[0])
		p.Polyline(append(points, points[0], points[1]), width, ink)
	}
}

// pointer makes the button turn the scene, the wheel zoom and a click choose.
func (k *networkPage) pointer(p *painter, area draw.Rect) {
	a := p.app
	p.hit(hit{
		rect: area, id: "scene",
		act:  func() { k.choose(a) },
		drag: func(to draw.Point) { k.drag(a, to) },
		drop: func() { k.held = false },
		wheel: func(by float64) {
			k.zoom(a, math.Pow(1.2, by))
		},
		move: func(_ draw.Point, in bool) { k.point(a, in) },
	})
}

func (k *networkPage) drag(a *App, to draw.Point) {
	if !k.held { // the button went down
		k.grabbed, k.from, k.held, k.dragged = to, k.turned, true, false
		return
	}
	if !k.dragged && math.Hypot(to.X-k.grabbed.X, to.Y-k.grabbed.Y) < still {
		return
	}
	k.dragged, k.hot, a.hover = true, nil, nil
	k.turned = k.from
	k.turned.Turn(to.X-k.grabbed.X, to.Y-k.grabbed.Y)
	a.redraw(pagePart)
}

// zoom enlarges what is under the pointer, within bounds.
func (k *networkPage) zoom(a *App, factor float64) {
	scale := min(8, max(0.5, k.turned.Scale*factor))
	c := k.camera
	c.Zoom(scene3d.P(a.pointer), scale/k.turned.Scale)
	k.turned.Scale, k.turned.At = scale, scene3d.P{X: c.At.X - k.base.At.X, Y: c.At.Y - k.base.At.Y}
	k.hot, a.hover = nil, nil
	a.redraw(pagePart)
}

// under is the nearest block at a point.
func (k *networkPage) under(at draw.Point) *block {
	for i := len(k.seen) - 1; i >= 0; i-- {
		for _, q := range k.seen[i].sides {
			if q.Contains(scene3d.P(at)) {
				b := k.seen[i]
				return &b
			}
		}
	}
	return nil
}

// point shows what the block under the pointer is.
func (k *networkPage) point(a *App, in bool) {
	before := k.hot
	k.hot, a.hover = nil, nil
	if in {
		k.hot = k.under(a.pointer)
	}
	if k.hot != nil {
		a.hover = k.card
	}
	if k.hot != nil || before != nil {
		a.parts[pagePart].covered = true
	}
}

// choose opens the maps of the block under the pointer.
func (k *networkPage) choose(a *App) {
	b := k.under(a.pointer)
	if k.dragged || b == nil || b.layer < 0 {
		return
	}
	a.maps.layer, a.maps.column, a.maps.one = b.layer, b.column, 0
	a.turn(activationsTab)
}

// step chooses the same layer of another column.
func (k *networkPage) step(a *App, by int) {
	if n := a.snap.Run.Network; n != nil && len(n.Blocks) > 0 {
		a.maps.column = min(len(n.Blocks[0].Channels)-1, max(0, a.maps.column+by))
		a.redraw(pagePart)
	}
}
