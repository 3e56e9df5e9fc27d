package engine

import (
	"errors"
	"fmt"
	"time"

	"alexnet/engine/internal/vk"
)

// submitBudget is how long a submit to a GPU should take: Windows resets a GPU
// whose queue is busy for 2 s, and a desktop on the same GPU stands still
// meanwhile.
const submitBudget = 150 * time.Millisecond

// budget is the time a submit may take; 0 is any, as nothing watches over a
// software driver.
func budget(info *Info, o Options) time.Duration {
	if o.Budget == 0 && !info.CPU() {
		return submitBudget
	}
	return o.Budget
}

// timeout is how long a submit may take before the device counts as hung. A
// software driver is only as fast as the processor's other work lets it be.
func (d *Device) timeout() time.Duration {
	if d.info.CPU() {
		return time.Hour
	}
	return 30 * time.Second
}

// failed returns what every call on a lost or closed device returns, else nil.
func (d *Device) failed() error {
	if err := d.final.Load(); err != nil {
		return *err
	}
	return nil
}

// fail names the device and the operation in an error. A lost device stays
// lost: the first error that says so is what every later call returns.
func (d *Device) fail(operation string, err error) error {
	timeout := errors.Is(err, vk.Timeout)
	if lacksMemory(err) {
		err = fmt.Errorf("%w (%w)", ErrMemory, err)
	}
	if !timeout && !errors.Is(err, vk.DeviceLost) {
		return fmt.Errorf("engine: %s: %s: %w", d.label, operation, err)
	}
	if timeout {
		err = fmt.Errorf("no answer for %v", d.timeout())
		d.stuck.Store(true)
	}
	lost := fmt.Errorf("engine: %s: %s: %w (%v)", d.label, operation, ErrDeviceLost, err)
	d.final.CompareAndSwap(nil, &lost)
	return d.failed()
}

// Run submits recorded sequences in order and waits until all are done. On a GPU
// it takes several submits where one would exceed the budget.
func (d *Device) Run(sequences ...*Sequence) error {
	d.queue.Lock()
	defer d.queue.Unlock()
	if err := d.failed(); err != nil || d.Hollow() {
		return err
	}
	d.batch = d.batch[:0]
	for _, s := range sequences {
		if s.device != d {
			panic("engine: sequence " + s.name + " belongs to another device")
		}
		if !s.ended {
			panic("engine: sequence " + s.name + " has not ended")
		}
		for i := range s.pieces {
			d.batch = append(d.batch, &s.pieces[i])
		}
		s.ran = true
	}
	for rest := d.batch; len(rest) > 0; {
		n := d.fitting(rest)
		if err := d.runPieces(rest[:n]); err != nil {
			return d.fail("run "+sequences[0].name, err)
		}
		rest = rest[n:]
	}
	return nil
}

// piece is one command buffer of a sequence. Work of a later piece is ordered
// behind that of earlier ones by the barriers between them, as these hold for
// all that was submitted to the queue before.
type piece struct {
	buffer vk.CommandBuffer
	cost   time.Duration // as last measured; 0: never
}

// fitting is how many of the pieces, at least one, one submit should take. A
// piece that was never measured runs alone.
func (d *Device) fitting(pieces []*piece) int {
	if d.options.Budget == 0 {
		return len(pieces)
	}
	var total time.Duration
	for i, p := range pieces {
		total += p.cost
		if i > 0 && (p.cost == 0 || total > d.options.Budget) {
			return i
		}
		if p.cost == 0 {
			return 1
		}
	}
	return len(pieces)
}

// runPieces submits pieces together, waits, and measures.
func (d *Device) runPieces(pieces []*piece) error {
	d.list = d.list[:0]
	for _, p := range pieces {
		d.list = append(d.list, p.buffer)
	}
	start := time.Now()
	if err := d.submit(d.fence, d.list); err != nil {
		return err
	}
	if err := d.wait(d.fence, d.timeout()); err != nil {
		return err
	}
	if d.options.Budget > 0 {
		learn(pieces, time.Since(start))
	}
	return nil
}

// learn corrects the costs of pieces by the time that they took together.
func learn(pieces []*piece, took time.Duration) {
	const least = time.Microsecond // 0 means never measured
	var expected time.Duration
	for _, p := range pieces {
		expected += p.cost
	}
	for _, p := range pieces {
		share := 1.0
		if expected > 0 {
			share = float64(p.cost) / float64(expected)
		}
		p.cost = max(least, time.Duration(share*float64(took)))
	}
}
