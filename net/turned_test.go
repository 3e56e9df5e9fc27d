package net

import (
	"fmt"
	"testing"

	"alexnet/shaders"
)

// TestTurnedSum compares the forward sums of dense layers with sums in float64: images
// that are padded, maps that all columns read and one each, a ReLU.
func TestTurnedSum(t *testing.T) {
	d := straightDevice(t)
	for _, c := range []struct {
		name                             string
		images, sources, inputs, outputs int
		z                                int
		relu                             bool
	}{
		{"shared", 30, 2, 60, 112, 2, false},
		{"one each", 32, 1, 404, 128, 3, true},
	} {
		fit := 0
		for _, name := range straightNT[lanes(d)] {
			p := shaders.ConvNTPush{
				Batch: uint32(c.images), InChannels: uint32(c.inputs), OutChannels: uint32(c.outputs), Sources: uint32(c.sources),
				XSource: uint32(c.images*c.inputs + 8), WBlock: uint32(c.outputs * c.sources * c.inputs), YBlock: uint32(c.images * c.outputs), BiasBlock: uint32(c.outputs),
			}
			if c.sources == 1 {
				p.XBlock = p.XSource
			}
			if _, ok := straightConstants(d, name, turnedMatrices(&p)); !ok {
				continue
			}
			fit++
			t.Run(fmt.Sprintf("%s/%s", c.name, name), func(t *testing.T) {
				w := &workbench{t: t, device: d}
				defer w.free()
				w.denseSum(name, p, c.z, c.relu)
			})
		}
		if fit == 0 {
			t.Errorf("%s: no candidate fits", c.name)
		}
	}
}
