// Package scene3d shows boxes in three dimensions on a picture: a parallel
// projection, which boxes hide which, and surfaces with pictures on them. It knows
// neither a window nor what the boxes stand for.
package scene3d

import "math"

// V is a place or a direction: X along the face of a box, Y up, Z along the row in
// which boxes stand.
type V struct{ X, Y, Z float64 }

// Add is the sum.
func (a V) Add(b V) V { return V{a.X + b.X, a.Y + b.Y, a.Z + b.Z} }

// Dot is the scalar product.
func (a V) Dot(b V) float64 { return a.X*b.X + a.Y*b.Y + a.Z*b.Z }

// P is a place on the picture, y down.
type P struct{ X, Y float64 }

// MostPitch is how far a camera may look from above or below, in degrees.
const MostPitch = 80

// Camera is a parallel projection. At yaw and pitch 0 it looks along the faces of
// the boxes, with their row going right; yaw turns the faces towards it, pitch
// raises it.
type Camera struct {
	Yaw, Pitch float64 // degrees
	Scale      float64 // of lengths
	Target     V       // what it turns about
	At         P       // where on the picture that is
}

// axes are the directions of the picture's right, its upper edge and the viewer.
func (c Camera) axes() (right, up, viewer V) {
	sy, cy := math.Sincos(c.Yaw * math.Pi / 180)
	sp, cp := math.Sincos(c.Pitch * math.Pi / 180)
	return V{sy, 0, cy}, V{-cy * sp, cp, sy * sp}, V{cy * cp, sp, -sy * cp}
}

// Project is where a place is seen.
func (c Camera) Project(v V) P {
	right, up, _ := c.axes()
	v = v.Add(V{-c.Target.X, -c.Target.Y, -c.Target.Z})
	return P{c.At.X + c.Scale*v.Dot(right), c.At.Y - c.Scale*v.Dot(up)}
}

// Faces says whether a surface with such a normal is seen from its front.
func (c Camera) Faces(normal V) bool {
	_, _, viewer := c.axes()
	return normal.Dot(viewer) > 1e-9
}

// Turn turns what is seen as if the picture had been grabbed and moved so far.
func (c *Camera) Turn(dx, dy float64) {
	const degrees = 0.4 // for each pixel
	c.Yaw = math.Mod(c.Yaw+dx*degrees, 360)
	c.Pitch = min(MostPitch, max(-MostPitch, c.Pitch+dy*degrees))
}

// Zoom enlarges and keeps what is at a point of the picture there.
func (c *Camera) Zoom(at P, factor float64) {
	c.Scale *= factor
	c.At = P{at.X + (c.At.X-at.X)*factor, at.Y + (c.At.Y-at.Y)*factor}
}
