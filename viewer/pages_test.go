package viewer

import (
	"image"
	"image/color"
	"math"
	"strings"
	"testing"
	"time"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/draw/golden"
	"alexnet/viewer/theme"
)

// full is the sample with all that a trainer in this process can show.
func full() *monitor.Snapshot {
	s := plateau()
	s.Run.Classes = []string{"leopard", "jaguar", "snow leopard", "cheetah", "Egyptian cat", "lion", "tiger", "lynx", "tabby", "cougar", "puma"}
	s.Run.Layers = []string{"conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"}
	s.Maps = &monitor.Maps{Step: s.Step, Layer: "conv1", H: 55, W: 55, Title: "Validation 1,204", Image: image.NewRGBA(image.Rect(0, 0, 224, 224))}
	for i := range 224 * 224 {
		v := uint8(120 + 100*math.Sin(float64(i%224)/20)*math.Cos(float64(i/224)/14))
		s.Maps.Image.SetRGBA(i%224, i/224, color.RGBA{v, v, 255 - v, 255})
	}
	for column := range 2 {
		values := make([]float32, 48*55*55)
		for i := range values {
			x, y, k := float64(i%55), float64(i/55%55), float64(i/(55*55)+7*column)
			values[i] = float32(4 * math.Sin(x*math.Cos(k)/3+y*math.Sin(k)/3) * math.Cos(x/17))
		}
		s.Maps.Columns = append(s.Maps.Columns, values)
	}
	for i, p := range []float64{0.714, 0.189, 0.052, 0.031, 0.004} {
		s.Maps.Prediction = append(s.Maps.Prediction, monitor.Guess{Class: i, Probability: p})
	}
	s.Patches = patches(s)
	s.Run.Network = figure2()
	s.Faces = faces(s)
	s.Layers = layerRows(s.Run.Layers)
	s.Timeline = timeline()
	for i, name := range s.Run.Devices {
		s.Machines = append(s.Machines, monitor.Machine{
			Name: name, Columns: []int{i}, Computing: 0.79 + 0.13*float64(i), Waiting: 0.17 - 0.14*float64(i), Used: 1_110_000_000, Largest: 1_160_000_000, Capacity: 12_000_000_000,
			Weights: 122_000_000, Gradients: 122_000_000, Momentums: 122_000_000, Activations: 603_000_000, Work: 138_000_000,
		})
	}
	return s
}

// patches are pieces of something like a photograph; the last kernel has none.
func patches(s *monitor.Snapshot) *monitor.Patches {
	out := &monitor.Patches{Step: s.Step - 40, Images: 64}
	for kernel := range 95 {
		var list []monitor.Patch
		for i := range 6 {
			img := image.NewRGBA(image.Rect(0, 0, 11, 11))
			for at := range 121 {
				x, y := float64(at%11)-5, float64(at/11)-5
				sin, cos := math.Sincos(float64(kernel)*0.7 + float64(i)/9)
				v := math.Sin((x*cos + y*sin) * 0.8)
				img.SetRGBA(at%11, at/11, color.RGBA{uint8(128 + 100*v), uint8(120 + 20*float64(i%3)), uint8(128 - 90*v), 255})
			}
			list = append(list, monitor.Patch{Value: 3.41 - 0.19*float64(i), Image: 100*i + kernel, Picture: img})
		}
		out.Kernels = append(out.Kernels, list)
	}
	return out
}

func layerRows(layers []string) (out []monitor.LayerFigures) {
	bell, tail := &monitor.Histogram{}, &monitor.Histogram{}
	for i := range 40 {
		x := float64(i-20) / 7
		bell.Counts = append(bell.Counts, int(1000*math.Exp(-x*x/2)))
		tail.Counts = append(tail.Counts, int(1000*math.Exp(-float64(i)/4)))
	}
	for i, name := range layers {
		for column := range 2 {
			out = append(out, monitor.LayerFigures{
				Layer: name, Shape: "3×3×192, 192", Column: column, WeightNorm: 13.92 + 8*float64(i), GradientNorm: 0.19, UpdateRatio: 9.4e-4, Dead: 0.02,
				Weights: bell, Gradients: bell, Outputs: tail,
			})
		}
	}
	dead, broken := &out[7], &out[13]
	dead.Dead, dead.Notice = 0.31, &monitor.Notice{Text: "31 % of the units were zero for each of the 256 watched images (dead ReLU). People lower the rate, or start the biases at 1 or 0.1 instead of 0."}
	broken.GradientNorm, broken.UpdateRatio, broken.Gradients = math.NaN(), -1, nil
	broken.Notice = &monitor.Notice{Error: true, Text: "First NaN of the run: the backward pass of fc7, column 2. The layers below it have it from there. People go back to a checkpoint and divide the rate by 10."}
	return out
}

func timeline() *monitor.Timeline {
	ms := func(v float64) time.Duration { return time.Duration(v * float64(time.Millisecond)) }
	t := &monitor.Timeline{Step: 20_000, Total: ms(200.1)}
	for column := range 2 {
		l := monitor.Lane{Kind: monitor.DeviceLane, Column: column, Name: []string{"Column 1", "Column 2"}[column], Note: "a device"}
		at := 2.0
		for _, w := range []struct {
			kind monitor.SpanKind
			name string
			took float64
		}{{monitor.Forward, "conv1", 15}, {monitor.Forward, "conv2", 15}, {monitor.WaitingFor, "", 8 - 5*float64(column)}, {monitor.Forward, "conv3", 8}, {monitor.Forward, "fc6", 6}, {monitor.Backward, "conv3", 40}, {monitor.Backward, "conv1", 60}, {monitor.Update, "", 10}} {
			l.Spans = append(l.Spans, monitor.Span{Kind: w.kind, Name: w.name, From: ms(at), To: ms(at + w.took)})
			at += w.took
		}
		t.Lanes = append(t.Lanes, l)
	}
	t.Lanes = append(t.Lanes,
		monitor.Lane{Kind: monitor.ExchangeLane, Name: "Exchange", Note: "shared host memory", Spans: []monitor.Span{{Kind: monitor.Transfer, From: ms(33), To: ms(36)}, {Kind: monitor.Transfer, From: ms(110), To: ms(112)}}},
		monitor.Lane{Kind: monitor.ImageLane, Name: "Images", Note: "always ready", Rows: 2, Spans: []monitor.Span{{Kind: monitor.Transfer, Name: "upload", To: ms(2)},
			{Kind: monitor.Loading, Name: "load 32", Row: 1, To: ms(31)}, {Kind: monitor.Loading, Name: "load 32", Row: 1, From: ms(33), To: ms(66)}}})
	return t
}

func TestPageGoldens(t *testing.T) {
	for name, key := range map[string]string{"kernels-patches-1440x900": "1", "activations-1440x900": "2", "layers-1440x900": "5", "devices-1440x900": "6"} {
		a, _, _ := with(t, full(), 1440, 900, 1)
		press(a, key)
		golden.Check(t, name, a.Picture())
	}
	for name, key := range map[string]string{"layers-1024x640": "5", "devices-1024x640": "6"} {
		a, _, _ := with(t, full(), 1024, 640, 1)
		press(a, key)
		golden.Check(t, name, a.Picture())
	}
}

func TestActivations(t *testing.T) {
	a, source, _ := with(t, full(), 1440, 900, 1)
	press(a, "2", "]", "]", "Right")
	if w := source.Watched(); !w.Maps || w.Layer != "conv3" || w.Image != 1 || w.Kernels {
		t.Errorf("after two layers and one image on it watches %+v", w)
	}
	press(a, "[", "Left", "Left")
	if w := source.Watched(); w.Layer != "conv2" || w.Image != 0 {
		t.Errorf("after one back and two images it watches %+v", w)
	}
	tile := a.maps.atlas[1].Tile(17)
	a.Handle(Moved{float64(tile.Min.X + 4), float64(tile.Min.Y + 9)})
	before := a.Picture()
	a.Handle(Pressed{true})
	a.Handle(Pressed{false})
	if a.maps.column != 1 || a.maps.one != 17 || same(before, a.Picture()) {
		t.Errorf("clicked map 17 of column 1, chosen %d of %d", a.maps.one, a.maps.column)
	}
}

// TestLayersHaveRoom: all columns are within the page, whatever its width, and apart.
func TestLayersHaveRoom(t *testing.T) {
	for _, width := range []float64{784, 1008, 1151, 1168, 2000} {
		c := columnsOf(width)
		if end := c.histogram(2) + c.bar; end > width || c.bar < 60 || c.bar >= c.pitch || c.numbers[3] >= c.first {
			t.Errorf("of %g pixels the columns take %g: %+v", width, end, c)
		}
	}
}

// TestLayersTellAll: a notice that is longer than its row is told in more lines, each
// within the page.
func TestLayersTellAll(t *testing.T) {
	a, _, _ := with(t, full(), 1024, 640, 1)
	p := &painter{Canvas: draw.New(draw.Rect{W: 784, H: 400}, 1, a.fonts), app: a, th: a.th}
	text := "62 % of the units were zero for 16 images and do not learn. People lower the rate, or begin with biases of 1."
	rows := []monitor.LayerFigures{{Layer: "conv1"}, {Layer: "conv1", Column: 1, Notice: &monitor.Notice{Text: text}}, {Layer: "conv2"}}
	lines := a.layers.lines(p, rows, 620)
	if got := lines[1].notice; len(got) != 2 || strings.Join(got, " ") != text || p.Width(got[0], small) > 620-68 {
		t.Errorf("it says %q", got)
	}
	if got, want := tableHeight(lines), 3*31.0+28+theme.SmallLine; got != want {
		t.Errorf("the table is %g high, want %g", got, want)
	}
	lines[2].Frozen = true
	if got := lines[0].update() + " " + lines[2].update(); got != "0 frozen" {
		t.Errorf("their updates are %q", got)
	}
	if lines[0].alone || lines[1].alone || !lines[2].alone {
		t.Error("a layer's only row is another one")
	}
	if !lines[0].first || lines[1].first || !lines[2].first {
		t.Error("layers begin elsewhere")
	}
}

func TestLayersScroll(t *testing.T) {
	a, _, _ := with(t, full(), 1024, 640, 1)
	press(a, "5")
	a.Handle(Moved{400, 400})
	for range 50 {
		a.Handle(Wheeled{-1})
		a.Draw()
	}
	h, _, _ := a.find("layers")
	p := &painter{Canvas: draw.New(h.rect, 1, a.fonts), app: a, th: a.th}
	if want := tableHeight(a.layers.lines(p, a.snap.Layers, h.rect.W)) - h.rect.H; a.layers.top != want || want <= 0 {
		t.Errorf("scrolled to %g, want the end, %g", a.layers.top, want)
	}
	for range 50 {
		a.Handle(Wheeled{1})
	}
	if a.layers.top != 0 {
		t.Errorf("scrolled back to %g", a.layers.top)
	}
}

// TestPaceSetter: the device that waits least sets the pace, if it does so clearly.
func TestPaceSetter(t *testing.T) {
	machines := func(waiting ...float64) (out []monitor.Machine) {
		for i, w := range waiting {
			out = append(out, monitor.Machine{Name: string(rune('A' + i)), Waiting: w})
		}
		return out
	}
	for _, c := range []struct {
		machines []monitor.Machine
		want     string
	}{
		{machines(0.3), ""},
		{machines(0.03, 0.05), "The devices keep pace with each other."},
		{machines(0.17, 0.03), "B sets the pace: A waits for 17 % of the time."},
		{machines(0.1, 0.02, 0.4), "B sets the pace: C waits for 40 % of the time."},
	} {
		if got := paceSetter(c.machines); got != c.want {
			t.Errorf("it says %q, want %q", got, c.want)
		}
	}
	for want, devices := range map[string][]string{"batch 32": nil, "batch 32 · 1 device": {"A", "A"}, "batch 32 · 2 devices": {"A", "A #2"}} {
		if got := batchWords(&monitor.Run{Batch: 32, Devices: devices}); got != want {
			t.Errorf("of %v the header says %q, want %q", devices, got, want)
		}
	}
}

// TestUnreadableLogIsSaid: the curves of a run whose log cannot be read are not missing
// because it ended too early.
func TestUnreadableLogIsSaid(t *testing.T) {
	s := sample()
	s.Points, s.Validations, s.Events, s.State, s.Step = nil, nil, nil, monitor.Stopped, 0
	a, _, _ := with(t, s, 1024, 640, 1)
	press(a, "3")
	before := a.Picture()
	for lines, want := range map[int]string{0: pages[curvesTab].ended, 1: "No steps: a line of the log cannot be read, and no other is of a step.", 9: "No steps: 9 lines of the log cannot be read, and no other is of a step."} {
		now := *s
		now.Unreadable = lines
		if lines > 0 && !curvesTab.follows(s, &now) {
			t.Errorf("%d lines more are not followed", lines)
		}
		a.snap = &now
		a.redraw(pagePart)
		if got := a.nothing(curvesTab); got != want || lines > 0 && same(before, a.Picture()) {
			t.Errorf("of %d lines it says %q, want %q", lines, got, want)
		}
		a.snap = s
	}
}

// TestNothingMoreComes: a run that has ended is not told to have a next step.
func TestNothingMoreComes(t *testing.T) {
	for _, state := range []monitor.State{monitor.Finished, monitor.Stopped, monitor.Failed} {
		s := sample()
		s.State = state
		a, _, _ := with(t, s, 1440, 900, 1)
		for g := range pages {
			if text := a.nothing(page(g)); text == "" || strings.Contains(text, "yet") || strings.Contains(text, "next") {
				t.Errorf("%v: the page %s says %q", state, pages[g].name, text)
			}
		}
	}
}

// TestTabsHaveARing: the ring of a tab with the focus is seen on all sides.
func TestTabsHaveARing(t *testing.T) {
	a, _, _ := with(t, sample(), 1440, 900, 1)
	a.focus = "tab3"
	a.redraw(tabsPart)
	img := a.Picture()
	h, _, _ := a.find("tab3")
	x, y := int(h.rect.X+h.rect.W/2), int(h.rect.Y+h.rect.H/2)
	for _, line := range [][2]image.Point{
		{image.Pt(x, int(h.rect.Y)), image.Pt(x, y-12)}, {image.Pt(x, y+12), image.Pt(x, int(h.rect.Bottom()))},
		{image.Pt(int(h.rect.X), y), image.Pt(int(h.rect.X)+12, y)}, {image.Pt(int(h.rect.Right())-12, y), image.Pt(int(h.rect.Right()), y)},
	} {
		ring := 0
		for at := line[0]; at != line[1]; at = at.Add(image.Pt(min(1, line[1].X-at.X), min(1, line[1].Y-at.Y))) {
			if img.RGBAAt(at.X, at.Y) == a.th.Text {
				ring++
			}
		}
		if ring != 2 {
			t.Errorf("from %v to %v %d pixels of the ring, want 2", line[0], line[1], ring)
		}
	}
}

func TestPointsApart(t *testing.T) {
	if got := pointsApart(0.444, 0.556); got != "12" { // 44 % and 56 % are shown
		t.Errorf("%s points apart, want 12", got)
	}
}

// TestHeaderIsSteady: a step that went astray changes neither the loss in the header nor,
// by its speed, the time that is left.
func TestHeaderIsSteady(t *testing.T) {
	s := &monitor.Snapshot{Run: &monitor.Run{Steps: 1100, Batch: 10}, State: monitor.Training, Step: 100}
	for i := 1; i <= 10; i++ {
		s.Points = append(s.Points, monitor.Point{Step: 10 * i, Loss: 2, ImagesPerSecond: 100})
	}
	loss, ok := recentLoss(s)
	left, _ := timeLeft(s)
	if !ok || loss != 2 || left.Round(time.Second) != 100*time.Second {
		t.Errorf("a loss of %g, %v left", loss, left)
	}
	s.Points[8].Loss, s.Points[9].ImagesPerSecond = 1.8e10, 50
	loss, _ = recentLoss(s)
	if left, _ = timeLeft(s); loss != 2 || left.Round(time.Second) != 110*time.Second {
		t.Errorf("with a step astray a loss of %g, %v left", loss, left)
	}
	s.Points[9].Loss = math.NaN()
	if loss, _ = recentLoss(s); !math.IsNaN(loss) {
		t.Errorf("of numbers that exploded %g", loss)
	}
}
