package main

import (
	"context"
	"errors"
	"image"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"alexnet/engine"
	"alexnet/train/follow"
	"alexnet/train/monitor"
	"alexnet/viewer/theme"
)

// TestCopyInTheWindow opens a finished run, loads its network and looks at validation
// images, patches, faces and a file that was brought.
func TestCopyInTheWindow(t *testing.T) {
	run := trained(t, filepath.Join(t.TempDir(), "run"), "solver.max_steps=30", "snapshots.every=0")
	folder, _ := film(t, 3)
	s := newScreen(t, 1440, 900)
	c, out := s.start(t, program(t), t.TempDir(), run)
	wait(t, "the window is there", func() bool { return s.pixel(t, 4, 4) == theme.Dark.Surface })
	s.shoot(t, "copy-kernels-before")
	s.do(t, "key", "4")
	wait(t, "the page of the network", func() bool { return active(t, s) == 4 })
	s.shoot(t, "copy-network-before")
	s.do(t, "key", "2")
	wait(t, "the offer", func() bool { return s.pixel(t, 480, 520) == theme.Dark.Text })
	s.shoot(t, "copy-offer")
	s.do(t, "key", "Return")
	maps := func() bool {
		return s.pixel(t, 457, 190) == theme.Dark.Column(0) && s.pixel(t, 480, 520) != theme.Dark.Text
	}
	took := wait(t, "maps", maps)
	t.Logf("loaded after %v", took)
	s.shoot(t, "copy-maps")
	photo := image.Rect(16, 176, 432, 592)
	before := s.sum(t, photo)
	s.do(t, "key", "Right")
	took = wait(t, "another image", func() bool { return s.sum(t, photo) != before })
	t.Logf("another image after %v", took)
	before = s.sum(t, photo)
	s.openPath(t, filepath.Join(folder, "frame2.png"), 2)
	wait(t, "a file", func() bool { return s.sum(t, photo) != before })
	s.shoot(t, "copy-file")
	s.do(t, "mousemove", "700", "40", "key", "4")
	wait(t, "the page of the network", func() bool { return active(t, s) == 4 })
	s.shoot(t, "copy-network")
	s.do(t, "key", "1")
	wait(t, "the page of the kernels", func() bool { return active(t, s) == 1 })
	wait(t, "patches", func() bool {
		at := s.picture(t)
		colours := map[[3]uint8]bool{}
		for x := 366; x < 400; x++ {
			p := at.RGBAAt(x, 740)
			colours[[3]uint8{p.R, p.G, p.B}] = true
		}
		return len(colours) > 4
	})
	s.shoot(t, "copy-kernels")
	s.do(t, "key", "ctrl+q")
	if err := c.Wait(); err != nil || out.Len() > 0 {
		t.Errorf("closed: %v, and it says %q", err, out)
	}
}

// boardSays waits until a watched run shows something.
func boardSays(t *testing.T, w *watched, what string, so func(*monitor.Snapshot) bool) *monitor.Snapshot {
	t.Helper()
	var s *monitor.Snapshot
	wait(t, what, func() bool { s = w.Latest(); return so(s) })
	return s
}

// A copy that cannot be made is a sentence, and can be asked for again; what the
// folder tells is shown all the same.
func TestNoCopy(t *testing.T) {
	w, err := watch(context.Background(), makeRun(t, filepath.Join(t.TempDir(), "run"), 100), func(int) ([]*engine.Device, error) {
		return nil, errors.New("engine: no Vulkan driver")
	})
	if err != nil {
		t.Fatal(err)
	}
	boardSays(t, w, "the log", func(s *monitor.Snapshot) bool { return s.Step == 100 && len(s.Kernels) == 2 })
	if s := w.Latest(); s.Copy == nil || s.Copy.Step >= 0 || s.Copy.Loading || s.Maps != nil {
		t.Errorf("unasked: %+v", s.Copy)
	}
	if err := w.Send(monitor.Command{Verb: monitor.Pause}); err == nil {
		t.Error("a run of another process was paused")
	}
	for range 2 {
		if err := w.Send(monitor.Command{Verb: monitor.Load}); err != nil {
			t.Fatal(err)
		}
		s := boardSays(t, w, "why there is none", func(s *monitor.Snapshot) bool { return !s.Copy.Loading })
		if !s.Copy.Failed || !strings.HasPrefix(s.Copy.Text, "The network cannot be loaded here: ") || strings.Contains(s.Copy.Text, "train: ") || s.Step != 100 {
			t.Errorf("it says %+v", s.Copy)
		}
	}
	began := time.Now()
	w.Close()
	w.wait(t.Context().Done())
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("closing took %v", took)
	}
}

// TestClosedIsForgotten: of runs that are looked at no more nothing is kept: a log and its
// kernels are large.
func TestClosedIsForgotten(t *testing.T) {
	run, s := makeRun(t, filepath.Join(t.TempDir(), "run"), 10), together()
	see := func() *watched {
		w, err := watch(s.ctx, run, bestDevices)
		if err != nil {
			t.Fatal(err)
		}
		return s.see(w)
	}
	open := see()
	for range 4 {
		w := see()
		w.Close()
		w.wait(t.Context().Done())
	}
	if last := see(); !slices.Equal(s.seen, []*watched{open, last}) {
		t.Errorf("%d runs are kept, want the two that are open", len(s.seen))
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// What is watched while the copy is there is looked at, and closing ends it.
func TestWatchedLooks(t *testing.T) {
	w, err := watch(context.Background(), trained(t, filepath.Join(t.TempDir(), "run"), "solver.max_steps=30", "snapshots.every=0"), bestDevices)
	if err != nil {
		t.Fatal(err)
	}
	w.Watch(monitor.Watch{Maps: true, Layer: "conv2", Image: 2})
	for range 3 { // one copy, however often it is asked for
		if err := w.Send(monitor.Command{Verb: monitor.Load}); err != nil {
			t.Fatal(err)
		}
	}
	s := boardSays(t, w, "maps", func(s *monitor.Snapshot) bool { return s.Maps != nil })
	if s.Copy.Step != 30 || s.Copy.Loading || s.Maps.Title != "Validation 3" || s.Maps.Layer != "conv2" || len(s.Maps.Columns) != 2 || s.Step != 30 {
		t.Errorf("copy %+v, maps %s of %s, step %d", s.Copy, s.Maps.Title, s.Maps.Layer, s.Step)
	}
	w.Watch(monitor.Watch{Kernels: true, Patches: true})
	s = boardSays(t, w, "patches", func(s *monitor.Snapshot) bool { return s.Patches != nil })
	if s.Patches.Step != 30 || len(s.Patches.Kernels) != 96 || s.Patches.Problem != "" {
		t.Errorf("patches of step %d, of %d kernels, %q", s.Patches.Step, len(s.Patches.Kernels), s.Patches.Problem)
	}
	w.Watch(monitor.Watch{Faces: true, Image: 1})
	w.Close()
	w.wait(t.Context().Done())
}

// TestLooksBesideATraining: what a user asks for is looked at at once; frames of a video
// and newer checkpoints wait, unless nobody trains.
func TestLooksBesideATraining(t *testing.T) {
	now := time.Now()
	c := &copies{board: monitor.NewBoard(&monitor.Snapshot{}), due: now.Add(time.Minute)}
	c.seen = monitor.Watch{Maps: true, Image: -1, File: "1.png", Playing: true}
	frame, other := c.seen, c.seen
	frame.File = "2.png"
	other.Layer = "conv2"
	for _, w := range []struct {
		name  string
		watch monitor.Watch
		state monitor.State
		want  time.Duration
	}{
		{"a newer checkpoint", c.seen, monitor.Training, time.Minute},
		{"a frame", frame, monitor.Validating, time.Minute},
		{"another layer", other, monitor.Training, 0},
		{"a frame of a paused run", frame, monitor.Paused, 0},
		{"a frame of a run that is over", frame, monitor.Finished, 0},
	} {
		c.board.Watch(w.watch)
		if got := c.waits(w.state, now); got != w.want {
			t.Errorf("%s waits %v, want %v", w.name, got, w.want)
		}
	}
	c.board.Watch(frame)
	if got := c.waits(monitor.Training, now.Add(2*time.Minute)); got != 0 {
		t.Errorf("a frame that is due waits %v", got)
	}
}

// TestEndDoesNotWaitForEver: the program ends though nothing that it looks at answers. What
// trains is stopped at once, and all are waited for together.
func TestEndDoesNotWaitForEver(t *testing.T) {
	run := makeRun(t, filepath.Join(t.TempDir(), "run"), 10)
	synctest.Test(t, func(t *testing.T) { // the time is the test's
		hung := func() *copies { return &copies{done: make(chan struct{})} }
		all, began, stopped := together(), time.Now(), []time.Duration{}
		for range 2 {
			f, err := follow.Open(run)
			if err != nil {
				t.Fatal(err)
			}
			all.see(&watched{Board: monitor.NewBoard(f.Latest()), run: f, copies: hung(), cancel: func() {}})
			one := &session{Board: monitor.NewBoard(&monitor.Snapshot{State: monitor.Training}), leave: func() {}, done: make(chan struct{})}
			one.cancel = func() {
				stopped = append(stopped, time.Since(began))
				close(one.done)
			}
			one.copies.Store(hung())
			all.all = append(all.all, one)
		}
		if err := all.end(); err != nil {
			t.Error(err)
		}
		if !slices.Equal(stopped, []time.Duration{0, 0}) {
			t.Errorf("what trains is stopped after %v", stopped)
		}
		if took := time.Since(began); took != reading {
			t.Errorf("it ends after %v, want %v", took, reading)
		}
	})
}
