package net

import (
	"fmt"

	"alexnet/engine"
)

// tensor is a device's activations or gradients: blocks of (n, h, w, c), one a
// column that the device holds, or one a column of the whole net where a gather
// has brought them together. Channels are padded to a multiple of 8 with zeros,
// blocks to 256 bytes.
type tensor struct {
	buffer   *engine.Buffer
	n, h, w  int
	channels int   // of a column, padded
	units    []int // true channels of each column of the net
	blocks   int
	shared   bool    // one set of blocks that every column reads: the image, gathered maps
	relu     bool    // the values are a ReLU's, in place
	masked   bool    // grad's maker applies the ReLU's derivative
	grad     *tensor // where its reader puts dL/dx; nil: nobody wants it
}

// pad8 rounds up to the vector width of the kernels.
func pad8(n int) int { return (n + 7) / 8 * 8 }

// padBlock rounds a block up to 64 floats: the largest offset alignment.
func padBlock(n int) int { return (n + 63) / 64 * 64 }

func (t *tensor) size() int   { return t.n * t.h * t.w * t.channels } // floats of a block without its padding
func (t *tensor) block() int  { return padBlock(t.size()) }           // floats from one block to the next
func (t *tensor) pixels() int { return t.n * t.h * t.w }

// part is the range of one block.
func (t *tensor) part(i int) engine.Range {
	return t.buffer.Part(uint64(4*i*t.block()), uint64(4*t.block()))
}

// parts is the range of several blocks.
func (t *tensor) parts(first, count int) engine.Range {
	return t.buffer.Part(uint64(4*first*t.block()), uint64(4*count*t.block()))
}

func (t *tensor) all() engine.Range { return t.buffer.Whole() }

// place is a device with the columns it holds.
type place struct {
	device  *engine.Device
	index   int
	columns []int // global numbers: index, index + len(places), ...
	step    *engine.Buffer
	ops     []op
	params  []*param
	scratch scratch
	tuning  *tuning
	paths   []engine.Path // between places; nil: the best that works
}

// tensor makes a tensor with room for blocks; its contents are zero, and so its
// padding stays.
func (p *place) tensor(name string, like tensor) (*tensor, error) {
	t := like
	t.relu, t.masked = false, false
	var err error
	t.buffer, err = p.device.NewBuffer(name, uint64(4*t.blocks*t.block()), engine.Local)
	if err != nil {
		return nil, fmt.Errorf("net: %s: %w", name, err)
	}
	return &t, p.zero(t.buffer)
}

// zero clears a buffer at once.
func (p *place) zero(b *engine.Buffer) error {
	s := p.device.NewSequence("clear")
	s.Zero(b.Whole())
	if err := s.End(); err != nil {
		return err
	}
	return p.device.Run(s)
}

// scratch holds buffers that every layer may use between two of its own
// dispatches: rotated weights and partial sums, and of fast convolutions the
// transformed maps, products and filters. Sizes are floats that some layer needs.
type scratch struct {
	rotated, partial                     *engine.Buffer
	rotatedSize, partialSize             int
	tiles, products, filters             *engine.Buffer
	tilesSize, productsSize, filtersSize int
}

func (s *scratch) buffers() []*engine.Buffer {
	return []*engine.Buffer{s.rotated, s.partial, s.tiles, s.products, s.filters}
}

func (p *place) makeScratch() error {
	s := &p.scratch
	for _, b := range []struct {
		to   **engine.Buffer
		name string
		size int
	}{{&s.rotated, "rotated weights", s.rotatedSize}, {&s.partial, "partial sums", s.partialSize},
		{&s.tiles, "tiles", s.tilesSize}, {&s.products, "products", s.productsSize}, {&s.filters, "filters", s.filtersSize}} {
		var err error
		if *b.to, err = p.device.NewBuffer(b.name, uint64(4*b.size), engine.Local); err != nil {
			return fmt.Errorf("net: %w", err)
		}
	}
	return nil
}
