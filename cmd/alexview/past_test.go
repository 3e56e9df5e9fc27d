package main

import (
	"context"
	"image"
	"image/gif"
	"os"
	"path/filepath"
	"testing"

	"alexnet/engine/enginetest"
	"alexnet/train"
	"alexnet/viewer/theme"
)

// TestLookingBack opens a run that has ended, looks back through its snapshots on the
// pages of maps, and exports its kernels.
func TestLookingBack(t *testing.T) {
	run := trained(t, filepath.Join(t.TempDir(), "run"))
	kept := train.SnapshotFiles(run)
	if len(kept) < 3 { // of step 0, the next, and the last
		t.Fatalf("snapshots %v", kept)
	}
	s, dir := newScreen(t, 1440, 900), t.TempDir()
	s.start(t, program(t), dir, run)
	wait(t, "the window is there", func() bool { return s.pixel(t, 4, 4) == theme.Dark.Surface })
	page := image.Rect(0, 170, 1168, 828)
	s.do(t, "key", "2")
	wait(t, "the newest snapshot's image", func() bool { return active(t, s) == 2 && s.pixel(t, 200, 400) != theme.Dark.Background })
	s.shoot(t, "past-end")
	s.changes(t, "the maps of the snapshot before", page, "comma")
	s.shoot(t, "past-maps")
	s.changes(t, "the maps of the first snapshot", page, "Home")
	s.do(t, "key", "4")
	wait(t, "the page of the network", func() bool { return active(t, s) == 4 })
	s.changes(t, "the faces of the next snapshot", page, "period")
	s.shoot(t, "past-network")
	s.do(t, "key", "e", "key", "Return")
	frames := 0
	wait(t, "the kernels over time", func() bool {
		paths, _ := filepath.Glob(filepath.Join(dir, "exports", "*", "kernels.gif"))
		if len(paths) == 0 {
			return false
		}
		f, err := os.Open(paths[0])
		if err != nil {
			return false
		}
		defer f.Close()
		g, err := gif.DecodeAll(f) // fails until it is all there
		if err == nil {
			frames = len(g.Image)
		}
		return err == nil
	})
	if frames != len(kept) {
		t.Errorf("%d frames of %d snapshots", frames, len(kept))
	}
}

// trained trains the demo for some steps, in this process and without a window, and
// returns the run's folder. Without snapshots there are no maps without the network.
func trained(t *testing.T, dir string, set ...string) string {
	t.Helper()
	c, err := train.LoadConfig("demo", append([]string{"data.train_images=640", "data.val_images=40", "data.batch=8", "solver.max_epochs=0", "solver.max_steps=20", "snapshots.every=5"}, set...)...)
	if err != nil {
		t.Fatal(err)
	}
	sets, err := train.OpenSets(c, "")
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.Start(context.Background(), c, sets, enginetest.Open(t, "1"), train.StartOptions{Run: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if err := tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	return dir
}
