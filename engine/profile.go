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
	sequence *Sequence
	pool     vk.QueryPool
	names    []string
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
	if err := d.failed(); err != nil {
		return nil, err
	}
	pool, err := d.vk.CreateQueryPool(maxTimes)
	if err != nil {
		return nil, d.fail("profile", err)
	}
	s.keep(func() { d.vk.DestroyQueryPool(pool) })
	s.profile = &Profile{sequence: s, pool: pool}
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
	d := p.sequence.device
	d.queue.Lock()
	defer d.queue.Unlock()
	if err := d.failed(); err != nil {
		return nil, err
	}
	if !p.sequence.ended || !p.sequence.ran { // to wait for its timestamps would hang
		return nil, fmt.Errorf("engine: %s: profile: sequence %s has not run or is freed", d.label, p.sequence.name)
	}
	ticks, err := d.vk.QueryResults(p.pool, len(p.names)+1)
	if err != nil {
		return nil, d.fail("profile", err)
	}
	mask := ^uint64(0) >> (64 - d.info.TimestampBits)
	out := make([]Timing, len(p.names))
	for i, name := range p.names {
		t := float64((ticks[i+1]-ticks[i])&mask) * d.info.TimestampPeriod
		out[i] = Timing{Name: name, Time: time.Duration(t)}
	}
	return out, nil
}
