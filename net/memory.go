package net

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"alexnet/engine"
)

// Memory is what a network would take on devices of these kinds, in bytes by
// device, without making it. Devices beyond the number of columns take nothing.
func Memory(spec Spec, devices []*engine.Device, o Options) ([]uint64, error) {
	hollow := make([]*engine.Device, len(devices))
	for i, d := range devices {
		hollow[i] = d.Twin()
	}
	if _, err := Build(spec, hollow, o); err != nil {
		return nil, err
	}
	out := make([]uint64, len(devices))
	for i, d := range hollow {
		out[i] = d.InUse()
	}
	return out, nil
}

// MemoryError says that a network does not fit on its devices. It is an
// engine.ErrMemory.
type MemoryError struct {
	Batch    int
	Device   string
	Need     uint64 // bytes, of all its columns on the physical device
	Capacity uint64
	Fits     int // the largest batch that fits; 0: none
}

func (e *MemoryError) Error() string {
	fits := fmt.Sprintf("a batch of %d fits (--set data.batch=%d)", e.Fits, e.Fits)
	if e.Fits == 0 {
		fits = "no batch fits: take more devices, or layers with fewer units"
	}
	return fmt.Sprintf("net: a batch of %d needs %s on %s, which has %s: %s", e.Batch, engine.Megabytes(e.Need), e.Device, engine.Megabytes(e.Capacity), fits)
}

// Unwrap returns engine.ErrMemory.
func (e *MemoryError) Unwrap() error { return engine.ErrMemory }

// CheckMemory compares what a network needs with what its devices have; it makes
// nothing. The error where that is too little is a MemoryError.
func CheckMemory(spec Spec, devices []*engine.Device, o Options) error {
	need, device, err := shortest(spec, devices, o)
	if errors.Is(err, engine.ErrRange) {
		if fits := largest(spec, devices, o); fits > 0 {
			return fmt.Errorf("%w; a batch of %d fits (--set data.batch=%d)", err, fits, fits)
		}
	}
	if err != nil || device == nil {
		return err
	}
	return &MemoryError{Batch: o.Batch, Device: device.Name(), Need: need, Capacity: device.Capacity(), Fits: largest(spec, devices, o)}
}

// largest is the largest batch below o.Batch that fits; 0 if none does. What a
// network needs grows with its batch.
func largest(spec Spec, devices []*engine.Device, o Options) int {
	return sort.Search(o.Batch, func(less int) bool {
		smaller := o
		smaller.Batch = less + 1
		_, device, err := shortest(spec, devices, smaller)
		return err != nil || device != nil
	})
}

// shortest returns a device that lacks memory and what it needs; nil if all have
// enough. Logical devices of one physical device share its memory.
func shortest(spec Spec, devices []*engine.Device, o Options) (uint64, *engine.Device, error) {
	each, err := Memory(spec, devices, o)
	if err != nil {
		return 0, nil, err
	}
	total := map[string]uint64{}
	for i, d := range devices {
		if total[d.Info().UUID] += each[i]; total[d.Info().UUID] > d.Capacity() {
			need := uint64(0)
			for k, other := range devices {
				if other.Info().UUID == d.Info().UUID {
					need += each[k]
				}
			}
			return need, d, nil
		}
	}
	return 0, nil, nil
}

// wrapMemory tells what a network needs where a device refused an allocation
// although it seemed to have room.
func wrapMemory(err error, spec Spec, devices []*engine.Device, o Options) error {
	if !errors.Is(err, engine.ErrMemory) || slices.ContainsFunc(devices, (*engine.Device).Hollow) {
		return err
	}
	each, failed := Memory(spec, devices, o)
	if failed != nil {
		return err
	}
	var list []string
	for i, d := range devices {
		list = append(list, fmt.Sprintf("%s on %s", engine.Megabytes(each[i]), d.Name()))
	}
	return fmt.Errorf("%w; a batch of %d needs %s: close other programs or take a smaller batch (--set data.batch=%d)", err, o.Batch, strings.Join(list, " and "), max(1, o.Batch/2))
}
