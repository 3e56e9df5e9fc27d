package scene3d

import (
	"cmp"
	"slices"
)

// Box is a box whose edges run along the axes.
type Box struct{ Low, High V }

// Middle is its centre.
func (b Box) Middle() V {
	return V{(b.Low.X + b.High.X) / 2, (b.Low.Y + b.High.Y) / 2, (b.Low.Z + b.High.Z) / 2}
}

// Front and Back are the centres of the sides at the row's begin and end.
func (b Box) Front() V { m := b.Middle(); m.Z = b.Low.Z; return m }

// Back is the centre of the side that looks to the end of the row.
func (b Box) Back() V { m := b.Middle(); m.Z = b.High.Z; return m }

// Side is one of a box's six.
type Side int

// The sides.
const (
	FrontSide Side = iota // to the row's begin
	BackSide
	LeftSide
	RightSide
	TopSide
	BottomSide
)

// normals of the sides.
var normals = [...]V{FrontSide: {0, 0, -1}, BackSide: {0, 0, 1}, LeftSide: {-1, 0, 0}, RightSide: {1, 0, 0}, TopSide: {0, 1, 0}, BottomSide: {0, -1, 0}}

// Quad is a side as it is seen: the corners of its picture from the upper left
// clockwise. Under a parallel projection it is a parallelogram.
type Quad struct {
	Side    Side
	Corners [4]P
}

// Contains says whether a point of the picture is on the side.
func (q Quad) Contains(p P) bool {
	above, below := false, false
	for i, a := range q.Corners {
		b := q.Corners[(i+1)%4]
		cross := (b.X-a.X)*(p.Y-a.Y) - (b.Y-a.Y)*(p.X-a.X)
		above, below = above || cross > 0, below || cross < 0
	}
	return above != below
}

// See are the sides that a camera sees of a box; none of them hides another.
func (b Box) See(c Camera) (out []Quad) {
	l, h := b.Low, b.High
	corners := [...][4]V{
		FrontSide:  {{l.X, h.Y, l.Z}, {h.X, h.Y, l.Z}, {h.X, l.Y, l.Z}, {l.X, l.Y, l.Z}},
		BackSide:   {{h.X, h.Y, h.Z}, {l.X, h.Y, h.Z}, {l.X, l.Y, h.Z}, {h.X, l.Y, h.Z}},
		LeftSide:   {{l.X, h.Y, h.Z}, {l.X, h.Y, l.Z}, {l.X, l.Y, l.Z}, {l.X, l.Y, h.Z}},
		RightSide:  {{h.X, h.Y, l.Z}, {h.X, h.Y, h.Z}, {h.X, l.Y, h.Z}, {h.X, l.Y, l.Z}},
		TopSide:    {{l.X, h.Y, h.Z}, {h.X, h.Y, h.Z}, {h.X, h.Y, l.Z}, {l.X, h.Y, l.Z}},
		BottomSide: {{l.X, l.Y, l.Z}, {h.X, l.Y, l.Z}, {h.X, l.Y, h.Z}, {l.X, l.Y, h.Z}},
	}
	for side, normal := range normals {
		if !c.Faces(normal) {
			continue
		}
		q := Quad{Side: Side(side)}
		for i, v := range corners[side] {
			q.Corners[i] = c.Project(v)
		}
		out = append(out, q)
	}
	return out
}

// Order are the numbers of boxes from the farthest to the nearest, so that each
// may be painted over those before it. It is exact for boxes that stand in a row
// along Z without overlapping there, those at one place of it above each other.
func Order(boxes []Box, c Camera) []int {
	_, _, viewer := c.axes()
	out := make([]int, len(boxes))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(i, j int) int {
		a, b := boxes[i], boxes[j]
		switch {
		case a.High.Z <= b.Low.Z:
			return cmp.Compare(0, viewer.Z)
		case b.High.Z <= a.Low.Z:
			return cmp.Compare(viewer.Z, 0)
		}
		return cmp.Compare(a.Middle().Y*viewer.Y, b.Middle().Y*viewer.Y)
	})
	return out
}

// Bounds is the smallest rectangle about points.
func Bounds(points ...P) (low, high P) {
	low, high = points[0], points[0]
	for _, p := range points[1:] {
		low = P{min(low.X, p.X), min(low.Y, p.Y)}
		high = P{max(high.X, p.X), max(high.Y, p.Y)}
	}
	return low, high
}
