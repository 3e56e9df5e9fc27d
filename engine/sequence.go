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

// From is the range without its first bytes.
func (r Range) From(offset uint64) Range {
	return Range{r.Buffer, r.Offset + offset, r.Size - offset}
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

// Use is what one command does with a range.
type Use struct {
	Range
	Access shaders.Access
}

// Sequence is a list of dispatches and copies that is recorded once and run any
// number of times. Barriers are put where a command touches what an earlier one
// has written, or writes what an earlier one reads. A failing call makes End
// return its error; calls after it do nothing.
type Sequence struct {
	device   *Device
	name     string
	commands vk.Commands
	pending  []Use // since the last barrier
	sets     []setUse
	barriers int
	profile  *Profile
	pieces   []piece
	ended    bool
	ran      bool        // guarded by the device's queue lock
	undo     []func()    // guarded by the device's mu
	note     func([]Use) // of a sketch
	err      error
}

// maxPieces is the number of command buffers that a sequence is cut into where
// submits have a budget: few enough to cost nothing, and for AlexNet's step small
// enough to be a twentieth of it.
const maxPieces = 32

// setUse is a command that waits for End: a dispatch for its descriptor set,
// which can be made only when their number is known, others with it.
type setUse struct {
	work     bool // not a barrier or a timestamp
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

func (s *Sequence) queueWork(emit func(vk.DescriptorSet)) {
	s.sets = append(s.sets, setUse{work: true, emit: emit})
}

// keep has release called when the sequence or its device goes.
func (s *Sequence) keep(release func()) {
	s.device.mu.Lock()
	defer s.device.mu.Unlock()
	s.undo = append(s.undo, release)
	s.device.sequences[s] = true
}

// use orders a command behind those that it depends on.
func (s *Sequence) use(list ...Use) {
	if s.note != nil {
		s.note(list)
		return
	}
	hazard := false
	for _, a := range list {
		for _, p := range s.pending {
			if (a.Access|p.Access)&shaders.Write != 0 && a.overlaps(p.Range) {
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
	if r.Buffer.placeholder && s.note == nil {
		panic("engine: buffer " + r.Buffer.name + " has no memory, and sequence " + s.name + " is no sketch")
	}
}

func (s *Sequence) dispatch(name string, m *shaders.Module, p vk.Program, groups Groups, push []byte, bindings []Range) {
	if s.err != nil {
		return
	}
	list := make([]Use, len(bindings))
	for i, r := range bindings {
		s.own(r)
		if r.Size > s.device.StorageRange() {
			s.err = fmt.Errorf("engine: %s: %s: kernel %s needs %s of buffer %s in one range, %w of %s", s.device.label,
				name, m.Name, Megabytes(r.Size), r.Buffer.name, ErrRange, Megabytes(s.device.StorageRange()))
			return
		}
		if a := max(s.device.info.OffsetAlignment, 1); r.Offset%a != 0 {
			s.err = fmt.Errorf("engine: %s: %s: kernel %s: a range begins at byte %d of buffer %s; the device wants multiples of %d",
				s.device.label, name, m.Name, r.Offset, r.Buffer.name, a)
			return
		}
		list[i] = Use{r, m.Bindings[i]}
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
	s.sets = append(s.sets, setUse{work: true, program: p, bindings: append([]Range(nil), bindings...), emit: func(set vk.DescriptorSet) {
		s.commands.Dispatch(p, set, kept, groups[0], groups[1], groups[2])
	}})
	s.time(name)
}

// Copy copies between buffers of the device; the ranges have one size.
func (s *Sequence) Copy(to, from Range) {
	if s.err != nil {
		return
	}
	s.own(to)
	s.own(from)
	if to.Size != from.Size {
		panic(fmt.Sprintf("engine: copy %d bytes to %d", from.Size, to.Size))
	}
	s.use(Use{from, shaders.Read}, Use{to, shaders.Write})
	s.queueWork(func(vk.DescriptorSet) {
		s.commands.Copy(from.Buffer.handle, from.Offset, to.Buffer.handle, to.Offset, to.Size)
	})
	s.time("copy")
}

// Zero sets a range, in multiples of 4 bytes, to zero.
func (s *Sequence) Zero(to Range) {
	if s.err != nil {
		return
	}
	s.own(to)
	s.use(Use{to, shaders.Write})
	s.queueWork(func(vk.DescriptorSet) { s.commands.Fill(to.Buffer.handle, to.Offset, to.Size, 0) })
}

// End closes the sequence so that Device.Run can run it, and returns the first
// error of its calls. A sequence that failed holds nothing on the device.
func (s *Sequence) End() error {
	if s.ended {
		panic("engine: sequence " + s.name + " ended twice")
	}
	s.queueCommand(func(vk.DescriptorSet) { s.commands.Barrier() }) // the host reads behind it
	err := s.err
	if err == nil {
		err = s.device.failed()
	}
	if err == nil && !s.device.Hollow() && s.note == nil {
		if err = s.record(); err != nil {
			err = s.device.fail("sequence "+s.name, err)
		}
	}
	s.sets, s.pending, s.commands = nil, nil, vk.Commands{}
	if err != nil {
		s.err = err
		s.Free()
		return err
	}
	s.ended = s.note == nil // a sketch never runs
	return nil
}

// record makes the descriptor sets and records the commands, in one command
// buffer or, for a device with a budget, in several.
func (s *Sequence) record() error {
	d := s.device
	sets, buffers, works := 0, 0, 0
	for _, u := range s.sets {
		if u.work {
			works++
		}
		if len(u.bindings) > 0 {
			sets++
			buffers += len(u.bindings)
		}
	}
	descriptors, err := d.vk.CreateDescriptorPool(sets+1, buffers+1)
	if err != nil {
		return err
	}
	s.keep(func() { d.vk.DestroyDescriptorPool(descriptors) })
	pool, err := d.vk.CreateCommandPool()
	if err != nil {
		return err
	}
	s.keep(func() { d.vk.DestroyCommandPool(pool) })
	if s.profile != nil {
		if err := s.profile.makePool(); err != nil {
			return err
		}
	}
	most := works
	if d.options.Budget > 0 {
		most = (works + maxPieces - 1) / maxPieces
	}
	held := 0 // work in s.commands
	for _, u := range s.sets {
		if u.work && held == most {
			if err := s.cut(pool); err != nil {
				return err
			}
			held = 0
		}
		if u.work {
			held++
		}
		set, err := s.makeSet(descriptors, u)
		if err != nil {
			return err
		}
		u.emit(set)
	}
	return s.cut(pool)
}

// cut records the commands so far as a piece.
func (s *Sequence) cut(pool vk.CommandPool) error {
	buffer, err := s.device.vk.Record(pool, &s.commands)
	s.pieces = append(s.pieces, piece{buffer: buffer})
	s.commands = vk.Commands{}
	return err
}

func (s *Sequence) makeSet(pool vk.DescriptorPool, u setUse) (vk.DescriptorSet, error) {
	if len(u.bindings) == 0 {
		return nil, nil
	}
	list := make([]vk.Binding, len(u.bindings))
	for i, r := range u.bindings {
		list[i] = vk.Binding{Buffer: r.Buffer.handle, Offset: r.Offset, Range: r.Size}
	}
	return s.device.vk.AllocateSet(pool, u.program.SetLayout, list)
}

// Free releases a sequence, with its profile, that will not run again; otherwise
// Device.Close does.
func (s *Sequence) Free() {
	s.device.mu.Lock()
	defer s.device.mu.Unlock()
	s.destroy()
}

func (s *Sequence) destroy() {
	if !s.device.stuck.Load() {
		for _, undo := range s.undo {
			undo()
		}
	}
	delete(s.device.sequences, s)
	s.undo, s.pieces, s.ended = nil, nil, false
}
