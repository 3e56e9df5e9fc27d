package engine

import (
	"fmt"
	"time"

	"alexnet/engine/internal/vk"
)

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
	s.profile = &Profile{sequence: s}
	s.queueCommand(func(vk.DescriptorSet) {
		s.commands.ResetQueries(s.profile.pool, s.profile.times())
	})
	return s.profile, nil
}

// times is the number of timestamps: two a command, and never none.
func (p *Profile) times() int { return max(2, 2*len(p.names)) }

// makePool makes room for the timestamps of all commands.
func (p *Profile) makePool() error {
	d := p.sequence.device
	pool, err := d.vk.CreateQueryPool(p.times())
	if err != nil {
		return err
	}
	p.sequence.keep(func() { d.vk.DestroyQueryPool(pool) })
	p.pool = pool
	return nil
}

// time puts timestamps around the command just recorded, and a barrier behind it.
// They stay with it where the sequence is cut into pieces: the time between two
// submits is nobody's.
func (s *Sequence) time(name string) {
	p := s.profile
	if p == nil {
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
