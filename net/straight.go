package net

import (
	"cmp"
	"fmt"
	"slices"

	"alexnet/engine"
	"alexnet/shaders"
)

// straight is straight.comp, compiled for one problem: products of matrices for the fast
// convolutions, local and dense layers of processors. Where conv_nt has filters
// w[z][kernel][source][channel] it wants w[source][z][channel][kernel].
type straight struct {
	first, adds   *engine.Kernel[shaders.StraightPush] // makes sums, adds to them; nil: not needed
	rows, columns uint32                               // of a workgroup
	depth         uint32                               // of a dispatch
}

// straightAdd adds to what is there.
var straightAdd = shaders.Shader[shaders.StraightPush, shaders.StraightConstants]{Module: shaders.StraightAdd.Module}

// The straight candidates, by rows and vectors of columns of a subgroup, the best first.
// Their sums, the operands of one and a product fit 16 registers, or the 32 of processors
// with vectors of 16 floats. The best that fits is tried: compiling takes more time than
// there is between them.
var (
	straightNT = map[uint32][]string{8: {"straight 6x2", "straight 4x3", "straight 2x4", "straight 4x2"},
		16: {"straight 6x4", "straight 4x6", "straight 8x3", "straight 4x4", "straight 6x2", "straight 4x2"}}
	straightTN = map[uint32][]string{8: {"straight 4x3", "straight 6x2", "straight 3x4", "straight 4x2"},
		16: {"straight 6x4", "straight 4x6", "straight 8x3", "straight 4x4", "straight 6x2", "straight 4x3", "straight 4x2"}}
	besides = []string{"address 3x4", "address 4x2"} // what is tried beside them
)

// A subgroup's code has a line for each of its products of vectors: below the least,
// what it does before and behind them weighs too much. Deeper sums than the most are made
// in several dispatches: more code takes many seconds to compile, fewer lines pass over the
// sums more often. Where they do so many times anyway half as much code is as fast.
const (
	straightLeast = 250
	straightMost  = 3072
	straightMany  = 4
	straightDeep  = 100 // the most depth of a dispatch of sums over tiles, whose results are small
)

// straightWork is the least of a problem's multiply-adds for which a straight candidate
// is compiled, for a second or more: it wins a millisecond a step. It is that of a chunk,
// not of all of a batch: batches share their choices. Tests have less.
var straightWork = 30e6

// straightSubgroups is the most of a workgroup: what a workgroup costs beside them, a
// sixth of a subgroup's time, they share.
const straightSubgroups = 16

// The base of the numbers of rows and columns in straight.comp, of up to three digits.
const straightBase = 32

// matrices are the operands of a straight product.
type matrices struct {
	rows, columns             uint32 // of the result
	unit                      uint32 // divides the rows of every dispatch
	depth                     uint32 // of a source, or what divides it
	adds                      bool   // even if a dispatch takes all of the depth
	across                    bool   // a's rows lie side by side
	aStride, bStride, yStride uint32 // floats
}

// work is the multiply-adds of z products of so many sources.
func (m *matrices) work(sources uint32, z int) float64 {
	return float64(m.rows) * float64(m.columns) * float64(m.depth) * float64(sources) * float64(z)
}

// addsAt says whether dispatches of a depth add to what others made.
func (m *matrices) addsAt(depth uint32) bool { return m.adds || depth < m.depth }

// straightConstants are those of a candidate for a problem, false if it does not fit: all
// its tiles lie within the result, and where a dispatch adds to what others made no two of
// them overlap.
func straightConstants(d *engine.Device, name string, m matrices) (shaders.StraightConstants, bool) {
	_, rows, columns := parse(name)
	c := shaders.StraightConstants{Lanes: lanes(d), Rows: rows, Columns: columns, Across: m.across, AStride: m.aStride, BStride: m.bStride, YStride: m.yStride}
	wide := columns * c.Lanes
	most := straightMost / (rows * columns)
	if m.across {
		most = min(most, straightDeep)
	} else if m.depth > straightMany*most {
		most /= 2
	}
	c.Depth = largestDivisor(m.depth, most)
	high, across := ceil(m.rows, rows), ceil(m.columns, wide)
	c.RowDigits, c.ColumnDigits = digits(high), digits(across)
	if c.Depth*rows*columns < straightLeast || m.rows < rows || m.columns < wide || c.RowDigits > 3 || c.ColumnDigits > 3 {
		return c, false
	}
	subgroups := ceil(high, ceil(high, straightSubgroups))
	if m.addsAt(c.Depth) {
		if m.unit%rows != 0 || m.columns%wide != 0 {
			return c, false
		}
		subgroups = largestDivisor(m.unit/rows, straightSubgroups)
	}
	c.Invocations = c.Lanes * subgroups
	return c, true
}

// rowsOf is how many rows of a result a workgroup makes.
func rowsOf(c shaders.StraightConstants) uint32 { return c.Rows * c.Invocations / c.Lanes }

// largestDivisor returns the largest divisor of n that is at most `most`; 0 if that is.
func largestDivisor(n, most uint32) uint32 {
	for ; most > 1 && n%most != 0; most-- {
	}
	return min(n, most)
}

// digits is how many a number below n has to the base of straight.comp: none if it is 0.
func digits(n uint32) (count uint32) {
	for ; n > 1; n = ceil(n, straightBase) {
		count++
	}
	return count
}

// newStraight compiles a candidate.
func newStraight(d *engine.Device, name string, m matrices) (*straight, error) {
	c, ok := straightConstants(d, name, m)
	if !ok {
		return nil, fmt.Errorf("net: kernel %q does not fit products of %+v", name, m)
	}
	k := &straight{rows: rowsOf(c), columns: c.Columns * c.Lanes, depth: c.Depth}
	var err error
	if k.first, err = engine.NewKernel(d, shaders.Straight, c); err == nil && m.addsAt(c.Depth) {
		k.adds, err = engine.NewKernel(d, straightAdd, c)
	}
	return k, err
}

// runsStraight says whether a device is one that the straight candidates are made for.
func runsStraight(d *engine.Device) bool { return quick(d) && d.Supports(shaders.Straight.Needs) }

// products tells of products of matrices beside ConvNTPush, whose rows are pixels or
// tiles: how many there are, how their filters lie by channel, and what divides the rows
// of every dispatch.
type products struct {
	count   int
	filters filterLayout
	unit    uint32
}

// matrices are the operands of ConvNTPush's sums.
func (q *products) matrices(p *shaders.ConvNTPush) matrices {
	return matrices{rows: p.Batch, unit: q.unit, columns: p.OutChannels, depth: p.InChannels, adds: p.Sources > 1,
		aStride: p.InChannels, bStride: q.filters.channel, yStride: p.OutChannels}
}

// straightFits lists the candidates that fit a problem of so many multiply-adds, the best
// first.
func (t *tuning) straightFits(all map[uint32][]string, m matrices, work float64) (names []string) {
	if t.mixed || !runsStraight(t.device) || work < straightWork {
		return nil
	}
	for _, name := range all[lanes(t.device)] {
		if _, ok := straightConstants(t.device, name, m); ok {
			names = append(names, name)
		}
	}
	// Columns that two tiles compute, where the last one reaches back, are lost.
	padded := func(name string) uint32 {
		_, _, columns := parse(name)
		wide := columns * lanes(t.device)
		return ceil(m.columns, wide) * wide
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(padded(a), padded(b)) })
	return names
}

// straightProducts are the candidates for the products of a fast convolution.
func (t *tuning) straightProducts(p *shaders.ConvNTPush, q products) (names []string) {
	m := q.matrices(p)
	work := m.work(p.Sources, q.count)
	m.rows = min(m.rows, q.unit) // of the least dispatch
	names = t.straightFits(straightNT, m, work)
	if len(names) > 1 && names[0] == "straight 6x2" && m.columns%24 == 0 && m.columns <= 48 {
		slices.Reverse(names[:2]) // two wide tiles rather than three
	}
	return names[:min(len(names), 1)]
}

// beside returns a problem's straight candidates with what stands a chance beside them,
// or the others if there are none.
func beside(straight, others []string) []string {
	if len(straight) == 0 {
		return others
	}
	return append(slices.DeleteFunc(others, func(name string) bool { return !slices.Contains(besides, name) }), straight...)
}

// operand is a matrix whose first value lies `first` floats into a range: a binding could
// not begin there on every device, an address can.
type operand struct {
	engine.Range
	first int
}

func (o operand) address() (low, high uint32) { return o.From(4 * uint64(o.first)).Address() }

// dispatch records products of the kernel's depth, evenly in dispatches of as many as there
// are digits to find them by.
func (k *straight) dispatch(s *engine.Sequence, kernel *engine.Kernel[shaders.StraightPush], name string, p shaders.StraightPush, z int, a, b, y operand) {
	shaders.Digits(p.Digit[:])
	most := ceil(uint32(z), ceil(uint32(z), uint32(len(p.Digit)))) // of a dispatch
	for first := 0; first < z; first += int(most) {
		p.ALow, p.AHigh = operand{a.Range, a.first + first*int(p.ABlock)}.address()
		p.BLow, p.BHigh = operand{b.Range, b.first + first*int(p.BBlock)}.address()
		p.YLow, p.YHigh = operand{y.Range, y.first + first*int(p.YBlock)}.address()
		p.YFirst = uint32(y.first + first*int(p.YBlock))
		kernel.Dispatch(s, name, engine.Groups{ceil(p.Columns, k.columns), ceil(p.Rows, k.rows), min(uint32(z-first), most)}, p, a.Range, b.Range, y.Range)
	}
}

// deepen records products of all of a source's depth, in dispatches of the kernel's: a
// and b lie aStep and bStep floats a depth. The first makes sums unless add is set.
func (k *straight) deepen(s *engine.Sequence, name string, p shaders.StraightPush, add bool, depth uint32, z int, a, b, y operand, aStep, bStep uint32) {
	for first := uint32(0); first < depth; first += k.depth {
		kernel := k.first
		if add || first > 0 {
			kernel = k.adds
		}
		k.dispatch(s, kernel, name, p, z, operand{a.Range, a.first + int(first*aStep)}, operand{b.Range, b.first + int(first*bStep)}, y)
	}
}

// filterLayout is how far filters lie apart that are laid out by channel: floats from
// a channel, a source and a product to the next.
type filterLayout struct{ channel, source, product uint32 }

// multiplier makes the z products of a fast convolution, ConvNTPush's sums.
type multiplier interface {
	// across says that the filters are laid out as straight wants them.
	across() bool
	multiply(s *engine.Sequence, name string, p shaders.ConvNTPush, q products, x, w, y engine.Range)
}

func (k *nt) across() bool { return false }

func (k *nt) multiply(s *engine.Sequence, name string, p shaders.ConvNTPush, q products, x, w, y engine.Range) {
	k.dispatch(s, name, p, q.count, x, w, w, y)
}

func (k *straight) across() bool { return true }

func (k *straight) multiply(s *engine.Sequence, name string, p shaders.ConvNTPush, q products, x, w, y engine.Range) {
	push := shaders.StraightPush{Rows: p.Batch, Columns: p.OutChannels, ABlock: p.XBlock, BBlock: q.filters.product, YBlock: p.YBlock}
	for source := range p.Sources {
		k.deepen(s, name, push, source > 0, p.InChannels, q.count, operand{x, int(source * p.XSource)}, operand{w, int(source * q.filters.source)}, operand{y, 0},
			1, q.filters.channel)
	}
}

// newMultiplier compiles a candidate for products; mixed rounds their operands to
// float16.
func newMultiplier(d *engine.Device, name string, mixed bool, p *shaders.ConvNTPush, q products) (multiplier, error) {
	if form, _, _ := parse(name); form == "straight" {
		return newStraight(d, name, q.matrices(p))
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

func (k *straight) gather(s *engine.Sequence, name string, p shaders.ConvTNPush, z int, x, y, w engine.Range) {
	k.sum(s, name, p, z, false, x, y, w)
}

// sum is gather or, with add, adds to what is there.
func (k *straight) sum(s *engine.Sequence, name string, p shaders.ConvTNPush, z int, add bool, x, y, w engine.Range) {
	push := shaders.StraightPush{Rows: p.Rows, Columns: p.InChannels, ABlock: p.YBlock, BBlock: p.XBlock, YBlock: p.Groups * p.WBlock}
	for group := range p.Groups {
		for source := range p.Sources {
			k.deepen(s, name, push, add, p.Batch, z/int(p.Groups), operand{y, 0}, operand{x, int(source*p.XSource + group*p.XGroup)},
				operand{w, int(group*p.WBlock + source*p.InChannels)}, p.OutChannels, p.XPixel)
		}
	}
}

// tileSums are sums over tiles, or over the images of a dense layer.
type tileSums struct {
	unit  uint32 // divides the tiles of each sum
	whole bool   // and is all of them
	added bool   // to sums over others
}

// wholeSums are sums over all images or units.
func wholeSums(count uint32) tileSums { return tileSums{unit: count, whole: true} }

// matrices are the operands of ConvTNPush's sums over one source.
func (q tileSums) matrices(p *shaders.ConvTNPush) matrices {
	return matrices{rows: p.Rows, unit: p.Rows, columns: p.InChannels, depth: q.unit, adds: !q.whole, across: true,
		aStride: p.OutChannels, bStride: p.XPixel, yStride: p.Sources * p.InChannels}
}

// straightGathers are the candidates for a weight gradient.
func (t *tuning) straightGathers(p *shaders.ConvTNPush, q tileSums, z int) []string {
	m := q.matrices(p)
	names := t.straightFits(straightTN, m, m.work(p.Sources, z)*float64(p.Batch)/float64(q.unit))
	return names[:min(len(names), 1)]
}

// choice is what a kernel is chosen for: a problem's key and its candidates, of which the
// straight ones are compiled for matrices like these.
type choice struct {
	key      string
	names    []string // of all candidates
	straight []string // those of them
	matrices matrices
}

// productsChoice, gatherChoice and denseChoice are those of chooseProducts, chooseGather
// and, where there are straight candidates, chooseDense.
func (t *tuning) productsChoice(p *shaders.ConvNTPush, q products) choice {
	straight := t.straightProducts(p, q)
	return choice{t.ntKey(p, q.count, q.unit), beside(straight, candidates(t.device, t.nt())), straight, q.matrices(p)}
}

func (t *tuning) gatherChoice(p *shaders.ConvTNPush, q tileSums, z int) choice {
	straight := t.straightGathers(p, q, z)
	names := straight
	if !q.added {
		names = beside(straight, t.tnCandidates(p))
	}
	return choice{t.tnKey(p, z, q.unit), names, straight, q.matrices(p)}
}

func (t *tuning) denseChoice(p *shaders.ConvNTPush) choice {
	straight := t.straightTurned(p)
	return choice{t.ntKey(p, 1, p.Batch), beside(straight, candidates(t.device, t.nt())), straight, turnedMatrices(p)}
}

// chooseSum picks a kernel for a gradient of a dense layer, the sum over all images or
// units. A straight one fits one batch only.
func (t *tuning) chooseSum(p shaders.ConvTNPush) (string, error) {
	sums := wholeSums(p.Batch)
	if p.Splits != 1 || len(t.gatherChoice(&p, sums, 1).straight) == 0 {
		return t.chooseTN(p)
	}
	return t.chooseGather(p, sums, 1)
}

// newGatherer compiles a candidate for the products of a weight gradient, or a direct sum.
func newGatherer(d *engine.Device, name string, p *shaders.ConvTNPush, sums tileSums, mixed bool) (gatherer, error) {
	if form, _, _ := parse(name); form == "straight" {
		return newStraight(d, name, sums.matrices(p))
	}
	return newTN(d, name, mixed)
}
