package net

import (
	"fmt"
	"maps"
	"slices"

	"alexnet/engine"
	"alexnet/shaders"
)

// straight is a compiled straight.comp: products of matrices of a given depth, for the
// fast convolutions of processors. Where conv_nt has filters w[z][kernel][source][channel]
// it wants w[source][z][channel][kernel].
type straight struct {
	kernel        *engine.Kernel[shaders.StraightPush]
	rows, columns uint32 // of a workgroup
	depth         uint32 // of a dispatch
	adds          bool   // to what is there
}

// straightAdd adds to what is there.
var straightAdd = shaders.Shader[shaders.StraightPush, shaders.StraightConstants]{Module: shaders.StraightAdd.Module}

// The straight candidates, by rows and vectors of columns of a workgroup.
var (
	straightNT = []string{"straight 6x2", "straight 4x3", "straight 12x3", "straight 12x2", "straight 2x4"} // the first two that fit are tried
	straightTN = []string{"straight 4x3", "straight 3x4", "straight 6x2"}                                   // the first that fits
	// For dense layers' weight gradients, whose depth is the batch; the first that fits.
	straightDense = []string{"straight 12x4", "straight 6x4", "straight 3x4"}
	besides       = []string{"address 3x4", "address 3x3", "address 4x2", "address 2x3"} // what is tried beside them
)

// A workgroup's code has a line for each of its products of vectors: below the least,
// what it does before and behind them weighs too much, above the most it no longer fits
// the processor's cache and takes many seconds to compile. Sums over tiles can be cut
// where one likes.
const (
	straightLeast = 1000
	straightMost  = 3200
	gatherMost    = 1800
)

// The digits of straight.comp's push constants reach so far.
const (
	straightGroups = 1 << 12
	straightBlocks = 1 << 8
)

// straightConstants are those of a candidate for products of so many sources and depth.
func straightConstants(d *engine.Device, name string, sources, depth uint32) shaders.StraightConstants {
	_, rows, columns := parse(name)
	return shaders.StraightConstants{Lanes: lanes(d), Rows: rows, Columns: columns, Sources: sources, Depth: depth}
}

// runsStraight says whether a device is one that the straight candidates are made for.
func runsStraight(d *engine.Device) bool { return quick(d) && d.Supports(shaders.Straight.Needs) }

// straightFits says whether a candidate can make z products of so many rows and columns.
func straightFits(d *engine.Device, name string, rows, columns, z, depth uint32) bool {
	_, r, c := parse(name)
	lines, wide := depth*r*c, c*lanes(d)
	return lines >= straightLeast && lines <= straightMost && columns >= wide &&
		ceil(columns, wide) <= straightGroups && ceil(rows, r) <= straightGroups && z <= straightBlocks
}

// straightProducts are the candidates for the products of a fast convolution.
func (t *tuning) straightProducts(p *shaders.ConvNTPush, z int) (names []string) {
	if t.mixed || !runsStraight(t.device) {
		return nil
	}
	for _, name := range straightNT {
		if straightFits(t.device, name, p.Batch, p.OutChannels, uint32(z), p.Sources*p.InChannels) {
			names = append(names, name)
		}
	}
	return names[:min(len(names), 2)]
}

// beside returns a problem's straight candidates with what stands a chance beside them,
// or the others if there are none.
func beside(straight, others []string) []string {
	if len(straight) == 0 {
		return others
	}
	return append(slices.DeleteFunc(others, func(name string) bool { return !slices.Contains(besides, name) }), straight...)
}

// compileStraight compiles the straight candidates for a convolution's families beside
// each other, those whose problems are not known yet: a driver takes seconds for each.
func (t *tuning) compileStraight(families []*winograd, gradient bool) {
	jobs := map[string]compilation{}
	for _, w := range families {
		p, z := w.productPush(w.chunk), w.products()
		names := t.straightProducts(&p, z)
		if t.tuner.Known(t.multiplyKey(&p, z), beside(names, candidates(t.device, t.nt()))) != "" {
			names = nil
		}
		for _, name := range names {
			jobs[fmt.Sprint(name, p.Sources, p.InChannels)] = compilation{name, func(d *engine.Device) error { return compileStraightNT(d, name, p) }}
		}
	}
	if gradient {
		w := families[0]
		p, sums, z := w.gatherPush(w.chunk), w.chunkSums(), w.products()
		names := t.straightGathers(&p, sums.unit, z)
		if t.tuner.Known(t.gatherKey(&p, z), beside(names, t.tnCandidates(&p))) != "" {
			names = nil
		}
		for _, name := range names {
			jobs[fmt.Sprint(name, " gather ", gatherDepth(name, sums.unit))] = compilation{name, func(d *engine.Device) error { return compileStraightTN(d, name, sums) }}
		}
	}
	if len(jobs) > 0 && !t.device.Hollow() {
		t.compile(slices.Collect(maps.Values(jobs)))
	}
}

// compileStraightNT runs a candidate on one pixel.
func compileStraightNT(d *engine.Device, name string, p shaders.ConvNTPush) error {
	k, err := newStraightNT(d, name, &p)
	if err != nil {
		return err
	}
	depth := p.Sources * p.InChannels
	p.Batch, p.OutChannels = 1, k.columns
	return runOnce(d, []int{int(depth), int(depth * k.columns), int(k.columns)}, func(s *engine.Sequence, b []engine.Range) {
		k.multiply(s, name, p, filterLayout{channel: k.columns, source: p.InChannels * k.columns}, 1, b[0], b[1], b[2])
	})
}

// compileStraightTN runs a candidate on as many tiles as a dispatch sums.
func compileStraightTN(d *engine.Device, name string, sums tileSums) error {
	g, err := newGatherer(d, name, sums, false)
	if err != nil {
		return err
	}
	k := g.(*straight)
	tiles := k.depth
	p := shaders.ConvTNPush{Batch: tiles, InChannels: k.columns, OutChannels: k.rows, Sources: 1}
	return runOnce(d, []int{int(tiles * k.columns), int(tiles * k.rows), int(k.rows * k.columns)}, func(s *engine.Sequence, b []engine.Range) {
		k.gather(s, name, p, 1, b[0], b[1], b[2])
	})
}

// newStraightNT compiles a candidate for the products of ConvNTPush.
func newStraightNT(d *engine.Device, name string, p *shaders.ConvNTPush) (*straight, error) {
	c := straightConstants(d, name, p.Sources, p.InChannels)
	k := &straight{rows: c.Rows, columns: c.Columns * c.Lanes, depth: c.Depth}
	var err error
	k.kernel, err = engine.NewKernel(d, shaders.Straight, c)
	return k, err
}

func (k *straight) dispatch(s *engine.Sequence, name string, p shaders.StraightPush, z int, a, b, y engine.Range) {
	p.ALow, p.AHigh = a.Address()
	p.BLow, p.BHigh = b.Address()
	p.YLow, p.YHigh = y.Address()
	for i := range p.Digit {
		p.Digit[i] = uint32(i)
	}
	k.kernel.Dispatch(s, name, engine.Groups{ceil(p.Columns, k.columns), ceil(p.Rows, k.rows), uint32(z)}, p, a, b, y)
}

// filterLayout is how far filters lie apart that are laid out by channel: floats from
// a channel, a source and a product to the next.
type filterLayout struct{ channel, source, product uint32 }

// multiplier makes the z products of a fast convolution, ConvNTPush's sums.
type multiplier interface {
	// across says that the filters are laid out as straight wants them.
	across() bool
	multiply(s *engine.Sequence, name string, p shaders.ConvNTPush, l filterLayout, z int, x, w, y engine.Range)
}

func (k *nt) across() bool { return false }

func (k *nt) multiply(s *engine.Sequence, name string, p shaders.ConvNTPush, _ filterLayout, z int, x, w, y engine.Range) {
	k.dispatch(s, name, p, z, x, w, w, y)
}

func (k *straight) across() bool { return true }

func (k *straight) multiply(s *engine.Sequence, name string, p shaders.ConvNTPush, l filterLayout, z int, x, w, y engine.Range) {
	k.dispatch(s, name, shaders.StraightPush{
		Rows: p.Batch, Columns: p.OutChannels, AStride: p.InChannels, ASource: p.XSource, ABlock: p.XBlock,
		BStride: l.channel, BSource: l.source, BBlock: l.product, YStride: p.OutChannels, YBlock: p.YBlock,
	}, z, x, w, y)
}

// newMultiplier compiles a candidate for z products; mixed rounds their operands to
// float16.
func newMultiplier(d *engine.Device, name string, mixed bool, p *shaders.ConvNTPush) (multiplier, error) {
	if form, _, _ := parse(name); form == "straight" {
		return newStraightNT(d, name, p)
	}
	return newNT(d, name, mixed, false)
}

// gatherer makes the z products of a weight gradient, ConvTNPush's sums over tiles.
type gatherer interface {
	gather(s *engine.Sequence, name string, p shaders.ConvTNPush, z int, x, y, w engine.Range)
}

func (k *tn) gather(s *engine.Sequence, name string, p shaders.ConvTNPush, z int, x, y, w engine.Range) {
	k.dispatch(s, name, p, z, x, y, w)
}

// gather sums the tiles of a dispatch, or adds depth tiles a dispatch to zeros.
func (k *straight) gather(s *engine.Sequence, name string, p shaders.ConvTNPush, z int, x, y, w engine.Range) {
	if k.adds {
		s.Zero(w)
	}
	row := p.Sources * p.InChannels
	for source := range p.Sources {
		to := w.From(4 * uint64(source*p.InChannels))
		from := x.From(4 * uint64(source) * uint64(p.XSource))
		for first := uint32(0); first < p.Batch; first += k.depth {
			k.dispatch(s, name, shaders.StraightPush{
				Rows: p.OutChannels, Columns: p.InChannels, AStride: p.OutChannels, ABlock: p.YBlock,
				BStride: p.InChannels, BBlock: p.XBlock, YStride: row, YBlock: p.WBlock,
			}, z, y.From(4*uint64(first)*uint64(p.OutChannels)), from.From(4*uint64(first)*uint64(p.InChannels)), to)
		}
	}
}

// tileSums are sums over tiles, or over the images of a dense layer.
type tileSums struct {
	unit  uint32 // divides the tiles of each sum
	whole bool   // and is all of them
}

// gatherDepth is the most tiles of a dispatch that a candidate can sum, where each sum is
// over a multiple of `unit`. 0: none.
func gatherDepth(name string, unit uint32) uint32 {
	_, r, c := parse(name)
	for depth := gatherMost / (r * c); depth*r*c >= straightLeast; depth-- {
		if unit%depth == 0 {
			return depth
		}
	}
	return 0
}

// straightGathers are the candidates for the products of a weight gradient. What is
// added to must be nobody else's: rows and columns are whole numbers of workgroups.
func (t *tuning) straightGathers(p *shaders.ConvTNPush, unit uint32, z int) (names []string) {
	if t.mixed || !runsStraight(t.device) {
		return nil
	}
	for _, name := range straightTN {
		_, r, c := parse(name)
		depth := gatherDepth(name, unit)
		if depth > 0 && straightFits(t.device, name, p.OutChannels, p.InChannels, uint32(z), depth) &&
			p.OutChannels%r == 0 && p.InChannels%(c*lanes(t.device)) == 0 {
			names = append(names, name)
		}
	}
	return names[:min(len(names), 1)]
}

// straightSums are the candidates for the weight gradient of a dense layer, which sums
// the whole batch in one dispatch.
func (t *tuning) straightSums(p *shaders.ConvTNPush) (names []string) {
	if t.mixed || p.Splits != 1 || !runsStraight(t.device) {
		return nil
	}
	for _, name := range straightDense {
		if _, r, _ := parse(name); gatherDepth(name, p.Batch) == p.Batch && p.OutChannels >= r && straightFits(t.device, name, p.OutChannels, p.InChannels, 1, p.Batch) {
			names = append(names, name)
		}
	}
	return names[:min(len(names), 1)]
}

// chooseSum picks a kernel for the weight gradient of a dense layer. A straight one fits
// one batch only.
func (t *tuning) chooseSum(p shaders.ConvTNPush) (string, error) {
	straight := t.straightSums(&p)
	if len(straight) == 0 {
		return t.chooseTN(p)
	}
	key, names := fmt.Sprintf("%s of %d", t.gatherKey(&p, 1), p.Batch), beside(straight, t.tnCandidates(&p))
	sums, sample := tileSums{unit: p.Batch, whole: true}, p
	sample.OutChannels, sample.Rows = min(p.OutChannels, sampleKernels), min(p.OutChannels, sampleKernels)
	return t.choose(key, names, t.tnProblem(p, 1, sums), t.tnProblem(sample, 1, sums))
}

// newGatherer compiles a candidate for the products of a weight gradient, or a direct sum.
func newGatherer(d *engine.Device, name string, sums tileSums, mixed bool) (gatherer, error) {
	if form, _, _ := parse(name); form != "straight" {
		return newTN(d, name, mixed)
	}
	depth := gatherDepth(name, sums.unit)
	if depth == 0 {
		return nil, fmt.Errorf("net: kernel %q for sums of %d tiles", name, sums.unit)
	}
	c := straightConstants(d, name, 1, depth)
	c.Across = true
	k := &straight{rows: c.Rows, columns: c.Columns * c.Lanes, depth: depth, adds: depth < sums.unit || !sums.whole}
	shader := shaders.Straight
	if k.adds {
		shader = straightAdd
	}
	var err error
	k.kernel, err = engine.NewKernel(d, shader, c)
	return k, err
}
