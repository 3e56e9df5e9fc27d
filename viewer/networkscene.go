package viewer

import (
	"math"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/scene3d"
)

// The design's view and distances, in its pixels at the view's scale.
const (
	netYaw, netPitch = 36, 8

	netFace     = 88 / 3.605551275463989 // side of a face for each root of a value: 13 is 88
	netDense    = 110                    // height of 2,048 units
	netSlim     = 0.37                   // their width to their height
	netSlab     = 12                     // their thickness
	netImage    = 150                    // side of the image
	netColumns  = 134                    // between the tallest blocks of two columns
	netImageGap = 51                     // behind the image
	netNewSize  = 62                     // where the size of the maps changes
	netGathered = 42                     // where columns cross
	netLocal    = 26                     // elsewhere
)

// solid is a layer's part in one column, or the image.
type solid struct {
	box           scene3d.Box
	layer, column int // layer -1: the image
}

// link is what a layer reads.
type link struct {
	from, to scene3d.V
	sender   int // column; -1: it is the reader's own
	layer    int // that reads
	bytes    int64
}

// netScene is Figure 2 as boxes and lines.
type netScene struct {
	solids []solid
	links  []link
	most   int64     // bytes that one of them carries
	end    scene3d.V // where the columns' last outputs meet
}

// width, height and depth of a block.
func extent(b *monitor.Block, column int) (w, h, d float64) {
	if !b.Dense {
		return netFace * math.Sqrt(float64(b.W)), netFace * math.Sqrt(float64(b.H)), 2 + float64(b.Channels[column])/4
	}
	h = netDense * math.Pow(float64(b.Channels[column])/2048, 0.25)
	return h * netSlim, h, netSlab
}

// row puts blocks one behind the other such that in the first view the gaps
// between them are as wide as given.
type row struct{ x float64 }

func (r *row) next(w, d, gap float64) (z float64) {
	sin, cos := math.Sincos(netYaw * math.Pi / 180)
	z = (r.x + gap + w/2*sin) / cos
	r.x = (z+d)*cos + w/2*sin
	return z
}

// newScene builds Figure 2.
func newScene(n *monitor.Network) *netScene {
	s := &netScene{}
	columns, tallest := len(n.Blocks[0].Channels), 0.0
	for i := range n.Blocks {
		_, h, _ := extent(&n.Blocks[i], 0)
		tallest = max(tallest, h)
	}
	wide := netImage * float64(n.Input.W) / float64(max(1, n.Input.H))
	var at row
	s.add(0, 0, at.next(wide, 2, 0), wide, netImage, 2, -1, 0)
	for i := range n.Blocks {
		b := &n.Blocks[i]
		gap := float64(netLocal)
		switch {
		case i == 0:
			gap = netImageGap
		case n.Blocks[i-1].H != b.H:
			gap = netNewSize
		case b.Sent != nil:
			gap = netGathered
		}
		w, _, d := extent(b, 0) // the first column has at least as many units
		z := at.next(w, d, gap)
		for column := range columns {
			w, h, d := extent(b, column)
			s.add(0, (tallest+netColumns)*(float64(columns-1)/2-float64(column)), z, w, h, d, i, column)
		}
	}
	s.end = scene3d.V{Z: at.next(0, 0, netGathered)}
	s.connect(n, columns)
	return s
}

func (s *netScene) add(x, y, z, w, h, d float64, layer, column int) {
	s.solids = append(s.solids, solid{scene3d.Box{
		Low: scene3d.V{X: x - w/2, Y: y - h/2, Z: z}, High: scene3d.V{X: x + w/2, Y: y + h/2, Z: z + d},
	}, layer, column})
}

// of is a layer's block in a column; all of them read the one image.
func (s *netScene) of(layer, column, columns int) scene3d.Box {
	if layer < 0 {
		return s.solids[0].box
	}
	return s.solids[1+layer*columns+column].box
}

// connect adds what the layers read: those that cross lie above the others.
func (s *netScene) connect(n *monitor.Network, columns int) {
	for i := range len(n.Blocks) + 1 {
		for column := range columns {
			l := link{from: s.of(i-1, column, columns).Back(), to: s.end, sender: -1, layer: i}
			if i < len(n.Blocks) {
				l.to = s.of(i, column, columns).Front()
			}
			s.links = append(s.links, l)
		}
	}
	for i, b := range n.Blocks {
		for sender, bytes := range b.Sent {
			s.most = max(s.most, bytes)
			for reader := range columns {
				if reader != sender {
					s.links = append(s.links, link{s.of(i-1, sender, columns).Back(), s.of(i, reader, columns).Front(), sender, i, bytes})
				}
			}
		}
	}
}

// corners are the ends of all boxes.
func (s *netScene) corners() (out []scene3d.V) {
	out = append(out, s.end)
	for _, b := range s.solids {
		for i := range 8 {
			v := b.box.Low
			if i&1 != 0 {
				v.X = b.box.High.X
			}
			if i&2 != 0 {
				v.Y = b.box.High.Y
			}
			if i&4 != 0 {
				v.Z = b.box.High.Z
			}
			out = append(out, v)
		}
	}
	return out
}

// fit is the camera that shows all in a box of the page from such angles, at most as large
// as in the first view: what is turned stays in sight, and its size where it can.
func (s *netScene) fit(r draw.Rect, yaw, pitch float64) scene3d.Camera {
	first := s.fitAt(r, netYaw, netPitch, math.Inf(1))
	return s.fitAt(r, yaw, pitch, first.Scale)
}

// fitAt is the camera that shows all in a box of the page, at most at a scale.
func (s *netScene) fitAt(r draw.Rect, yaw, pitch, most float64) scene3d.Camera {
	c := scene3d.Camera{Yaw: yaw, Pitch: pitch, Scale: 1, Target: scene3d.V{Z: s.end.Z / 2}}
	var points []scene3d.P
	for _, v := range s.corners() {
		points = append(points, c.Project(v))
	}
	low, high := scene3d.Bounds(points...)
	c.Scale = max(0.05, min(most, r.W/(high.X-low.X), r.H/(high.Y-low.Y)))
	c.At = scene3d.P{X: r.X + r.W/2 - c.Scale*(low.X+high.X)/2, Y: r.Y + r.H/2 - c.Scale*(low.Y+high.Y)/2}
	return c
}
