package draw

import (
	"image/color"
	"math"
)

// Icon is a polygon or a few in a box of 14 x 14; the font has no such signs.
type Icon int

// The icons.
const (
	Play Icon = iota
	Pause
	StepOn
	Stop
	Warning
	Error
	Check
	Down
	Clock
	Question
	Flag
	Left
	Right
)

// IconSize is the side of an icon's box.
const IconSize = 14

// Icon draws an icon with its box's left upper corner at x, y. Mark is what
// signs inside a filled shape are drawn in: the ground.
func (c *Canvas) Icon(i Icon, x, y float64, ink, mark color.RGBA) {
	at := func(coords ...float64) []Point {
		var p []Point
		for k := 0; k+1 < len(coords); k += 2 {
			p = append(p, Point{x + coords[k], y + coords[k+1]})
		}
		return p
	}
	switch i {
	case Play:
		c.Polygon(at(2, 1.5, 13, 7, 2, 12.5), ink)
	case Pause:
		c.Polygon(at(1.5, 1.5, 5.5, 1.5, 5.5, 12.5, 1.5, 12.5), ink)
		c.Polygon(at(8.5, 1.5, 12.5, 1.5, 12.5, 12.5, 8.5, 12.5), ink)
	case StepOn:
		c.Polygon(at(1, 1.5, 9.5, 7, 1, 12.5), ink)
		c.Polygon(at(10.5, 1.5, 13.5, 1.5, 13.5, 12.5, 10.5, 12.5), ink)
	case Stop:
		c.Polygon(at(1.5, 1.5, 12.5, 1.5, 12.5, 12.5, 1.5, 12.5), ink)
	case Warning:
		c.Polygon(at(7, 0.5, 14, 13.5, 0, 13.5), ink)
		c.exclamation(x, y+1, mark)
	case Error:
		c.Polygon(c.ring(x, y, 7.4, 8, math.Pi/8), ink)
		c.exclamation(x, y-0.4, mark)
	case Check:
		c.Polyline(at(1.5, 7.5, 5.5, 11.5, 12.5, 2.5), 2, ink)
	case Down:
		c.Polyline(at(3, 5, 7, 9, 11, 5), 1.5, ink)
	case Clock:
		ring := c.ring(x, y, 6, 24, 0)
		c.Polyline(append(ring, ring[0]), 1.5, ink)
		c.Polyline(at(7, 3.2, 7, 7.4, 10, 7.4), 1.5, ink)
	case Question:
		c.Frame(Rect{x, y, IconSize, IconSize}, 2, ink)
		c.TextCenter(x+7, y+11.2, "?", Style{11, true}, ink)
	case Flag:
		c.Polygon(at(0, 0, 7, 4, 0, 8), ink)
	case Left:
		c.Polyline(at(9, 3, 5, 7, 9, 11), 1.5, ink)
	case Right:
		c.Polyline(at(5, 3, 9, 7, 5, 11), 1.5, ink)
	}
}

// ring is a regular polygon about the box's middle.
func (c *Canvas) ring(x, y, radius float64, corners int, turn float64) []Point {
	p := make([]Point, corners)
	for i := range p {
		s, co := math.Sincos(2*math.Pi*float64(i)/float64(corners) + turn)
		p[i] = Point{x + 7 + radius*co, y + 7 + radius*s}
	}
	return p
}

func (c *Canvas) exclamation(x, y float64, ink color.RGBA) {
	c.Polygon([]Point{{x + 6, y + 3.6}, {x + 8, y + 3.6}, {x + 8, y + 8.4}, {x + 6, y + 8.4}}, ink)
	c.Polygon([]Point{{x + 6, y + 9.4}, {x + 8, y + 9.4}, {x + 8, y + 11.4}, {x + 6, y + 11.4}}, ink)
}
