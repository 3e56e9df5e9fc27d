package net

import (
	"fmt"
	"strings"

	"alexnet/engine"
	"alexnet/shaders"
)

// denseSum makes the forward sums of a dense layer, ConvNTPush's over 1x1 maps, with the
// bias and, if asked, the ReLU.
type denseSum interface {
	// dispatch records the sums of z blocks; scratch holds what denseScratch says.
	dispatch(s *engine.Sequence, name string, p shaders.ConvNTPush, z int, relu bool, x, w, bias, y, scratch engine.Range)
}

// denseScratch is how many floats a candidate makes on the way to z blocks.
func denseScratch(name string, p *shaders.ConvNTPush, z int) int {
	if form, _, _ := parse(name); form == "straight" {
		return turnedScratch(p, z)
	}
	if parts := int(partsOf(name)); parts > 1 {
		return parts * z * int(p.YBlock)
	}
	return 0
}

// newDenseSum compiles a candidate; mixed rounds its operands to float16.
func newDenseSum(d *engine.Device, name string, mixed bool, p *shaders.ConvNTPush) (denseSum, error) {
	if form, _, _ := parse(name); form == "straight" {
		return newTurnedSum(d, name, p)
	}
	k := &partSum{}
	var err error
	if k.apply, err = newNT(d, name, mixed, false); err != nil || k.apply.parts == 1 {
		return k, err
	}
	k.add, err = engine.NewKernel(d, shaders.DenseSum, shaders.None{})
	return k, err
}

// partSum makes a dense layer's sums at once or, on devices with more units than a layer
// of few images has tiles of outputs, each in parts that are added in order.
type partSum struct {
	apply *nt
	add   *engine.Kernel[shaders.DenseSumPush] // nil: at once
}

func (k *partSum) dispatch(s *engine.Sequence, name string, p shaders.ConvNTPush, z int, relu bool, x, w, bias, y, scratch engine.Range) {
	apply := *k.apply
	if k.add == nil {
		apply.bias, apply.relu = true, relu
		apply.dispatch(s, name, p, z, x, w, bias, y)
		return
	}
	apply.dispatch(s, name, p, z, x, w, bias, scratch)
	count := p.Batch * p.OutChannels
	k.add.Dispatch(s, name, engine.Linear(int(count/4)).Over(z), shaders.DenseSumPush{
		Count: count, Units: p.OutChannels, Parts: k.apply.parts, Relu: bit(relu),
		XPart: uint32(z) * p.YBlock, YBlock: p.YBlock, BiasBlock: p.BiasBlock,
	}, scratch, bias, y)
}

// densest is how many parts a sum is cut into at most, of at least densePart products.
const (
	densest   = 16
	densePart = 256
)

// inParts lists candidates that cut a dense layer's sums into parts. A processor has too
// few cores to want them.
func (t *tuning) inParts(names []string, p *shaders.ConvNTPush) (parted []string) {
	if t.device.Info().CPU() {
		return nil
	}
	for parts := uint32(4); parts <= densest && parts*densePart <= p.Sources*p.InChannels; parts *= 4 {
		for _, name := range names {
			if form, _, _ := parse(name); form == "shared" || form == "half" || form == "matrix" {
				parted = append(parted, fmt.Sprint(name, partsMark, parts))
			}
		}
	}
	return parted
}

// partsMark stands before a candidate's parts: "matrix 8x8:4x2/4".
const partsMark = "/"

// partsOf is how many parts a candidate cuts its sums into.
func partsOf(name string) uint32 {
	parts := uint32(1)
	if _, text, ok := strings.Cut(name, partsMark); ok {
		fmt.Sscan(text, &parts)
	}
	return parts
}

// chooseDense picks a kernel for the forward sum of a dense layer.
func (t *tuning) chooseDense(p shaders.ConvNTPush) (string, error) {
	p.InverseDilation = shaders.Inverse(int(p.Dilation))
	of, z := t.denseChoice(&p), 1
	sample := sampleNT(p)
	if len(of.straight) > 0 { // of one batch only, and whole workgroups
		c, _ := straightConstants(t.device, of.straight[0], of.matrices)
		sample = p
		sample.OutChannels = sampleRows(p.OutChannels, rowsOf(c))
	} else {
		p.Batch = t.slice(p.Batch, 1, float64(p.OutChannels)*float64(p.Sources*p.InChannels))
		of.names = append(of.names, t.inParts(of.names, &p)...)
		z = t.together(1, p.WBlock, densest*p.YBlock)
		of.key = t.ntKey(&p, z, p.Batch)
	}
	if t.device.Hollow() {
		return of.names[len(of.names)-1], nil // takes the most memory
	}
	kernel := t.denseSums(p)
	return t.choose(of.key, of.names, t.denseProblem(p, z, of.names, kernel), t.denseProblem(sample, 1, of.names, kernel))
}

// denseProblem gives z sums of a dense layer operands of their own, with room for what any
// of the candidates needs behind the bias.
func (t *tuning) denseProblem(p shaders.ConvNTPush, z int, names []string, kernel func(name string) (denseSum, error)) problem {
	ownBlocks(&p)
	p.XBlock = 0
	x, bias := padBlock(int(p.Sources*p.XSource)), padBlock(int(p.OutChannels))
	scratch := 0
	for _, name := range names {
		scratch = max(scratch, denseScratch(name, &p, z))
	}
	return problem{
		sizes: [3]int{x, z * int(p.WBlock), bias + scratch}, out: z * int(p.YBlock),
		record: func(name string, s *engine.Sequence, in [3]engine.Range, y engine.Range) error {
			k, err := kernel(name)
			if err == nil {
				k.dispatch(s, name, p, z, false, in[0], in[1], in[2].Buffer.Part(0, uint64(4*bias)), y, in[2].From(uint64(4*bias)))
			}
			return err
		},
	}
}
