package net

import (
	"alexnet/engine"
	"alexnet/shaders"
)

// The gradient of a layer's biases is the sum of its output's gradient over all
// pixels. A weight gradient by way of a family has added the pixels of each tile
// already, in one of its products: then only the tiles are left to add.

// biasRunPixels and maxBiasRuns bound the runs that the sum is cut into: enough to
// keep a device busy, few enough to be added by one invocation a channel.
const (
	biasRunPixels = 64
	maxBiasRuns   = 256
)

// cutBias decides how a sum over pixels is cut into runs.
func cutBias(pixels int) (runs, runPixels int) {
	runs = min((pixels+biasRunPixels-1)/biasRunPixels, maxBiasRuns)
	runPixels = (pixels + runs - 1) / runs
	return (pixels + runPixels - 1) / runPixels, runPixels
}

// biasRuns is the number of runs of one column's bias gradient.
func (o *productOp) biasRuns() int {
	if !o.fast.weight {
		runs, _ := cutBias(o.y.pixels())
		return runs
	}
	w := o.fast.forward
	last := w.chunks() - 1
	runs, _ := cutBias(w.tiles(w.part(last).count))
	return o.chunkRuns(last) + runs
}

// chunkRuns is the number of runs before those of a chunk of tiles.
func (o *productOp) chunkRuns(chunk int) int {
	runs, _ := cutBias(o.fast.forward.tiles(o.fast.forward.chunk))
	return chunk * runs
}

// runsBlock is the floats of one column's runs.
func (o *productOp) runsBlock() int { return o.biasRuns() * o.y.channels }

// needBiasRuns reserves room for the runs of all columns.
func (o *productOp) needBiasRuns() error {
	var err error
	o.biasPartial, err = o.place.newRoom(o.name+" partial bias sums", 4*len(o.place.columns)*o.runsBlock())
	return err
}

// addTiles records the sums over the tiles of a chunk, of transformGradient's output.
func (o *productOp) addTiles(s *engine.Sequence, name string, i, chunk int, transformed engine.Range) {
	w := o.fast.forward
	tiles := w.tiles(w.part(chunk).count)
	runs, runPixels := cutBias(tiles)
	o.addPixels(s, name, 1, shaders.BiasGradPush{
		Pixels: uint32(tiles), Runs: uint32(runs), RunPixels: uint32(runPixels), YFirst: uint32(w.sums() * tiles * o.y.channels),
		BFirst: uint32(i*o.runsBlock() + o.chunkRuns(chunk)*o.y.channels),
	}, transformed, o.biasPartial.whole())
}

// biasGradients records the biases' gradients of all columns, behind the weights'.
func (o *productOp) biasGradients(s *engine.Sequence) {
	name, runs := o.name+" bias gradient", o.biasRuns()
	for _, sp := range o.spans() {
		from, p := o.y.grad.parts(sp.first, sp.count), shaders.BiasGradPush{Pixels: uint32(o.y.pixels()), YBlock: uint32(o.y.block())}
		if o.fast.weight {
			name = o.name + " weight gradient"
		} else if runs > 1 {
			_, runPixels := cutBias(o.y.pixels())
			p.Runs, p.RunPixels = uint32(runs), uint32(runPixels)
			p.BFirst, p.BBlock = uint32(sp.first*o.runsBlock()), uint32(o.runsBlock())
			o.addPixels(s, name, sp.count, p, from, o.biasPartial.whole())
		}
		if o.fast.weight || runs > 1 {
			from, p = o.biasPartial.whole(), shaders.BiasGradPush{Pixels: uint32(runs), YFirst: uint32(sp.first * o.runsBlock()), YBlock: uint32(o.runsBlock())}
		}
		p.Runs, p.RunPixels, p.BBlock = 1, p.Pixels, uint32(o.bias.block)
		o.addPixels(s, name, sp.count, p, from, o.bias.gradients(sp))
	}
}

func (o *productOp) addPixels(s *engine.Sequence, name string, z int, p shaders.BiasGradPush, from, to engine.Range) {
	p.Channels = uint32(o.y.channels)
	o.sumPixels.add(s, name, z, p, from, to)
}
