package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"alexnet/train/data"
	"alexnet/train/monitor"
)

// A run that is stopped and cannot write its checkpoint says so, and not that it is kept.
func TestStopThatCannotKeep(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	tr, err := start(t, tinyConfig(t), dir, false, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	ctx, stop := context.WithCancel(context.Background())
	tr.OnProgress = func(p Progress) {
		if p.Step != 5 {
			return
		}
		if err := os.RemoveAll(filepath.Join(dir, "checkpoints")); err != nil {
			t.Error(err)
		}
		os.WriteFile(filepath.Join(dir, "checkpoints"), nil, 0o644)
		stop()
	}
	if err := tr.Run(ctx); err == nil || errors.Is(err, ErrStopped) || !strings.Contains(err.Error(), "which is not kept: ") {
		t.Errorf("it ends with %v", err)
	}
}

// A paused run goes on when nobody is left who could resume it.
func TestPausedWithoutAWindow(t *testing.T) {
	tr, err := steered(t, tinyConfig(t), filepath.Join(t.TempDir(), "run"), func(tr *Trainer, step int) {
		if step == 4 {
			send(t, tr, monitor.Pause, 0)
			tr.Board.Close()
		}
	})
	if err != nil || tr.Step() != 12 {
		t.Errorf("it ends behind step %d with %v", tr.Step(), err)
	}
}

// How often a run is stopped makes no difference to the plateau rule: validations that a
// start ends with do not count.
func TestPlateauCountsNoEnds(t *testing.T) {
	c := func(steps string) *Config {
		return tinyConfig(t, "solver.max_steps="+steps, "solver.schedule=plateau", "solver.patience=2", "solver.drops=5", "validate.every=3", "solver.rate=0.0000001")
	}
	whole, parts := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "parts")
	want := run(t, c("14"), whole, false, devices(t, "1")).Schedule
	run(t, c("7"), parts, false, devices(t, "1"))
	run(t, c("11"), parts, true, devices(t, "1"))
	got := run(t, c("14"), parts, true, devices(t, "1")).Schedule
	if got.Drops != want.Drops || got.Since != want.Since || got.Best != want.Best || got.Finished != want.Finished {
		t.Errorf("in parts %+v, at once %+v", got, want)
	}
}

// A run's log ends in how it was left, whatever has ended it, until it goes on.
func TestLogTellsTheEnd(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	ends := func(want string) {
		t.Helper()
		log := read(t, dir, "log.jsonl")
		if !strings.HasSuffix(log, want+"\n") || strings.Count(log, `"kind":"end"`) != 1 {
			t.Errorf("the log ends in %q, want %s", log[max(0, len(log)-200):], want)
		}
	}
	rule := []string{"solver.schedule=plateau", "solver.patience=1", "solver.drops=0", "solver.rate=1e-12", "solver.max_steps=1000", "validate.every=2"}
	run(t, tinyConfig(t, rule...), dir, false, devices(t, "1"))
	ends(`{"kind":"end","step":4,"finished":true}`)
	for _, trains := range []bool{false, true} { // it is over
		tr, err := start(t, tinyConfig(t, rule...), dir, true, devices(t, "1"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if trains {
			err = tr.Run(context.Background())
		}
		if tr.Close(); err != nil {
			t.Error(err)
		}
		ends(`{"kind":"end","step":4,"finished":true}`)
	}
	run(t, tinyConfig(t, "solver.max_steps=7"), dir, true, devices(t, "1"))
	ends(`{"kind":"end","step":7,"finished":true}`)
	tr, err := start(t, tinyConfig(t, "solver.max_steps=20"), dir, true, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if log := read(t, dir, "log.jsonl"); strings.Contains(log, `"kind":"end"`) {
		t.Errorf("the log of a run that goes on has ended: %q", log)
	}
	ctx, stop := context.WithCancel(context.Background())
	tr.OnProgress = func(Progress) { stop() }
	if err := tr.Run(ctx); !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	ends(fmt.Sprintf(`{"kind":"end","step":%d,"finished":false}`, tr.Step()))
}

// fading is a set whose images cannot be read any more at some time.
type fading struct {
	data.Set
	gone *atomic.Bool
}

func (f fading) Pixels(i int, dst []byte) error {
	if f.gone.Load() {
		return errors.New("the share is gone")
	}
	return f.Set.Pixels(i, dst)
}

// A run whose images are gone keeps the steps that it could train.
func TestLostImagesKeepTheSteps(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	tr, err := start(t, tinyConfig(t, "solver.max_steps=1000", "checkpoint.every=0", "validate.every=1000", "data.max_bad=0"), dir, false, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	var gone atomic.Bool
	tr.Sets.Train = fading{tr.Sets.Train, &gone}
	tr.OnProgress = func(p Progress) {
		if p.Step == 6 {
			gone.Store(true)
		}
	}
	err = tr.Run(context.Background())
	if err == nil || !strings.Contains(err.Error(), "the share is gone") {
		t.Errorf("it ends with %v", err)
	}
	files := checkpoints(tr.Dir.Checkpoints())
	if len(files) == 0 {
		t.Fatal("nothing is kept")
	}
	if step, err := StepOf(files[0]); step != tr.Step() || step < 6 || err != nil {
		t.Errorf("step %d is kept of %d (%v)", step, tr.Step(), err)
	}
}
