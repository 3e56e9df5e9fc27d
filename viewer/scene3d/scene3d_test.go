package scene3d

import (
	"image"
	"image/color"
	"math"
	"slices"
	"testing"

	"alexnet/viewer/draw/golden"
)

func near(a, b P) bool { return math.Hypot(a.X-b.X, a.Y-b.Y) < 1e-9 }

func TestProject(t *testing.T) {
	half := math.Sqrt(0.5)
	for _, c := range []struct {
		name       string
		yaw, pitch float64
		at         V
		want       P
	}{
		{"the row goes right", 0, 0, V{0, 0, 10}, P{120, 50}},
		{"up is up", 0, 0, V{0, 10, 0}, P{100, 30}},
		{"faces are seen from their edge", 0, 0, V{10, 0, 0}, P{100, 50}},
		{"turned to the viewer they go right", 90, 0, V{10, 0, 0}, P{120, 50}},
		{"half-way both do", 45, 0, V{10, 0, 10}, P{100 + 40*half, 50}},
		{"from above the row's end is higher", 90, 30, V{0, 0, 10}, P{100, 40}},
		{"and what is near is lower", 0, 30, V{10, 0, 0}, P{100, 60}},
	} {
		camera := Camera{Yaw: c.yaw, Pitch: c.pitch, Scale: 2, At: P{100, 50}}
		if got := camera.Project(c.at); !near(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestTurnAndZoom(t *testing.T) {
	c := Camera{Yaw: 36, Pitch: 8, Scale: 1, Target: V{1, 2, 3}, At: P{100, 50}}
	for _, v := range []V{{1, 2, 3}, {10, 0, -4}} {
		zoomed, at := c, c.Project(v)
		zoomed.Zoom(at, 1.7)
		if got := zoomed.Project(v); !near(got, at) || zoomed.Scale != 1.7 {
			t.Errorf("zoomed about it, %v went from %v to %v", v, at, got)
		}
	}
	front := V{1, 2, 3}.Add(V{X: 5, Z: -3}) // on the viewer's side
	turned := c
	turned.Turn(10, 10)
	if a, b := c.Project(front), turned.Project(front); b.X <= a.X || b.Y <= a.Y {
		t.Errorf("grabbed and moved right and down, the front went from %v to %v", a, b)
	}
	turned.Turn(0, 1e6)
	if turned.Pitch != MostPitch {
		t.Errorf("the camera looks from %g degrees above", turned.Pitch)
	}
}

func TestSees(t *testing.T) {
	box := Box{V{-5, -5, 0}, V{5, 5, 4}}
	for _, c := range []struct {
		yaw, pitch float64
		want       []Side
	}{
		{36, 8, []Side{FrontSide, RightSide, TopSide}},
		{36, -8, []Side{FrontSide, RightSide, BottomSide}},
		{36 + 180, 8, []Side{BackSide, LeftSide, TopSide}},
		{90, 0, []Side{FrontSide}},
		{-36, 8, []Side{BackSide, RightSide, TopSide}},
	} {
		camera := Camera{Yaw: c.yaw, Pitch: c.pitch, Scale: 1}
		var got []Side
		for _, q := range box.See(camera) {
			got = append(got, q.Side)
			m := P{(q.Corners[0].X + q.Corners[2].X) / 2, (q.Corners[0].Y + q.Corners[2].Y) / 2}
			if !q.Contains(m) || q.Contains(P{m.X + 100, m.Y}) {
				t.Errorf("side %d at %v holds its middle: %v", q.Side, q.Corners, q.Contains(m))
			}
			// Seen from the front a picture is not mirrored: its corners go clockwise.
			a, b, d := q.Corners[0], q.Corners[1], q.Corners[3]
			if (b.X-a.X)*(d.Y-a.Y)-(b.Y-a.Y)*(d.X-a.X) <= 0 {
				t.Errorf("yaw %g: side %d is mirrored: %v", c.yaw, q.Side, q.Corners)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("yaw %g, pitch %g: sides %v, want %v", c.yaw, c.pitch, got, c.want)
		}
	}
}

func TestOrder(t *testing.T) {
	boxes := []Box{
		{V{-1, 5, 0}, V{1, 7, 2}}, {V{-1, -7, 0}, V{1, -5, 2}}, // above each other
		{V{-9, 5, 4}, V{9, 7, 5}}, {V{-9, -7, 4}, V{9, -5, 5}},
	}
	for _, c := range []struct {
		yaw, pitch float64
		want       []int
	}{
		{36, 8, []int{3, 2, 1, 0}},
		{36, -8, []int{2, 3, 0, 1}},
		{-36, 8, []int{1, 0, 3, 2}},
	} {
		if got := Order(boxes, Camera{Yaw: c.yaw, Pitch: c.pitch, Scale: 1}); !slices.Equal(got, c.want) {
			t.Errorf("yaw %g, pitch %g: %v, want %v", c.yaw, c.pitch, got, c.want)
		}
		// The order must not depend on that of the list.
		turned := slices.Clone(boxes)
		slices.Reverse(turned)
		got := Order(turned, Camera{Yaw: c.yaw, Pitch: c.pitch, Scale: 1})
		for i := range got {
			got[i] = len(boxes) - 1 - got[i]
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("yaw %g, pitch %g, listed from behind: %v, want %v", c.yaw, c.pitch, got, c.want)
		}
	}
}

// letter is a picture that shows which way it is turned.
func letter(side int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	for i := range side * side {
		x, y := i%side*8/side, i/side*8/side
		ink := color.RGBA{20, 60, 120, 255}
		if x == 1 && y > 0 && y < 7 || y == 1 && x > 0 && x < 6 || y == 4 && x > 0 && x < 4 {
			ink = color.RGBA{255, 255, 255, 255}
		}
		img.SetRGBA(i%side, i/side, ink)
	}
	return img
}

// TestTexture draws boxes from four directions: enlarged without blur, reduced by
// averages, the edges smooth.
func TestTexture(t *testing.T) {
	dst := image.NewRGBA(image.Rect(0, 0, 400, 120))
	for i := range dst.Pix {
		dst.Pix[i] = 255
	}
	box := Box{V{-40, -40, -10}, V{40, 40, 10}}
	for i, c := range []struct {
		yaw, pitch float64
		side       int
	}{{36, 8, 8}, {60, 30, 320}, {90, 0, 8}, {215, -30, 320}} {
		camera := Camera{Yaw: c.yaw, Pitch: c.pitch, Scale: 1, At: P{50 + 100*float64(i), 60}}
		for _, q := range box.See(camera) {
			Texture(dst, q, letter(c.side))
		}
	}
	golden.Check(t, "boxes", dst)
}

func TestTextureFromItsEdge(t *testing.T) {
	dst := image.NewRGBA(image.Rect(0, 0, 9, 9))
	Texture(dst, Quad{Corners: [4]P{{1, 1}, {1, 1}, {1, 8}, {1, 8}}}, letter(8))
	Texture(dst, Quad{Corners: [4]P{{-90, -90}, {-80, -90}, {-80, -80}, {-90, -80}}}, letter(8))
	for i, v := range dst.Pix {
		if v != 0 {
			t.Fatalf("byte %d was drawn: %d", i, v)
		}
	}
}
