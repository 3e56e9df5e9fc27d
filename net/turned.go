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

// turnedFloats are those of the turned images and of the sums, of z blocks.
func turnedFloats(p *shaders.ConvNTPush, z int) (images, sums int) {
	n := pad8(int(p.Batch))
	return turnedMaps(p, z) * int(p.InChannels) * n, z * int(p.OutChannels) * n
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
func (k *turnedSum) dispatch(s *engine.Sequence, name string, p shaders.ConvNTPush, z int, relu bool, x, w, bias, y, turned, sums engine.Range) {
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

// chooseDense picks a kernel for the forward sum of a dense layer. A straight one fits
// one batch only.
func (t *tuning) chooseDense(p shaders.ConvNTPush) (string, error) {
	straight := t.straightTurned(&p)
	if len(straight) == 0 {
		return t.chooseNT(p)
	}
	if t.device.Hollow() {
		return straight[0], nil // takes more memory
	}
	p.InverseDilation = shaders.Inverse(int(p.Dilation))
	// Few units, but whole workgroups.
	c, _ := straightConstants(t.device, straight[0], turnedMatrices(&p))
	unit := c.Rows * c.Invocations / c.Lanes
	sample := p
	sample.OutChannels = min(p.OutChannels, unit*max(1, sampleKernels/unit))
	return t.choose(t.ntKey(&p, 1, p.Batch), beside(straight, candidates(t.device, t.nt())), t.denseProblem(p), t.denseProblem(sample))
}

// denseProblem gives the sum of a dense layer operands of its own, with room for the
// turned images and sums behind the images and the bias.
func (t *tuning) denseProblem(p shaders.ConvNTPush) problem {
	ownBlocks(&p)
	p.XBlock = 0
	images, sums := turnedFloats(&p, 1)
	x, bias := padBlock(int(p.Sources*p.XSource)), padBlock(int(p.OutChannels))
	return problem{
		sizes: [3]int{x + images, int(p.WBlock), bias + sums}, out: int(p.YBlock),
		record: func(name string, s *engine.Sequence, in [3]engine.Range, y engine.Range) error {
			if form, _, _ := parse(name); form != "straight" {
				k, err := newNT(t.device, name, t.mixed, false)
				if err == nil {
					k.bias = true
					k.dispatch(s, name, p, 1, in[0], in[1], in[2], y)
				}
				return err
			}
			k, err := newTurnedSum(t.device, name, &p)
			if err == nil {
				k.dispatch(s, name, p, 1, false, in[0], in[1], in[2], y, in[0].From(uint64(4*x)), in[2].From(uint64(4*bias)))
			}
			return err
		},
	}
}
