package engine

import (
	"fmt"
	"time"

	"alexnet/engine/internal/vk"
)

// maxTimes is the number of timestamps of one profiled sequence.
const maxTimes = 1024

// Profile is the time that each command of a sequence took.
type Profile struct {
	device *Device
	pool   vk.QueryPool
	names  []string
}

// Timing is one command's share of a profiled sequence.
type Timing struct {
	Name string
	Time time.Duration
}

// Profile makes the sequence write timestamps around each of its commands, to be
// read after each run. Call it before the first command. Commands are kept from
// overlapping, so the sum can exceed an unprofiled run. Devices without
// timestamps return an error.
func (s *Sequence) Profile() (*Profile, error) {
	d := s.device
	if d.info.TimestampBits == 0 {
		return nil, fmt.Errorf("engine: %s: the device has no timestamps", d.label)
	}
	pool, err := d.vk.CreateQueryPool(maxTimes)
	if err != nil {
		return nil, fmt.Errorf("engine: %s: %w", d.label, err)
	}
	d.mu.Lock()
	d.release = append(d.release, func() { d.vk.DestroyQueryPool(pool) })
	d.mu.Unlock()
	s.profile = &Profile{device: d, pool: pool}
	s.queueCommand(func(vk.DescriptorSet) {
		s.commands.ResetQueries(pool, maxTimes)
		s.commands.Timestamp(pool, 0)
	})
	return s.profile, nil
}

// time puts a barrier and a timestamp behind the command just recorded.
func (s *Sequence) time(name string) {
	p := s.profile
	if p == nil || len(p.names) >= maxTimes-1 {
		return
	}
	p.names = append(p.names, name)
	index := len(p.names)
	s.queueCommand(func(vk.DescriptorSet) {
		s.commands.Barrier()
		s.commands.Timestamp(p.pool, index)
	})
	s.pending = s.pending[:0]
}

// Read returns the times of the last run, in the order of the commands.
func (p *Profile) Read() ([]Timing, error) {
	ticks, err := p.device.vk.QueryResults(p.pool, len(p.names)+1)
	if err != nil {
		return nil, fmt.Errorf("engine: %s: %w", p.device.label, err)
	}
	mask := ^uint64(0) >> (64 - p.device.info.TimestampBits)
	out := make([]Timing, len(p.names))
	for i, name := range p.names {
		t := float64((ticks[i+1]-ticks[i])&mask) * p.device.info.TimestampPeriod
		out[i] = Timing{Name: name, Time: time.Duration(t)}
	}
	return out, nil
}
