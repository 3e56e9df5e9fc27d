package main

import (
	"context"
	"strings"
	"sync"
	"time"

	"alexnet/engine"
	"alexnet/train"
	"alexnet/train/follow"
	"alexnet/train/monitor"
)

// watched is a run that another process trains, or that is over. The window reads its
// board: what is found in the run's folder, and, once it has asked for that, what a
// copy of the network makes of images.
type watched struct {
	*monitor.Board
	run  *follow.Follower
	path string
	open func(columns int) ([]*engine.Device, error)

	cancel context.CancelFunc
	asked  chan struct{} // has a token when a copy is asked for
	found  chan struct{} // has one when the folder has something new
	done   chan struct{}

	mu      sync.Mutex // held for moments, of the rest
	copy    monitor.Copy
	maps    *monitor.Maps
	faces   *monitor.Faces
	patches *monitor.Patches

	seen     monitor.Watch // by the copy, at its last look
	seenStep int
	due      time.Time // of the next look, while the run trains
}

// watch begins to follow the run in a folder.
func watch(ctx context.Context, path string, open func(columns int) ([]*engine.Device, error)) (*watched, error) {
	f, err := follow.Open(path)
	if err != nil {
		return nil, err
	}
	w := &watched{run: f, path: path, open: open, asked: make(chan struct{}, 1), found: make(chan struct{}, 1), done: make(chan struct{}), copy: monitor.Copy{Step: -1}}
	w.Board = monitor.NewBoard(w.snapshot())
	ctx, w.cancel = context.WithCancel(ctx)
	go w.follow(ctx)
	go w.look(ctx)
	return w, nil
}

// Close ends the watching; wait waits for the end.
func (w *watched) Close() error {
	w.cancel()
	return w.run.Close()
}

func (w *watched) wait() { <-w.done }

// Send takes the wish for a copy; there is nothing else that the run could obey.
func (w *watched) Send(c monitor.Command) error {
	if c.Verb != monitor.Load {
		return w.Board.Send(c)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.copy.Loading && w.copy.Step < 0 {
		w.copy = monitor.Copy{Step: -1, Loading: true, Text: "Loading the network."}
		w.asked <- struct{}{} // there is room: the last wish was taken, or its loading would not have ended
		w.show()
	}
	return nil
}

// snapshot is what is found, with what the copy makes of images. mu is held.
func (w *watched) snapshot() *monitor.Snapshot {
	s, c := *w.run.Latest(), w.copy
	s.Copy, s.Maps, s.Faces, s.Patches = &c, w.maps, w.faces, w.patches
	return &s
}

// show publishes it. mu is held: what was seen first is shown first.
func (w *watched) show() { w.Publish(w.snapshot()) }

// follow shows what is found in the folder.
func (w *watched) follow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.run.Changed():
		}
		w.mu.Lock()
		w.show()
		w.mu.Unlock()
		select {
		case w.found <- struct{}{}:
		default:
		}
	}
}

// tell shows what becomes of the copy.
func (w *watched) tell(c monitor.Copy) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.copy = c
	w.show()
}

// look makes the copy when it is asked for and looks at what is watched.
func (w *watched) look(ctx context.Context) {
	defer close(w.done)
	var c *train.Copy
	defer func() {
		if c != nil {
			c.Close()
		}
	}()
	later := time.NewTimer(time.Hour)
	defer later.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-w.asked:
			c, err = train.LoadCopy(ctx, w.path, w.open, func(text string) { w.tell(monitor.Copy{Step: -1, Loading: true, Text: text}) })
		case <-w.found:
		case <-w.Turned():
		case <-later.C:
		}
		if err == nil && c != nil {
			if wait := w.waits(w.run.Latest().State, time.Now()); wait > 0 {
				later.Reset(wait)
				continue
			}
			err = w.lookPaced(c)
		}
		if err != nil && ctx.Err() == nil {
			w.tell(monitor.Copy{Step: -1, Failed: true, Text: "The network cannot be loaded here: " + reason(err) + "."})
			if c != nil {
				c.Close()
				c, w.seen = nil, monitor.Watch{}
			}
		}
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
func (w *watched) waits(s monitor.State, now time.Time) time.Duration {
	watch := w.Watched()
	if s != monitor.Training && s != monitor.Validating || watch != w.seen && !watch.NextFrame(w.seen) {
		return 0
	}
	return max(0, w.due.Sub(now))
}

// lookPaced takes in a newer checkpoint, looks, and puts the next look off.
func (w *watched) lookPaced(c *train.Copy) error {
	began := time.Now()
	_, err := c.Renew()
	if err == nil {
		err = w.lookAt(c)
	}
	end := time.Now()
	if due := end.Add(train.LookShare * end.Sub(began)); due.After(w.due) {
		w.due = due
	}
	return err
}

// lookAt looks at what is watched, if that or the checkpoint has changed.
func (w *watched) lookAt(c *train.Copy) error {
	now := w.Watched()
	if now.Hidden || now == w.seen && c.Step == w.seenStep {
		return nil
	}
	w.mu.Lock()
	maps, faces, patches := w.maps, w.faces, w.patches
	w.mu.Unlock()
	if now.Maps || now.Faces {
		m, f, err := c.Look(now, c.Step)
		if err != nil {
			return err
		}
		maps = m
		if f != nil {
			faces = f
		}
	}
	if now.Patches && (patches == nil || patches.Step != c.Step) {
		var err error
		if patches, err = c.Patches(c.Step); err != nil {
			return err
		}
	}
	w.seen, w.seenStep = now, c.Step
	w.mu.Lock()
	defer w.mu.Unlock()
	w.copy = monitor.Copy{Step: c.Step}
	w.maps, w.faces, w.patches = maps, faces, patches
	w.show()
	return nil
}
