package main

import (
	"context"
	"strings"
	"sync"
	"time"

	"alexnet/engine"
	"alexnet/train"
	"alexnet/train/monitor"
)

// copies looks at images for a run that this process does not train, or no longer: by
// a copy of its network, once that is asked for.
type copies struct {
	board *monitor.Board // of the run: says what is watched and shows what is seen
	path  string
	open  func(columns int) ([]*engine.Device, error)
	rest  func() *monitor.Snapshot // what else is known of the run

	asked chan struct{} // has a token when a copy is asked for
	found chan struct{} // has one when the folder has something new
	done  chan struct{}

	mu      sync.Mutex // held for moments, of the rest
	copy    monitor.Copy
	maps    *monitor.Maps
	faces   *monitor.Faces
	patches *monitor.Patches

	seen     monitor.Watch // by the copy, at its last look
	seenStep int
	due      time.Time // of the next look, while the run trains
}

// newCopies shows on the board that a copy can be had. look makes it.
func newCopies(board *monitor.Board, path string, open func(columns int) ([]*engine.Device, error), rest func() *monitor.Snapshot) *copies {
	c := &copies{
		board: board, path: path, open: open, rest: rest, copy: monitor.Copy{Step: -1},
		asked: make(chan struct{}, 1), found: make(chan struct{}, 1), done: make(chan struct{}),
	}
	c.show()
	return c
}

// ask asks for a copy, if there is none.
func (c *copies) ask() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.copy.Loading && c.copy.Step < 0 {
		c.copy = monitor.Copy{Step: -1, Loading: true, Text: "Loading the network."}
		c.asked <- struct{}{} // there is room: the last wish was taken, or its loading would not have ended
		c.show()
	}
}

// renew shows what is new in the folder. It may be a checkpoint.
func (c *copies) renew() {
	c.mu.Lock()
	c.show()
	c.mu.Unlock()
	select {
	case c.found <- struct{}{}:
	default:
	}
}

// show publishes what is known, with what the copy makes of images. mu is held: what
// was seen first is shown first.
func (c *copies) show() {
	s, state := *c.rest(), c.copy
	s.Copy = &state
	if c.maps != nil {
		s.Maps = c.maps
	}
	if c.faces != nil {
		s.Faces = c.faces
	}
	if c.patches != nil {
		s.Patches = c.patches
	}
	c.board.Publish(&s)
}

// tell shows what becomes of the copy.
func (c *copies) tell(state monitor.Copy) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.copy = state
	c.show()
}

// look makes the copy when it is asked for and looks at what is watched.
func (c *copies) look(ctx context.Context) {
	defer close(c.done)
	var made *train.Copy
	defer func() {
		if made != nil {
			made.Close()
		}
	}()
	later := time.NewTimer(time.Hour)
	defer later.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-c.asked:
			made, err = train.LoadCopy(ctx, c.path, c.open, func(text string) { c.tell(monitor.Copy{Step: -1, Loading: true, Text: text}) })
		case <-c.found:
		case <-c.board.Turned():
		case <-later.C:
		}
		if err == nil && made != nil {
			if wait := c.waits(c.rest().State, time.Now()); wait > 0 {
				later.Reset(wait)
				continue
			}
			err = c.lookPaced(made)
		}
		if err != nil && ctx.Err() == nil {
			c.tell(monitor.Copy{Step: -1, Failed: true, Text: "The network cannot be loaded here: " + reason(err) + "."})
			if made != nil {
				made.Close()
				made, c.seen = nil, monitor.Watch{}
			}
		}
	}
}

// wait waits for the end of the looking, but not for ever: what is read may lie on a server
// that does not answer.
func (c *copies) wait(until <-chan struct{}) {
	select {
	case <-c.done:
	case <-until:
	}
}

// reason is an error without the names of packages before it, for a sentence.
func reason(err error) string {
	text := err.Error()
	for _, p := range []string{"train: ", "engine: ", "net: "} {
		text = strings.TrimPrefix(text, p)
	}
	return strings.TrimSuffix(text, ".")
}

// waits is for how long a look has to wait: beside a training, that the devices may be
// busy with, looks that nobody has just asked for take no more than a trainer's own.
func (c *copies) waits(s monitor.State, now time.Time) time.Duration {
	watch := c.board.Watched()
	if s != monitor.Training && s != monitor.Validating || watch != c.seen && !watch.NextFrame(c.seen) {
		return 0
	}
	return max(0, c.due.Sub(now))
}

// lookPaced takes in a newer checkpoint, looks, and puts the next look off.
func (c *copies) lookPaced(made *train.Copy) error {
	began := time.Now()
	_, err := made.Renew()
	if err == nil {
		err = c.lookAt(made)
	}
	end := time.Now()
	if due := end.Add(train.LookShare * end.Sub(began)); due.After(c.due) {
		c.due = due
	}
	return err
}

// lookAt looks at what is watched, if that or the checkpoint has changed.
func (c *copies) lookAt(made *train.Copy) error {
	now := c.board.Watched()
	if now.Hidden || now == c.seen && made.Step == c.seenStep {
		return nil
	}
	c.mu.Lock()
	maps, faces, patches := c.maps, c.faces, c.patches
	c.mu.Unlock()
	if now.Maps || now.Faces {
		m, f, err := made.Look(now, made.Step)
		if err != nil {
			return err
		}
		maps = m
		if f != nil {
			faces = f
		}
	}
	if now.Patches && (patches == nil || patches.Step != made.Step) {
		var err error
		if patches, err = made.Patches(made.Step); err != nil {
			return err
		}
	}
	c.seen, c.seenStep = now, made.Step
	c.mu.Lock()
	defer c.mu.Unlock()
	c.copy = monitor.Copy{Step: made.Step}
	c.maps, c.faces, c.patches = maps, faces, patches
	c.show()
	return nil
}
