package engine

// Twin returns a hollow device like d: buffers take no memory, kernels are not
// compiled and sequences do nothing, but limits hold and InUse is what it would
// be. It tells what something would need without trying.
func (d *Device) Twin() *Device {
	options := Options{StorageRange: d.options.StorageRange}
	return &Device{info: d.info, options: options, label: d.label, sequences: map[*Sequence]bool{}, shared: map[int]uint64{}}
}

// Hollow says whether the device only counts.
func (d *Device) Hollow() bool { return d.vk == nil }

// reserve counts a buffer as place would place it.
func (d *Device) reserve(b *Buffer) (*Buffer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	types, err := d.memoryTypes(^uint32(0), b.kind)
	if err != nil {
		return nil, d.memoryError(b.name, b.size, err)
	}
	size := (b.size + alignment - 1) / alignment * alignment
	if size > blockSize/4 {
		d.inUse += size
		return b, nil
	}
	before := d.shared[types[0]]
	d.shared[types[0]] += size
	d.inUse += blockSize * ((before+size+blockSize-1)/blockSize - (before+blockSize-1)/blockSize)
	return b, nil
}

// linkHollow counts the two buffers of a link.
func linkHollow(name string, from, to *Device, size uint64, path Path) (*Link, error) {
	out, err := from.NewBuffer(name+" out", size, Local)
	if err != nil {
		return nil, err
	}
	l := &Link{Name: name, Out: out, Path: path}
	if path == Staging { // the other paths share one allocation
		l.In, err = to.NewBuffer(name+" in", size, Upload)
	} else {
		l.In = &Buffer{device: to, name: name + " in", size: size}
	}
	return l, err
}
