package engine

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"alexnet/shaders"
)

// Peak is what a device can do at most, measured by kernels that do nothing else.
type Peak struct {
	Flops float64 // of float32 multiply-adds, two each, a second
	Mixed float64 // of those by cooperative matrices, of float16s with float32 sums; 0 without
	Copy  float64 // bytes read and bytes written a second by a copy in its memory
}

const (
	peakRun    = 50 * time.Millisecond // that one run should take
	peakRounds = 3                     // the best counts

	// peakFlops is one round of a workgroup of peak.comp: 64 invocations that do 16
	// multiply-adds of 12 sums each.
	peakFlops = 2 * 64 * 16 * 12
	// copyBytes is more than the caches of any processor hold, twice.
	copyBytes = 512 << 20
)

// peakGroups are numbers of workgroups that peak.comp tries: few that run long
// suit a processor, many a GPU.
var peakGroups = []uint32{256, 16384}

// MeasurePeaks measures devices beside each other, as a step uses them: two
// logical devices of one physical device get what is left of it. It takes a few
// seconds on a processor.
func MeasurePeaks(devices []*Device) ([]Peak, error) {
	out := make([]Peak, len(devices))
	for _, groups := range peakGroups {
		rates, err := sideBySide(devices, func(d *Device) (*load, error) { return multiplyAdds(d, groups) })
		if err != nil {
			return nil, err
		}
		for i, r := range rates {
			out[i].Flops = max(out[i].Flops, r)
		}
	}
	if !slices.ContainsFunc(devices, func(d *Device) bool { return !d.matrixPeak() }) {
		rates, err := sideBySide(devices, matrixMultiplyAdds)
		if err != nil {
			return nil, err
		}
		for i, r := range rates {
			out[i].Mixed = r
		}
	}
	for _, copying := range []func(*Device) (*load, error){copyByKernel, copyByCommand} {
		rates, err := sideBySide(devices, copying)
		if err != nil {
			return nil, err
		}
		for i, r := range rates {
			out[i].Copy = max(out[i].Copy, r)
		}
	}
	return out, nil
}

// load is work of one kind on a device, in any amount.
type load struct {
	device *Device
	each   float64 // operations or bytes of one unit of work
	record func(s *Sequence, units int)
	free   []*Buffer
	units  int // that take about peakRun
}

// sideBySide returns the best rate of each device's load, all running at once.
func sideBySide(devices []*Device, newLoad func(*Device) (*load, error)) ([]float64, error) {
	loads := []*load{}
	defer func() {
		for _, l := range loads {
			for _, b := range l.free {
				b.Free()
			}
		}
	}()
	for _, d := range devices {
		l, err := newLoad(d)
		if l != nil {
			loads = append(loads, l)
		}
		if err != nil {
			return nil, err
		}
		if err := l.calibrate(); err != nil {
			return nil, err
		}
	}
	return race(loads)
}

// race runs calibrated loads at once and returns the best rate of each.
func race(loads []*load) ([]float64, error) {
	best := make([]float64, len(loads))
	failed := make([]error, len(loads))
	// A driver may run the work of one device after the other's: only several runs
	// behind each other show what each gets.
	runs := 1
	if len(loads) > 1 {
		runs = 5
	}
	for range peakRounds {
		var wait sync.WaitGroup
		for i, l := range loads {
			wait.Add(1)
			go func() {
				defer wait.Done()
				start := time.Now()
				for range runs {
					if failed[i] = l.run(); failed[i] != nil {
						return
					}
				}
				best[i] = max(best[i], l.each*float64(l.units*runs)/time.Since(start).Seconds())
			}()
		}
		wait.Wait()
		if err := errors.Join(failed...); err != nil {
			return nil, err
		}
	}
	return best, nil
}

// calibrate finds how many units take peakRun. The first run compiles.
func (l *load) calibrate() error {
	l.units = 1
	if err := l.run(); err != nil {
		return err
	}
	for {
		start := time.Now()
		err := l.run()
		took := time.Since(start)
		if err != nil || took >= peakRun || l.units >= maxUnits {
			return err
		}
		factor := min(float64(peakRun)/float64(max(took, 1)), 16)
		if next := int(float64(l.units)*factor + 1); factor > 1.2 {
			l.units = min(next, maxUnits)
			continue
		}
		return nil
	}
}

// maxUnits keeps loops below 65,535 rounds, which some drivers do not survive.
const maxUnits = 60000

// run records and runs the units: to record them takes no time that counts.
func (l *load) run() error {
	s := l.device.NewSequence("peak")
	defer s.Free()
	l.record(s, l.units)
	if err := s.End(); err != nil {
		return err
	}
	return l.device.Run(s)
}

// multiplyAdds is a load of peak.comp: a unit is one round of every invocation.
func multiplyAdds(d *Device, groups uint32) (*load, error) {
	kernel, err := NewKernel(d, shaders.Peak, shaders.None{})
	if err != nil {
		return nil, err
	}
	out, err := d.NewBuffer("peak", uint64(4*64*groups), Local)
	if err != nil {
		return nil, err
	}
	groups = min(groups, d.info.MaxGroups[0])
	return &load{device: d, each: peakFlops * float64(groups), free: []*Buffer{out}, record: func(s *Sequence, units int) {
		// x = x/2 + 1 stays near 2: no value becomes denormal or infinite.
		kernel.Dispatch(s, "peak", Groups{groups, 1, 1}, shaders.PeakPush{Rounds: uint32(units), Factor: 0.5, Term: 1}, out.Whole())
	}}, nil
}

const peakSubgroups = 4 // of a workgroup of peak_matrix.comp

// matrixPeak says whether a device has matrices to measure, and room for the kernel. A
// processor's are computed one lane at a time, and some of its drivers crash over them.
func (d *Device) matrixPeak() bool {
	i := &d.info
	lanes := peakSubgroups * i.MatrixLanes()
	return !i.CPU() && d.Supports(shaders.PeakMatrix.Needs) && int(lanes) <= i.MaxInvocations && lanes <= i.MaxGroupSize[0] &&
		int(4*peakSubgroups*i.Matrix[0]*i.Matrix[1]) <= i.MaxShared
}

// matrixMultiplyAdds is a load of peak_matrix.comp: a unit is one round of every subgroup.
func matrixMultiplyAdds(d *Device) (*load, error) {
	const subgroups, groups = peakSubgroups, 16384
	shape, lanes := d.info.Matrix, d.info.MatrixLanes()
	kernel, err := NewKernel(d, shaders.PeakMatrix, shaders.PeakMatrixConstants{Lanes: lanes, Invocations: subgroups * lanes, M: shape[0], N: shape[1], K: shape[2]})
	if err != nil {
		return nil, err
	}
	out, err := d.NewBuffer("peak", uint64(4*subgroups*lanes*groups), Local)
	if err != nil {
		return nil, err
	}
	const products = 8 * 4
	each := 2 * products * subgroups * groups * float64(shape[0]*shape[1]*shape[2])
	return &load{device: d, each: each, free: []*Buffer{out}, record: func(s *Sequence, units int) {
		kernel.Dispatch(s, "peak", Groups{groups, 1, 1}, shaders.PeakMatrixPush{Rounds: uint32(units), Factor: 0.01, Term: 1}, out.Whole())
	}}, nil
}

// copyBuffers are two buffers that no cache holds, or as large as the device
// has room for. What they hold does not matter, but that it has been written:
// memory of a processor that never was is all one page.
func copyBuffers(d *Device) (from, to *Buffer, err error) {
	size := min(copyBytes, d.Capacity()/8) / alignment * alignment
	if from, err = d.NewBuffer("copy from", size, Local); err != nil {
		return nil, nil, err
	}
	if to, err = d.NewBuffer("copy to", size, Local); err != nil {
		return from, nil, err
	}
	s := d.NewSequence("fill")
	defer s.Free()
	s.Zero(from.Whole())
	s.Zero(to.Whole())
	if err := s.End(); err != nil {
		return from, to, err
	}
	return from, to, d.Run(s)
}

// newCopy is a load of copies of a buffer, in parts that a kernel can see.
func newCopy(d *Device, part func(s *Sequence, to, from Range)) (*load, error) {
	from, to, err := copyBuffers(d)
	l := &load{device: d}
	for _, b := range []*Buffer{from, to} {
		if b != nil {
			l.free, l.each = append(l.free, b), l.each+float64(b.size)
		}
	}
	step := d.StorageRange() / alignment * alignment
	l.record = func(s *Sequence, units int) {
		for range units {
			for at := uint64(0); at < from.size; at += step {
				n := min(step, from.size-at)
				part(s, to.Part(at, n), from.Part(at, n))
			}
		}
	}
	return l, err
}

// copyByKernel is a copy by vectors on processors whose driver takes that, else by
// invocations.
func copyByKernel(d *Device) (*load, error) {
	if lanes := d.info.Lanes(); d.info.CPU() && lanes > 0 && d.Supports(shaders.CopyStraight.Needs) {
		return copyByVectors(d, lanes)
	}
	return copyByInvocations(d)
}

// copyByInvocations is a copy by copy.comp.
func copyByInvocations(d *Device) (*load, error) {
	kernel, err := NewKernel(d, shaders.Copy, shaders.None{})
	if err != nil {
		return nil, err
	}
	return newCopy(d, func(s *Sequence, to, from Range) {
		count := int(to.Size / 16)
		kernel.Dispatch(s, "copy", Linear(count), shaders.CopyPush{Count: uint32(count)}, from, to)
	})
}

// copyByVectors is a copy by copy_straight.comp.
func copyByVectors(d *Device, lanes uint32) (*load, error) {
	const vectors, subgroups = 32, 16
	kernel, err := NewKernel(d, shaders.CopyStraight, shaders.CopyStraightConstants{Lanes: lanes, Vectors: vectors, Invocations: lanes * subgroups})
	if err != nil {
		return nil, err
	}
	tile := 4 * uint64(lanes) * vectors * subgroups
	return newCopy(d, func(s *Sequence, to, from Range) {
		var p shaders.CopyStraightPush
		p.XLow, p.XHigh = from.Address()
		shaders.Digits(p.Digit[:])
		if groups := uint32(to.Size / tile); groups > 0 { // less than a tile is left out
			kernel.Dispatch(s, "copy", Groups{groups, 1, 1}, p, from, to)
		}
	})
}

// copyByCommand is a copy by the driver's own command.
func copyByCommand(d *Device) (*load, error) {
	return newCopy(d, func(s *Sequence, to, from Range) { s.Copy(to, from) })
}

// String is the peak for people.
func (p Peak) String() string {
	mixed := ""
	if p.Mixed > 0 {
		mixed = fmt.Sprintf(", %.1f by matrices of float16", p.Mixed/1e9)
	}
	return fmt.Sprintf("%.1f GFLOP/s of multiply-adds%s, copy %.1f GB/s", p.Flops/1e9, mixed, p.Copy/1e9)
}
