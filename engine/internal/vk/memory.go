package vk

// #include "vk.h"
import "C"

import "unsafe"

// Need is the memory that a buffer needs. Types has a bit for each memory type
// that can hold it.
type Need struct {
	Size, Alignment uint64
	Types           uint32
}

// CreateBuffer creates a storage buffer of size bytes without memory. External
// is 0 or the handle types (ExternalFd, ExternalHost) its memory will be
// shared through.
func (d *Device) CreateBuffer(size uint64, external uint32) (Buffer, Need, error) {
	var b C.VkBuffer
	var required, alignment C.uint64_t
	var types C.uint32_t
	r := C.avk_create_buffer(d.c, C.uint64_t(size), C.uint32_t(external), &b, &required, &alignment, &types)
	if err := check(r, "create buffer"); err != nil {
		return nil, Need{}, err
	}
	return Buffer(unsafe.Pointer(b)), Need{Size: uint64(required), Alignment: uint64(alignment), Types: uint32(types)}, nil
}

// Allocate allocates size bytes of a memory type.
func (d *Device) Allocate(size uint64, memoryType int) (DeviceMemory, error) {
	var m C.VkDeviceMemory
	err := check(C.avk_allocate(d.c, C.uint64_t(size), C.uint32_t(memoryType), &m), "allocate memory")
	return DeviceMemory(unsafe.Pointer(m)), err
}

// AllocateExported allocates memory that another device can import through the
// returned file descriptor, for dedicated buffer b.
func (d *Device) AllocateExported(size uint64, memoryType int, b Buffer) (DeviceMemory, int, error) {
	var m C.VkDeviceMemory
	fd := C.int(-1)
	r := C.avk_allocate_exported(d.c, C.uint64_t(size), C.uint32_t(memoryType), C.VkBuffer(unsafe.Pointer(b)), &m, &fd)
	if err := check(r, "export memory"); err != nil {
		d.FreeMemory(DeviceMemory(unsafe.Pointer(m))) // nothing where it was not allocated
		return nil, -1, err
	}
	return DeviceMemory(unsafe.Pointer(m)), int(fd), nil
}

// ImportFd makes memory of a file descriptor from AllocateExported; on success
// the driver owns the descriptor.
func (d *Device) ImportFd(size uint64, memoryType, fd int) (DeviceMemory, error) {
	var m C.VkDeviceMemory
	r := C.avk_allocate_imported_fd(d.c, C.uint64_t(size), C.uint32_t(memoryType), C.int(fd), &m)
	return DeviceMemory(unsafe.Pointer(m)), check(r, "import memory")
}

// ImportHost makes memory of a host allocation (not Go memory), aligned to
// Properties.HostAlignment.
func (d *Device) ImportHost(size uint64, memoryType int, host unsafe.Pointer) (DeviceMemory, error) {
	var m C.VkDeviceMemory
	r := C.avk_allocate_imported_host(d.c, C.uint64_t(size), C.uint32_t(memoryType), host, &m)
	return DeviceMemory(unsafe.Pointer(m)), check(r, "import host memory")
}

// HostPointerTypes says which memory types can import a host allocation.
func (d *Device) HostPointerTypes(host unsafe.Pointer) (uint32, error) {
	var types C.uint32_t
	err := check(C.avk_host_pointer_types(d.c, host, &types), "ask for host memory types")
	return uint32(types), err
}

// Map maps all of a host-visible memory until it is freed.
func (d *Device) Map(m DeviceMemory) (unsafe.Pointer, error) {
	var p unsafe.Pointer
	err := check(C.avk_map(d.c, C.VkDeviceMemory(unsafe.Pointer(m)), &p), "map memory")
	return p, err
}

// BindBuffer gives a buffer its memory at an offset in bytes.
func (d *Device) BindBuffer(b Buffer, m DeviceMemory, offset uint64) error {
	r := C.avk_bind_buffer(d.c, C.VkBuffer(unsafe.Pointer(b)), C.VkDeviceMemory(unsafe.Pointer(m)), C.uint64_t(offset))
	return check(r, "bind memory")
}

// Address is where kernels see a buffer that has its memory; 0 if the device was
// created without BufferAddress.
func (d *Device) Address(b Buffer) uint64 {
	return uint64(C.avk_buffer_address(d.c, C.VkBuffer(unsafe.Pointer(b))))
}
