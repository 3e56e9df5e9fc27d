package monitor

import (
	"errors"
	"sync"
	"testing"
)

func TestBoardNeverWaits(t *testing.T) {
	b := NewBoard(&Snapshot{})
	for i := range 100 { // nobody reads
		b.Publish(&Snapshot{Step: i})
	}
	if got := b.Latest().Step; got != 99 {
		t.Errorf("the newest snapshot is of step %d, want 99", got)
	}
	<-b.Changed()
	select {
	case <-b.Changed():
		t.Error("two tokens for one look")
	default:
	}
	for range waiting {
		if err := b.Send(Command{Verb: StepOnce}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Send(Command{Verb: Pause}); !errors.Is(err, ErrBusy) {
		t.Errorf("one command too many gave %v, want ErrBusy", err)
	}
	if c := <-b.Commands(); c.Verb != StepOnce {
		t.Errorf("first command %v, want StepOnce", c.Verb)
	}
	if err := b.Send(Command{Verb: Pause}); err != nil {
		t.Errorf("a command after one was obeyed: %v", err)
	}
}

func TestBoardWatchOnly(t *testing.T) {
	b := NewBoard(&Snapshot{WatchOnly: "This run can only be watched."})
	if err := b.Send(Command{Verb: Pause}); err == nil || err.Error() != "This run can only be watched." {
		t.Errorf("a command to a watched run gave %v", err)
	}
	select {
	case c := <-b.Commands():
		t.Errorf("command %v got through", c)
	default:
	}
}

// TestBoardTogether is for the race detector: histories share memory with later
// ones.
func TestBoardTogether(t *testing.T) {
	b := NewBoard(&Snapshot{})
	var readers sync.WaitGroup
	done := make(chan struct{})
	readers.Go(func() {
		for {
			for i, p := range b.Latest().Points {
				if p.Step != i {
					t.Errorf("point %d is of step %d", i, p.Step)
				}
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	var points []Point
	for i := range 1000 {
		points = append(points, Point{Step: i})
		b.Publish(&Snapshot{Points: points})
	}
	close(done)
	readers.Wait()
}

func TestColourShare(t *testing.T) {
	if got := (ColumnFigures{Luminance: 3, Chroma: 1}).ColourShare(); got != 0.25 {
		t.Errorf("colour share %g, want 0.25", got)
	}
	if got := (ColumnFigures{}).ColourShare(); got != 0 {
		t.Errorf("colour share of nothing %g, want 0", got)
	}
}

// A command is shown as waiting until it is obeyed, also by snapshots published
// meanwhile; one that can never be obeyed is refused with a sentence.
func TestBoardPending(t *testing.T) {
	b := NewBoard(&Snapshot{Solver: Solver{Dropout: 0.5}})
	for _, c := range []struct {
		c    Command
		want string
	}{
		{Command{Verb: SetRate, Value: 0}, "Rate must be between 0.0000001 and 10."},
		{Command{Verb: SetMomentum, Value: 1}, "Momentum must be between 0 and 0.9999."},
		{Command{Verb: SetDecay, Value: -1}, "Weight decay must be between 0 and 1."},
		{Command{Verb: SetDropout, Value: 0.3}, "Dropout must be 0.5, or 0 to switch it off."},
	} {
		if err := b.Send(c.c); err == nil || err.Error() != c.want {
			t.Errorf("%+v gave %v, want %q", c.c, err, c.want)
		}
	}
	before := b.Latest()
	if err := b.Send(Command{Verb: SetRate, Value: 0.1}); err != nil {
		t.Fatal(err)
	}
	b.Publish(&Snapshot{Step: 1})
	if s := b.Latest(); s.Step != 1 || len(s.Pending) != 1 || s.Pending[0].Value != 0.1 || len(before.Pending) != 0 || !s.Awaits(SetRate) || s.Awaits(Stop) {
		t.Errorf("waiting: %+v, before %+v", s.Pending, before.Pending)
	}
	<-b.Commands()
	b.Obeyed()
	b.Publish(&Snapshot{Step: 2})
	if s := b.Latest(); len(s.Pending) != 0 || s.Awaits(SetRate) {
		t.Errorf("obeyed and still waiting: %+v", s.Pending)
	}
}
