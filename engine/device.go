// Package engine runs compute kernels on Vulkan devices: it opens devices,
// places buffers, records sequences of dispatches once and submits them many
// times, moves data between devices and measures which kernel is fastest.
package engine

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"alexnet/engine/internal/vk"
	"alexnet/shaders"
)

// ErrDeviceLost is final for a device: the driver reset it or gave it up. Open
// the program again and resume from the last checkpoint.
var ErrDeviceLost = errors.New("device lost: its driver reset it; resume from the last checkpoint")

// ErrMemory is returned when a device has no room for a buffer.
var ErrMemory = errors.New("out of device memory")

// ErrRange is returned by Sequence.End for a dispatch that binds more of a buffer
// than the device's kernels can see.
var ErrRange = errors.New("more than the device's largest range")

// ErrClosed is returned by what is asked of a device after Close.
var ErrClosed = errors.New("device is closed")

// Options restrict a device, so that tests can stand in for smaller ones.
type Options struct {
	MaxMemory    uint64 // bytes that may be allocated; 0: what the device has
	StorageRange uint64 // largest range of a binding; 0: the device's limit
	Plain        bool   // refuse kernels that need features beyond Vulkan 1.1's minimum
	NoSelfTest   bool
	// Budget is the time that one submit may take. 0: 150 ms on a GPU, as much as
	// it likes on a software driver.
	Budget time.Duration

	spoil func(results []uint32) // makes the self-test's results those of a wrong driver
}

// Device is a logical device with one compute queue and the buffers, kernels
// and sequences on it. Its methods may be called from several goroutines;
// submits are serialised. Close releases everything made on it.
type Device struct {
	info    Info
	options Options
	vk      *vk.Device
	label   string
	final   atomic.Pointer[error] // what every call returns: the device is lost or closed
	stuck   atomic.Bool           // it did not answer: nothing on it may be destroyed
	closed  bool                  // guarded by queue

	queue  sync.Mutex // one submit at a time; guards what follows
	fence  vk.Fence
	batch  []*piece
	list   []vk.CommandBuffer
	submit func(vk.Fence, []vk.CommandBuffer) error
	wait   func(vk.Fence, time.Duration) error

	mu        sync.Mutex // guards what follows
	heaps     []*block
	inUse     uint64
	programs  map[string]vk.Program
	sequences map[*Sequence]bool // those that hold something to release
	shared    map[int]uint64     // of a hollow device: small buffers by memory type
}

// Open opens a logical device on a physical one and tests that it computes
// right: some drivers do not.
func Open(info Info, options Options) (*Device, error) {
	d := &Device{
		info: info, options: options, label: info.Name,
		programs: map[string]vk.Program{}, sequences: map[*Sequence]bool{},
	}
	if options.Plain {
		d.info.Int64, d.info.SubgroupCompute, d.info.BufferAddress = false, false, false
		d.info.Float16, d.info.Matrix = false, [3]uint32{}
	}
	d.options.Budget = budget(&info, options)
	handle, err := vk.CreateDevice(info.physical, vk.DeviceOptions{
		Int64: info.Int64, SubgroupControl: info.SubgroupControl, Float16: info.Float16, Storage16: info.Storage16,
		BufferAddress: d.info.BufferAddress, Matrix: d.info.Matrix != [3]uint32{},
		MemoryFd: info.HasMemoryFd, MemoryHost: info.HasMemoryHost, PortabilitySubset: info.HasPortability,
	})
	if err != nil {
		return nil, fmt.Errorf("engine: open %s: %w", info.Name, err)
	}
	d.vk, d.submit, d.wait = handle, handle.Submit, handle.Wait
	if d.fence, err = handle.CreateFence(); err != nil {
		handle.Destroy()
		return nil, fmt.Errorf("engine: open %s: %w", info.Name, err)
	}
	if options.NoSelfTest {
		return d, nil
	}
	if err := SelfTest(d); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// Info describes the physical device.
func (d *Device) Info() *Info { return &d.info }

// Name is the device's name, for messages.
func (d *Device) Name() string { return d.label }

// SetName gives the device another name for messages: "llvmpipe #2".
func (d *Device) SetName(name string) { d.label = name }

// InUse is the device memory that buffers take, in bytes.
func (d *Device) InUse() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.inUse
}

// StorageRange is the largest range of a buffer that a kernel can see.
func (d *Device) StorageRange() uint64 {
	if d.options.StorageRange > 0 {
		return d.options.StorageRange
	}
	return d.info.MaxStorageRange
}

// Supports says whether the device can run a kernel with these needs.
func (d *Device) Supports(f shaders.Features) bool {
	const operations = vk.SubgroupBasic | vk.SubgroupBallot | vk.SubgroupShuffle
	if f.Int64 && !d.info.Int64 || f.Address && !d.info.BufferAddress || f.Float16 && !d.info.Float16 || f.Matrix && d.info.Matrix == [3]uint32{} || f.Push && d.info.MaxPush < 256 {
		return false
	}
	return !f.Subgroup || d.info.SubgroupCompute && d.info.SubgroupOperations&operations == operations
}

// Close waits for the device and releases everything made on it. Later calls
// return ErrClosed; closing again does nothing.
func (d *Device) Close() {
	d.queue.Lock()
	defer d.queue.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || d.Hollow() {
		return
	}
	d.closed = true
	closed := fmt.Errorf("engine: %s: %w", d.label, ErrClosed)
	d.final.CompareAndSwap(nil, &closed)
	if d.stuck.Load() {
		return // to wait for it would hang, to destroy what it may still use would crash
	}
	d.vk.WaitIdle()
	d.releaseAll()
}

func (d *Device) releaseAll() {
	for s := range d.sequences {
		s.destroy()
	}
	for _, p := range d.programs {
		d.vk.DestroyProgram(p)
	}
	for _, b := range d.heaps {
		b.free(d)
	}
	d.heaps, d.programs, d.sequences = nil, nil, nil
	d.vk.DestroyFence(d.fence)
	d.vk.Destroy()
}
