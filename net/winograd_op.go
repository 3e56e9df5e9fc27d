package net

import (
	"alexnet/engine"
)

// fast are the directions of a convolution that go by way of a family; nil:
// direct. The weight gradient shares the forward pass's, and where it is set its
// tiles, (chunk, block of x).
type fast struct {
	forward, data *winograd
	weight        bool
	rooms         struct{ forward, weight, data transforms }
}

// transforms are what a direction transforms and multiplies.
type transforms struct{ tiles, products, filters *room }

func (o *productOp) newForward(f *family) *winograd {
	w := newWinograd(f, mapShape{o.inHeight, o.inWidth, o.inChannels}, mapShape{o.y.h, o.y.w, o.y.channels}, o.sources, o.pad, o.x.n)
	w.fitCache(o.place.tuning, true)
	return w
}

// newData is the convolution of the output's gradient with turned filters, of one
// source.
func (o *productOp) newData(f *family) *winograd {
	w := newWinograd(f, mapShape{o.y.h, o.y.w, o.y.channels}, mapShape{o.inHeight, o.inWidth, o.inChannels}, 1, o.kernelHeight-1-o.pad, o.x.n)
	w.interleaved = o.sources
	w.fitCache(o.place.tuning, false)
	return w
}

// needFast reserves room for the transforms.
func (o *productOp) needFast() error {
	columns := len(o.place.columns)
	if w := o.fast.forward; w != nil {
		chunks := 1
		if o.fast.weight {
			chunks = w.chunks() // kept
		}
		if err := o.needTransforms(&o.fast.rooms.forward, "", w, chunks*o.x.blocks, columns); err != nil {
			return err
		}
	}
	if o.fast.weight {
		w := o.fast.forward
		if err := o.needTransforms(&o.fast.rooms.weight, " weight gradient", w, 0, w.sumsOf()); err != nil {
			return err
		}
	}
	if w := o.fast.data; w != nil {
		return o.needTransforms(&o.fast.rooms.data, " data gradient", w, 1, o.sources)
	}
	return nil
}

// needTransforms reserves room for the tiles of so many maps, the products of one
// map and so many sets of filters.
func (o *productOp) needTransforms(t *transforms, direction string, w *winograd, maps, filters int) error {
	var err error
	for _, r := range []struct {
		to   **room
		name string
		size int
	}{{&t.tiles, " tiles", maps * w.mapBlock()}, {&t.products, " products", w.productBlock()}, {&t.filters, " filters", filters * w.filterBlock()}} {
		if *r.to, err = o.place.newRoom(o.name+direction+r.name, 4*r.size); err != nil {
			return err
		}
	}
	return nil
}

// tilesOf is where the transformed maps of a chunk lie.
func (o *productOp) tilesOf(chunk int) engine.Range {
	size := o.x.blocks * o.fast.forward.mapBlock()
	if !o.fast.weight {
		chunk = 0
	}
	return o.fast.rooms.forward.tiles.floats(chunk*size, size)
}

// forTiles returns the part of a chunk's tiles that column i reads.
func (o *productOp) forTiles(all engine.Range, i int) engine.Range {
	if o.x.shared {
		return all
	}
	bytes := uint64(4 * o.fast.forward.mapBlock())
	return engine.Range{Buffer: all.Buffer, Offset: all.Offset + uint64(i)*bytes, Size: bytes}
}

// forwardFast records y = x * w + bias of all columns. The first images' recording
// transforms the filters.
func (o *productOp) forwardFast(s *engine.Sequence, b images) {
	w, rooms := o.fast.forward, &o.fast.rooms.forward
	filters := func(i int) engine.Range { return rooms.filters.floats(i*w.filterBlock(), w.filterBlock()) }
	for i := range o.place.columns {
		if b.first > 0 {
			break
		}
		from := o.weight.values(span{i, 1})
		count := o.y.channels * o.sources * o.inChannels
		p := filterPush(o.y.channels, o.sources, o.inChannels, from, filters(i))
		p.ByChannel = bit(w.product.across())
		w.filters.Dispatch(s, o.name, engine.Linear(count/2), p, from, filters(i))
	}
	products := rooms.products.whole()
	for chunk := range w.chunks() {
		part := w.part(chunk)
		if part.first < b.first || part.first >= b.first+b.count {
			continue
		}
		tiles := o.tilesOf(chunk)
		x := o.x.all().From(uint64(4 * part.first * w.in.size()))
		w.transformMap(s, o.name, part.count, o.x.blocks, o.x.block(), x, tiles)
		for i := range o.place.columns {
			w.multiply(s, o.name, part.count, o.forTiles(tiles, i), filters(i), products)
			w.restoreMap(s, o.name, part.count, o.relu, products, o.y.images(i, part), o.bias.values(span{i, 1}))
		}
	}
}

// weightGradientFast records the weight gradient of column i, and the runs of its
// bias gradient.
func (o *productOp) weightGradientFast(s *engine.Sequence, i int) {
	name, w, rooms := o.name+" weight gradient", o.fast.forward, &o.fast.rooms.weight
	for chunk := range w.chunks() {
		part := w.part(chunk)
		d := rooms.products.whole()
		w.transformGradient(s, name, part.count, o.y.grad.images(i, part), d)
		to := rooms.filters.floats(chunk/w.together*w.filterBlock(), w.filterBlock())
		w.sumChunk(s, name, chunk, o.forTiles(o.tilesOf(chunk), i), d, to)
		o.addTiles(s, name, i, chunk, d)
	}
	runs, to := rooms.filters.whole(), o.weight.gradients(span{i, 1})
	p := filterPush(o.y.channels, o.sources, o.inChannels, runs, to)
	p.Runs, p.RunBlock = uint32(w.sumsOf()), uint32(w.filterBlock())
	if g := o.weight.geometry; g.fold > 0 {
		p.Fold, p.Kernel, p.Taps, p.Colours = uint32(g.fold), uint32(g.kernel), uint32(g.height), uint32(g.sourceUnits[0])
	}
	w.back.Dispatch(s, name, engine.Linear(o.y.channels*o.sources*o.inChannels/2), p, runs, to)
}

// dataGradientFast records what column i makes of every source's gradient.
func (o *productOp) dataGradientFast(s *engine.Sequence, i int) {
	name, w, rooms := o.name+" data gradient", o.fast.data, &o.fast.rooms.data
	// By channel the filters of the sources lie one behind the other, else in turns.
	size := w.products() * o.inChannels * o.y.channels
	step := size
	if w.product.across() {
		step = o.inChannels
	}
	all, from := rooms.filters.floats(0, o.sources*size), o.weight.values(span{i, 1})
	p := filterPush(o.y.channels, o.sources, o.inChannels, from, all)
	p.Rotated, p.ByChannel = 1, bit(!w.product.across())
	w.filters.Dispatch(s, name, engine.Linear(o.sources*o.inChannels*o.y.channels/2), p, from, all)
	for chunk := range w.chunks() {
		part := w.part(chunk)
		tiles, products := rooms.tiles.whole(), rooms.products.whole()
		w.transformMap(s, name, part.count, 1, 0, o.y.grad.images(i, part), tiles)
		for source := range o.sources {
			w.multiply(s, name, part.count, tiles, all.From(uint64(4*source*step)), products)
			third := products // is not looked at
			if o.x.masked {
				third = o.x.images(i, part)
			}
			w.restoreGradient(s, name, part.count, products, o.x.grad.images(i*o.sources+source, part), third)
		}
	}
}
