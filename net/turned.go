package net

import (
	"alexnet/engine"
	"alexnet/shaders"
)

// turnedSum is the forward sum of a dense layer as straight products make it: its
// weights lie unit by unit, so that they are the left matrix and the images, turned, the
// right one:
//
//	t[unit][image] = sum over inputs of w[unit][input] * x[image][input]
//
// Then the sums are turned back and get their bias and ReLU.
type turnedSum struct {
	product *straight
	turn    *engine.Kernel[shaders.RotatePush]
	finish  *engine.Kernel[shaders.DenseOutputPush]
}

// turnedMatrices are the operands of ConvNTPush's sums over one source.
func turnedMatrices(p *shaders.ConvNTPush) matrices {
	images := uint32(pad8(int(p.Batch)))
	return matrices{rows: p.OutChannels, unit: p.OutChannels, columns: images, depth: p.InChannels, adds: p.Sources > 1,
		aStride: p.Sources * p.InChannels, bStride: images, yStride: images}
}

// turnedScratch is how many floats the turned images and, from turnedSums on, the sums of
// z blocks take.
func turnedScratch(p *shaders.ConvNTPush, z int) int {
	return turnedSums(p, z) + z*int(p.OutChannels)*pad8(int(p.Batch))
}

func turnedSums(p *shaders.ConvNTPush, z int) int {
	return padBlock(turnedMaps(p, z) * int(p.InChannels) * pad8(int(p.Batch)))
}

// turnedMaps is how many maps z blocks read: all the same sources, or one each.
func turnedMaps(p *shaders.ConvNTPush, z int) int {
	if p.XBlock == 0 {
		return int(p.Sources)
	}
	return z * int(p.Sources)
}

// newTurnedSum compiles a candidate.
func newTurnedSum(d *engine.Device, name string, p *shaders.ConvNTPush) (*turnedSum, error) {
	k := &turnedSum{}
	var err error
	if k.product, err = newStraight(d, name, turnedMatrices(p)); err != nil {
		return nil, err
	}
	if k.turn, err = engine.NewKernel(d, shaders.Rotate, shaders.None{}); err != nil {
		return nil, err
	}
	k.finish, err = engine.NewKernel(d, shaders.DenseOutput, shaders.None{})
	return k, err
}

// dispatch records the sums of z blocks, whose maps lie XSource floats apart, or one
// source's XBlock.
func (k *turnedSum) dispatch(s *engine.Sequence, name string, p shaders.ConvNTPush, z int, relu bool, x, w, bias, y, scratch engine.Range) {
	turned, sums := scratch, scratch.From(4*uint64(turnedSums(&p, z)))
	images := uint32(pad8(int(p.Batch)))
	map1, apart, step := p.InChannels*images, p.XSource, uint32(0)
	if p.XBlock > 0 { // of one source
		apart, step = p.XBlock, map1
	}
	k.turn.Dispatch(s, name, engine.Linear(int(map1)).Over(turnedMaps(&p, z)), shaders.RotatePush{
		Kernels: p.Batch, Padded: images, Sources: 1, Height: 1, Width: 1, Channels: p.InChannels, WBlock: apart, WtBlock: map1,
	}, x, turned)
	push := shaders.StraightPush{Rows: p.OutChannels, Columns: images, ABlock: p.WBlock, BBlock: step, YBlock: p.OutChannels * images}
	for source := range p.Sources {
		k.product.deepen(s, name, push, source > 0, p.InChannels, z, operand{w, int(source * p.InChannels)}, operand{turned, int(source * map1)}, operand{sums, 0},
			1, images)
	}
	k.finish.Dispatch(s, name, engine.Linear(int(p.Batch*p.OutChannels)).Over(z), shaders.DenseOutputPush{
		Images: p.Batch, Padded: images, Units: p.OutChannels, Relu: bit(relu), TBlock: p.OutChannels * images, BiasBlock: p.BiasBlock, YBlock: p.YBlock,
	}, sums, bias, y)
}

// straightTurned are the straight candidates for the forward sum of a dense layer.
func (t *tuning) straightTurned(p *shaders.ConvNTPush) []string {
	if p.XBlock > 0 && p.Sources > 1 {
		return nil
	}
	m := turnedMatrices(p)
	names := t.straightFits(straightNT, m, m.work(p.Sources, 1))
	return names[:min(len(names), 1)]
}
