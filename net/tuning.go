package net

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"alexnet/engine"
	"alexnet/shaders"
)

// tuning chooses kernels for the places of one kind of device.
type tuning struct {
	tuner   *engine.Tuner
	device  *engine.Device
	choices map[string]string                                              // what was chosen, for the run directory
	given   map[string]string                                              // choices to use instead, by key and by problem
	kind    string                                                         // of device and kernels, in the keys of choices
	notify  func(problem string) error                                     // nil: nobody wants to know
	timed   func(problem, candidate string, took time.Duration, err error) // nil: nobody wants to know
	chosen  func(problem, candidate string)                                // nil: nobody wants to know

	form     string // that every convolution takes that can have it
	mixed    bool   // precision of the products
	training bool   // weight gradients are needed, too
	still    bool   // nothing is measured
	ahead    bool   // compileAhead was called
	columns  int    // of the network
}

func newTuning(d *engine.Device, n *Net) *tuning {
	hash := kernelsHash()
	t := &tuning{tuner: engine.OpenTuner(d.Info(), hash), device: d, choices: n.choices, kind: d.Info().Key() + "-" + hash + " ",
		given: map[string]string{}, form: n.Options.form, mixed: n.Spec.mixed(), columns: max(n.Spec.Columns, 1), training: n.Options.Training, still: n.Options.shares != nil}
	if n.Options.Again {
		t.tuner.ChooseAnew()
	}
	if n.Options.Tuning != nil {
		lost := sync.OnceValue(t.lost)
		t.notify = func(problem string) error {
			n.choosing.Problem, n.choosing.Lost = problem, lost()
			return n.Options.Tuning(n.choosing)
		}
	}
	t.timed, t.chosen = n.Options.Timed, n.Options.Chosen
	if n.Spec.Convolution == direct || t.mixed { // float16's rounding errors would be a transform's, many times larger
		t.form = direct
	}
	for _, key := range slices.Sorted(maps.Keys(n.Options.Choices)) {
		if mine, ok := strings.CutPrefix(key, t.kind); ok {
			t.given[mine], t.given[problemOf(mine)] = n.Options.Choices[key], n.Options.Choices[key]
		}
	}
	return t
}

// lost is Choosing.Lost.
func (t *tuning) lost() error {
	if err := t.tuner.Lost(); err != nil {
		return fmt.Errorf("kernels' choices cannot be remembered: %w; set XDG_CACHE_HOME to a folder that can be written", err)
	}
	return nil
}

// slice is a number of images that takes about 4 GFLOP on a processor, long enough to be
// timed on a busy machine, an eighth of it on the slowest drivers, or a whole tile's worth
// where a map has one pixel. A GPU gets as many as keep all its units busy: with fewer,
// small tiles win that are slow in the network.
func (t *tuning) slice(batch, pixels uint32, perImage float64) uint32 {
	macs := 2e9
	switch {
	case !t.device.Info().CPU(): // of all columns: a small GPU must end it within seconds
		macs = 4e10 / float64(t.columns)
	case !quick(t.device):
		macs /= 8
	}
	n := uint32(math.Max(1, macs/math.Max(perImage, 1)))
	if pixels < 32 {
		n = max(n, 32/pixels)
	}
	return min(n, batch)
}

// chooseNT picks a kernel for a forward pass or a data gradient.
func (t *tuning) chooseNT(p shaders.ConvNTPush) (string, error) {
	macs := float64(p.OutHeight*p.OutWidth*p.OutChannels) * float64(p.Sources*p.KernelHeight*p.KernelWidth*p.InChannels)
	p.InverseDilation = shaders.Inverse(int(p.Dilation))
	p.Batch = t.slice(p.Batch, p.OutHeight*p.OutWidth, macs)
	z := t.together(p.Groups, p.Batch*p.InHeight*p.InWidth*p.InChannels*p.Sources, p.OutChannels*p.Sources*p.KernelHeight*p.KernelWidth*p.InChannels, p.Batch*p.OutHeight*p.OutWidth*p.OutChannels)
	return t.choose(t.ntKey(&p, z, p.Batch), candidates(t.device, t.nt()), t.ntProblem(p, z), t.ntProblem(sampleNT(p), 1))
}

// together is how many sums a GPU is timed with: those of all columns, of so many groups
// each, share its units, or as many as a kernel can see of operands of so many floats a
// sum. It does not depend on the placement, so that all choose alike. A processor is busy
// with one.
func (t *tuning) together(groups uint32, floats ...uint32) int {
	if t.device.Info().CPU() {
		return 1
	}
	visible := t.device.StorageRange() / (4 * uint64(slices.Max(floats)))
	return max(1, min(t.columns*int(groups), int(visible)))
}

// chooseProducts picks a kernel for the products of matrices of a fast convolution or a
// local layer.
func (t *tuning) chooseProducts(p shaders.ConvNTPush, q products) (string, error) {
	if q.count == 1 {
		return t.chooseNT(p)
	}
	p.InverseDilation = shaders.Inverse(int(p.Dilation))
	of := t.productsChoice(&p, q)
	sample, few := p, q
	sample.Batch, few.count = min(p.Batch, q.unit), min(q.count, 2)
	kernel := t.multipliers(p, q)
	return t.choose(of.key, of.names, t.multiplyProblem(p, q, kernel), t.multiplyProblem(sample, few, kernel))
}

// chooseDirectNT is chooseNT, or the usual candidate.
func (t *tuning) chooseDirectNT(p shaders.ConvNTPush, usual bool) (string, error) {
	if usual {
		return "address 3x3", nil
	}
	return t.chooseNT(p)
}

// chooseDirectTN is chooseTN, or the usual candidate.
func (t *tuning) chooseDirectTN(p shaders.ConvTNPush, usual bool) (string, error) {
	if names := t.tnCandidates(&p); usual && len(names) > 0 {
		return names[0], nil
	}
	return t.chooseTN(p)
}

// ntProblem gives z sums operands of their own.
func (t *tuning) ntProblem(p shaders.ConvNTPush, z int) problem {
	ownBlocks(&p)
	return problem{
		sizes: [3]int{z * int(p.XBlock), z * int(p.WBlock), int(p.OutChannels)}, out: z * int(p.YBlock),
		record: func(name string, s *engine.Sequence, in [3]engine.Range, out engine.Range) error {
			k, err := newNT(t.device, name, t.mixed, false)
			if err != nil {
				return err
			}
			k.dispatch(s, name, p, z, in[0], in[1], in[2], out)
			return nil
		},
	}
}

// ownBlocks lets operands lie side by side.
func ownBlocks(p *shaders.ConvNTPush) {
	block := p.Batch * p.InHeight * p.InWidth * p.InChannels
	p.XSource, p.XBlock, p.Groups = block, p.Sources*block, 1
	p.WBlock, p.YBlock, p.BiasBlock = p.OutChannels*p.Sources*p.KernelHeight*p.KernelWidth*p.InChannels, p.Batch*p.OutHeight*p.OutWidth*p.OutChannels, 0
}

// multipliers, gatherers and denseSums compile candidates for a problem, of which a sample
// is computed by the same kernels: a driver takes seconds for each.
func (t *tuning) multipliers(p shaders.ConvNTPush, q products) func(name string) (multiplier, error) {
	return func(name string) (multiplier, error) { return newMultiplier(t.device, name, t.mixed, &p, q) }
}

func (t *tuning) gatherers(p shaders.ConvTNPush, sums tileSums) func(name string) (gatherer, error) {
	return func(name string) (gatherer, error) { return newGatherer(t.device, name, &p, sums, t.mixed) }
}

func (t *tuning) denseSums(p shaders.ConvNTPush) func(name string) (denseSum, error) {
	return func(name string) (denseSum, error) { return newDenseSum(t.device, name, t.mixed, &p) }
}

// multiplyProblem gives the products of a fast convolution operands of their own: the
// third are the filters by channel, in turns with as many zeros as other filters there are.
func (t *tuning) multiplyProblem(p shaders.ConvNTPush, q products, kernel func(name string) (multiplier, error)) problem {
	ownBlocks(&p)
	channel := q.filters.channel
	q.filters.source = p.InChannels * channel
	q.filters.product = p.Sources * q.filters.source
	return problem{
		sizes: [3]int{q.count * int(p.XBlock), q.count * int(p.WBlock), q.count * int(q.filters.product)}, out: q.count * int(p.YBlock),
		prepare: func(s *engine.Sequence, in [3]engine.Range) error {
			rotate, err := engine.NewKernel(t.device, shaders.Rotate, shaders.None{})
			if err != nil {
				return err
			}
			rotate.Dispatch(s, "rotate", engine.Linear(int(q.filters.product)).Over(q.count), shaders.RotatePush{
				Kernels: p.OutChannels, Padded: channel, Sources: p.Sources, Height: 1, Width: 1, Channels: p.InChannels, WBlock: p.WBlock, WtBlock: q.filters.product,
			}, in[1], in[2])
			return nil
		},
		record: func(name string, s *engine.Sequence, in [3]engine.Range, out engine.Range) error {
			k, err := kernel(name)
			if err != nil {
				return err
			}
			w := in[1]
			if k.across() {
				w = in[2]
			}
			k.multiply(s, name, p, q, in[0], w, out)
			return nil
		},
	}
}

// chooseTN picks a kernel for a weight gradient, or with x as a matrix for the
// data gradient of a dense layer.
func (t *tuning) chooseTN(p shaders.ConvTNPush) (string, error) {
	macs := float64(p.OutHeight*p.OutWidth*p.OutChannels) * float64(p.Sources*p.KernelHeight*p.KernelWidth*p.InChannels)
	p.Batch = t.slice(p.Batch, p.OutHeight*p.OutWidth, macs)
	pixels := p.Batch * p.OutHeight * p.OutWidth
	if p.Splits == 1 || t.device.Info().CPU() { // which one run keeps busy
		p.Splits, p.SplitPixels = 1, pixels
	} else {
		splits, each := cut(int(pixels), int(p.WBlock))
		p.Splits, p.SplitPixels = uint32(splits), uint32(each)
	}
	z := t.together(p.Groups, p.Batch*p.InHeight*p.InWidth*p.XPixel*p.Sources, p.Batch*p.OutHeight*p.OutWidth*p.OutChannels, p.Splits*p.WBlock)
	kernel := t.gatherers(p, tileSums{})
	return t.choose(t.tnKey(&p, z, p.Batch), t.tnCandidates(&p), t.tnProblem(p, z, kernel), t.tnProblem(sampleTN(p), 1, kernel))
}

// chooseGather picks a kernel for the z products of a weight gradient over tiles.
func (t *tuning) chooseGather(p shaders.ConvTNPush, sums tileSums, z int) (string, error) {
	of := t.gatherChoice(&p, sums, z)
	sample, unit := p, uint32(1)
	sample.Batch = min(p.Batch, 2*sums.unit)
	if len(of.straight) > 0 {
		c, _ := straightConstants(t.device, of.straight[0], of.matrices)
		sample.Batch, unit = min(sample.Batch, 2*c.Depth), rowsOf(c)
	}
	sample.SplitPixels, sample.Rows = sample.Batch, sampleRows(p.Rows, unit)
	kernel := t.gatherers(p, sums)
	return t.choose(of.key, of.names, t.tnProblem(p, z, kernel), t.tnProblem(sample, min(z, 2), kernel))
}

// tnCandidates are those whose lanes never straddle the end of the channels.
func (t *tuning) tnCandidates(p *shaders.ConvTNPush) (names []string) {
	for _, name := range candidates(t.device, t.tn()) {
		if tnFits(name, int(p.InChannels)) {
			names = append(names, name)
		}
	}
	return names
}

// tnProblem gives a sum operands of its own.
func (t *tuning) tnProblem(p shaders.ConvTNPush, z int, kernel func(name string) (gatherer, error)) problem {
	if p.XGroup == 0 { // all of a pixel is summed
		p.XPixel = p.InChannels
	}
	p.XSource = p.Batch * p.InHeight * p.InWidth * p.XPixel
	p.XBlock, p.XGroup, p.YBlock = p.Sources*p.XSource, 0, p.Batch*p.OutHeight*p.OutWidth*p.OutChannels
	p.Rows = min(p.Rows, p.OutChannels)
	p.WBlock = p.Rows * p.Sources * p.KernelHeight * p.KernelWidth * p.InChannels
	p.WSplit, p.Groups = uint32(z)*p.WBlock, 1
	return problem{
		sizes: [3]int{z * int(p.XBlock), z * int(p.YBlock), 8}, out: int(p.Splits * p.WSplit),
		record: func(name string, s *engine.Sequence, in [3]engine.Range, out engine.Range) error {
			k, err := kernel(name)
			if err != nil {
				return err
			}
			k.gather(s, name, p, z, in[0], in[1], out)
			return nil
		},
	}
}
