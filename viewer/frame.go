package viewer

import (
	"math"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// part is a part of the window with a picture of its own.
type part int

const (
	headerPart part = iota
	tabsPart
	pagePart
	steeringPart
	timePart
	parts
)

// frame says where the parts of a window lie. A part that is not shown is empty.
type frame struct {
	width, height float64
	compact       bool
	wall          bool
	zoom          float64 // of the header: 2 in the wall view where the five numbers have room
	rect          [parts]draw.Rect
}

// layout divides a window. Extra room goes to the page; everything else keeps its
// size. Smaller windows than the design's smallest are cut off at the right and
// below.
func layout(width, height, steering float64, start, wall bool) frame {
	width, height = max(width, theme.MinimumWidth), max(height, theme.MinimumHeight)
	f := frame{width: width, height: height, wall: wall, zoom: 1, compact: width < theme.CompactWidth || height < theme.CompactHeight}
	if start {
		f.rect[headerPart] = draw.Rect{W: width, H: theme.HeaderHeight}
		f.rect[pagePart] = draw.Rect{Y: theme.HeaderHeight, W: width, H: height - theme.HeaderHeight}
		return f
	}
	if wall {
		f.zoom = min(2, width/theme.MinimumWidth)
		top := math.Round(f.zoom * theme.HeaderHeight)
		f.rect[headerPart] = draw.Rect{W: width, H: top}
		f.rect[pagePart] = draw.Rect{Y: top, W: width, H: height - top}
		return f
	}
	switch {
	case f.compact:
		steering = theme.SteeringLeast
	case steering == 0:
		steering = theme.SteeringWidth
	default:
		steering = min(theme.SteeringMost, max(theme.SteeringLeast, steering))
	}
	left, below := width-steering, height-theme.TimeHeight
	top := float64(theme.HeaderHeight)
	f.rect[headerPart] = draw.Rect{W: width, H: top}
	f.rect[tabsPart] = draw.Rect{Y: top, W: left, H: theme.TabsHeight}
	f.rect[pagePart] = draw.Rect{Y: top + theme.TabsHeight, W: left, H: below - top - theme.TabsHeight}
	f.rect[steeringPart] = draw.Rect{X: left, Y: top, W: steering, H: below - top}
	f.rect[timePart] = draw.Rect{Y: below, W: width, H: theme.TimeHeight}
	return f
}
