package engine

import (
	"bytes"
	"errors"
	"fmt"
	"syscall"
	"unsafe"

	"alexnet/engine/internal/vk"
)

// Path is a way for data from one device to another.
type Path string

// The paths, fastest first. Each is tested with a pattern before it is used:
// some drivers accept another's memory, report success and share nothing.
const (
	SharedMemory Path = "shared memory" // one allocation of the driver, opened by both devices
	HostMemory   Path = "host memory"   // one allocation of the host, imported by both
	Staging      Path = "staging copy"  // a copy by the processor between two mapped buffers
)

// Paths lists every Path in the order in which NewLink tries them.
var Paths = []Path{SharedMemory, HostMemory, Staging}

// Link carries one block of data from a device to another: the sender's kernels
// write Out, and after Transfer the receiver's kernels read In.
type Link struct {
	Out, In *Buffer
	Path    Path
}

// NewLink makes a link of size bytes over the first of paths that works; the
// last reason is returned if none does. Both devices must be idle.
func NewLink(name string, from, to *Device, size uint64, paths ...Path) (*Link, error) {
	if len(paths) == 0 {
		paths = Paths
	}
	var reasons []error
	for _, path := range paths {
		l, err := newLink(name, from, to, size, path)
		if err == nil {
			if err = l.test(); err == nil {
				return l, nil
			}
		}
		reasons = append(reasons, fmt.Errorf("%s: %w", path, err))
	}
	return nil, fmt.Errorf("engine: no way from %s to %s for %s: %w", from.label, to.label, name, errors.Join(reasons...))
}

func newLink(name string, from, to *Device, size uint64, path Path) (*Link, error) {
	size = (size + 3) / 4 * 4
	l := &Link{Path: path}
	var err error
	switch path {
	case SharedMemory:
		err = l.share(name, from, to, size)
	case HostMemory:
		err = l.importHost(name, from, to, size)
	default:
		if l.Out, err = from.NewBuffer(name+" out", size, Readback); err == nil {
			l.In, err = to.NewBuffer(name+" in", size, Upload)
		}
	}
	return l, err
}

// share exports memory of the sender and opens it on the receiver.
func (l *Link) share(name string, from, to *Device, size uint64) error {
	a, b := from.info, to.info
	if !a.HasMemoryFd || !b.HasMemoryFd || a.DeviceUUID != b.DeviceUUID || a.DriverUUID != b.DriverUUID {
		return errors.New("not the same device and driver")
	}
	handle, need, err := from.vk.CreateBuffer(size, vk.ExternalFd)
	if err != nil {
		return err
	}
	types, err := from.memoryTypes(need.Types, Local)
	if err != nil {
		return err
	}
	memory, fd, err := from.vk.AllocateExported(need.Size, types[0], nil)
	if err != nil {
		return err
	}
	if l.Out, err = from.adopt(name+" out", size, need.Size, handle, memory); err != nil {
		return err
	}
	other, otherNeed, err := to.vk.CreateBuffer(size, vk.ExternalFd)
	if err != nil {
		syscall.Close(fd)
		return err
	}
	opened, err := to.vk.ImportFd(otherNeed.Size, types[0], fd)
	if err != nil {
		syscall.Close(fd)
		return err
	}
	l.In, err = to.adopt(name+" in", size, 0, other, opened)
	return err
}

// importHost gives both devices one allocation of the host.
func (l *Link) importHost(name string, from, to *Device, size uint64) error {
	a, b := from.info, to.info
	if !a.HasMemoryHost || !b.HasMemoryHost {
		return errors.New("a driver cannot import host memory")
	}
	align := max(a.HostAlignment, b.HostAlignment, 4096)
	whole := (size + align - 1) / align * align
	pages, err := syscall.Mmap(-1, 0, int(whole+align), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_SHARED)
	if err != nil {
		return err
	}
	from.mu.Lock()
	from.release = append([]func(){func() { syscall.Munmap(pages) }}, from.release...)
	from.mu.Unlock()
	shift := (align - uint64(uintptr(unsafe.Pointer(&pages[0])))%align) % align
	host := unsafe.Pointer(&pages[shift])
	if l.Out, err = from.importBuffer(name+" out", size, whole, host); err != nil {
		return err
	}
	l.In, err = to.importBuffer(name+" in", size, whole, host)
	return err
}

func (d *Device) importBuffer(name string, size, whole uint64, host unsafe.Pointer) (*Buffer, error) {
	handle, need, err := d.vk.CreateBuffer(size, vk.ExternalHost)
	if err != nil {
		return nil, err
	}
	allowed, err := d.vk.HostPointerTypes(host)
	if err != nil {
		return nil, err
	}
	types, err := d.memoryTypes(need.Types&allowed, Upload)
	if err != nil {
		return nil, err
	}
	memory, err := d.vk.ImportHost(whole, types[0], host)
	if err != nil {
		return nil, err
	}
	return d.adopt(name, size, 0, handle, memory)
}

// adopt makes a Buffer of a handle with memory of its own; taken is what it adds
// to the device's memory in use.
func (d *Device) adopt(name string, size, taken uint64, handle vk.Buffer, memory vk.DeviceMemory) (*Buffer, error) {
	if err := d.vk.BindBuffer(handle, memory, 0); err != nil {
		d.vk.DestroyBuffer(handle)
		d.vk.FreeMemory(memory)
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	home := &block{memory: memory, memoryType: -1, size: taken, used: taken, handles: []vk.Buffer{handle}, buffers: 1}
	d.heaps = append(d.heaps, home)
	d.inUse += taken
	return &Buffer{device: d, name: name, size: size, handle: handle, address: d.vk.Address(handle), home: home}, nil
}

// Transfer brings what the sender wrote to Out into In. The sender's work must
// be done and the receiver's reading of the last transfer too.
func (l *Link) Transfer() {
	if l.Path == Staging {
		copy(l.In.Bytes(), l.Out.Bytes())
	}
}

// test sends a pattern and its complement.
func (l *Link) test() error {
	from, to, size := l.Out.device, l.In.device, min(l.Out.size, 64<<10)
	up, err := from.NewBuffer("link test", size, Upload)
	if err != nil {
		return err
	}
	defer up.Free()
	down, err := to.NewBuffer("link test", size, Readback)
	if err != nil {
		return err
	}
	defer down.Free()
	send, receive := from.NewSequence("link test"), to.NewSequence("link test")
	send.Copy(l.Out.Part(l.Out.size-size, size), up.Whole())
	receive.Copy(down.Whole(), l.In.Part(l.In.size-size, size))
	if err := errors.Join(send.End(), receive.End()); err != nil {
		return err
	}
	for _, flip := range []byte{0x00, 0xFF} {
		for i := range up.Bytes() {
			up.Bytes()[i] = byte(i*31+i>>8) ^ flip
		}
		if err := from.Run(send); err != nil {
			return err
		}
		l.Transfer()
		if err := to.Run(receive); err != nil {
			return err
		}
		if !bytes.Equal(up.Bytes(), down.Bytes()) {
			return errors.New("the receiver does not see what the sender wrote")
		}
	}
	return nil
}
