package main

import (
	"context"

	"alexnet/engine"
	"alexnet/train/follow"
	"alexnet/train/monitor"
)

// watched is a run that another process trains, or that is over. The window reads its
// board: what is found in the run's folder, and, once it has asked for that, what a
// copy of the network makes of images.
type watched struct {
	*monitor.Board
	run    *follow.Follower
	copies *copies
	cancel context.CancelFunc
}

// watch begins to follow the run in a folder.
func watch(ctx context.Context, path string, open func(columns int) ([]*engine.Device, error)) (*watched, error) {
	f, err := follow.Open(path)
	if err != nil {
		return nil, err
	}
	w := &watched{Board: monitor.NewBoard(f.Latest()), run: f}
	w.copies = newCopies(w.Board, path, open, f.Latest)
	ctx, w.cancel = context.WithCancel(ctx)
	go w.follow(ctx)
	go w.copies.look(ctx)
	return w, nil
}

// Close ends the watching; wait waits for the end, as that of copies does.
func (w *watched) Close() error {
	w.cancel()
	return w.run.Close()
}

func (w *watched) wait(until <-chan struct{}) { w.copies.wait(until) }

// ended says whether there is nothing to wait for.
func (w *watched) ended() bool {
	select {
	case <-w.copies.done:
		return true
	default:
		return false
	}
}

// Send takes the wish for a copy, and that the process that trains the run stops; there is
// nothing else that the run could obey.
func (w *watched) Send(c monitor.Command) error {
	switch c.Verb {
	case monitor.Load:
		w.copies.ask()
		return nil
	case monitor.Stop:
		return w.run.Stop()
	}
	return w.Board.Send(c)
}

// follow shows what is found in the folder.
func (w *watched) follow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.run.Changed():
			w.copies.renew()
		}
	}
}
