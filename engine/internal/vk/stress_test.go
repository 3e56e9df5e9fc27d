package vk

import (
	"errors"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"time"
	"unsafe"

	"alexnet/shaders"
)

// collecting runs garbage collections without a pause until the test ends, so
// that Go memory that C still reads is freed under it.
func collecting(t *testing.T) {
	old := debug.SetGCPercent(1)
	stop := make(chan struct{})
	var done sync.WaitGroup
	done.Add(1)
	go func() {
		defer done.Done()
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	t.Cleanup(func() {
		close(stop)
		done.Wait()
		debug.SetGCPercent(old)
	})
}

// TestCallsUnderCollection makes, runs and destroys one object of each kind on
// every device, over and over, while the collector runs.
func TestCallsUnderCollection(t *testing.T) {
	list, err := PhysicalDevices()
	if err != nil || len(list) == 0 {
		if os.Getenv("REQUIRE_VULKAN") != "" {
			t.Fatal("no Vulkan device:", err)
		}
		t.Skip("no Vulkan device:", err)
	}
	collecting(t)
	rounds := 40
	if testing.Short() {
		rounds = 8
	}
	for _, p := range list {
		t.Run(p.Name, func(t *testing.T) {
			for round := range rounds {
				if err := useDevice(p, uint32(round+1)); err != nil {
					t.Fatalf("round %d: %v", round, err)
				}
			}
		})
	}
}

// hostMemory makes a buffer and memory that the host sees.
func hostMemory(d *Device, p PhysicalDevice, size uint64) (b Buffer, m DeviceMemory, words []uint32, err error) {
	b, need, err := d.CreateBuffer(size, 0)
	if err != nil {
		return
	}
	const host = MemoryHostVisible | MemoryHostCoherent
	for i, kind := range p.MemoryTypes {
		if need.Types&(1<<i) == 0 || kind.Flags&host != host {
			continue
		}
		if m, err = d.Allocate(need.Size, i); err != nil {
			return
		}
		if err = d.BindBuffer(b, m, 0); err != nil {
			return
		}
		var at unsafe.Pointer
		if at, err = d.Map(m); err == nil {
			words = unsafe.Slice((*uint32)(at), size/4)
		}
		return
	}
	return b, m, nil, errors.New("no host-visible memory")
}

// useDevice runs the self-test's kernel between a fill and a copy. Iterations
// of its loop are the result that is checked.
func useDevice(p PhysicalDevice, iterations uint32) error {
	d, err := CreateDevice(p, DeviceOptions{Int64: p.Int64, SubgroupControl: p.SubgroupControl})
	if err != nil {
		return err
	}
	defer d.Destroy()
	const size = 192 * 4
	var buffers [3]Buffer
	var words [3][]uint32
	for i := range buffers {
		var m DeviceMemory
		if buffers[i], m, words[i], err = hostMemory(d, p, size); err != nil {
			return err
		}
		defer d.FreeMemory(m)
		defer d.DestroyBuffer(buffers[i])
	}
	program, err := d.CreateProgram(shaders.SelfTest.Code, 2, shaders.SelfTest.PushBytes, nil, 0)
	if err != nil {
		return err
	}
	defer d.DestroyProgram(program)
	sets, err := d.CreateDescriptorPool(1, 2)
	if err != nil {
		return err
	}
	defer d.DestroyDescriptorPool(sets)
	set, err := d.AllocateSet(sets, program.SetLayout, []Binding{{buffers[0], 0, size}, {buffers[1], 0, size}})
	if err != nil {
		return err
	}
	var c Commands
	c.Fill(buffers[0], 0, size, 0)
	c.Barrier()
	push := shaders.SelfTestPush{Outer: iterations, Inner: 7}
	c.Dispatch(program, set, unsafe.Slice((*byte)(unsafe.Pointer(&push)), unsafe.Sizeof(push)), 1, 1, 1)
	c.Barrier()
	c.Copy(buffers[1], 0, buffers[2], 0, size)
	c.Barrier()
	if err := record(d, &c); err != nil {
		return err
	}
	for i := range uint32(64) {
		if words[2][i] != iterations*7 || words[2][64+i] != (63-i)*(63-i) || words[2][128+i] != 0 {
			return errors.New("wrong result")
		}
	}
	return nil
}

// record records the commands and runs them twice.
func record(d *Device, c *Commands) error {
	pool, err := d.CreateCommandPool()
	if err != nil {
		return err
	}
	defer d.DestroyCommandPool(pool)
	buffer, err := d.Record(pool, c)
	if err != nil {
		return err
	}
	fence, err := d.CreateFence()
	if err != nil {
		return err
	}
	defer d.DestroyFence(fence)
	for range 2 {
		if err := d.Submit(fence, []CommandBuffer{buffer}); err != nil {
			return err
		}
		if err := d.Wait(fence, time.Minute); err != nil {
			return err
		}
	}
	return d.WaitIdle()
}
