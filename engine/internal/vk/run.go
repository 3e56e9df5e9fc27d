package vk

// #include "vk.h"
import "C"

import (
	"time"
	"unsafe"
)

// Constant is the value of one specialization constant.
type Constant struct {
	ID    uint32
	Value uint32 // bits of a uint, int, float or bool
}

// CreateProgram compiles a compute shader with entry point main. Its bindings
// are storage buffers 0..bindings-1 of set 0. subgroup is the subgroup size to
// demand, 0 for the driver's choice.
func (d *Device) CreateProgram(code []byte, bindings, pushBytes int, constants []Constant, subgroup int) (Program, error) {
	ids, values := make([]C.uint32_t, len(constants)+1), make([]C.uint32_t, len(constants)+1)
	for i, c := range constants {
		ids[i], values[i] = C.uint32_t(c.ID), C.uint32_t(c.Value)
	}
	words := make([]uint32, len(code)/4) // SPIR-V must be aligned to 4 bytes
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(words)*4), code)
	var set C.VkDescriptorSetLayout
	var layout C.VkPipelineLayout
	var pipeline C.VkPipeline
	r := C.avk_create_pipeline(d.c, (*C.uint32_t)(&words[0]), C.uint64_t(len(words)*4), C.uint32_t(bindings), C.uint32_t(pushBytes),
		&ids[0], &values[0], C.uint32_t(len(constants)), C.uint32_t(subgroup), &set, &layout, &pipeline)
	p := Program{
		SetLayout: DescriptorSetLayout(unsafe.Pointer(set)),
		Layout:    PipelineLayout(unsafe.Pointer(layout)),
		Pipeline:  Pipeline(unsafe.Pointer(pipeline)),
	}
	if err := check(r, "create pipeline"); err != nil {
		d.DestroyProgram(p)
		return Program{}, err
	}
	return p, nil
}

// CreateDescriptorPool makes room for so many sets of so many buffers in all.
func (d *Device) CreateDescriptorPool(sets, buffers int) (DescriptorPool, error) {
	var p C.VkDescriptorPool
	err := check(C.avk_create_descriptor_pool(d.c, C.uint32_t(sets), C.uint32_t(buffers), &p), "create descriptor pool")
	return DescriptorPool(unsafe.Pointer(p)), err
}

// Binding is the range of a buffer that a shader sees. Sizes in bytes.
type Binding struct {
	Buffer        Buffer
	Offset, Range uint64
}

// AllocateSet makes a descriptor set and writes its bindings.
func (d *Device) AllocateSet(pool DescriptorPool, layout DescriptorSetLayout, bindings []Binding) (DescriptorSet, error) {
	list := make([]C.avkBinding, len(bindings)+1)
	for i, b := range bindings {
		list[i] = C.avkBinding{buffer: C.uint64_t(uintptr(unsafe.Pointer(b.Buffer))), offset: C.uint64_t(b.Offset), _range: C.uint64_t(b.Range)}
	}
	var s C.VkDescriptorSet
	r := C.avk_allocate_set(d.c, C.VkDescriptorPool(unsafe.Pointer(pool)), C.VkDescriptorSetLayout(unsafe.Pointer(layout)),
		&list[0], C.uint32_t(len(bindings)), &s)
	return DescriptorSet(unsafe.Pointer(s)), check(r, "allocate descriptor set")
}

// CreateCommandPool makes a pool for one goroutine's command buffers.
func (d *Device) CreateCommandPool() (CommandPool, error) {
	var p C.VkCommandPool
	err := check(C.avk_create_command_pool(d.c, &p), "create command pool")
	return CommandPool(unsafe.Pointer(p)), err
}

// Commands is a list of commands to record in one crossing into C.
type Commands struct {
	list []C.avkCommand
	push []byte
}

// Barrier orders everything before it, writes included, before everything
// after it.
func (c *Commands) Barrier() { c.list = append(c.list, C.avkCommand{kind: C.AVK_BARRIER}) }

// handle is a handle as an integer: a command list holds no pointers.
func handle(h unsafe.Pointer) C.uint64_t { return C.uint64_t(uintptr(h)) }

// Dispatch runs a program.
func (c *Commands) Dispatch(p Program, set DescriptorSet, push []byte, x, y, z uint32) {
	at := len(c.push)
	c.push = append(c.push, push...)
	c.list = append(c.list, C.avkCommand{
		kind: C.AVK_DISPATCH, x: C.uint32_t(x), y: C.uint32_t(y), z: C.uint32_t(z),
		a: handle(unsafe.Pointer(p.Pipeline)), b: handle(unsafe.Pointer(p.Layout)), c: handle(unsafe.Pointer(set)), push: C.uint32_t(at), push_bytes: C.uint32_t(len(push)),
	})
}

// Copy copies size bytes between buffers; offsets are in bytes.
func (c *Commands) Copy(from Buffer, fromOffset uint64, to Buffer, toOffset, size uint64) {
	c.list = append(c.list, C.avkCommand{
		kind: C.AVK_COPY, a: handle(unsafe.Pointer(from)), b: handle(unsafe.Pointer(to)),
		from: C.uint64_t(fromOffset), to: C.uint64_t(toOffset), size: C.uint64_t(size),
	})
}

// Fill sets size bytes (a multiple of 4) to a repeated 32-bit value.
func (c *Commands) Fill(to Buffer, offset, size uint64, value uint32) {
	c.list = append(c.list, C.avkCommand{
		kind: C.AVK_FILL, b: handle(unsafe.Pointer(to)), to: C.uint64_t(offset), size: C.uint64_t(size), x: C.uint32_t(value),
	})
}

// ResetQueries makes count queries of a pool ready for timestamps.
func (c *Commands) ResetQueries(pool QueryPool, count int) {
	c.list = append(c.list, C.avkCommand{kind: C.AVK_RESET_QUERIES, a: handle(unsafe.Pointer(pool)), y: C.uint32_t(count)})
}

// Timestamp writes the time at which all work before it is done.
func (c *Commands) Timestamp(pool QueryPool, index int) {
	c.list = append(c.list, C.avkCommand{kind: C.AVK_TIMESTAMP, a: handle(unsafe.Pointer(pool)), x: C.uint32_t(index)})
}

// Record records commands into a new command buffer that can be submitted any
// number of times, one submit at a time.
func (d *Device) Record(pool CommandPool, c *Commands) (CommandBuffer, error) {
	var buffer C.VkCommandBuffer
	if err := check(C.avk_allocate_commands(d.c, C.VkCommandPool(unsafe.Pointer(pool)), &buffer), "allocate command buffer"); err != nil {
		return nil, err
	}
	var list *C.avkCommand
	if len(c.list) > 0 {
		list = &c.list[0]
	}
	var push *C.uint8_t
	if len(c.push) > 0 {
		push = (*C.uint8_t)(&c.push[0])
	}
	err := check(C.avk_record(d.c, buffer, list, C.uint32_t(len(c.list)), push), "record commands")
	return CommandBuffer(unsafe.Pointer(buffer)), err
}

// CreateFence makes an unsignalled fence.
func (d *Device) CreateFence() (Fence, error) {
	var f C.VkFence
	err := check(C.avk_create_fence(d.c, &f), "create fence")
	return Fence(unsafe.Pointer(f)), err
}

// Submit hands command buffers, at least one, to the queue in order; the fence
// is signalled when all are done. The caller holds the queue's lock.
func (d *Device) Submit(fence Fence, buffers []CommandBuffer) error {
	list := (*C.VkCommandBuffer)(unsafe.Pointer(&buffers[0]))
	return check(C.avk_submit(d.c, list, C.uint32_t(len(buffers)), C.VkFence(unsafe.Pointer(fence))), "submit")
}

// Wait waits for a fence and resets it. Past the timeout the error is Timeout.
func (d *Device) Wait(fence Fence, timeout time.Duration) error {
	return check(C.avk_wait(d.c, C.VkFence(unsafe.Pointer(fence)), C.uint64_t(timeout)), "wait")
}

// CreateQueryPool makes room for count timestamps.
func (d *Device) CreateQueryPool(count int) (QueryPool, error) {
	var q C.VkQueryPool
	err := check(C.avk_create_query_pool(d.c, C.uint32_t(count), &q), "create query pool")
	return QueryPool(unsafe.Pointer(q)), err
}

// QueryResults waits for the first count timestamps of a pool, in ticks.
func (d *Device) QueryResults(pool QueryPool, count int) ([]uint64, error) {
	out := make([]uint64, count+1)
	r := C.avk_query_results(d.c, C.VkQueryPool(unsafe.Pointer(pool)), C.uint32_t(count), (*C.uint64_t)(unsafe.Pointer(&out[0])))
	return out[:count], check(r, "read timestamps")
}
