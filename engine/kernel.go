package engine

import (
	"fmt"
	"unsafe"

	"alexnet/engine/internal/vk"
	"alexnet/shaders"
)

// Kernel is a compiled shader on one device with typed push constants.
type Kernel[Push any] struct {
	device *Device
	module *shaders.Module
	vk     vk.Program
}

// Groups is the number of workgroups of a dispatch in x, y and z.
type Groups [3]uint32

// MaxGroups is the number of workgroups a dimension that every device allows.
const MaxGroups = 65535

// Linear is enough groups of 64 invocations for count items; kernels loop where
// that is more than a dimension allows.
func Linear(count int) Groups {
	return Groups{uint32(min(max((count+63)/64, 1), MaxGroups)), 1, 1}
}

// Over repeats groups for each of z columns.
func (g Groups) Over(z int) Groups { return Groups{g[0], g[1], uint32(z)} }

// scalars returns the bytes of a struct of 4-byte scalars.
func scalars[T any](v *T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(v)), unsafe.Sizeof(*v))
}

// NewKernel compiles a shader with the given specialization constants; the same
// shader and constants compile once a device. A kernel that needs a subgroup
// size takes it from its constants' first field, LANES.
func NewKernel[Push, Constants any](d *Device, s shaders.Shader[Push, Constants], constants Constants) (*Kernel[Push], error) {
	if err := d.failed(); err != nil {
		return nil, err
	}
	if !d.Supports(s.Needs) {
		return nil, fmt.Errorf("engine: %s: kernel %s needs features that the device lacks: %+v", d.label, s.Name, s.Needs)
	}
	if d.Hollow() {
		return &Kernel[Push]{device: d, module: s.Module}, nil
	}
	list := constantValues(constants)
	if len(list) != len(s.ConstantIDs) {
		panic(fmt.Sprintf("engine: kernel %s has %d constants, got %d", s.Name, len(s.ConstantIDs), len(list)))
	}
	special := make([]vk.Constant, len(list))
	for i, v := range list {
		special[i] = vk.Constant{ID: s.ConstantIDs[i], Value: v}
	}
	subgroup := 0
	if s.Needs.Subgroup {
		lanes := int(list[0])
		if lanes < d.info.SubgroupMin || lanes > d.info.SubgroupMax {
			return nil, fmt.Errorf("engine: %s: kernel %s for subgroups of %d; the device has %d to %d",
				d.label, s.Name, lanes, d.info.SubgroupMin, d.info.SubgroupMax)
		}
		if d.info.SubgroupControl {
			subgroup = lanes
		} else if lanes != d.info.SubgroupSize {
			return nil, fmt.Errorf("engine: %s: kernel %s for subgroups of %d; the device has %d", d.label, s.Name, lanes, d.info.SubgroupSize)
		}
	}
	key := fmt.Sprint(s.Name, special, subgroup)
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.programs[key]
	if !ok {
		var err error
		if p, err = d.vk.CreateProgram(s.Code, len(s.Bindings), s.PushBytes, special, subgroup); err != nil {
			return nil, d.fail("compile "+s.Name, err)
		}
		d.programs[key] = p
	}
	return &Kernel[Push]{device: d, module: s.Module, vk: p}, nil
}

// Dispatch records a run of the kernel: groups workgroups over whole buffers or
// ranges of them.
func (k *Kernel[Push]) Dispatch(s *Sequence, name string, groups Groups, push Push, bindings ...Range) {
	if len(bindings) != len(k.module.Bindings) {
		panic(fmt.Sprintf("engine: kernel %s has %d bindings, got %d", k.module.Name, len(k.module.Bindings), len(bindings)))
	}
	if k.device != s.device {
		panic("engine: kernel " + k.module.Name + " is compiled for another device than that of sequence " + s.name)
	}
	var bytes []byte
	if k.module.PushBytes > 0 {
		bytes = scalars(&push)[:k.module.PushBytes]
	}
	s.dispatch(name, k.module, k.vk, groups, bytes, bindings)
}
