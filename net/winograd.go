package net

import (
	"fmt"

	"alexnet/engine"
	"alexnet/shaders"
)

// family is a fast convolution F(m x m, r x r) with the kernels of its transforms:
// see winograd.glsl.
type family struct {
	m, r            int // outputs and filter a side of a tile
	input, gradient mapShader
	output          mapShader
	weights, back   shaders.Shader[shaders.WinogradFilterPush, shaders.None]
}

var families = []family{
	{5, 3, mapShader{shaders.WinogradInput53.Module, shaders.WinogradInputStraight53.Module}, mapShader{shaders.WinogradGradient53.Module, shaders.WinogradGradientStraight53.Module},
		mapShader{shaders.WinogradOutput53.Module, shaders.WinogradOutputStraight53.Module}, shaders.WinogradWeights53, shaders.WinogradBack53},
	{3, 5, mapShader{shaders.WinogradInput35.Module, shaders.WinogradInputStraight35.Module}, mapShader{shaders.WinogradGradient35.Module, shaders.WinogradGradientStraight35.Module},
		mapShader{shaders.WinogradOutput35.Module, shaders.WinogradOutputStraight35.Module}, shaders.WinogradWeights35, shaders.WinogradBack35},
	{4, 5, mapShader{shaders.WinogradInput45.Module, shaders.WinogradInputStraight45.Module}, mapShader{shaders.WinogradGradient45.Module, shaders.WinogradGradientStraight45.Module},
		mapShader{shaders.WinogradOutput45.Module, shaders.WinogradOutputStraight45.Module}, shaders.WinogradWeights45, shaders.WinogradBack45},
}

// name is the family's name as a choice of the tuner.
func (f *family) name() string { return fmt.Sprintf("winograd %dx%d", f.m, f.r) }

// products is the number of products of a tile and a pair of channels.
func (f *family) products() int { return (f.m + f.r - 1) * (f.m + f.r - 1) }

// sums is the product of a tile of transformGradient that is the sum of its pixels:
// that of point 1, whose powers are all 1, in both directions.
func (f *family) sums() int { return f.m + f.r }

// direct is the choice of no family.
const direct = "direct"

// familyOf returns the family of that name, nil for direct.
func familyOf(name string) *family {
	for i := range families {
		if families[i].name() == name {
			return &families[i]
		}
	}
	return nil
}

// mapShape is one image of a map: channels are padded.
type mapShape struct{ h, w, channels int }

func (m mapShape) size() int { return m.h * m.w * m.channels }

// winograd is a convolution of stride 1 by way of a family: of `sources` input
// maps together, images in chunks whose tiles a kernel's range can hold.
type winograd struct {
	*family
	in, out       mapShape
	sources, pad  int
	interleaved   int // sets of filters that lie in turns where they are not by channel
	images, chunk int
	together      int // chunks whose sums of a weight gradient are added as they are made

	transform *mapTransform // input
	restore   *mapTransform // output
	filters   *engine.Kernel[shaders.WinogradFilterPush]
	product   multiplier
	tile      string // of the products: the candidate's name
	// Of a weight gradient:
	differ *mapTransform // the output's gradient
	back   *engine.Kernel[shaders.WinogradFilterPush]
	gather gatherer
}

// chunkImages bounds a chunk; chunkBytes is the storage range that every device has. A
// processor's chunks are halved until tiles and products of one fit its cache: transforms
// and products of what is in memory take twice as long.
const (
	chunkImages = 32
	chunkBytes  = 1 << 27
)

var cacheBytes = 10 << 20 // tests have a smaller one

func newWinograd(f *family, in, out mapShape, sources, pad, images int) *winograd {
	w := &winograd{family: f, in: in, out: out, sources: sources, pad: pad, interleaved: 1, images: images, together: 1}
	w.chunk = min(images, chunkImages)
	for w.chunk > 8 && 4*w.products()*w.tiles(w.chunk)*max(sources*in.channels, out.channels) > chunkBytes {
		w.chunk -= 8
	}
	return w
}

// fitCache halves chunks for a processor. With a gradient it must have a kernel that adds
// the sums of several.
func (w *winograd) fitCache(t *tuning, gradient bool) {
	if t.mixed || !runsStraight(t.device) {
		return
	}
	small := *w
	for small.chunk%2 == 0 && 4*w.products()*w.tiles(small.chunk)*(w.in.channels+w.out.channels) > cacheBytes {
		small.chunk, small.together = small.chunk/2, 2*small.together
	}
	if p := small.gatherPush(small.chunk); !gradient || len(t.straightGathers(&p, small.chunkSums(), small.products())) > 0 {
		*w = small
	}
}

func (w *winograd) rows() int            { return (w.out.h + w.m - 1) / w.m }
func (w *winograd) columns() int         { return (w.out.w + w.m - 1) / w.m }
func (w *winograd) tiles(images int) int { return images * w.rows() * w.columns() }
func (w *winograd) chunks() int          { return (w.images + w.chunk - 1) / w.chunk }

// sumsOf is how many sums of a weight gradient there are.
func (w *winograd) sumsOf() int { return (w.chunks() + w.together - 1) / w.together }

// part returns the images of a chunk.
func (w *winograd) part(chunk int) images {
	first := chunk * w.chunk
	return images{first, min(w.chunk, w.images-first)}
}

// chunkSums are those over the tiles of each chunk.
func (w *winograd) chunkSums() tileSums {
	unit := w.tiles(w.chunk)
	for rest := w.tiles(w.images % w.chunk); rest > 0; {
		unit, rest = rest, unit%rest
	}
	return tileSums{unit: uint32(unit), whole: unit == w.tiles(w.chunk) && w.together == 1, added: w.together > 1}
}

// The floats of transformed maps (one source), products and filters (all sources).
func (w *winograd) mapBlock() int {
	return padBlock(w.products() * w.tiles(w.chunk) * w.in.channels)
}
func (w *winograd) productBlock() int {
	return padBlock(w.products() * w.tiles(w.chunk) * w.out.channels)
}
func (w *winograd) filterBlock() int {
	return padBlock(w.products() * w.out.channels * w.sources * w.in.channels)
}

// makeForward compiles what the sum forward and the data gradient need, which may be
// masked by a ReLU's output. t chooses for all devices of a kind; d is the one that
// computes.
func (w *winograd) makeForward(d *engine.Device, t *tuning, masked bool) error {
	var err error
	if w.transform, err = w.newTransform(d, w.family.input, w.in, false); err != nil {
		return err
	}
	if w.restore, err = w.newTransform(d, w.family.output, w.out, masked); err != nil {
		return err
	}
	if w.filters, err = engine.NewKernel(d, w.family.weights, shaders.None{}); err != nil {
		return err
	}
	p := w.productPush(w.chunk)
	if w.tile, err = t.chooseProducts(p, w.productsOf()); err != nil {
		return err
	}
	w.product, err = newMultiplier(d, w.tile, false, &p, w.productsOf())
	return err
}

// makeGradient compiles what the weight gradient needs.
func (w *winograd) makeGradient(d *engine.Device, t *tuning) error {
	var err error
	if w.differ, err = w.newTransform(d, w.family.gradient, w.out, false); err != nil {
		return err
	}
	if w.back, err = engine.NewKernel(d, w.family.back, shaders.None{}); err != nil {
		return err
	}
	p := w.gatherPush(w.chunk)
	name, err := t.chooseGather(p, w.chunkSums(), w.products())
	if err != nil {
		return err
	}
	w.gather, err = newGatherer(d, name, &p, w.chunkSums(), false)
	if _, adds := w.gather.(*straight); !adds {
		w.together = 1 // a sum for each chunk
	}
	return err
}

// productPush is P[xi][tile][k] = sum over (source, c) of V[source][xi][tile][c] * U[xi][k][source][c].
func (w *winograd) productPush(images int) shaders.ConvNTPush {
	tiles, c, k := w.tiles(images), w.in.channels, w.out.channels
	return shaders.ConvNTPush{
		Batch: uint32(tiles), InHeight: 1, InWidth: 1, InChannels: uint32(c), OutHeight: 1, OutWidth: 1, OutChannels: uint32(k),
		KernelHeight: 1, KernelWidth: 1, Stride: 1, Dilation: 1, Sources: uint32(w.sources), Groups: 1,
		XBlock: uint32(tiles * c), XSource: uint32(w.mapBlock()), WBlock: uint32(k * w.sources * c), YBlock: uint32(tiles * k),
	}
}

// gatherPush is dU[xi][k][source][c] = sum over tiles of D[xi][tile][k] * V[source][xi][tile][c].
func (w *winograd) gatherPush(images int) shaders.ConvTNPush {
	tiles, c, k := w.tiles(images), w.in.channels, w.out.channels
	return shaders.ConvTNPush{
		Batch: uint32(tiles), InHeight: 1, InWidth: 1, InChannels: uint32(c), OutHeight: 1, OutWidth: 1, OutChannels: uint32(k),
		KernelHeight: 1, KernelWidth: 1, Stride: 1, Sources: uint32(w.sources), Rows: uint32(k), Splits: 1, SplitPixels: uint32(tiles), Groups: 1,
		XBlock: uint32(tiles * c), XSource: uint32(w.mapBlock()), XPixel: uint32(c), YBlock: uint32(tiles * k), WBlock: uint32(k * w.sources * c),
	}
}

// sumChunk makes a chunk's sums of a weight gradient, or adds them to those of the chunks
// before, where it has a kernel that does (makeGradient).
func (w *winograd) sumChunk(s *engine.Sequence, name string, chunk int, x, d, to engine.Range) {
	p := w.gatherPush(w.part(chunk).count)
	if chunk%w.together == 0 {
		w.gather.gather(s, name, p, w.products(), x, d, to)
		return
	}
	w.gather.(*straight).sum(s, name, p, w.products(), true, x, d, to)
}

// transformMap makes the tiles of `count` input maps that lie mapBlock floats apart.
func (w *winograd) transformMap(s *engine.Sequence, name string, images, count, mapBlock int, from, to engine.Range) {
	w.transformMaps(s, name, w.transform, mapSide{mapShape: w.in, images: images, pad: w.pad, count: count, block: mapBlock}, from, to)
}

// transformGradient makes the tiles of the output's gradient.
func (w *winograd) transformGradient(s *engine.Sequence, name string, images int, from, to engine.Range) {
	w.transformMaps(s, name, w.differ, mapSide{mapShape: w.out, images: images, count: 1}, from, to)
}

// restoreMap makes the output of products, with a bias.
func (w *winograd) restoreMap(s *engine.Sequence, name string, images int, relu bool, from, to, bias engine.Range) {
	w.transformMaps(s, name, w.restore, mapSide{mapShape: w.out, images: images, count: 1, bias: true, relu: relu}, from, to, bias)
}

// restoreGradient makes a data gradient of products. Its kernel may be masked: third
// is the ReLU's output then, and any buffer otherwise.
func (w *winograd) restoreGradient(s *engine.Sequence, name string, images int, from, to, third engine.Range) {
	w.transformMaps(s, name, w.restore, mapSide{mapShape: w.out, images: images, count: 1}, from, to, third)
}

// filterPush describes filters: kernels, and of each the channels of every source.
func filterPush(kernels, sources, channels int, from, to engine.Range) shaders.WinogradFilterPush {
	p := shaders.WinogradFilterPush{Kernels: uint32(kernels), Sources: uint32(sources), Channels: uint32(channels), Runs: 1}
	p.FromLow, p.FromHigh = from.Address()
	p.ToLow, p.ToHigh = to.Address()
	return p
}

// productsOf describes the products: sets of filters by channel lie in turns.
func (w *winograd) productsOf() products {
	channel := w.interleaved * w.out.channels
	product := w.in.channels * channel
	return products{count: w.products(), unit: w.chunkSums().unit,
		filters: filterLayout{channel: uint32(channel), source: uint32(w.products() * product), product: uint32(product)}}
}

// multiply makes the products of one chunk.
func (w *winograd) multiply(s *engine.Sequence, name string, images int, tiles, filters, products engine.Range) {
	w.product.multiply(s, name, w.productPush(images), w.productsOf(), tiles, filters, products)
}
