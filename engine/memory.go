package engine

import (
	"errors"
	"fmt"
	"slices"
	"unsafe"

	"alexnet/engine/internal/vk"
)

// Kind says where a buffer lies and who may touch it.
type Kind int

// The kinds of buffers.
const (
	Local    Kind = iota // the device's own memory, for kernels
	Upload               // written by the host, read by the device
	Readback             // written by the device, read by the host
)

// Buffer is a range of device memory that kernels see as an array. Its contents
// are undefined at first.
type Buffer struct {
	device  *Device
	name    string
	size    uint64
	kind    Kind
	handle  vk.Buffer
	address uint64 // in kernels; 0: unknown
	offset  uint64 // in home
	home    *block

	placeholder bool // without memory
}

// Size is the buffer's size in bytes.
func (b *Buffer) Size() uint64 { return b.size }

// Device is the device that the buffer lies on.
func (b *Buffer) Device() *Device { return b.device }

// Bytes is the host's view of an Upload or Readback buffer. The device must
// not be using the buffer meanwhile. Of a Local buffer there is none on any
// device, so that what runs on shared memory runs on a GPU's own, too.
func (b *Buffer) Bytes() []byte {
	if b.kind == Local || b.home.host == nil {
		panic("engine: buffer " + b.name + " is not visible to the host, or freed")
	}
	return unsafe.Slice((*byte)(unsafe.Add(b.home.host, b.offset)), b.size)
}

// Floats is Bytes as float32 values.
func (b *Buffer) Floats() []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(&b.Bytes()[0])), b.size/4)
}

// Words is Bytes as uint32 values.
func (b *Buffer) Words() []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(&b.Bytes()[0])), b.size/4)
}

// block is one allocation of device memory that buffers share.
type block struct {
	memory     vk.DeviceMemory
	memoryType int
	size       uint64
	host       unsafe.Pointer // nil where the host cannot see it
	used       []span         // by offset
	pages      *hostPages     // imported as the memory, or nil
}

// span is what one buffer takes of its block.
type span struct {
	at, size uint64
	handle   vk.Buffer
}

// room returns the first gap of size bytes and its index in used.
func (b *block) room(size, align uint64) (at uint64, index int, ok bool) {
	for i, s := range b.used {
		if at+size <= s.at {
			return at, i, true
		}
		at = (s.at + s.size + align - 1) / align * align
	}
	return at, len(b.used), at+size <= b.size
}

const (
	blockSize = 64 << 20 // small buffers share blocks of this size
	alignment = 256      // of every buffer: the largest offset alignment of any device
)

func (b *block) free(d *Device) {
	for _, s := range b.used {
		d.vk.DestroyBuffer(s.handle)
	}
	d.vk.FreeMemory(b.memory)
	d.inUse -= b.size
	b.used, b.host = nil, nil
	if b.pages != nil {
		b.pages.release()
	}
}

// NewBuffer makes a buffer of at least 4 bytes. The error wraps ErrMemory when
// the device has no room.
func (d *Device) NewBuffer(name string, size uint64, kind Kind) (*Buffer, error) {
	if err := d.failed(); err != nil {
		return nil, err
	}
	size = max(4, (size+3)/4*4)
	if d.Hollow() {
		return d.reserve(&Buffer{device: d, name: name, size: size, kind: kind, home: &block{}})
	}
	var external uint32
	if d.importsPages() {
		external = vk.ExternalHost
	}
	handle, need, err := d.vk.CreateBuffer(size, external)
	if err != nil {
		return nil, d.fail("buffer "+name, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	b := &Buffer{device: d, name: name, size: size, kind: kind, handle: handle}
	if err := d.place(b, need); err != nil {
		d.vk.DestroyBuffer(handle)
		return nil, d.memoryError(name, size, err)
	}
	if err := d.vk.BindBuffer(handle, b.home.memory, b.offset); err != nil {
		d.remove(b)
		return nil, d.memoryError(name, size, err)
	}
	b.address = d.vk.Address(handle)
	return b, nil
}

// Capacity is the memory that all buffers on the physical device may take, in
// bytes: what was free when the devices were listed.
func (d *Device) Capacity() uint64 {
	if d.options.MaxMemory > 0 {
		return d.options.MaxMemory
	}
	if d.info.Free > 0 {
		return min(d.info.Free, d.info.Memory)
	}
	return d.info.Memory
}

// lacksMemory says whether a driver's error is that there is no memory.
func lacksMemory(err error) bool {
	return errors.Is(err, vk.OutOfDeviceMemory) || errors.Is(err, vk.OutOfHostMemory)
}

func (d *Device) memoryError(name string, size uint64, err error) error {
	if lacksMemory(err) || errors.Is(err, ErrMemory) {
		return fmt.Errorf("engine: %s: allocate %s for %s: %w (%s of %s in use)",
			d.label, Megabytes(size), name, ErrMemory, Megabytes(d.inUse), Megabytes(d.Capacity()))
	}
	return d.fail("buffer "+name, err)
}

// Megabytes prints a size in bytes as people read it: "151 MB".
func Megabytes(bytes uint64) string {
	if bytes >= 10_000_000_000 {
		return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
	}
	if bytes < 10_000_000 {
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.0f MB", float64(bytes)/1e6)
}

// place finds room for a buffer, in a shared block if it is small.
func (d *Device) place(b *Buffer, need vk.Need) error {
	types, err := d.memoryTypes(need.Types, b.kind)
	if err != nil {
		return err
	}
	size := need.Size
	if size <= blockSize/4 {
		for _, t := range types {
			if d.placeShared(b, need, t) {
				return nil
			}
		}
		size = blockSize
	}
	if d.options.MaxMemory > 0 && d.inUse+size > d.options.MaxMemory {
		if size = need.Size; d.inUse+size > d.options.MaxMemory {
			return ErrMemory
		}
	}
	for _, t := range types {
		for _, size := range slices.Compact([]uint64{size, need.Size}) { // nearly full memory may have no room for a shared block
			if b.home, err = d.newBlock(size, t); err == nil {
				b.home.used = []span{{0, need.Size, b.handle}}
				return nil
			}
		}
	}
	return err
}

// placeShared puts a buffer into a gap of a block that is there already.
func (d *Device) placeShared(b *Buffer, need vk.Need, memoryType int) bool {
	for _, home := range d.heaps {
		if home.memoryType != memoryType || home.size != blockSize {
			continue
		}
		if at, i, ok := home.room(need.Size, max(alignment, need.Alignment)); ok {
			home.used = slices.Insert(home.used, i, span{at, need.Size, b.handle})
			b.home, b.offset = home, at
			return true
		}
	}
	return false
}

// newBlock allocates a block, on huge pages where the device takes them.
func (d *Device) newBlock(size uint64, memoryType int) (b *block, err error) {
	if d.importsPages() {
		b, err = d.newHugeBlock(size, memoryType)
	}
	if b == nil {
		b, err = d.newDriverBlock(size, memoryType)
	}
	if err != nil {
		return nil, err
	}
	d.heaps = append(d.heaps, b)
	d.inUse += size
	return b, nil
}

// newDriverBlock allocates a block of the driver's memory.
func (d *Device) newDriverBlock(size uint64, memoryType int) (*block, error) {
	memory, err := d.vk.Allocate(size, memoryType)
	if err != nil {
		return nil, err
	}
	b := &block{memory: memory, memoryType: memoryType, size: size}
	if d.info.MemoryTypes[memoryType].Flags&vk.MemoryHostVisible != 0 {
		if b.host, err = d.vk.Map(memory); err != nil {
			d.vk.FreeMemory(memory)
			return nil, err
		}
	}
	return b, nil
}

// memoryTypes lists the types that fit, most wanted first. Host memory must be
// coherent, so that no flush can be forgotten; Vulkan promises one such type. A device
// with memory of its own gets no buffer for kernels elsewhere: training over the bus
// would be many times slower, and nobody would know why. Uploads go straight there where
// the host sees all of it: the bus is then busy while the host writes, beside a step, and
// not in front of the next one. To read what it has written there is slow.
func (d *Device) memoryTypes(allowed uint32, kind Kind) ([]int, error) {
	const host = vk.MemoryHostVisible | vk.MemoryHostCoherent
	wishes := map[Kind][]uint32{
		Local:    {vk.MemoryDeviceLocal, 0},
		Upload:   {host},
		Readback: {host | vk.MemoryHostCached, host},
	}
	if kind == Upload && d.info.seesAll() {
		wishes[Upload] = []uint32{host | vk.MemoryDeviceLocal, host}
	}
	var out []int
	for _, wish := range wishes[kind] {
		for i, t := range d.info.MemoryTypes {
			if allowed&(1<<i) != 0 && t.Flags&wish == wish {
				out = append(out, i)
			}
		}
		if len(out) > 0 && kind == Local && d.info.Type == "discrete" {
			break
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no fitting memory type")
	}
	return out, nil
}

// Free destroys a buffer; its memory goes back to the device with the last
// buffer of its block. The device must not be using it.
func (b *Buffer) Free() {
	d := b.device
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.stuck.Load() {
		d.remove(b)
	}
}

// remove takes a buffer out of its block; one that is gone is left alone.
func (d *Device) remove(b *Buffer) {
	home := b.home
	for i, s := range home.used {
		if s.handle != b.handle {
			continue
		}
		if len(home.used) == 1 {
			d.heaps = slices.DeleteFunc(d.heaps, func(h *block) bool { return h == home })
			home.free(d)
		} else {
			d.vk.DestroyBuffer(s.handle)
			home.used = slices.Delete(home.used, i, i+1)
		}
		break
	}
	b.home = &block{} // nothing to see or to free
}
