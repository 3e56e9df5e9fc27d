package engine

import (
	"errors"
	"fmt"
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
	handle  vk.Buffer
	address uint64         // in kernels; 0: unknown
	host    unsafe.Pointer // nil where the host cannot see it
	home    *block
}

// Size is the buffer's size in bytes.
func (b *Buffer) Size() uint64 { return b.size }

// Device is the device that the buffer lies on.
func (b *Buffer) Device() *Device { return b.device }

// Bytes is the host's view of an Upload or Readback buffer. The device must
// not be using the buffer meanwhile.
func (b *Buffer) Bytes() []byte {
	if b.host == nil {
		panic("engine: buffer " + b.name + " is not visible to the host")
	}
	return unsafe.Slice((*byte)(b.host), b.size)
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
	size, used uint64
	buffers    int
	host       unsafe.Pointer
	handles    []vk.Buffer // of buffers that live as long as the block
}

const (
	blockSize = 64 << 20 // small buffers share blocks of this size
	alignment = 256      // of every buffer: the largest offset alignment of any device
)

func (b *block) free(d *Device) {
	for _, h := range b.handles {
		d.vk.DestroyBuffer(h)
	}
	d.vk.FreeMemory(b.memory)
	d.inUse -= b.size
}

// NewBuffer makes a buffer of at least 4 bytes. The error wraps ErrMemory when
// the device has no room.
func (d *Device) NewBuffer(name string, size uint64, kind Kind) (*Buffer, error) {
	size = max(4, (size+3)/4*4)
	handle, need, err := d.vk.CreateBuffer(size, 0)
	if err != nil {
		return nil, fmt.Errorf("engine: %s: buffer %s: %w", d.label, name, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	home, offset, err := d.place(need, kind)
	if err == nil {
		err = d.vk.BindBuffer(handle, home.memory, offset)
	}
	if err != nil {
		d.vk.DestroyBuffer(handle)
		return nil, d.memoryError(name, size, err)
	}
	home.handles = append(home.handles, handle)
	home.buffers++
	b := &Buffer{device: d, name: name, size: size, handle: handle, address: d.vk.Address(handle), home: home}
	if kind != Local && home.host != nil {
		b.host = unsafe.Add(home.host, offset)
	}
	return b, nil
}

func (d *Device) memoryError(name string, size uint64, err error) error {
	if errors.Is(err, vk.OutOfDeviceMemory) || errors.Is(err, vk.OutOfHostMemory) || errors.Is(err, ErrMemory) {
		total := d.info.Memory
		if d.options.MaxMemory > 0 {
			total = d.options.MaxMemory
		}
		return fmt.Errorf("engine: %s: allocate %s for %s: %w (%s of %s in use)",
			d.label, Megabytes(size), name, ErrMemory, Megabytes(d.inUse), Megabytes(total))
	}
	return fmt.Errorf("engine: %s: buffer %s: %w", d.label, name, err)
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
func (d *Device) place(need vk.Need, kind Kind) (*block, uint64, error) {
	types, err := d.memoryTypes(need.Types, kind)
	if err != nil {
		return nil, 0, err
	}
	align := max(alignment, need.Alignment)
	if need.Size <= blockSize/4 {
		for _, b := range d.heaps {
			at := (b.used + align - 1) / align * align
			if b.memoryType == types[0] && b.size == blockSize && at+need.Size <= b.size {
				b.used = at + need.Size
				return b, at, nil
			}
		}
	}
	size := need.Size
	if size <= blockSize/4 {
		size = blockSize
	}
	if d.options.MaxMemory > 0 && d.inUse+size > d.options.MaxMemory {
		if size = need.Size; d.inUse+size > d.options.MaxMemory {
			return nil, 0, ErrMemory
		}
	}
	for _, t := range types {
		var b *block
		if b, err = d.newBlock(size, t); err == nil {
			b.used = need.Size
			return b, 0, nil
		}
	}
	return nil, 0, err
}

func (d *Device) newBlock(size uint64, memoryType int) (*block, error) {
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
	d.heaps = append(d.heaps, b)
	d.inUse += size
	return b, nil
}

// memoryTypes lists the types that fit, most wanted first. Host memory must be
// coherent, so that no flush can be forgotten; Vulkan promises one such type.
func (d *Device) memoryTypes(allowed uint32, kind Kind) ([]int, error) {
	const host = vk.MemoryHostVisible | vk.MemoryHostCoherent
	wishes := map[Kind][]uint32{
		Local:    {vk.MemoryDeviceLocal, 0},
		Upload:   {host},
		Readback: {host | vk.MemoryHostCached, host},
	}
	var out []int
	for _, wish := range wishes[kind] {
		for i, t := range d.info.MemoryTypes {
			if allowed&(1<<i) != 0 && t.Flags&wish == wish {
				out = append(out, i)
			}
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no fitting memory type")
	}
	return out, nil
}

// Free releases a buffer's memory once every buffer of its block is free. The
// device must not be using it.
func (b *Buffer) Free() {
	d := b.device
	d.mu.Lock()
	defer d.mu.Unlock()
	b.home.buffers--
	if b.home.buffers > 0 {
		return
	}
	for i, h := range d.heaps {
		if h == b.home {
			d.heaps = append(d.heaps[:i], d.heaps[i+1:]...)
			b.home.free(d)
			return
		}
	}
}
