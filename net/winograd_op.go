package net

import (
	"alexnet/engine"
)

// fast are the directions of a convolution that go by way of a family; nil:
// direct. The weight gradient shares the forward pass's, and its tiles.
type fast struct {
	forward, data *winograd
	weight        bool
	// tiles keeps the transformed input for the weight gradient, (chunk, block of
	// x), where weight is set.
	tiles *engine.Buffer
}

func (o *productOp) newForward(f *family) *winograd {
	return newWinograd(f, mapShape{o.inHeight, o.inWidth, o.inChannels}, mapShape{o.y.h, o.y.w, o.y.channels}, o.sources, o.pad, o.x.n)
}

// newData is the convolution of the output's gradient with turned filters, of one
// source.
func (o *productOp) newData(f *family) *winograd {
	return newWinograd(f, mapShape{o.y.h, o.y.w, o.y.channels}, mapShape{o.inHeight, o.inWidth, o.inChannels}, 1, o.kernelHeight-1-o.pad, o.x.n)
}

// needFast tells the place how much room the transforms need, and makes the
// buffer that keeps tiles.
func (o *productOp) needFast() error {
	s, columns := &o.place.scratch, len(o.place.columns)
	if w := o.fast.forward; w != nil {
		s.tilesSize = max(s.tilesSize, o.x.blocks*w.mapBlock())
		s.productsSize = max(s.productsSize, w.productBlock())
		s.filtersSize = max(s.filtersSize, columns*w.filterBlock())
		if o.fast.weight {
			s.filtersSize = max(s.filtersSize, w.chunks()*w.filterBlock())
			var err error
			o.fast.tiles, err = o.place.device.NewBuffer(o.name+" tiles", uint64(4*w.chunks()*o.x.blocks*w.mapBlock()), engine.Local)
			if err != nil {
				return err
			}
		}
	}
	if w := o.fast.data; w != nil {
		s.tilesSize = max(s.tilesSize, w.mapBlock())
		s.productsSize = max(s.productsSize, w.productBlock())
		s.filtersSize = max(s.filtersSize, o.sources*w.filterBlock())
	}
	return nil
}

// floats is the range of count floats of a buffer from the first on.
func floats(b *engine.Buffer, first, count int) engine.Range {
	return b.Part(uint64(4*first), uint64(4*count))
}

// images is the range of some images of a block.
func (t *tensor) images(block, first, count int) engine.Range {
	each := t.h * t.w * t.channels
	return floats(t.buffer, block*t.block()+first*each, count*each)
}

// tilesOf is where the transformed maps of a chunk lie.
func (o *productOp) tilesOf(chunk int) engine.Range {
	size := o.x.blocks * o.fast.forward.mapBlock()
	if o.fast.tiles != nil {
		return floats(o.fast.tiles, chunk*size, size)
	}
	return floats(o.place.scratch.tiles, 0, size)
}

// forTiles returns the part of a chunk's tiles that column i reads.
func (o *productOp) forTiles(all engine.Range, i int) engine.Range {
	if o.x.shared {
		return all
	}
	bytes := uint64(4 * o.fast.forward.mapBlock())
	return engine.Range{Buffer: all.Buffer, Offset: all.Offset + uint64(i)*bytes, Size: bytes}
}

// forwardFast records y = x * w + bias of all columns.
func (o *productOp) forwardFast(s *engine.Sequence) {
	w, scratch := o.fast.forward, &o.place.scratch
	filters := func(i int) engine.Range { return floats(scratch.filters, i*w.filterBlock(), w.filterBlock()) }
	for i := range o.place.columns {
		from := o.weight.values(span{i, 1})
		count := o.y.channels * o.sources * o.inChannels
		w.filters.Dispatch(s, o.name, engine.Linear(count/2), filterPush(o.y.channels, o.sources, o.inChannels, from, filters(i)), from, filters(i))
	}
	products := floats(scratch.products, 0, w.productBlock())
	for chunk := range w.chunks() {
		first, images := w.part(chunk)
		tiles := o.tilesOf(chunk)
		x := o.x.all().From(uint64(4 * first * w.in.size()))
		w.transformMap(s, o.name, images, o.x.blocks, o.x.block(), x, tiles)
		for i := range o.place.columns {
			bias := o.bias.values(span{i, 1})
			w.multiply(s, o.name, images, o.forTiles(tiles, i), filters(i), products)
			w.restoreMap(s, o.name, images, o.apply.relu, products, o.y.images(i, first, images), &bias)
		}
	}
}

// weightGradientFast records the weight gradient of column i.
func (o *productOp) weightGradientFast(s *engine.Sequence, i int) {
	name, w, scratch := o.name+" weight gradient", o.fast.forward, &o.place.scratch
	for chunk := range w.chunks() {
		first, images := w.part(chunk)
		d := floats(scratch.products, 0, w.productBlock())
		w.transformGradient(s, name, images, o.y.grad.images(i, first, images), d)
		to := floats(scratch.filters, chunk*w.filterBlock(), w.filterBlock())
		w.gather.dispatch(s, name, w.gatherPush(images), w.products(), o.forTiles(o.tilesOf(chunk), i), d, to)
	}
	runs, to := floats(scratch.filters, 0, w.chunks()*w.filterBlock()), o.weight.gradients(span{i, 1})
	p := filterPush(o.y.channels, o.sources, o.inChannels, runs, to)
	p.Runs, p.RunBlock = uint32(w.chunks()), uint32(w.filterBlock())
	if g := o.weight.geometry; g.fold > 0 {
		p.Fold, p.Kernel, p.Taps, p.Colours = uint32(g.fold), uint32(g.kernel), uint32(g.height), uint32(g.sourceUnits[0])
	}
	w.back.Dispatch(s, name, engine.Linear(o.y.channels*o.sources*o.inChannels/2), p, runs, to)
}

// dataGradientFast records what column i makes of every source's gradient.
func (o *productOp) dataGradientFast(s *engine.Sequence, i int) {
	name, w, scratch := o.name+" data gradient", o.fast.data, &o.place.scratch
	// The kernel writes the turned filters of the sources one behind the other.
	size := w.products() * o.inChannels * o.y.channels
	all, from := floats(scratch.filters, 0, o.sources*size), o.weight.values(span{i, 1})
	p := filterPush(o.y.channels, o.sources, o.inChannels, from, all)
	p.Turned = 1
	w.filters.Dispatch(s, name, engine.Linear(o.sources*o.inChannels*o.y.channels/2), p, from, all)
	for chunk := range w.chunks() {
		first, images := w.part(chunk)
		tiles, products := floats(scratch.tiles, 0, w.mapBlock()), floats(scratch.products, 0, w.productBlock())
		w.transformMap(s, name, images, 1, 0, o.y.grad.images(i, first, images), tiles)
		for source := range o.sources {
			w.multiply(s, name, images, tiles, floats(scratch.filters, source*size, size), products)
			w.restoreMap(s, name, images, false, products, o.x.grad.images(i*o.sources+source, first, images), nil)
		}
	}
}
