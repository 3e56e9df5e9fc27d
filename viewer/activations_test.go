package viewer

import (
	"fmt"
	"image"
	"testing"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/draw/golden"
)

// TestMapsFit: at every size the maps of a column lie below its title and above the
// legend, and overlap no other's.
func TestMapsFit(t *testing.T) {
	shapes := []struct{ side, maps int }{{55, 96}, {27, 256}, {13, 384}, {1, 4096}, {1, 1000}}
	for _, size := range []image.Point{{1024, 640}, {1280, 760}, {1440, 900}, {1600, 1000}, {1920, 1080}, {2560, 1440}} {
		for _, scale := range []float64{1, 1.5, 2} {
			for _, columns := range []int{1, 2, 4, 8} {
				page := layout(float64(size.X), float64(size.Y), 0, false, false).rect[pagePart]
				_, maps := activationsLayout(page)
				c := &draw.Canvas{Scale: scale}
				legend := c.Pixels(draw.Rect{X: maps.X, Y: maps.Bottom() - 28, W: maps.W, H: 28})
				for _, shape := range shapes {
					name := fmt.Sprintf("%v at %g, %d columns, %d maps of %d", size, scale, columns, shape.maps, shape.side)
					taken := []image.Rectangle{legend}
					for i, box := range mapBoxes(maps, columns) {
						at := fitColumn(c, box, shape.side, shape.side, shape.maps/columns)
						b := at.Bounds()
						if !b.In(c.Pixels(maps)) {
							t.Errorf("%s: column %d is at %v, beyond %v", name, i+1, b, c.Pixels(maps))
						}
						b.Min.Y = c.Pixels(box).Min.Y // its title's
						for _, other := range taken {
							if b.Overlaps(other) {
								t.Errorf("%s: column %d at %v overlaps %v", name, i+1, b, other)
							}
						}
						taken = append(taken, b)
					}
				}
			}
		}
	}
}

func TestActivationsGoldens(t *testing.T) {
	for name, c := range map[string]struct {
		w, h  int
		scale float64
	}{"activations-1024x640": {1024, 640, 1}, "activations-1280x760": {1280, 760, 1}, "activations-2048x1280-hidpi": {2048, 1280, 2}} {
		a, _, _ := with(t, full(), c.w, c.h, c.scale)
		press(a, "2")
		golden.Check(t, name, a.Picture())
	}
}

// TestNamesOfClasses: names that the bars leave room for are whole.
func TestNamesOfClasses(t *testing.T) {
	for _, size := range []image.Point{{1280, 760}, {1440, 900}} {
		var pictures []*image.RGBA
		for _, name := range []string{"vertical orange-blue", "vertical orange-blur"} {
			s, run := full(), *full().Run
			run.Classes = append([]string(nil), run.Classes...)
			run.Classes[s.Maps.Prediction[0].Class] = name
			s.Run = &run
			s.Maps.Label = -1
			a, _, _ := with(t, s, size.X, size.Y, 1)
			press(a, "2")
			pictures = append(pictures, a.Picture())
		}
		if same(pictures[0], pictures[1]) {
			t.Errorf("%v: the end of a name is not shown", size)
		}
	}
}

// TestUnitsHaveNames: a single unit is no map, and one of the last layer is a class's, in
// whichever column.
func TestUnitsHaveNames(t *testing.T) {
	s := full()
	s.Run.Classes = []string{"cat", "dog", "hen", "fox", ""}
	a, _, _ := with(t, s, 1440, 900, 1)
	m := &monitor.Maps{Layer: "fc7", H: 1, W: 1, Columns: [][]float32{{1, 2, 3}, {4, 5}}}
	for _, c := range []struct {
		layer       string
		side        int
		column, one int
		want        string
	}{
		{"conv5", 13, 1, 1, "Map 2"}, {"fc7", 1, 1, 1, "Unit 2"}, {"fc8", 1, 0, 2, "Unit 3, hen"}, {"fc8", 1, 1, 0, "Unit 1, fox"}, {"fc8", 1, 1, 1, "Unit 2, class 4"},
	} {
		m.Layer, m.H, m.W = c.layer, c.side, c.side
		if got := a.maps.nameOf(a, m, c.column, c.one); got != c.want {
			t.Errorf("%d of column %d in %s is %q, want %q", c.one, c.column, c.layer, got, c.want)
		}
	}
}
