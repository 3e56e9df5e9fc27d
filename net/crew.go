package net

import (
	"errors"
	"sync"
	"time"

	"alexnet/engine"
)

// crew runs the sequences of the places beside each other. All that this needs is
// made once: a step allocates nothing.
type crew struct {
	hands   []hand
	wait    sync.WaitGroup
	started time.Time
}

// hand runs one place's sequences.
type hand struct {
	start func() // work, in a goroutine of its own
	list  [3]*engine.Sequence
	count int
	watch *watch
	ended time.Time
	err   error
}

func newCrew(places int) *crew {
	c := &crew{hands: make([]hand, places)}
	for i := range c.hands {
		c.hands[i].start = func() {
			defer c.wait.Done()
			c.hands[i].work(i)
		}
	}
	return c
}

func (h *hand) work(place int) {
	if h.watch != nil {
		h.watch.began[place] = time.Now()
	}
	h.err = h.list[0].Device().Run(h.list[:h.count]...)
	h.ended = time.Now()
	if h.watch != nil {
		h.watch.ended[place] = h.ended
	}
}

// set gives a place its work: the sequences that fetch the batch, if it is the
// first phase, and the phase's own.
func (h *hand) set(ph *phase, place int, fetch ...*engine.Sequence) {
	h.count = copy(h.list[:], fetch)
	h.list[h.count] = ph.sequences[place]
	h.count++
	h.watch = ph.watch
}

// start begins what set gave.
func (c *crew) start() {
	c.started = time.Now()
	c.wait.Add(len(c.hands))
	if len(c.hands) == 1 {
		return // finish does it, without a goroutine
	}
	for i := range c.hands {
		go c.hands[i].start()
	}
}

// finish waits for it, and adds what each waited for the last one.
func (c *crew) finish() (waited, worked time.Duration, err error) {
	if len(c.hands) == 1 {
		c.hands[0].start()
		return 0, 0, c.hands[0].err
	}
	c.wait.Wait()
	end := time.Now()
	for i := range c.hands {
		waited += end.Sub(c.hands[i].ended)
		err = errors.Join(err, c.hands[i].err)
	}
	return waited, end.Sub(c.started) * time.Duration(len(c.hands)), err
}
