package window

import (
	"image"
	"strings"

	"github.com/g3n/engine/gls"

	"alexnet/viewer"
)

// copied shows the app without drawing: what has changed of a part is copied into a
// picture of the window, and that to the window. softpipe, OpenGL on the processor
// without a compiler, runs a shader for one pixel after the other, which takes half a
// second for a window while a network trains; a copy takes it some milliseconds.
type copied struct {
	canvas canvas
	size   image.Point
	shown  []viewer.Layer // what the canvas holds
}

// copies says whether an OpenGL is faster at copying than at drawing.
func copies(state *gls.GLS) bool { return strings.Contains(state.GetString(gls.RENDERER), "softpipe") }

func newCopied(state *gls.GLS) (*copied, error) {
	c := &copied{}
	return c, c.canvas.open(state)
}

func (c *copied) update(layers []viewer.Layer, width, height int) (changed bool) {
	if size := image.Pt(width, height); c.size != size {
		c.size, c.shown = size, nil
		c.canvas.resize(size)
	}
	for i, l := range layers {
		if i < len(c.shown) && l == c.shown[i] {
			continue
		}
		changed = true
		if l.Image != nil {
			c.canvas.put(l.Image)
		}
	}
	c.shown = append(c.shown[:0], layers...)
	return changed
}

func (c *copied) render(int, int) { c.canvas.show() }
