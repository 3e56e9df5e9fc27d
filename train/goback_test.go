package train

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"alexnet/net"
	"alexnet/train/monitor"
)

// TestGoBack: a run whose numbers exploded goes back to its checkpoint when asked to,
// and its journal leads past there to the same bits.
func TestGoBack(t *testing.T) {
	dirs := t.TempDir()
	first := filepath.Join(dirs, "first")
	c := func() *Config { return tinyConfig(t, "checkpoint.every=3", "solver.max_steps=9", "snapshots.every=1") }
	back := func(tr *Trainer) error {
		tr.Board = monitor.NewBoard(&monitor.Snapshot{})
		spoiled := false
		tr.clock = still
		tr.OnProgress = func(p Progress) {
			if kept, shown := snapshotSteps(tr.Dir.Path), tr.live.pasts; spoiled && p.Step == 4 && (!slices.Equal(kept, []int{0, 1, 2, 3}) || len(shown) != 4) {
				t.Errorf("behind the way back to step 3 there are snapshots of steps %v, %d are shown", kept, len(shown))
			}
			if p.Step != 5 || spoiled {
				return
			}
			spoiled = true
			for tr.Net.InFlight() > 0 {
				tr.Net.Await()
			}
			tr.flying = nil
			values := make([]float32, tr.Net.Params[2].Count())
			values[3] = float32(math.NaN())
			if err := tr.Net.Write(tr.Net.Params[2], net.Value, values); err != nil {
				t.Error(err)
			}
		}
		done := make(chan error)
		go func() { done <- tr.Run(context.Background()) }()
		for {
			select {
			case err := <-done:
				return err
			case <-tr.Board.Changed():
			}
			s := tr.Board.Latest()
			if s.Card == nil {
				continue
			}
			if !s.Card.Error || !strings.Contains(s.Card.Text, "step 3 ") || !strings.Contains(s.Card.Text, "fc2") || s.State != monitor.Paused {
				t.Errorf("%v: %+v", s.State, s.Card)
			}
			tr.Board.Send(monitor.Command{Verb: monitor.Pause})
			tr.Board.Send(s.Card.Yes.Command)
			for tr.Board.Latest().Card != nil {
				time.Sleep(time.Millisecond)
			}
		}
	}
	tr, err := start(t, c(), first, false, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := back(tr); err != nil {
		t.Fatal(err)
	}
	tr.Close()
	s := tr.Board.Latest()
	if s.State != monitor.Finished || s.Step != 9 || len(s.Points) != 9 {
		t.Errorf("%v at step %d with %d points", s.State, s.Step, len(s.Points))
	}
	var keys []string
	for _, e := range journalOf(t, first) {
		keys = append(keys, fmt.Sprint(e.Step, e.Key))
	}
	if got := strings.Join(keys, " "); got != "3back 3rate_scale" {
		t.Errorf("journal %q", got)
	}
	again := filepath.Join(dirs, "again")
	sets, err := OpenSets(c(), "")
	if err != nil {
		t.Fatal(err)
	}
	replayed, err := Start(context.Background(), c(), sets, devices(t, "1"), StartOptions{Run: again, Journal: first})
	if err != nil {
		t.Fatal(err)
	}
	defer replayed.Close()
	if err := replayed.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if read(t, first, "checkpoints", checkpointName(9)) != read(t, again, "checkpoints", checkpointName(9)) {
		t.Error("a replay of the journal ends elsewhere")
	}
}

// TestNobodyAnswers: a run whose window is closed ends when its numbers explode.
func TestNobodyAnswers(t *testing.T) {
	tr, err := start(t, tinyConfig(t, "checkpoint.every=1", "solver.rate=1e30", "solver.decay=1e20"), filepath.Join(t.TempDir(), "run"), false, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if err := tr.save(); err != nil {
		t.Fatal(err)
	}
	tr.Board = monitor.NewBoard(&monitor.Snapshot{})
	tr.Board.Close()
	wants(t, tr.Run(context.Background()), "NaN or Inf", "--resume")
	if s := tr.Board.Latest(); s.State != monitor.Failed || s.Card != nil {
		t.Errorf("%v with card %v", s.State, s.Card)
	}
}
