package viewer

import (
	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// machines are the devices on the start page.
type machines struct {
	devices []Device
	failed  string // why there are none
	tested  bool
	testing bool
}

// machinePitch is from one device's line to the next.
const machinePitch = 36

// test lists and tests the devices, on a goroutine.
func (m *machines) test(a *App) {
	list, wake := a.options.Devices, a.options.Wake
	if list == nil || m.testing {
		return
	}
	m.testing = true
	go func() {
		found, err := list()
		a.post(func() {
			m.devices, m.failed, m.tested, m.testing = found, "", true, false
			if err != nil {
				m.failed = Sentence(err)
			}
			a.redraw(pagePart)
		})
		wake()
	}()
}

// height is the room that the list takes in a width.
func (m *machines) height(p *painter, width float64) float64 {
	height := 20 + machinePitch*float64(max(1, len(m.devices)))
	for i := range m.devices {
		height += heightOf(len(m.why(p, width, &m.devices[i])))
	}
	return height
}

// why are the lines of what is wrong with a device.
func (m *machines) why(p *painter, width float64, d *Device) []string {
	if d.Problem == "" {
		return nil
	}
	lines := p.Wrap(d.Problem, small, width-26)
	return lines[:min(2, len(lines))]
}

// draw lists the devices below a heading at y.
func (m *machines) draw(p *painter, r draw.Rect) {
	th, a := p.th, p.app
	p.Text(r.X, r.Y, "Devices", strong, th.Text)
	if a.options.Devices != nil {
		width := p.Width("Test again", small) + 16
		p.button(draw.Rect{X: r.Right() - width + 8, Y: r.Y - 19, W: width, H: theme.Control}, "testDevices", "Test again", look{plain: true, disabled: m.testing}, func() {
			m.test(a)
			a.redraw(pagePart)
		})
	}
	y := r.Y + 20
	p.HLine(r.X, y-4, r.W, th.Grid)
	switch {
	case a.options.Devices == nil:
		p.Text(r.X, y+18, "alexnet devices lists what there is to compute on.", small, th.Text2)
	case m.failed != "":
		p.paragraph(r.X, y+18, r.W, m.failed, small, th.Text2)
	case len(m.devices) == 0:
		p.Text(r.X, y+18, "Testing the devices.", small, th.Text2)
	}
	for i := range m.devices {
		if i > 0 {
			p.HLine(r.X, y-4, r.W, th.Grid)
		}
		y = m.line(p, draw.Rect{X: r.X, Y: y, W: r.W, H: machinePitch}, &m.devices[i])
	}
}

// line draws a device and returns where the next begins. What a narrow window has no
// room for is its driver, then its type.
func (m *machines) line(p *painter, r draw.Rect, d *Device) float64 {
	th := p.th
	icon, ink, note := draw.Check, th.Text, "self-test passed"
	switch {
	case m.testing:
		icon, ink, note = draw.Clock, th.Text2, "testing"
	case d.Problem != "":
		icon, ink, note = draw.Error, th.Error, "not usable"
	}
	p.Icon(icon, r.X, r.Y+7, ink, th.Background)
	name := min(200, r.W-26-72-124)
	p.Text(r.X+26, r.Y+18, p.Fit(d.Name, small, name), small, th.Text)
	x := r.X + 26 + name + 10
	if r.W > 560 {
		p.Text(x, r.Y+18, p.Fit(d.Type, small, 118), small, th.Text2)
		x += 128
	}
	p.Text(x, r.Y+18, d.Memory, small, th.Text2)
	x += 72
	if r.W > 720 {
		p.Text(x, r.Y+18, p.Fit(d.Driver, small, 140), small, th.Text2)
		x += 150
	}
	p.TextRight(r.Right(), r.Y+18, p.Fit(note, small, r.Right()-x), small, th.Text2)
	lines := m.why(p, r.W, d)
	for i, line := range lines {
		p.Text(r.X+26, r.Y+36+heightOf(i), line, small, th.Text)
	}
	return r.Bottom() + heightOf(len(lines))
}
