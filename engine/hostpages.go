package engine

import (
	"fmt"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// hostPages is memory of the host that devices have imported. It is unmapped
// when the last of its users has let go.
type hostPages struct {
	host  unsafe.Pointer
	size  uint64
	all   []byte // what is mapped
	users atomic.Int32
}

// mappedPages counts hostPages, for tests.
var mappedPages atomic.Int32

// mapPages maps at least size bytes, a multiple of align as their address is, for one user.
func mapPages(size, align uint64) (*hostPages, error) {
	align = max(align, uint64(syscall.Getpagesize()))
	size = (size + align - 1) / align * align
	all, err := syscall.Mmap(-1, 0, int(size+align), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", Megabytes(size), err)
	}
	mappedPages.Add(1)
	shift := (align - uint64(uintptr(unsafe.Pointer(&all[0])))%align) % align
	p := &hostPages{host: unsafe.Pointer(&all[shift]), size: size, all: all}
	p.hold()
	return p, nil
}

func (p *hostPages) hold() { p.users.Add(1) }

func (p *hostPages) release() {
	if p.users.Add(-1) == 0 {
		syscall.Munmap(p.all)
		mappedPages.Add(-1)
	}
}

// hugePage is the size of the large pages of a processor's memory, bytes.
const hugePage = 2 << 20

// importsPages says whether a device's memory is best mapped by newHugeBlock. Processors'
// drivers map theirs in pages of 4 KB, and of those a processor knows the addresses of few:
// in a large matrix each row lies on pages of its own.
func (d *Device) importsPages() bool { return d.info.CPU() && d.info.HasMemoryHost }

// newHugeBlock makes a block of memory on huge pages, where the kernel has such.
func (d *Device) newHugeBlock(size uint64, memoryType int) (*block, error) {
	pages, err := mapPages(size, max(d.info.HostAlignment, hugePage))
	if err != nil {
		return nil, err
	}
	syscall.Madvise(unsafe.Slice((*byte)(pages.host), pages.size), syscall.MADV_HUGEPAGE) // else all is right, and slower
	allowed, err := d.vk.HostPointerTypes(pages.host)
	if err == nil && allowed&(1<<memoryType) == 0 {
		err = fmt.Errorf("memory type %d cannot be imported", memoryType)
	}
	b := &block{memoryType: memoryType, size: size, host: pages.host, pages: pages}
	if err == nil {
		b.memory, err = d.vk.ImportHost(pages.size, memoryType, pages.host)
	}
	if err != nil {
		pages.release()
		return nil, err
	}
	return b, nil
}
