package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"alexnet/cmd/internal/launch"
	"alexnet/net"
	"alexnet/train/monitor"
)

// TestBeginFails: a run that cannot begin says why in the window, and does not go on
// without one.
func TestBeginFails(t *testing.T) {
	flags := launch.Flags{Data: filepath.Join(t.TempDir(), "gone"), Run: filepath.Join(t.TempDir(), "run")}
	for _, class := range []string{"cat", "dog"} {
		folder := filepath.Join(flags.Data, class)
		if err := errors.Join(os.MkdirAll(folder, 0o755), os.WriteFile(filepath.Join(folder, "1.png"), nil, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	config, err := flags.Config("demo")
	if err = errors.Join(err, os.RemoveAll(flags.Data)); err != nil { // between the form and the run
		t.Fatal(err)
	}
	all := &sessions{ctx: context.Background(), shown: make(chan struct{})}
	one := all.begin(flags, config, nil)
	if state := one.Latest().State; state != monitor.Preparing {
		t.Errorf("state %d before the window is shown", state)
	}
	close(all.shown)
	<-one.done
	s := one.Latest()
	want := "There is no folder " + flags.Data + "; check --data (data.dir in the recipe)."
	if s.State != monitor.Failed || len(s.Notices) != 1 || s.Notices[0].Text != want {
		t.Errorf("state %d, it says %+v", s.State, s.Notices)
	}
	all.detach()
	if one.detached.Load() {
		t.Error("what has ended goes on without a window")
	}
	if err := all.end(); err == nil {
		t.Error("the program does not end with the error")
	}
}

// TestTuning: that later runs remember the choice of kernels is said where they do.
func TestTuning(t *testing.T) {
	for _, c := range []struct {
		lost         error
		reason, said string
	}{
		{nil, "choosing kernels: layer 2 of 5 (later runs remember them)", ""},
		{errors.New("nowhere"), "choosing kernels: layer 2 of 5", "warning: nowhere"},
	} {
		first, said := monitor.Snapshot{}, ""
		s := &session{Board: monitor.NewBoard(&first), first: &first}
		ctx, stop := context.WithCancel(context.Background())
		tuning := s.tuning(ctx, func(text string) { said += text })
		for range 2 {
			if err := tuning(net.Choosing{Number: 2, Layers: 5, Lost: c.lost}); err != nil {
				t.Error(err)
			}
		}
		if got := s.Latest().Reason; got != c.reason || said != c.said {
			t.Errorf("it shows %q and says %q, want %q and %q", got, said, c.reason, c.said)
		}
		if stop(); tuning(net.Choosing{}) == nil {
			t.Error("it goes on behind the end")
		}
	}
}

// TestGoesOn: that a run goes on without a window is said of what does.
func TestGoesOn(t *testing.T) {
	stop := monitor.Command{Verb: monitor.Stop}
	card := func(no monitor.Command) *monitor.Card { return &monitor.Card{No: monitor.Choice{Command: no}} }
	for _, c := range []struct {
		name string
		now  monitor.Snapshot
		want bool
	}{
		{"it trains", monitor.Snapshot{State: monitor.Training}, true},
		{"it prepares", monitor.Snapshot{State: monitor.Preparing}, true},
		{"it is paused", monitor.Snapshot{State: monitor.Paused}, true},
		{"it asks and goes on meanwhile", monitor.Snapshot{State: monitor.Training, Card: card(monitor.Command{Verb: monitor.Answer})}, true},
		{"it asks whether to end", monitor.Snapshot{State: monitor.Paused, Card: card(stop)}, false},
		{"it was told to stop", monitor.Snapshot{State: monitor.Training, Pending: []monitor.Command{{Verb: monitor.Save}, stop}}, false},
		{"it has ended", monitor.Snapshot{State: monitor.Stopped}, false},
	} {
		ctx, interrupt := context.WithCancel(context.Background())
		one := &session{Board: monitor.NewBoard(&c.now)}
		all := &sessions{ctx: ctx, all: []*session{one}}
		if all.detach(); one.detached.Load() != c.want {
			t.Errorf("%s: goes on %t, want %t", c.name, one.detached.Load(), c.want)
		}
		interrupt()
		if all.detach(); one.detached.Load() {
			t.Errorf("%s: goes on behind Ctrl-C", c.name)
		}
	}
}

// TestEndNobodyLooks: what goes on without a window hears that nobody looks, or it would
// stay paused.
func TestEndNobodyLooks(t *testing.T) {
	_, cancel := context.WithCancel(context.Background())
	one := &session{Board: monitor.NewBoard(&monitor.Snapshot{State: monitor.Paused}), cancel: cancel, leave: cancel, done: make(chan struct{})}
	go func() {
		defer close(one.done)
		for !one.Closed() {
			<-one.Turned()
		}
	}()
	all := &sessions{ctx: context.Background(), all: []*session{one}}
	all.detach()
	if err := all.end(); err != nil || !one.detached.Load() {
		t.Errorf("it ends with %v, detached %t", err, one.detached.Load())
	}
}
