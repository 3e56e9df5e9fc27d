package net

import (
	"fmt"
	"math"
	"testing"

	"alexnet/engine"
	"alexnet/shaders"
)

// TestPartSums: sums in parts, of which the last is smaller or empty and begins within a
// source, and of more outputs than a tile has; maps that all columns read and one each.
func TestPartSums(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *workbench) {
		for _, c := range []struct {
			images, sources, inputs, outputs, z int
			relu                                bool
		}{
			{33, 2, 72, 40, 2, true}, {5, 1, 24, 8, 3, false},
		} {
			for _, name := range []string{"shared 4x4/4", "half 4x4/4", "matrix 2x2:1x1/4"} {
				if !runs(w.device, name) {
					continue
				}
				p := shaders.ConvNTPush{
					Batch: uint32(c.images), InHeight: 1, InWidth: 1, InChannels: uint32(c.inputs), OutHeight: 1, OutWidth: 1, OutChannels: uint32(c.outputs),
					KernelHeight: 1, KernelWidth: 1, Stride: 1, Dilation: 1, Sources: uint32(c.sources), Groups: 1,
					XSource: uint32(c.images*c.inputs + 8), WBlock: uint32(c.outputs * c.sources * c.inputs), YBlock: uint32(c.images * c.outputs), BiasBlock: uint32(c.outputs),
				}
				if c.sources == 1 {
					p.XBlock = p.XSource
				}
				form, _, _ := parse(name)
				w.half = form != "shared"
				t.Run(fmt.Sprintf("%d images/%s", c.images, name), func(t *testing.T) {
					v := &workbench{t: t, device: w.device, half: w.half}
					defer v.free()
					v.denseSum(name, p, c.z, c.relu)
				})
			}
		}
	})
}

// denseSum compares a candidate with sums in float64.
func (w *workbench) denseSum(name string, p shaders.ConvNTPush, z int, relu bool) {
	w.t.Helper()
	k, err := newDenseSum(w.device, name, w.half, &p)
	if err != nil {
		w.t.Fatal(err)
	}
	x, f, bias := normals(turnedMaps(&p, z)*int(p.XSource)), normals(z*int(p.WBlock)), normals(z*int(p.BiasBlock))
	if w.half { // what float16 holds exactly
		for _, values := range [][]float32{x, f} {
			for i, v := range values {
				values[i] = float32(math.Round(float64(v)*64) / 64)
			}
		}
	}
	gx, gf, gb, gy := w.in(x), w.in(f), w.in(bias), w.out(z*int(p.YBlock))
	scratch := w.out(max(8, denseScratch(name, &p, z)))
	w.run(name, func(s *engine.Sequence) {
		k.dispatch(s, name, p, z, relu, gx.all(), gf.all(), gb.all(), gy.all(), scratch.all())
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
