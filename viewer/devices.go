package viewer

import (
	"image/color"
	"math"
	"time"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/figure"
	"alexnet/viewer/plot"
	"alexnet/viewer/theme"
)

// devicesPage is where the time of a step goes, and the memory.
type devicesPage struct{}

func (d *devicesPage) draw(p *painter, r draw.Rect) {
	t := p.app.snap.Timeline
	if t == nil || p.app.past >= 0 {
		p.empty(r, p.app.nothing(devicesTab))
		return
	}
	d.legend(p, r)
	p.TextRight(r.Right()-theme.Margin, r.Y+30, "step "+theme.Count(t.Step)+": "+theme.Duration(t.Total), bold, p.th.Text)
	lanes := draw.Rect{X: r.X + theme.Margin, Y: r.Y + 68, W: r.W - 2*theme.Margin, H: 0}
	labels := figure.LaneLabels(p.Canvas, t, lanes.W)
	axis := plot.Axis{Low: 0, High: float64(t.Total) / float64(time.Millisecond)}
	height := figure.LanesHeight(t, p.app.frame.compact)
	for i, v := range axis.Ticks(int(lanes.W / 100)) {
		x := lanes.X + labels + (lanes.W-labels)*axis.At(v)
		p.VLine(x, r.Y+56, height+8, p.th.Grid)
		text := theme.Tick(v)
		if i == 0 {
			text += " ms"
		}
		p.Text(min(x-p.Width(text, small)/2, r.Right()-theme.Margin-p.Width(text, small)), r.Y+56+height+28, text, small, p.th.Text2)
	}
	figure.Lanes(p.Canvas, p.th, lanes, labels, t, p.app.frame.compact)
	top := r.Y + 56 + height + 44
	p.HLine(r.X, top, r.W, p.th.Line)
	width := math.Floor(r.W / 3)
	for i, panel := range []func(*painter, draw.Rect){d.shares, d.memory, d.speed} {
		box := draw.Rect{X: r.X + width*float64(i), Y: top, W: width, H: r.Bottom() - top}
		if i > 0 {
			p.VLine(box.X, box.Y, box.H, p.th.Line)
		}
		panel(p, draw.Rect{X: box.X + theme.Margin, Y: box.Y, W: box.W - 2*theme.Margin, H: box.H})
	}
}

func (d *devicesPage) legend(p *painter, r draw.Rect) {
	x, th := r.X+theme.Margin, p.th
	for i, name := range []string{"forward", "backward", "update", "waiting"} {
		box := draw.Rect{X: x, Y: r.Y + 19, W: 14, H: 14}
		switch i {
		case 0:
			p.Fill(box, th.Text2)
		case 1:
			p.Fill(box, theme.Mix(th.Background, th.Text2, 0.58))
		case 2:
			p.Frame(box, 1, th.Text2)
		default:
			p.Hatch(box, th.Text2)
		}
		x += 20 + p.Text(x+20, r.Y+30.5, name, small, th.Text2) + 20
	}
}

func (d *devicesPage) shares(p *painter, r draw.Rect) {
	p.Text(r.X, r.Y+30, "Where the time of a step goes", bold, p.th.Text)
	y, pitch := r.Y+46, d.pitch(p, r)
	for i, m := range p.app.snap.Machines {
		if d.hides(p, r, y, i) {
			return
		}
		ink := d.name(p, r, y, m.Name, 0, m)
		bar := draw.Rect{X: r.X, Y: y + 26, W: r.W, H: 20}
		p.Frame(bar, 1, p.th.Line)
		part := bar
		part.W = bar.W * m.Computing
		p.Fill(part, ink)
		if part.X, part.W = part.Right(), bar.W*m.Waiting; part.W > 2 {
			p.Hatch(part, p.th.Text3)
		}
		p.Text(r.X, y+64, "computing "+wholePercent(m.Computing), small, p.th.Text2)
		p.TextRight(r.Right(), y+64, "waiting "+wholePercent(m.Waiting), small, p.th.Text)
		y += pitch
	}
	lines := p.Wrap(paceSetter(p.app.snap.Machines), small, r.W)
	if y+16+heightOf(len(lines)) <= r.Bottom() {
		p.lines(r.X, y+16, lines, p.th.Text)
	}
}

// even is by how much the devices' shares of waiting may differ where they keep pace.
const even = 0.05

// paceSetter says which device the others wait for; empty of a single one.
func paceSetter(machines []monitor.Machine) string {
	if len(machines) < 2 {
		return ""
	}
	least, most := machines[0], machines[0]
	for _, m := range machines[1:] {
		if m.Waiting < least.Waiting {
			least = m
		}
		if m.Waiting > most.Waiting {
			most = m
		}
	}
	if most.Waiting-least.Waiting < even {
		return "The devices keep pace with each other."
	}
	return least.Name + " sets the pace: " + most.Name + " waits for " + wholePercent(most.Waiting) + " of the time."
}

// machineRow is the height of a machine in a panel, of which it needs machineLeast.
const (
	machineRow   = 84
	machineLeast = 69
)

// pitch is the distance from one machine to the next: less where there are many.
func (d *devicesPage) pitch(p *painter, r draw.Rect) float64 {
	n := max(1, len(p.app.snap.Machines))
	return max(machineLeast, min(machineRow, math.Floor((r.H-46)/float64(n))))
}

// hides says whether a machine has no room at y, and then tells of it and of those
// behind it.
func (d *devicesPage) hides(p *painter, r draw.Rect, y float64, i int) bool {
	if y+machineLeast-2 <= r.Bottom() {
		return false
	}
	more := theme.Count(len(p.app.snap.Machines) - i)
	p.Text(r.X, min(y+12, r.Bottom()-6), p.Fit(more+" more in a higher window", small, r.W), small, p.th.Text2)
	return true
}

// name writes a machine's name with the colour of its first column, and returns
// that. It leaves room at the right.
func (d *devicesPage) name(p *painter, r draw.Rect, y float64, text string, right float64, m monitor.Machine) color.RGBA {
	column := 0
	if len(m.Columns) > 0 {
		column = m.Columns[0]
	}
	c := p.th.Column(column)
	p.Fill(draw.Rect{X: r.X, Y: y + 4, W: 12, H: 12}, c)
	p.Text(r.X+20, y+15, p.Fit(text, small, r.W-20-right), small, p.th.Text)
	return c
}

func (d *devicesPage) memory(p *painter, r draw.Rect) {
	p.Text(r.X, r.Y+30, "Memory", bold, p.th.Text)
	y, pitch := r.Y+46, d.pitch(p, r)
	for i, m := range p.app.snap.Machines {
		if d.hides(p, r, y, i) {
			return
		}
		ink := d.name(p, r, y, theme.Memory(m.Used)+" of "+theme.Memory(m.Capacity), 50, m)
		bar := draw.Rect{X: r.X, Y: y + 26, W: r.W, H: 20}
		p.Frame(bar, 1, p.th.Line)
		if m.Capacity > 0 {
			share := float64(m.Used) / float64(m.Capacity)
			bar.W = max(1, bar.W*min(1, share))
			p.Fill(bar, ink)
			p.TextRight(r.Right(), y+15, wholePercent(share), small, p.th.Text2)
		}
		p.Text(r.X, y+64, "largest so far "+theme.Memory(m.Largest), small, p.th.Text2)
		y += pitch
	}
	if len(p.app.snap.Machines) == 0 {
		return
	}
	if y+machineLeast+9 > r.Bottom() {
		if y+4 <= r.Bottom() {
			p.Text(r.X, y, p.Fit("What it holds: in a higher window", small, r.W), small, p.th.Text2)
		}
		return
	}
	m := p.app.snap.Machines[0]
	for i, part := range []struct {
		name  string
		bytes int64
	}{{"weights", m.Weights}, {"gradients", m.Gradients}, {"momentum", m.Momentums}, {"maps", m.Activations}, {"work space", m.Work}} {
		x, at := r.X+float64(i%3)*math.Floor(r.W/3), y+16+float64(i/3)*42
		p.Text(x, at, part.name, small, p.th.Text2)
		p.Text(x, at+18, theme.Memory(part.bytes), small, p.th.Text)
	}
}

// lately is how far back the page's curve of images/s goes.
const lately = 600 // seconds

func (d *devicesPage) speed(p *painter, r draw.Rect) {
	p.Text(r.X, r.Y+30, "Images/s, last 10 min of training", bold, p.th.Text)
	points := p.app.snap.Points
	if len(points) == 0 {
		return
	}
	end := points[len(points)-1].Seconds
	s := &plot.Series{Ink: p.th.Train, Width: 1.5, Quiet: true}
	for _, q := range points {
		if q.Seconds >= end-lately {
			s.X, s.Y = append(s.X, q.Seconds-end), append(s.Y, q.ImagesPerSecond)
		}
	}
	y, ok := plot.Range(false, s.Y, []float64{0})
	if !ok || y.High <= 0 {
		return
	}
	y = y.Widen(4)
	f := plot.Figure{
		X: plot.Axis{Low: -lately, High: 0}, Ticks: []float64{-lately, -lately / 2, 0}, Before: 44, Gap: 20,
		Label: func(v float64) string {
			if v == 0 {
				return "now"
			}
			return theme.Whole(-v/60) + " min ago"
		},
		Panes: []plot.Pane{{Y: y, Ticks: y.Ticks(4), Label: theme.Whole, Value: theme.Whole, Height: r.H - 90, Series: []*plot.Series{s}}},
	}
	if f.Panes[0].Height > 30 {
		f.Draw(p.Canvas, p.th, draw.Rect{X: r.X, Y: r.Y + 30, W: r.W, H: r.H - 30})
	}
}
