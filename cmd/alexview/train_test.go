package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"alexnet/engine/enginetest"
	"alexnet/viewer/theme"
)

// short are the demo's flags for a run that a test can wait for.
func short(run, steps string) []string {
	return []string{
		"train", "demo", "--devices", "2", "--run", run, "--set", "data.train_images=640", "--set", "data.val_images=40",
		"--set", "data.batch=8", "--set", "solver.max_epochs=0", "--set", "solver.max_steps=" + steps,
	}
}

// ends are the flags of a run that comes to its end by itself, and, on whatever it trains,
// not before a test has lost its window.
var ends = []string{"--set", "solver.max_minutes=0.25"}

// logHas waits until a run's log has words.
func logHas(t *testing.T, run, words string) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if text, _ := os.ReadFile(filepath.Join(run, "log.jsonl")); strings.Contains(string(text), words) {
			return
		}
	}
	text, _ := os.ReadFile(filepath.Join(run, "log.jsonl"))
	t.Fatalf("the log never has %s:\n%.2000s", words, text)
}

// TestTrain trains in the window, steers as a person would, and closes it with a
// checkpoint.
func TestTrain(t *testing.T) {
	enginetest.Open(t)
	s := newScreen(t, 1440, 900)
	run := filepath.Join(t.TempDir(), "run")
	c, out := s.start(t, program(t), t.TempDir(), append(short(run, "100000"), "--set", "validate.every=100000")...) // which writes checkpoints
	wait(t, "the window is there", func() bool { return s.pixel(t, 4, 4) == theme.Dark.Surface })
	logHas(t, run, `"step":10,`)
	wait(t, "kernels lie on black", func() bool { return s.pixel(t, 208, 172) == theme.Black })
	s.shoot(t, "train-kernels")
	s.do(t, "key", "space")
	logHas(t, run, `"key":"pause"`)
	s.shoot(t, "train-paused")
	s.do(t, "key", "ctrl+Down")
	logHas(t, run, `"short":"rate ÷ 10","key":"rate_scale","value":0.1`)
	s.do(t, "key", "c")
	wait(t, "a checkpoint", func() bool {
		files, _ := filepath.Glob(filepath.Join(run, "checkpoints", "step-*"))
		return len(files) == 1
	})
	s.do(t, "key", "s", "key", "space")
	logHas(t, run, `"key":"resume"`)
	for _, key := range []string{"2", "5", "6", "1"} {
		s.do(t, "key", key)
		time.Sleep(700 * time.Millisecond)
		s.shoot(t, "train-tab-"+key)
	}
	s.do(t, "key", "ctrl+q")
	wait(t, "the question", func() bool { return s.pixel(t, 720, 377) == theme.Dark.Surface })
	s.shoot(t, "train-closing")
	s.do(t, "key", "s")
	if err := c.Wait(); err != nil || !strings.Contains(out.String(), "stopped; go on with: ") || !strings.Contains(out.String(), " train --run "+run+" --resume") {
		t.Errorf("closed: %v, and it says %q", err, out)
	}
	files, _ := filepath.Glob(filepath.Join(run, "checkpoints", "step-*"))
	if len(files) < 2 {
		t.Errorf("checkpoints %v", files)
	}
}

// TestTrainOnWithoutAWindow closes the window and lets the run come to its end.
func TestTrainOnWithoutAWindow(t *testing.T) {
	enginetest.Open(t)
	s := newScreen(t, 1024, 640)
	run := filepath.Join(t.TempDir(), "run")
	c, out := s.start(t, program(t), t.TempDir(), append(short(run, "100000"), ends...)...)
	wait(t, "the window is there", func() bool { return s.pixel(t, 4, 4) == theme.Dark.Surface })
	logHas(t, run, `"step":10,`)
	s.do(t, "key", "ctrl+q", "key", "w")
	wait(t, "the window is gone", func() bool { return s.pixel(t, 4, 4) != theme.Dark.Surface })
	logGrows(t, run)
	if err := c.Wait(); err != nil || !strings.Contains(out.String(), "training goes on without a window") || !strings.Contains(out.String(), "run: "+run) {
		t.Errorf("ended: %v, and it says %q", err, out)
	}
}

// TestStopFromAnotherWindow: a run that was handed over is stopped with a checkpoint from
// a window that watches it, which says who trains it.
func TestStopFromAnotherWindow(t *testing.T) {
	enginetest.Open(t)
	s := newScreen(t, 1440, 900)
	path, run := program(t), filepath.Join(t.TempDir(), "run")
	c, out := s.start(t, path, t.TempDir(), short(run, "100000")...)
	wait(t, "the window is there", func() bool { return s.pixel(t, 4, 4) == theme.Dark.Surface })
	logHas(t, run, `"step":10,`)
	s.do(t, "key", "ctrl+q")
	wait(t, "the question", func() bool { return s.pixel(t, 720, 377) == theme.Dark.Surface })
	s.do(t, "key", "w")
	wait(t, "the window is gone", func() bool { return s.pixel(t, 4, 4) != theme.Dark.Surface })
	watcher, said := s.start(t, path, t.TempDir(), run)
	wait(t, "the other window is there", func() bool { return s.pixel(t, 4, 4) == theme.Dark.Surface })
	s.shoot(t, "handed")
	s.do(t, "mousemove", "1303", "796", "click", "1")
	wait(t, "the question", func() bool { return s.pixel(t, 720, 377) == theme.Dark.Surface })
	s.shoot(t, "handed-question")
	s.do(t, "key", "s")
	if err := c.Wait(); c.ProcessState.ExitCode() != 130 || !strings.Contains(out.String(), "stopped; go on with: ") {
		t.Errorf("the trainer ended with %v, and it says %q", err, out)
	}
	if files, _ := filepath.Glob(filepath.Join(run, "checkpoints", "step-*")); len(files) == 0 {
		t.Error("no checkpoint")
	}
	s.shoot(t, "handed-stopped")
	s.do(t, "key", "ctrl+q")
	if err := watcher.Wait(); err != nil || said.Len() > 0 {
		t.Errorf("the watcher ended with %v, and it says %q", err, said)
	}
}

// TestInterrupt: Ctrl-C stops training with a checkpoint and closes the window.
func TestInterrupt(t *testing.T) {
	enginetest.Open(t)
	s := newScreen(t, 1024, 640)
	path, run := program(t), filepath.Join(t.TempDir(), "run")
	c, out := s.start(t, path, t.TempDir(), short(run, "100000")...)
	wait(t, "the window is there", func() bool { return s.pixel(t, 4, 4) == theme.Dark.Surface })
	logHas(t, run, `"step":10,`)
	c.Process.Signal(os.Interrupt)
	c.Wait()
	if code := c.ProcessState.ExitCode(); code != 130 || !strings.Contains(out.String(), "stopped; go on with: ") || !strings.Contains(out.String(), " train --run "+run+" --resume") {
		t.Errorf("code %d, and it says %q", code, out)
	}
	if files, _ := filepath.Glob(filepath.Join(run, "checkpoints", "step-*")); len(files) == 0 {
		t.Error("no checkpoint")
	}
	s = newScreen(t, 1024, 640)
	c, out = s.start(t, path, t.TempDir(), run) // only watched now
	wait(t, "the window is there", func() bool { return s.pixel(t, 4, 4) == theme.Dark.Surface })
	c.Process.Signal(syscall.SIGTERM)
	c.Wait()
	if code := c.ProcessState.ExitCode(); code != 143 || strings.Contains(out.String(), "panic") {
		t.Errorf("code %d, and it says %q", code, out)
	}
}

// TestDisplayLost: a run whose window's display dies, or whose window another program
// destroys, trains on to its end without one.
func TestDisplayLost(t *testing.T) {
	enginetest.Open(t)
	path := program(t)
	for _, c := range []struct {
		name, want string
		lose       func(t *testing.T, s *screen, run string)
	}{
		{"the server dies", "alexview: the display is gone\n", func(_ *testing.T, s *screen, _ string) { s.server.Process.Kill() }},
		{"the server dies while the run is paused", "alexview: the display is gone\n", func(t *testing.T, s *screen, run string) {
			s.do(t, "key", "space")
			logHas(t, run, `"key":"pause"`)
			s.server.Process.Kill()
		}},
		{"the window is destroyed", "alexview: the display refused what the window asked for: Bad", func(t *testing.T, s *screen, _ string) {
			s.do(t, "search", "--sync", "--name", "alexview", "windowclose")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, dir := newScreen(t, 1024, 640), t.TempDir()
			process, out := s.start(t, path, dir, append(short("run", "100000"), append(ends, "--set", "snapshots.every=0")...)...)
			run := filepath.Join(dir, "run")
			logHas(t, run, `"step":10,`)
			c.lose(t, s, run)
			logGrows(t, run)
			if err := process.Wait(); err != nil {
				t.Errorf("it ended with %v", err)
			}
			for _, want := range []string{c.want, "training goes on without a window; Ctrl-C stops it with a checkpoint\n", "validation error: "} {
				if !strings.Contains(out.String(), want) {
					t.Errorf("it says %q, want %q", out, want)
				}
			}
		})
	}
}
