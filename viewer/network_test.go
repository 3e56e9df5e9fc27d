package viewer

import (
	"math"
	"strings"
	"testing"
	"time"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/draw/golden"
	"alexnet/viewer/scene3d"
)

// figure2 is the paper's, at a batch of 128.
func figure2() *monitor.Network {
	n := &monitor.Network{Input: monitor.Block{Layer: "image", H: 224, W: 224, Channels: []int{3}}}
	for _, l := range []struct {
		name           string
		size, channels int
		sent           int64
	}{
		{"conv1", 55, 48, 0}, {"conv2", 27, 128, 0}, {"conv3", 13, 192, 11_075_584}, {"conv4", 13, 192, 0}, {"conv5", 13, 128, 0},
		{"fc6", 1, 2048, 2_359_296}, {"fc7", 1, 2048, 1_048_576}, {"fc8", 1, 500, 1_048_576},
	} {
		b := monitor.Block{Layer: l.name, Dense: l.size == 1, H: l.size, W: l.size, Channels: []int{l.channels, l.channels}}
		if l.sent > 0 {
			b.Sent = []int64{l.sent, l.sent}
		}
		n.Blocks = append(n.Blocks, b)
	}
	return n
}

// faces are maps that look like something: gratings in conv1, blobs behind, few
// units that are active at the end.
func faces(s *monitor.Snapshot) *monitor.Faces {
	f := &monitor.Faces{Step: s.Step, Image: s.Maps.Image, Title: s.Maps.Title, Label: -1, Prediction: s.Maps.Prediction}
	for i, b := range s.Run.Network.Blocks {
		face := monitor.Face{H: b.H, W: b.W}
		for column, n := range b.Channels {
			values := make([]float32, n*b.H*b.W)
			for at := range values {
				x, y, k := float64(at%b.W), float64(at/b.W%b.H), float64(at/(b.H*b.W)+31*column)
				v := 3 * math.Sin(x*math.Cos(k)*1.2+y*math.Sin(k)*1.2) * math.Cos(x/17)
				if i > 0 {
					v = 4*math.Sin(x*0.7+k*k)*math.Cos(y*0.9+k) - 1
				}
				if b.Dense {
					v = 9*math.Sin(k*k) - 7.5
				}
				values[at] = float32(v)
			}
			face.Columns = append(face.Columns, monitor.StrongestMaps(values, b.H*b.W))
			face.Above = append(face.Above, 0.38)
		}
		f.Layers = append(f.Layers, face)
	}
	return f
}

// bare is the sample as another process's run is followed: shapes but no maps.
func bare() *monitor.Snapshot {
	s := sample()
	s.WatchOnly = "This run can only be watched."
	s.Run.Layers = full().Run.Layers
	s.Run.Network = figure2()
	return s
}

func TestNetworkGoldens(t *testing.T) {
	for _, g := range []struct {
		name          string
		snapshot      *monitor.Snapshot
		width, height int
		work          func(*testing.T, *App)
	}{
		{"network-1440x900", full(), 1440, 900, func(t *testing.T, a *App) {
			a.maps.layer, a.maps.column = 2, 1
			a.redraw(pagePart)
			overBlock(t, a, 2, 1)
		}},
		{"network-light-1024x640", bare(), 1024, 640, func(t *testing.T, a *App) { press(a, "F8") }},
		{"network-turned-1440x900", full(), 1440, 900, func(t *testing.T, a *App) {
			dragTo(a, 600, 400, 640, 460)
			for range 3 {
				a.Handle(Wheeled{1})
			}
		}},
		{"network-behind-1440x900", full(), 1440, 900, func(t *testing.T, a *App) { dragTo(a, 700, 420, 460, 495) }},
	} {
		t.Run(g.name, func(t *testing.T) {
			a, _, _ := with(t, g.snapshot, g.width, g.height, 1)
			press(a, "4")
			g.work(t, a)
			golden.Check(t, g.name, a.Picture())
		})
	}
}

// overBlock moves the pointer to the middle of a block's first side.
func overBlock(t *testing.T, a *App, layer, column int) {
	t.Helper()
	a.Draw()
	for _, b := range a.network.seen {
		if b.layer == layer && b.column == column {
			c := b.sides[0].Corners
			a.Handle(Moved{(c[0].X + c[2].X) / 2 * a.scale, (c[0].Y + c[2].Y) / 2 * a.scale})
			a.Draw()
			return
		}
	}
	t.Fatalf("no block of layer %d, column %d is seen", layer, column)
}

func dragTo(a *App, x, y, toX, toY float64) {
	a.Draw()
	a.Handle(Moved{x, y})
	a.Handle(Pressed{true})
	a.Handle(Moved{(x + toX) / 2, (y + toY) / 2})
	a.Handle(Moved{toX, toY})
	a.Draw()
	a.Handle(Pressed{false})
	a.Draw()
}

// TestNetworkStaysInSight: from whichever side it is seen, all of it is on the page, and
// no larger than from the first.
func TestNetworkStaysInSight(t *testing.T) {
	for _, size := range [][2]int{{1024, 640}, {1440, 900}} {
		a, _, _ := with(t, full(), size[0], size[1], 1)
		press(a, "4")
		a.Draw()
		k := &a.network
		first, page := k.camera.Scale, a.frame.rect[pagePart]
		for _, by := range []draw.Point{{X: -240, Y: 75}, {X: 130, Y: 200}, {X: 400, Y: -90}, {X: -90, Y: -300}} {
			k.fit(a)
			dragTo(a, 500, 350, 500+by.X, 350+by.Y)
			for _, v := range k.scene.corners() {
				if at := k.place(v); !page.Contains(at.X, at.Y) {
					t.Fatalf("%v: dragged by %v, %v is at %v, not on the page %v", size, by, v, at, page)
				}
			}
			if k.camera.Scale > first {
				t.Errorf("%v: dragged by %v it is %g times as large as at first", size, by, k.camera.Scale/first)
			}
		}
	}
}

func TestNetworkTurns(t *testing.T) {
	a, source, _ := with(t, full(), 1440, 900, 1)
	press(a, "4")
	if w := source.Watched(); !w.Faces || !w.Maps || w.Kernels {
		t.Errorf("on the page of the network it watches %+v", w)
	}
	k := &a.network
	first := a.Picture()
	overBlock(t, a, 0, 0)
	dragTo(a, a.pointer.X, a.pointer.Y, a.pointer.X+20, a.pointer.Y-20) // it ends on the block
	if k.under(a.pointer) == nil {
		t.Fatal("the drag did not end on a block: it proves nothing")
	}
	if k.turned.Yaw <= netYaw || k.turned.Pitch >= netPitch || same(first, a.Picture()) {
		t.Errorf("dragged right and up, the view is %+v", k.turned)
	}
	if a.page != networkTab {
		t.Errorf("a drag opened page %d", a.page)
	}
	at := draw.Point{X: 700, Y: 500}
	a.Handle(Moved{at.X, at.Y})
	near := k.scene.links[3].from // any place
	before := k.camera
	a.Handle(Wheeled{2})
	a.Draw()
	was, is := before.Project(near), k.camera.Project(near)
	if factor := k.camera.Scale / before.Scale; math.Abs(factor-1.44) > 1e-9 || math.Abs(at.X+(was.X-at.X)*factor-is.X) > 1e-6 || math.Abs(at.Y+(was.Y-at.Y)*factor-is.Y) > 1e-6 {
		t.Errorf("zoomed %g times about %v, %v went to %v", factor, at, was, is)
	}
	for range 40 {
		a.Handle(Wheeled{1})
		a.Draw()
	}
	if k.turned.Scale != 8 {
		t.Errorf("it zooms up to %g", k.turned.Scale)
	}
	press(a, "F")
	a.Handle(Left{})
	if k.turned != (scene3d.Camera{Yaw: netYaw, Pitch: netPitch, Scale: 1}) {
		t.Errorf("F leads to %+v", k.turned)
	}
	a.Handle(Moved{5, 5})
	if !same(first, a.Picture()) {
		t.Error("F does not lead to the first picture")
	}
}

func TestNetworkChoosesBlocks(t *testing.T) {
	for _, s := range []*monitor.Snapshot{full(), bare()} {
		a, _, _ := with(t, s, 1440, 900, 1)
		press(a, "4", "]", "Right")
		if a.maps.layer != 1 || a.maps.column != 1 {
			t.Errorf("] and Right chose layer %d of column %d", a.maps.layer, a.maps.column)
		}
		overBlock(t, a, 4, 1)
		if k := a.network.hot; k == nil || k.layer != 4 || k.column != 1 || a.hover == nil {
			t.Fatalf("under the pointer is %+v", k)
		}
		a.Handle(Pressed{true})
		a.Handle(Moved{a.pointer.X + 2, a.pointer.Y}) // hands are not still
		a.Handle(Pressed{false})
		a.Draw()
		if a.page != activationsTab || a.maps.layer != 4 || a.maps.column != 1 {
			t.Errorf("a click on conv5, column 2, shows page %d, layer %d, column %d", a.page, a.maps.layer, a.maps.column)
		}
	}
	a, _, _ := with(t, full(), 1440, 900, 1)
	press(a, "4")
	a.network.turned.Yaw, a.network.turned.Pitch = 85, 0 // all layers behind each other
	a.redraw(pagePart)
	overBlock(t, a, 4, 0)
	if k := a.network.hot; k == nil || k.layer != 0 {
		t.Errorf("before conv5 stands %+v, want conv1", k)
	}
	press(a, "F")
	overBlock(t, a, -1, 0)
	a.Handle(Pressed{true})
	a.Handle(Pressed{false})
	if a.page != networkTab {
		t.Error("a click on the image left the page")
	}
}

func TestNetworkSays(t *testing.T) {
	a, _, _ := with(t, full(), 1440, 900, 1)
	press(a, "4")
	k := &a.network
	for _, c := range []struct {
		layer, column  int
		reads, figures string
	}{
		{0, 0, "reads the image", "38 % of values above zero · dead units 2 %"},
		{2, 1, "reads both columns: 11.1 MB from column 1 a pass", "38 % of values above zero · dead units 2 %"},
		{3, 1, "reads column 2 only: nothing is sent", "38 % of values above zero · dead units 31 %"},
		{7, 0, "reads both columns: 1.0 MB from column 2 a pass", "38 % of values above zero · dead units 2 %"},
	} {
		b := block{solid: solid{layer: c.layer, column: c.column}}
		if got := k.reads(b); got != c.reads {
			t.Errorf("layer %d: %q, want %q", c.layer, got, c.reads)
		}
		if got := k.figures(a.snap, b); got != c.figures {
			t.Errorf("layer %d: %q, want %q", c.layer, got, c.figures)
		}
	}
	if got := k.figures(bare(), block{solid: solid{layer: 2}}); got != "32,448 values an image" {
		t.Errorf("without maps: %q", got)
	}
	if got := a.nothing(networkTab); !strings.Contains(got, "next step") {
		t.Errorf("a run of this process says %q", got)
	}
	begins := *a.snap
	begins.State, begins.Reason = monitor.Preparing, "choosing kernels: layer 1 of 5"
	a.snap = &begins
	if got := a.nothing(networkTab); !strings.HasPrefix(got, "Choosing kernels: layer 1 of 5. No maps") {
		t.Errorf("one that has not begun says %q", got)
	}
	if next := begins; networkTab.follows(&begins, &next) {
		t.Error("the same is drawn anew")
	} else if next.Reason = "choosing kernels: layer 2 of 5"; !networkTab.follows(&begins, &next) {
		t.Error("what it says of a run that has not begun stays what it was")
	}
}

// TestNetworkFollows: new maps are drawn, and a run that tells only the watched
// layer's shows those.
func TestNetworkFollows(t *testing.T) {
	s := full()
	s.Faces = nil
	a, source, now := with(t, s, 1440, 900, 1)
	press(a, "4")
	if n := len(a.network.faces.picture); n != 2 {
		t.Errorf("of the watched layer %d faces are there, want 2", n)
	}
	before := a.Picture()
	next := *s
	next.Faces = faces(s)
	source.Publish(&next)
	waitUnseen(t, a)
	now.now = now.now.Add(time.Second)
	a.Update()
	if same(before, a.Picture()) || len(a.network.faces.picture) != 16 {
		t.Errorf("with new maps %d faces are there, want 16", len(a.network.faces.picture))
	}
}

// TestNetworkNamesTheClass: beside the paper's network there is room for the whole name.
func TestNetworkNamesTheClass(t *testing.T) {
	for _, size := range [][2]int{{1024, 640}, {1440, 900}} {
		a, _, _ := with(t, full(), size[0], size[1], 1)
		press(a, "4")
		p := &painter{Canvas: draw.New(draw.Rect{W: 300, H: 300}, 1, a.fonts), app: a, th: a.th}
		room := a.frame.rect[pagePart].Right() - a.network.place(a.network.scene.end).X - 8
		for _, name := range []string{"horizontal red-green", "American chameleon", "leopard"} {
			if lines := p.resultLines(name, room); strings.Join(lines, " ") != name {
				t.Errorf("%v: in %.0f pixels it says %q", size, room, lines)
			}
		}
		if lines := p.resultLines(strings.Repeat("very long ", 9)+"name", room); len(lines) != 3 || !strings.HasSuffix(lines[2], "…") {
			t.Errorf("a name without room is %q", lines)
		}
	}
}

// TestScene: the design's measures, and networks of other shapes.
func TestScene(t *testing.T) {
	s := newScene(figure2())
	size := func(layer int) (w, h, d float64) {
		b := s.of(layer, 0, 2)
		return b.High.X - b.Low.X, b.High.Y - b.Low.Y, b.High.Z - b.Low.Z
	}
	if w, h, d := size(2); math.Abs(w-88) > 1e-9 || math.Abs(h-88) > 1e-9 || d != 50 {
		t.Errorf("conv3 is %g × %g × %g, want 88 × 88 × 50", w, h, d)
	}
	if w, _, d := size(0); math.Abs(w-88*math.Sqrt(55.0/13)) > 1e-9 || d != 14 {
		t.Errorf("conv1's face is %g, it is %g thick", w, d)
	}
	if crossing := len(s.links) - 2*9; crossing != 8 {
		t.Errorf("%d links cross, want 8", crossing)
	}
	for _, n := range []*monitor.Network{
		{Input: monitor.Block{H: 32, W: 32, Channels: []int{3}}, Blocks: []monitor.Block{{H: 32, W: 32, Channels: []int{64}}, {Dense: true, H: 1, W: 1, Channels: []int{10}}}},
		{Input: monitor.Block{H: 32, W: 48, Channels: []int{3}}, Blocks: []monitor.Block{{H: 8, W: 12, Channels: []int{3, 3, 2}}, {Dense: true, H: 1, W: 1, Channels: []int{2, 2, 1}, Sent: []int64{9, 9, 9}}}},
	} {
		snap := sample()
		snap.Run.Network, snap.Run.Layers = n, []string{"a", "b"}
		a, _, _ := with(t, snap, 1440, 900, 1)
		press(a, "4")
		page := a.frame.rect[pagePart]
		for _, b := range a.network.seen {
			for _, q := range b.sides {
				for _, c := range q.Corners {
					if !page.Contains(c.X, c.Y) {
						t.Errorf("layer %d, column %d has a corner at %v, out of the page", b.layer, b.column, c)
					}
				}
			}
		}
	}
}

// TestNetworkComesBack: a run whose network is not told for a while is drawn as before when
// it is.
func TestNetworkComesBack(t *testing.T) {
	s := full()
	a, _, _ := with(t, s, 1440, 900, 1)
	press(a, "4")
	before, network := a.Picture(), s.Run.Network
	for _, n := range []*monitor.Network{nil, network} {
		s.Run.Network = n
		a.redraw(pagePart)
		a.Draw()
	}
	if !same(before, a.Picture()) {
		t.Error("it is drawn otherwise")
	}
}
