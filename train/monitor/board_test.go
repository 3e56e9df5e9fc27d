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
