package engine

import (
	"fmt"
	"time"

	"alexnet/engine/internal/vk"
)

// maxTimes is the number of timestamps of one profiled sequence: two a command.
const maxTimes = 2048

// Profile is when each command of a sequence began and how long it took.
type Profile struct {
	sequence *Sequence
	pool     vk.QueryPool
	names    []string
}

// Timing is one command's share of a profiled sequence.
type Timing struct {
	Name  string
	Start time.Duration // since the sequence's first timed command began
	Time  time.Duration
}

// End is when the command was done.
func (t Timing) End() time.Duration { return t.Start + t.Time }

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
	})
	return s.profile, nil
}

// time puts timestamps around the command just recorded, and a barrier behind it.
// They stay with it where the sequence is cut into pieces: the time between two
// submits is nobody's.
func (s *Sequence) time(name string) {
	p := s.profile
	if p == nil || 2*len(p.names)+2 > maxTimes {
		return
	}
	begin := 2 * len(p.names)
	p.names = append(p.names, name)
	last := &s.sets[len(s.sets)-1]
	emit := last.emit
	last.emit = func(set vk.DescriptorSet) {
		s.commands.Timestamp(p.pool, begin)
		emit(set)
		s.commands.Barrier()
		s.commands.Timestamp(p.pool, begin+1)
	}
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
	if len(p.names) == 0 {
		return nil, nil
	}
	ticks, err := d.vk.QueryResults(p.pool, 2*len(p.names))
	if err != nil {
		return nil, d.fail("profile", err)
	}
	mask := ^uint64(0) >> (64 - d.info.TimestampBits)
	out := make([]Timing, len(p.names))
	for i, name := range p.names {
		begin := time.Duration(float64((ticks[2*i]-ticks[0])&mask) * d.info.TimestampPeriod)
		end := time.Duration(float64((ticks[2*i+1]-ticks[0])&mask) * d.info.TimestampPeriod)
		out[i] = Timing{Name: name, Start: begin, Time: end - begin}
	}
	return out, nil
}
