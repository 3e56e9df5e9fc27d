package engine

import (
	"fmt"

	"alexnet/engine/internal/vk"
	"alexnet/shaders"
)

// Range is a part of a buffer, in bytes. Whole and Part make one.
type Range struct {
	Buffer       *Buffer
	Offset, Size uint64
}

// Whole is all of a buffer.
func (b *Buffer) Whole() Range { return Range{b, 0, b.size} }

// Part is size bytes of a buffer from offset on.
func (b *Buffer) Part(offset, size uint64) Range {
	if offset+size > b.size {
		panic(fmt.Sprintf("engine: bytes %d to %d of buffer %s, which has %d", offset, offset+size, b.name, b.size))
	}
	return Range{b, offset, size}
}

// Address is where kernels that load by address find the range: its low and high
// 32 bits, 0 if the device has no such kernels.
func (r Range) Address() (low, high uint32) {
	if r.Buffer.address == 0 {
		return 0, 0
	}
	at := r.Buffer.address + r.Offset
	return uint32(at), uint32(at >> 32)
}

func (r Range) overlaps(o Range) bool {
	return r.Buffer == o.Buffer && r.Offset < o.Offset+o.Size && o.Offset < r.Offset+r.Size
}

// access is one use of a range since the last barrier.
type access struct {
	Range
	kind shaders.Access
}

// Sequence is a list of dispatches and copies that is recorded once and run any
// number of times. Barriers are put where a command touches what an earlier one
// has written, or writes what an earlier one reads. A failing call makes End
// return its error; calls after it do nothing.
type Sequence struct {
	device   *Device
	name     string
	commands vk.Commands
	pending  []access
	sets     []setUse
	barriers int
	profile  *Profile
	names    []string // of timed dispatches
	buffer   vk.CommandBuffer
	ended    bool
	undo     []func()
	err      error
}

// setUse is a command that waits for End: a dispatch for its descriptor set,
// which can be made only when their number is known, others with it.
type setUse struct {
	program  vk.Program
	bindings []Range
	emit     func(vk.DescriptorSet)
}

// NewSequence starts a sequence. Its first command waits for all earlier work.
func (d *Device) NewSequence(name string) *Sequence {
	s := &Sequence{device: d, name: name}
	s.queueCommand(func(vk.DescriptorSet) { s.commands.Barrier() })
	return s
}

// Device is the device that the sequence runs on.
func (s *Sequence) Device() *Device { return s.device }

// Barriers is the number of barriers that hazards have made necessary.
func (s *Sequence) Barriers() int { return s.barriers }

func (s *Sequence) queueCommand(emit func(vk.DescriptorSet)) {
	s.sets = append(s.sets, setUse{emit: emit})
}

// use orders a command behind those that it depends on.
func (s *Sequence) use(list ...access) {
	hazard := false
	for _, a := range list {
		for _, p := range s.pending {
			if (a.kind|p.kind)&shaders.Write != 0 && a.overlaps(p.Range) {
				hazard = true
			}
		}
	}
	if hazard {
		s.barriers++
		s.queueCommand(func(vk.DescriptorSet) { s.commands.Barrier() })
		s.pending = s.pending[:0]
	}
	s.pending = append(s.pending, list...)
}

func (s *Sequence) own(r Range) {
	if r.Buffer.device != s.device {
		panic("engine: buffer " + r.Buffer.name + " lies on another device than sequence " + s.name)
	}
}

func (s *Sequence) dispatch(name string, m *shaders.Module, p vk.Program, groups Groups, push []byte, bindings []Range) {
	if s.err != nil {
		return
	}
	list := make([]access, len(bindings))
	for i, r := range bindings {
		s.own(r)
		if r.Size > s.device.StorageRange() {
			s.err = fmt.Errorf("engine: %s: %s: kernel %s needs %s in one range; the device allows %s", s.device.label,
				name, m.Name, Megabytes(r.Size), Megabytes(s.device.StorageRange()))
			return
		}
		list[i] = access{r, m.Bindings[i]}
	}
	for i, g := range groups {
		if g == 0 || g > s.device.info.MaxGroups[i] {
			s.err = fmt.Errorf("engine: %s: %s: kernel %s: %d workgroups in dimension %d; the device allows %d", s.device.label,
				name, m.Name, g, i, s.device.info.MaxGroups[i])
			return
		}
	}
	s.use(list...)
	kept := append([]byte(nil), push...)
	s.sets = append(s.sets, setUse{program: p, bindings: append([]Range(nil), bindings...), emit: func(set vk.DescriptorSet) {
		s.commands.Dispatch(p, set, kept, groups[0], groups[1], groups[2])
	}})
	s.time(name)
}

// Copy copies between buffers of the device; the ranges have one size.
func (s *Sequence) Copy(to, from Range) {
	s.own(to)
	s.own(from)
	if to.Size != from.Size {
		panic(fmt.Sprintf("engine: copy %d bytes to %d", from.Size, to.Size))
	}
	s.use(access{from, shaders.Read}, access{to, shaders.Write})
	s.queueCommand(func(vk.DescriptorSet) {
		s.commands.Copy(from.Buffer.handle, from.Offset, to.Buffer.handle, to.Offset, to.Size)
	})
	s.time("copy")
}

// Zero sets a range, in multiples of 4 bytes, to zero.
func (s *Sequence) Zero(to Range) {
	s.own(to)
	s.use(access{to, shaders.Write})
	s.queueCommand(func(vk.DescriptorSet) { s.commands.Fill(to.Buffer.handle, to.Offset, to.Size, 0) })
}

// End closes the sequence so that Device.Run can run it, and returns the first
// error of its calls.
func (s *Sequence) End() error {
	if s.err != nil {
		return s.err
	}
	s.queueCommand(func(vk.DescriptorSet) { s.commands.Barrier() }) // the host reads behind it
	d := s.device
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := s.makeSets(d); err != nil {
		return fmt.Errorf("engine: %s: sequence %s: %w", d.label, s.name, err)
	}
	pool, err := d.vk.CreateCommandPool()
	if err != nil {
		return fmt.Errorf("engine: %s: sequence %s: %w", d.label, s.name, err)
	}
	s.undo = append(s.undo, func() { d.vk.DestroyCommandPool(pool) })
	d.release = append(d.release, s.destroy)
	if s.buffer, err = d.vk.Record(pool, &s.commands); err != nil {
		return fmt.Errorf("engine: %s: sequence %s: %w", d.label, s.name, err)
	}
	s.ended, s.sets, s.pending, s.commands = true, nil, nil, vk.Commands{}
	return nil
}

func (s *Sequence) makeSets(d *Device) error {
	sets, buffers := 0, 0
	for _, u := range s.sets {
		if len(u.bindings) > 0 {
			sets++
			buffers += len(u.bindings)
		}
	}
	pool, err := d.vk.CreateDescriptorPool(sets+1, buffers+1)
	if err != nil {
		return err
	}
	s.undo = append(s.undo, func() { d.vk.DestroyDescriptorPool(pool) })
	for _, u := range s.sets {
		var set vk.DescriptorSet
		if len(u.bindings) > 0 {
			list := make([]vk.Binding, len(u.bindings))
			for i, r := range u.bindings {
				list[i] = vk.Binding{Buffer: r.Buffer.handle, Offset: r.Offset, Range: r.Size}
			}
			if set, err = d.vk.AllocateSet(pool, u.program.SetLayout, list); err != nil {
				return err
			}
		}
		u.emit(set)
	}
	return nil
}

// Free releases a sequence that will not run again; otherwise Device.Close does.
func (s *Sequence) Free() {
	s.device.mu.Lock()
	defer s.device.mu.Unlock()
	s.destroy()
}

func (s *Sequence) destroy() {
	for _, undo := range s.undo {
		undo()
	}
	s.undo, s.ended = nil, false
}
