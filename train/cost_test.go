package train

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"alexnet/train/monitor"
)

// What watching costs is measured and told; only many times what is promised fails,
// as a look that other programs interrupt lasts.
func TestWatchingCosts(t *testing.T) {
	if testing.Short() {
		t.Skip("measures")
	}
	for _, w := range []monitor.Watch{{Kernels: true}, {Kernels: true, Patches: true}, {Maps: true, Layer: "conv1"}, {Layers: true}, {Timeline: true}} {
		tr, err := start(t, tinyConfig(t, "solver.max_steps=0", "solver.max_minutes=0.1", "validate.every=100000", "checkpoint.every=0"), filepath.Join(t.TempDir(), "run"), false, devices(t, "2"), nil)
		if err != nil {
			t.Fatal(err)
		}
		tr.Board = monitor.NewBoard(&monitor.Snapshot{})
		tr.Board.Watch(w)
		began := time.Now()
		if err := tr.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		tr.Close()
		share := tr.live.spent.Seconds() / time.Since(began).Seconds()
		t.Logf("%+v: %d looks in %d steps, %.2f %% of the time", w, tr.live.looked, tr.Step(), 100*share)
		if share > 0.3 || tr.live.looked < 1 { // one look of a busy machine may be all that it may cost
			t.Errorf("%+v: %.1f %% of the time", w, 100*share)
		}
	}
}

// So is what snapshots cost.
func TestSnapshotsCost(t *testing.T) {
	if testing.Short() {
		t.Skip("measures")
	}
	tr, err := start(t, tinyConfig(t, "solver.max_steps=0", "solver.max_minutes=0.1", "validate.every=100000", "checkpoint.every=0", "snapshots.every=1"), filepath.Join(t.TempDir(), "run"), false, devices(t, "2"), nil)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	tr.Close()
	share := tr.kept.spent.Seconds() / time.Since(began).Seconds()
	t.Logf("%d snapshots in %d steps, %.2f %% of the time", tr.kept.written, tr.Step(), 100*share)
	if share > 0.3 || tr.kept.written < 2 {
		t.Errorf("%d snapshots took %.1f %% of the time", tr.kept.written, 100*share)
	}
}
