package net

import "alexnet/engine"

// tensor is a device's activations or gradients: blocks of (n, h, w, c), one a
// column that the device holds, or one a column of the whole net where a gather
// has brought them together. Channels are padded to a multiple of 8 with zeros,
// which every kernel that writes a tensor writes, too, as others have used the
// memory before it. Blocks are padded to 256 bytes, with anything.
type tensor struct {
	room     *room
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

func (t *tensor) image() int  { return t.h * t.w * t.channels } // floats of an image in a block
func (t *tensor) size() int   { return t.n * t.image() }        // floats of a block without its padding
func (t *tensor) block() int  { return padBlock(t.size()) }     // floats from one block to the next
func (t *tensor) pixels() int { return t.n * t.h * t.w }

// part is the range of one block.
func (t *tensor) part(i int) engine.Range {
	return t.room.floats(i*t.block(), t.block())
}

// images is the range of some images of a block.
func (t *tensor) images(i int, b images) engine.Range {
	return t.room.floats(i*t.block()+b.first*t.image(), b.count*t.image())
}

// parts is the range of several blocks.
func (t *tensor) parts(first, count int) engine.Range {
	return t.room.floats(first*t.block(), count*t.block())
}

func (t *tensor) all() engine.Range { return t.room.whole() }

// place is a device with the columns it holds.
type place struct {
	device   *engine.Device
	index    int
	columns  []int // global numbers: index, index + len(places), ...
	step     *engine.Buffer
	overflow overflow
	ops      []op
	params   []*param
	shares   *place // whose parameters these are; nil: its own
	rooms    []*room
	regions  []*engine.Buffer // that the rooms lie in
	alone    bool             // rooms have buffers of their own
	tuning   *tuning
	paths    []engine.Path // between places; nil: the best that works
}

// tensor makes a tensor with room for its blocks.
func (p *place) tensor(name string, like tensor) (*tensor, error) {
	t := like
	t.relu, t.masked = false, false
	var err error
	t.room, err = p.newRoom(name, 4*t.blocks*t.block())
	return &t, err
}

// zero clears a buffer at once.
func (p *place) zero(b *engine.Buffer) error {
	s := p.device.NewSequence("clear")
	defer s.Free()
	s.Zero(b.Whole())
	if err := s.End(); err != nil {
		return err
	}
	return p.device.Run(s)
}
