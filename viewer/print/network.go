package print

import (
	"image/color"
	"math"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// Sizes of Figure 2.
const (
	networkGap   = 54  // between two layers, with the lines that cross in it
	networkFace  = 10  // of a map's side for each root of a value: 13 is 36
	networkDense = 96  // height of 4,096 units
	networkRow   = 100 // from the highest box of a column to the next column
	networkSlant = 0.5 // of depth: a box's far corners lie so far up and right
)

// faces are a box's greys: its front, side and top.
var faces = [3]color.RGBA{{0xF4, 0xF4, 0xF4, 255}, {0xC8, 0xC8, 0xC8, 255}, {0xDE, 0xDE, 0xDE, 255}}

// solid is a layer's part in one column on the page: its front, and how far its far
// corners lie up and right.
type solid struct {
	front draw.Rect
	depth float64
}

func (s solid) width() float64 { return s.front.W + s.depth }

// entry and exit are where what a layer reads comes in, and what it gives goes out.
func (s solid) entry() draw.Point {
	return draw.Point{X: s.front.X, Y: s.front.Y + s.front.H/2}
}

func (s solid) exit() draw.Point {
	return draw.Point{X: s.front.Right() + s.depth, Y: s.front.Y + s.front.H/2 - s.depth*networkSlant}
}

// sized is a box for a layer's part: maps stand seen from their edge, so that their
// front is as high as they are and as wide as they are many.
func sized(b *monitor.Block, column int) solid {
	if b.Dense {
		return solid{draw.Rect{W: 8, H: networkDense * math.Pow(float64(b.Channels[column])/4096, 0.25)}, 5}
	}
	return solid{draw.Rect{W: 4 + 1.6*math.Sqrt(float64(b.Channels[column])), H: networkFace * math.Sqrt(float64(b.H))}, networkFace * math.Sqrt(float64(b.W)) / 2}
}

// Network is Figure 2: the layers of each column as boxes in a row of its own, with
// their sizes and lines to what they read.
func Network(fonts *draw.Fonts, n *monitor.Network) *Page {
	columns := len(n.Blocks[0].Channels)
	input := sized(&n.Input, 0)
	tallest, x := 0.0, 16.0
	for i := range n.Blocks {
		s := sized(&n.Blocks[i], 0)
		tallest = max(tallest, s.front.H+s.depth*networkSlant)
	}
	pitch := tallest + networkRow
	height := max(pitch*float64(columns), input.front.H+input.depth*networkSlant+networkRow)
	p := newPage(0, height, fonts)
	row := func(column int) float64 { return height/2 + pitch*(float64(column)-float64(columns-1)/2) }
	set := func(s solid, x, middle float64) solid {
		s.front.X, s.front.Y = x, middle-s.front.H/2+s.depth*networkSlant/2
		return s
	}
	boxes := [][]solid{{set(input, x, height/2)}}
	x += input.width() + networkGap
	for i := range n.Blocks {
		var layer []solid
		widest := 0.0
		for column := range columns {
			s := set(sized(&n.Blocks[i], column), x, row(column))
			layer, widest = append(layer, s), max(widest, s.width())
		}
		boxes = append(boxes, layer)
		x += widest + networkGap
	}
	x -= networkGap - 16
	p.links(n, boxes)
	p.boxes(n, boxes)
	for column := range columns {
		name := text{x: x, y: row(column) + 4, s: "column " + theme.Count(column+1), style: small, ink: black}
		if columns > 1 {
			p.add(name)
			p.w = max(p.w, x+p.width(name.s, name.style))
		}
	}
	p.w = max(p.w, x) + 16
	return p
}

// links draws what each layer reads; boxes hold the image first. What crosses from
// column to column is dashed.
func (p *Page) links(n *monitor.Network, boxes [][]solid) {
	for i := range n.Blocks {
		for reader, to := range boxes[i+1] {
			for sender, from := range boxes[i] {
				l := line{points: []draw.Point{from.exit(), to.entry()}, width: 1, ink: black}
				switch {
				case i > 0 && sender != reader && n.Blocks[i].Sent == nil:
					continue
				case i > 0 && sender != reader:
					l.dash, l.gap = 4, 3
				}
				p.add(l)
			}
		}
	}
}

func (p *Page) boxes(n *monitor.Network, boxes [][]solid) {
	for i, layer := range boxes {
		b := &n.Input
		if i > 0 {
			b = &n.Blocks[i-1]
		}
		for column, s := range layer {
			p.box(s)
			x := s.front.X + s.width()/2
			p.add(text{x: x, y: s.front.Y - s.depth*networkSlant - 8, s: b.Layer, style: bold, ink: black, align: centre})
			y := s.front.Bottom() + 16
			if !b.Dense {
				p.add(text{x: x, y: y, s: theme.Count(b.H) + " × " + theme.Count(b.W), style: small, ink: black, align: centre})
				y += 14
			}
			p.add(text{x: x, y: y, s: depthText(b, column), style: small, ink: black, align: centre})
		}
	}
}

// depthText is how many maps or units a block has.
func depthText(b *monitor.Block, column int) string {
	if b.Dense {
		return theme.Count(b.Channels[column])
	}
	return "× " + theme.Count(b.Channels[column])
}

func (p *Page) box(s solid) {
	f, dx, dy := s.front, s.depth, s.depth*networkSlant
	at := func(x, y float64) draw.Point { return draw.Point{X: x, Y: y} }
	p.add(area{corners(f), faces[0], black, 1})
	p.add(area{[]draw.Point{at(f.Right(), f.Y), at(f.Right()+dx, f.Y-dy), at(f.Right()+dx, f.Bottom()-dy), at(f.Right(), f.Bottom())}, faces[1], black, 1})
	p.add(area{[]draw.Point{at(f.X, f.Y), at(f.X+dx, f.Y-dy), at(f.Right()+dx, f.Y-dy), at(f.Right(), f.Y)}, faces[2], black, 1})
}
