package engine

// A program that wants to know what a sequence touches before it gives the memory
// for it records a sketch of the sequence on placeholders.

// Placeholder returns a buffer without memory, for sketches only.
func (d *Device) Placeholder(name string, size uint64) *Buffer {
	return &Buffer{device: d, name: name, size: max(4, (size+3)/4*4), home: &block{}, placeholder: true}
}

// NewSketch starts a sequence that cannot run: for each command in turn it calls
// note with what the command uses. End returns the error that the sequence itself
// would, as far as it lies in the calls.
func (d *Device) NewSketch(name string, note func([]Use)) *Sequence {
	s := d.NewSequence(name)
	s.note = note
	return s
}
