package net

import (
	"fmt"
	"testing"

	"alexnet/engine"
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
		{"one each", 16, 1, 404, 128, 3, true},
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
				w.turnedSum(name, p, c.z, c.relu)
			})
		}
		if fit == 0 {
			t.Errorf("%s: no candidate fits", c.name)
		}
	}
}

func (w *workbench) turnedSum(name string, p shaders.ConvNTPush, z int, relu bool) {
	w.t.Helper()
	k, err := newTurnedSum(w.device, name, &p)
	if err != nil {
		w.t.Fatal(err)
	}
	x, f, bias := normals(turnedMaps(&p, z)*int(p.XSource)), normals(z*int(p.WBlock)), normals(z*int(p.BiasBlock))
	images, sums := turnedFloats(&p, z)
	gx, gf, gb, gy := w.in(x), w.in(f), w.in(bias), w.out(z*int(p.YBlock))
	turned, made := w.out(images), w.out(sums)
	w.run(name, func(s *engine.Sequence) {
		k.dispatch(s, name, p, z, relu, gx.all(), gf.all(), gb.all(), gy.all(), turned.all(), made.all())
	})
	want := map[int]float64{}
	row := p.Sources * p.InChannels
	for z := range uint32(z) {
		for n := range p.Batch {
			for unit := range p.OutChannels {
				sum := float64(bias[z*p.BiasBlock+unit])
				for i := range row {
					source, input := i/p.InChannels, i%p.InChannels
					sum += float64(x[z*p.XBlock+source*p.XSource+n*p.InChannels+input]) * float64(f[z*p.WBlock+unit*row+i])
				}
				if relu {
					sum = max(sum, 0)
				}
				want[int(z*p.YBlock+n*p.OutChannels+unit)] = sum
			}
		}
	}
	w.check("outputs", gy.values(), want)
}
