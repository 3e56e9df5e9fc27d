// Package engine runs compute kernels on Vulkan devices: it opens devices,
// places buffers, records sequences of dispatches once and submits them many
// times, moves data between devices and measures which kernel is fastest.
package engine

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"alexnet/engine/internal/vk"
	"alexnet/shaders"
)

// ErrDeviceLost is final for a device: the driver reset it or gave it up. Open
// the program again and resume from the last checkpoint.
var ErrDeviceLost = errors.New("device lost: its driver reset it; resume from the last checkpoint")

// ErrMemory is returned when a device has no room for a buffer.
var ErrMemory = errors.New("out of device memory")

// Options restrict a device, so that tests can stand in for smaller ones.
type Options struct {
	MaxMemory    uint64 // bytes that may be allocated; 0: what the device has
	StorageRange uint64 // largest range of a binding; 0: the device's limit
	Plain        bool   // refuse kernels that need features beyond Vulkan 1.1's minimum
	Staging      bool   // use device-local memory as if the host could not see it
	NoSelfTest   bool
}

// Device is a logical device with one compute queue and the buffers, kernels
// and sequences on it. Its methods may be called from several goroutines;
// submits are serialised. Close releases everything made on it.
type Device struct {
	info    Info
	options Options
	vk      *vk.Device
	label   string

	queue sync.Mutex // one submit at a time; guards fence and lost
	fence vk.Fence
	lost  bool

	mu       sync.Mutex // guards what follows
	heaps    []*block
	inUse    uint64
	programs map[string]vk.Program
	release  []func()
}

// Open opens a logical device on a physical one and tests that it computes
// right: some drivers do not.
func Open(info Info, options Options) (*Device, error) {
	d := &Device{info: info, options: options, label: info.Name, programs: map[string]vk.Program{}}
	if options.Plain {
		d.info.Int64, d.info.SubgroupCompute, d.info.BufferAddress = false, false, false
	}
	handle, err := vk.CreateDevice(info.physical, vk.DeviceOptions{
		Int64: info.Int64, SubgroupControl: info.SubgroupControl, Float16: info.Float16, Storage16: info.Storage16,
		BufferAddress: d.info.BufferAddress,
		MemoryFd:      info.HasMemoryFd, MemoryHost: info.HasMemoryHost, PortabilitySubset: info.HasPortability,
	})
	if err != nil {
		return nil, fmt.Errorf("engine: open %s: %w", info.Name, err)
	}
	d.vk = handle
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
	const shuffle = vk.SubgroupBasic | vk.SubgroupShuffle
	if f.Int64 && !d.info.Int64 || f.Address && !d.info.BufferAddress {
		return false
	}
	return !f.Subgroup || d.info.SubgroupCompute && d.info.SubgroupOperations&shuffle == shuffle
}

// Close waits for the device and releases everything made on it.
func (d *Device) Close() {
	d.queue.Lock()
	defer d.queue.Unlock()
	d.vk.WaitIdle()
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := len(d.release) - 1; i >= 0; i-- {
		d.release[i]()
	}
	for _, p := range d.programs {
		d.vk.DestroyProgram(p)
	}
	for _, b := range d.heaps {
		b.free(d)
	}
	d.heaps, d.programs, d.release = nil, nil, nil
	d.vk.DestroyFence(d.fence)
	d.vk.Destroy()
}

// timeout is how long a submit may take before the device counts as hung. A
// software driver is only as fast as the processor's other work lets it be.
func (d *Device) timeout() time.Duration {
	if d.info.CPU() {
		return time.Hour
	}
	return 30 * time.Second
}

// Run submits recorded sequences in order and waits until all are done.
func (d *Device) Run(sequences ...*Sequence) error {
	d.queue.Lock()
	defer d.queue.Unlock()
	if d.lost {
		return fmt.Errorf("engine: %s: %w", d.label, ErrDeviceLost)
	}
	var buffers [8]vk.CommandBuffer
	n := 0
	for _, s := range sequences {
		if s.device != d {
			panic("engine: sequence " + s.name + " belongs to another device")
		}
		if !s.ended {
			panic("engine: sequence " + s.name + " has not ended")
		}
		buffers[n] = s.buffer
		n++
	}
	err := d.vk.Submit(d.fence, buffers[:n]...)
	if err == nil {
		err = d.vk.Wait(d.fence, d.timeout())
	}
	if err == nil {
		return nil
	}
	if errors.Is(err, vk.DeviceLost) || errors.Is(err, vk.Timeout) {
		d.lost = true
		if errors.Is(err, vk.Timeout) {
			err = fmt.Errorf("no answer for %v", d.timeout())
		}
		return fmt.Errorf("engine: %s: run %s: %w (%v)", d.label, sequences[0].name, ErrDeviceLost, err)
	}
	return fmt.Errorf("engine: %s: run %s: %w", d.label, sequences[0].name, err)
}
