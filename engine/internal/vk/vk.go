// Package vk is the engine's door to Vulkan: the handles, constants and
// handle-only calls of github.com/vulkan-go/vulkan, and for every call that
// takes a struct our own C (vk.c, vk_run.c) with the structs on its stack.
//
// The binding frees the C copies of struct arguments while the driver may
// still read them when a garbage collection runs meanwhile; a call that holds
// only handles has no such copy. The test TestNoStructCalls keeps it that way.
package vk

// #cgo CFLAGS: -O2 -Wall
// #cgo linux LDFLAGS: -ldl
// #include <stdlib.h>
// #include "vk.h"
import "C"

import (
	"fmt"
	"sync"
	"unsafe"

	vulkan "github.com/vulkan-go/vulkan"
)

// Handles of the binding, under this package's name.
type (
	Buffer              = vulkan.Buffer
	CommandBuffer       = vulkan.CommandBuffer
	CommandPool         = vulkan.CommandPool
	DescriptorPool      = vulkan.DescriptorPool
	DescriptorSet       = vulkan.DescriptorSet
	DescriptorSetLayout = vulkan.DescriptorSetLayout
	DeviceMemory        = vulkan.DeviceMemory
	Fence               = vulkan.Fence
	Pipeline            = vulkan.Pipeline
	PipelineLayout      = vulkan.PipelineLayout
	QueryPool           = vulkan.QueryPool
)

// Result is a VkResult that is not success. The binding's own error type knows
// no code newer than 2018.
type Result int

// Results that the engine tells apart.
const (
	OutOfHostMemory      Result = -1
	OutOfDeviceMemory    Result = -2
	InitializationFailed Result = -3 // a listing's where no driver starts
	DeviceLost           Result = -4
	IncompatibleDriver   Result = -9
	Timeout              Result = 2
	NoLoader             Result = C.AVK_NO_LOADER
	missingFunction      Result = C.AVK_MISSING_FUNCTION
)

var resultText = map[Result]string{
	1: "not ready", Timeout: "timeout", 5: "incomplete",
	OutOfHostMemory: "out of host memory", OutOfDeviceMemory: "out of device memory",
	InitializationFailed: "initialization failed", DeviceLost: "device lost", -5: "memory map failed",
	-6: "layer not present", -7: "extension not present", -8: "feature not present",
	IncompatibleDriver: "incompatible driver", -10: "too many objects", -11: "format not supported",
	-12: "fragmented pool", -13: "unknown error", -1000069000: "out of pool memory",
	-1000072003: "invalid external handle", -1000161000: "fragmentation",
	-1000257000: "invalid opaque capture address", 1000297000: "pipeline compile required",
	NoLoader:        "the Vulkan loader libvulkan.so.1 is not installed",
	missingFunction: "the driver lacks a function of Vulkan 1.1",
}

func (r Result) Error() string {
	if s, ok := resultText[r]; ok {
		return s
	}
	return fmt.Sprintf("VkResult %d", int(r))
}

// check turns the result of an operation into an error that names it.
func check(r C.int, operation string) error {
	if r == 0 {
		return nil
	}
	return fmt.Errorf("vk: %s: %w", operation, Result(r))
}

// Loader is the loader's file; tests name one that does not exist.
var Loader = "libvulkan.so.1"

var open struct {
	once     sync.Once
	instance vulkan.Instance
	err      error
}

// Instance opens the Vulkan loader and the process's one instance.
func Instance() error {
	open.once.Do(func() { open.instance, open.err = openInstance() })
	return open.err
}

func openInstance() (vulkan.Instance, error) {
	library := C.CString(Loader)
	defer C.free(unsafe.Pointer(library))
	if err := check(C.avk_load(library), "open the loader"); err != nil {
		return nil, err
	}
	vulkan.SetGetInstanceProcAddr(C.avk_get_instance_proc_addr())
	if err := vulkan.Init(); err != nil {
		return nil, fmt.Errorf("vk: open the loader: %w", err)
	}
	var instance C.VkInstance
	if err := check(C.avk_create_instance(&instance), "create instance"); err != nil {
		return nil, err
	}
	handle := vulkan.Instance(unsafe.Pointer(instance))
	if err := vulkan.InitInstance(handle); err != nil {
		return nil, fmt.Errorf("vk: create instance: %w", err)
	}
	return handle, nil
}

func cInstance() C.VkInstance { return C.VkInstance(unsafe.Pointer(open.instance)) }

// PhysicalDevice is a device as the loader lists it, with its properties.
type PhysicalDevice struct {
	handle vulkan.PhysicalDevice
	Properties
}

// PhysicalDevices lists the devices of every installed driver, in the loader's
// order. No device is not an error here.
func PhysicalDevices() ([]PhysicalDevice, error) {
	if err := Instance(); err != nil {
		return nil, err
	}
	var handles [C.AVK_MAX_DEVICES]C.VkPhysicalDevice
	count := C.uint32_t(len(handles))
	if err := check(C.avk_physical_devices(cInstance(), &count, &handles[0]), "list devices"); err != nil {
		return nil, err
	}
	var devices []PhysicalDevice
	for _, h := range handles[:count] {
		var p C.avkProperties
		if err := check(C.avk_properties(cInstance(), h, &p), "read device properties"); err != nil {
			return nil, err
		}
		devices = append(devices, PhysicalDevice{handle: vulkan.PhysicalDevice(unsafe.Pointer(h)), Properties: properties(&p)})
	}
	return devices, nil
}

// Device is a logical device with one compute queue. Its methods are safe for
// concurrent use only where Vulkan says so: the engine holds a lock a queue.
type Device struct {
	c      *C.avkDevice
	handle vulkan.Device
}

// DeviceOptions are the features to switch on; each must be one that the
// physical device's Properties report.
type DeviceOptions struct {
	Int64, Float16, Storage16, SubgroupControl, BufferAddress, Matrix bool
	MemoryFd, MemoryHost, PortabilitySubset                           bool
}

func boolean(b bool) C.uint32_t {
	if b {
		return 1
	}
	return 0
}

// CreateDevice opens a logical device on p's first compute queue family.
func CreateDevice(p PhysicalDevice, o DeviceOptions) (*Device, error) {
	options := C.avkDeviceOptions{
		int64: boolean(o.Int64), float16: boolean(o.Float16), storage16: boolean(o.Storage16),
		subgroup_control: boolean(o.SubgroupControl), memory_fd: boolean(o.MemoryFd),
		buffer_address: boolean(o.BufferAddress), matrix: boolean(o.Matrix), memory_host: boolean(o.MemoryHost), portability_subset: boolean(o.PortabilitySubset),
	}
	var d *C.avkDevice
	physical := C.VkPhysicalDevice(unsafe.Pointer(p.handle))
	if err := check(C.avk_create_device(cInstance(), physical, C.uint32_t(p.ComputeFamily), &options, &d), "create device"); err != nil {
		return nil, err
	}
	return &Device{c: d, handle: vulkan.Device(unsafe.Pointer(d.handle))}, nil
}

// Destroy closes the device; every object made on it must be destroyed before.
func (d *Device) Destroy() { C.avk_destroy_device(d.c) }

// WaitIdle waits for all submitted work.
func (d *Device) WaitIdle() error {
	return check(C.int(vulkan.DeviceWaitIdle(d.handle)), "wait for the device")
}

// Destroy* and Free* of the binding take handles only.

func (d *Device) DestroyBuffer(b Buffer)           { vulkan.DestroyBuffer(d.handle, b, nil) }
func (d *Device) FreeMemory(m DeviceMemory)        { vulkan.FreeMemory(d.handle, m, nil) }
func (d *Device) DestroyFence(f Fence)             { vulkan.DestroyFence(d.handle, f, nil) }
func (d *Device) DestroyQueryPool(q QueryPool)     { vulkan.DestroyQueryPool(d.handle, q, nil) }
func (d *Device) DestroyCommandPool(p CommandPool) { vulkan.DestroyCommandPool(d.handle, p, nil) }
func (d *Device) DestroyDescriptorPool(p DescriptorPool) {
	vulkan.DestroyDescriptorPool(d.handle, p, nil)
}

// Program is a compute pipeline with its layouts.
type Program struct {
	SetLayout DescriptorSetLayout
	Layout    PipelineLayout
	Pipeline  Pipeline
}

// DestroyProgram destroys a pipeline and its layouts.
func (d *Device) DestroyProgram(p Program) {
	vulkan.DestroyPipeline(d.handle, p.Pipeline, nil)
	vulkan.DestroyPipelineLayout(d.handle, p.Layout, nil)
	vulkan.DestroyDescriptorSetLayout(d.handle, p.SetLayout, nil)
}
