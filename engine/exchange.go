package engine

import (
	"bytes"
	"errors"
	"fmt"
	"syscall"

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
// write Out, and after Transfer the receiver's kernels read In. It owns both
// buffers: free the link, not them. Closing a device frees its side, and memory
// that both sides share goes with the last of them, in whatever order.
type Link struct {
	Name    string // what it carries
	Out, In *Buffer
	Path    Path
}

// NewLink makes a link of size bytes over the first of paths that works; every
// path's reason is returned if none does. Both devices must be idle.
func NewLink(name string, from, to *Device, size uint64, paths ...Path) (*Link, error) {
	if len(paths) == 0 {
		paths = Paths
	}
	if from.Hollow() {
		return linkHollow(name, from, to, (size+3)/4*4, paths[0])
	}
	var reasons []error
	for _, path := range paths {
		l, err := newLink(name, from, to, (size+3)/4*4, path)
		if err == nil {
			if err = l.test(); err == nil {
				return l, nil
			}
		}
		l.Free()
		for _, d := range []*Device{from, to} {
			if lost := d.failed(); lost != nil {
				return nil, lost
			}
		}
		reasons = append(reasons, fmt.Errorf("%s: %w", path, err))
	}
	return nil, fmt.Errorf("engine: no way from %s to %s for %s: %w", from.label, to.label, name, errors.Join(reasons...))
}

// newLink returns what is to be freed also when it fails.
func newLink(name string, from, to *Device, size uint64, path Path) (l *Link, err error) {
	l = &Link{Name: name, Path: path}
	for _, d := range []*Device{from, to} {
		if err := d.failed(); err != nil {
			return l, err
		}
	}
	switch path {
	case SharedMemory:
		err = l.share(name, from, to, size)
	case HostMemory:
		err = l.importHost(name, from, to, size)
	case Staging:
		if l.Out, err = from.NewBuffer(name+" out", size, Readback); err == nil {
			l.In, err = to.NewBuffer(name+" in", size, Upload)
		}
	default:
		err = errors.New("no such path")
	}
	return l, err
}

// Free releases the link's buffers. Neither device may be using them.
func (l *Link) Free() {
	for _, b := range []*Buffer{l.Out, l.In} {
		if b != nil {
			b.Free()
		}
	}
}

// share exports memory of the sender and opens it on the receiver.
func (l *Link) share(name string, from, to *Device, size uint64) error {
	a, b := &from.info, &to.info
	if !a.HasMemoryFd || !b.HasMemoryFd || a.DeviceUUID != b.DeviceUUID || a.DriverUUID != b.DriverUUID {
		return errors.New("not the same device and driver")
	}
	fd, memoryType := -1, 0
	var err error
	l.Out, err = from.external(name+" out", size, vk.ExternalFd, true, func(need vk.Need) (memory vk.DeviceMemory, err error) {
		types, err := from.memoryTypes(need.Types, Local)
		if err != nil {
			return nil, err
		}
		memoryType = types[0]
		memory, fd, err = from.vk.AllocateExported(need.Size, memoryType, nil)
		return memory, err
	})
	if err != nil {
		return err
	}
	l.In, err = to.external(name+" in", size, vk.ExternalFd, false, func(need vk.Need) (vk.DeviceMemory, error) {
		memory, err := to.vk.ImportFd(need.Size, memoryType, fd)
		if err == nil {
			fd = -1 // the driver's from here on
		}
		return memory, err
	})
	if fd >= 0 {
		err = errors.Join(err, syscall.Close(fd))
	}
	return err
}

// importHost gives both devices one allocation of the host.
func (l *Link) importHost(name string, from, to *Device, size uint64) error {
	a, b := &from.info, &to.info
	if !a.HasMemoryHost || !b.HasMemoryHost {
		return errors.New("a driver cannot import host memory")
	}
	pages, err := mapPages(size, max(a.HostAlignment, b.HostAlignment))
	if err != nil {
		return err
	}
	defer pages.release()
	if l.Out, err = from.importBuffer(name+" out", size, pages); err != nil {
		return err
	}
	l.In, err = to.importBuffer(name+" in", size, pages)
	return err
}

func (d *Device) importBuffer(name string, size uint64, pages *hostPages) (*Buffer, error) {
	b, err := d.external(name, size, vk.ExternalHost, false, func(need vk.Need) (vk.DeviceMemory, error) {
		allowed, err := d.vk.HostPointerTypes(pages.host)
		if err != nil {
			return nil, err
		}
		types, err := d.memoryTypes(need.Types&allowed, Upload)
		if err != nil {
			return nil, err
		}
		return d.vk.ImportHost(pages.size, types[0], pages.host)
	})
	if err == nil {
		pages.hold()
		b.home.pages = pages
	}
	return b, err
}

// external makes a buffer with memory of its own that another device sees, too.
// counted says that the memory is this device's: it adds to what is in use.
func (d *Device) external(name string, size uint64, kind uint32, counted bool, allocate func(vk.Need) (vk.DeviceMemory, error)) (*Buffer, error) {
	handle, need, err := d.vk.CreateBuffer(size, kind)
	if err != nil {
		return nil, d.fail("buffer "+name, err)
	}
	memory, err := allocate(need)
	if err == nil {
		if err = d.vk.BindBuffer(handle, memory, 0); err != nil {
			d.vk.FreeMemory(memory)
		}
	}
	if err != nil {
		d.vk.DestroyBuffer(handle)
		return nil, d.fail("buffer "+name, err)
	}
	home := &block{memory: memory, memoryType: -1, used: []span{{0, size, handle}}}
	if counted {
		home.size = need.Size
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.heaps = append(d.heaps, home)
	d.inUse += home.size
	return &Buffer{device: d, name: name, size: size, handle: handle, address: d.vk.Address(handle), home: home}, nil
}

// Transfer brings size bytes that the sender wrote to Out into In. The sender's
// work on them must be done and the receiver's reading of the last transfer too.
func (l *Link) Transfer(at, size uint64) {
	if l.Path == Staging {
		copy(l.In.Bytes()[at:at+size], l.Out.Bytes()[at:at+size])
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
	defer send.Free()
	defer receive.Free()
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
		l.Transfer(0, l.Out.size)
		if err := to.Run(receive); err != nil {
			return err
		}
		if !bytes.Equal(up.Bytes(), down.Bytes()) {
			return errors.New("the receiver does not see what the sender wrote")
		}
	}
	return nil
}
