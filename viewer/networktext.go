package viewer

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/scene3d"
	"alexnet/viewer/theme"
)

// traffic writes what a link carries: 11.1 MB.
func traffic(bytes int64) string {
	if bytes < 1e6 || bytes >= 1e8 {
		return theme.Memory(bytes)
	}
	return strconv.FormatFloat(float64(bytes)/1e6, 'f', 1, 64) + " MB"
}

// shapeText writes a block's shape as the paper's figure does.
func shapeText(b *monitor.Block, column int) string {
	channels := theme.Count(b.Channels[column])
	if b.Dense {
		return channels
	}
	return theme.Count(b.H) + " × " + theme.Count(b.W) + " × " + channels
}

// captions places lines of text where none is yet.
type captions struct {
	area  draw.Rect // none is cut off at its edges
	taken []draw.Rect
}

func (c *captions) free(r draw.Rect) bool {
	if r.X < c.area.X || r.Y < c.area.Y || r.Right() > c.area.Right() || r.Bottom() > c.area.Bottom() {
		return false
	}
	for _, t := range c.taken {
		if r.Overlaps(t) {
			return false
		}
	}
	return true
}

// caption is a name with a note below it, about x; y is the first baseline.
type caption struct {
	x, y       float64
	name, note string
	front      []block // nearer than what is named: on them its name would be taken for theirs
}

// put writes the names that have room, the first before the others, and then the notes
// below them that have.
func (c *captions) put(p *painter, list []caption) {
	named := list[:0]
	for _, t := range list {
		if c.take(p, t, t.y, t.name, bold) {
			p.TextCenter(t.x, t.y, t.name, bold, p.th.Text)
			named = append(named, t)
		}
	}
	for _, t := range named {
		if c.take(p, t, t.y+theme.SmallLine, t.note, small) {
			p.TextCenter(t.x, t.y+theme.SmallLine, t.note, small, p.th.Text2)
		}
	}
}

// take keeps the room for a caption's line, if it is free.
func (c *captions) take(p *painter, t caption, y float64, text string, style draw.Style) bool {
	w := p.Width(text, style) + 4
	r := draw.Rect{X: t.x - w/2, Y: y - 13, W: w, H: theme.SmallLine}
	if !c.free(r) || slices.ContainsFunc(t.front, func(b block) bool { return b.touches(r) }) {
		return false
	}
	c.keep(p, r)
	return true
}

// touches says whether a block is seen within a line of text's room.
func (b block) touches(r draw.Rect) bool {
	across := math.Ceil(r.W / 6) // no block is slimmer by much
	for i := range int(across) + 1 {
		for _, y := range []float64{r.Y, r.Y + r.H/2, r.Bottom()} {
			at := scene3d.P{X: r.X + r.W*float64(i)/across, Y: y}
			if slices.ContainsFunc(b.sides, func(q scene3d.Quad) bool { return q.Contains(at) }) {
				return true
			}
		}
	}
	return false
}

// keep takes room for text, on a ground of its own: seen from aside it lies over blocks.
func (c *captions) keep(p *painter, r draw.Rect) {
	c.taken = append(c.taken, r)
	p.Fill(r, p.th.Background)
}

// labels write the names of columns and layers, what the links carry, and what
// the network makes of the image.
func (k *networkPage) labels(p *painter, area draw.Rect) {
	c := captions{area: area}
	columns := len(k.of.Blocks[0].Channels)
	list, blocks := k.captions()
	for i := range columns {
		if i == 0 || i == columns-1 {
			k.columnName(p, area, i, blocks, &c)
		}
	}
	k.hints(p, area, &c)
	for i := range k.of.Blocks {
		k.carried(p, i, &c)
	}
	k.result(p, area, &c)
	c.put(p, list)
}

// captions are the names of the blocks that are seen, the nearest first, and the room that
// each takes with its name.
func (k *networkPage) captions() (list []caption, room []draw.Rect) {
	const above, below = 26, 22 // the first baseline of a name
	columns := len(k.of.Blocks[0].Channels)
	for i, b := range slices.Backward(k.seen) {
		if len(b.sides) == 0 {
			continue
		}
		var points []scene3d.P
		for _, q := range b.sides {
			points = append(points, q.Corners[:]...)
		}
		low, high := scene3d.Bounds(points...)
		layer := &k.of.Input
		if b.layer >= 0 {
			layer = &k.of.Blocks[b.layer]
		}
		t := caption{x: (low.X + high.X) / 2, y: low.Y - above, name: layer.Layer, note: shapeText(layer, b.column), front: k.seen[i+1:]}
		at := draw.Rect{X: low.X, Y: low.Y - above - theme.SmallLine, W: high.X - low.X, H: high.Y - low.Y + above + theme.SmallLine}
		if b.layer < 0 || b.column > 0 && b.column == columns-1 {
			t.y, at.Y, at.H = high.Y+below, low.Y, high.Y-low.Y+below+theme.SmallLine
		}
		list, room = append(list, t), append(room, at)
	}
	return list, room
}

// columnName writes a column's name and device into a corner: the device in one line
// where the blocks leave room for that.
func (k *networkPage) columnName(p *painter, area draw.Rect, column int, blocks []draw.Rect, c *captions) {
	name := "Column " + theme.Count(column+1)
	r := draw.Rect{X: area.X + theme.Margin, W: 18 + p.Width(name, strong)}
	var lines []string
	place := func() bool {
		r.Y, r.H = area.Y+10, 24+heightOf(len(lines))
		if column > 0 {
			r.Y = area.Bottom() - theme.Margin - r.H
		}
		return !slices.ContainsFunc(blocks, r.Overlaps)
	}
	if devices := p.app.snap.Run.Devices; column < len(devices) && !p.app.frame.compact {
		const least = 116
		lines, r.W = []string{devices[column]}, max(least, 18+p.Width(devices[column], small))
		if !place() {
			lines, r.W = p.Wrap(devices[column], small, least-14), least
		}
	}
	place()
	c.keep(p, r)
	p.Fill(draw.Rect{X: r.X, Y: r.Y, W: 4, H: r.H}, p.th.Column(column))
	p.Text(r.X+14, r.Y+15, name, strong, p.th.Text)
	for i, line := range lines {
		p.Text(r.X+14, r.Y+37+heightOf(i), line, small, p.th.Text2)
	}
}

// carried writes on the middle of a layer's crossing links what each carries, if that is
// seen.
func (k *networkPage) carried(p *painter, layer int, c *captions) {
	var sum scene3d.V
	var n, most int64
	for _, l := range k.scene.links {
		if l.layer == layer && l.sender >= 0 {
			sum = sum.Add(l.from).Add(l.to)
			n += 2
			most = max(most, l.bytes)
		}
	}
	if n == 0 {
		return
	}
	at := k.place(scene3d.V{X: sum.X / float64(n), Y: sum.Y / float64(n), Z: sum.Z / float64(n)})
	text := traffic(most)
	w := p.Width(text, small) + 8
	r := draw.Rect{X: at.X - w/2, Y: at.Y - 10, W: w, H: 20}
	if c.free(r) && k.under(at) == nil {
		c.keep(p, r)
		p.TextCenter(at.X, at.Y+4.5, text, small, p.th.Text)
	}
}

// result writes the best guess behind the last layer.
func (k *networkPage) result(p *painter, area draw.Rect, c *captions) {
	s := k.snap
	var guesses []monitor.Guess
	switch {
	case s.Faces != nil:
		guesses = s.Faces.Prediction
	case s.Maps != nil:
		guesses = s.Maps.Prediction
	}
	units := 0
	for _, n := range k.of.Blocks[len(k.of.Blocks)-1].Channels {
		units += n
	}
	name, note := "softmax", "of "+theme.Count(units)
	if len(guesses) > 0 {
		name, note = p.app.class(guesses[0].Class), theme.Percent(guesses[0].Probability)
	}
	at := k.place(k.scene.end)
	room := area.Right() - at.X - 8
	if room < 40 {
		return // zoomed out of sight
	}
	lines := p.resultLines(name, room)
	width := p.Width(note, small)
	for _, line := range lines {
		width = max(width, p.Width(line, bold))
	}
	r := draw.Rect{X: at.X + 4, Y: at.Y - 17 - heightOf(len(lines)-1), W: width + 4, H: heightOf(len(lines) + 1)}
	if c.free(r) {
		c.keep(p, r)
		for i, line := range lines {
			p.Text(at.X+6, r.Y+13+heightOf(i), line, bold, p.th.Text)
		}
		p.Text(at.X+6, r.Y+13+heightOf(len(lines)), note, small, p.th.Text2)
	}
}

// resultLines breaks the name of a class into lines of a width.
func (p *painter) resultLines(name string, width float64) []string {
	const most = 3
	lines := p.Wrap(name, bold, width)
	if len(lines) > most {
		lines = append(lines[:most-1], p.Fit(strings.Join(lines[most-1:], " "), bold, width))
	}
	return lines
}

// The hover card's size.
const cardWidth, cardHeight = 348, 80

// hints say at the page's foot how to read and move the figure.
func (k *networkPage) hints(p *painter, area draw.Rect, c *captions) {
	if p.app.frame.compact || p.app.frame.wall {
		return
	}
	x, y := area.Right()-theme.Margin, area.Bottom()-theme.Margin-4
	say := func(text string) {
		w := p.Width(text, small) + 8
		c.keep(p, draw.Rect{X: x + 4 - w, Y: y - 13, W: w, H: theme.SmallLine + 2})
		p.TextRight(x, y, text, small, p.th.Text2)
		y -= theme.SmallLine + 2
	}
	say("Drag to turn, wheel to zoom, F to reset")
	if len(k.of.Blocks[0].Channels) > 1 { // one column sends nothing
		say("Link width: bytes sent in a forward pass of a batch")
	}
}

// card says what the block under the pointer is.
func (k *networkPage) card(p *painter) {
	if k.hot == nil || k.of != p.app.snap.Run.Network {
		return
	}
	b, th, page := *k.hot, p.th, p.app.frame.rect[pagePart]
	k.ring(p, b, th.Text, 2)
	r := draw.Rect{X: page.Right() - theme.Margin - cardWidth, Y: page.Bottom() - theme.Margin - cardHeight, W: cardWidth, H: cardHeight}
	if r.Inset(-8).Contains(p.app.pointer.X, p.app.pointer.Y) {
		r.X = page.X + theme.Margin
	}
	p.Fill(r, th.Surface)
	p.Frame(r, 1, th.Text3)
	x, width := r.X+12, r.W-24
	if b.layer < 0 {
		p.Text(x, r.Y+22, "The image", bold, th.Text)
		p.Text(x, r.Y+44, "as the network sees it: "+shapeText(&k.of.Input, 0), small, th.Text)
		return
	}
	layer := &k.of.Blocks[b.layer]
	p.Fill(draw.Rect{X: x, Y: r.Y + 13, W: 10, H: 10}, th.Column(b.column))
	p.Text(x+18, r.Y+22, layer.Layer+", column "+theme.Count(b.column+1), bold, th.Text)
	p.TextRight(r.Right()-12, r.Y+22, "click: its maps", small, th.Text2)
	p.Text(x, r.Y+44, p.Fit(k.reads(b), small, width), small, th.Text)
	p.Text(x, r.Y+65, p.Fit(k.figures(k.snap, b), small, width), small, th.Text2)
}

// reads says what a block reads.
func (k *networkPage) reads(b block) string {
	layer := &k.of.Blocks[b.layer]
	switch {
	case b.layer == 0:
		return "reads the image"
	case len(layer.Channels) == 1:
		return "reads " + k.of.Blocks[b.layer-1].Layer
	case layer.Sent == nil:
		return "reads column " + theme.Count(b.column+1) + " only: nothing is sent"
	case len(layer.Sent) == 2:
		return "reads both columns: " + traffic(layer.Sent[1-b.column]) + " from column " + theme.Count(2-b.column) + " a pass"
	}
	var sum int64
	for column, bytes := range layer.Sent {
		if column != b.column {
			sum += bytes
		}
	}
	return "reads all columns: " + traffic(sum) + " from the others a pass"
}

// figures says how much of a block is active, or how large it is.
func (k *networkPage) figures(s *monitor.Snapshot, b block) string {
	layer := &k.of.Blocks[b.layer]
	text := ""
	if f := faceOf(s, b.layer); f != nil && b.column < len(f.Above) {
		text = wholePercent(f.Above[b.column]) + " of values above zero"
	}
	for _, l := range s.Layers {
		if l.Layer != layer.Layer || l.Column != b.column || l.Dead < 0 {
			continue
		}
		word := "dead units "
		if l.Saturated {
			word = "saturated "
		}
		if text != "" {
			text += " · "
		}
		text += word + wholePercent(l.Dead)
	}
	if text == "" {
		text = theme.Count(layer.Values(b.column)) + " values an image"
	}
	return text
}
