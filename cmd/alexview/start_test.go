package main

import (
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"alexnet/engine/enginetest"
	"alexnet/train"
	"alexnet/viewer/theme"
)

// onlyRun waits for a run in the folder runs and returns its path. Before it makes a
// folder it chooses kernels.
func onlyRun(t *testing.T, dir, name string) string {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if all, _ := filepath.Glob(filepath.Join(dir, "runs", name, "log.jsonl")); len(all) == 1 {
			return filepath.Dir(all[0])
		}
	}
	t.Fatalf("no run %s begins", name)
	return ""
}

// onStart waits for the start page: its main button is white.
func onStart(t *testing.T, s *screen) {
	t.Helper()
	wait(t, "the start page", func() bool { return s.pixel(t, 400, 174) == theme.Dark.Text })
}

// TestStartDemo trains the demo from the start page: its curves move.
func TestStartDemo(t *testing.T) {
	enginetest.Open(t)
	s := newScreen(t, 1440, 900)
	dir := t.TempDir()
	c, out := s.start(t, program(t), dir)
	wait(t, "the start page", func() bool { return s.pixel(t, 4, 4) == theme.Dark.Surface })
	onStart(t, s)
	s.do(t, "mousemove", "440", "188", "click", "1")
	run := onlyRun(t, dir, "demo-*")
	logHas(t, run, `"step":20,`)
	logGrows(t, run)
	s.do(t, "key", "3")
	wait(t, "the curves", func() bool { return active(t, s) == 3 })
	page := image.Rect(0, 170, 1000, 828)
	first := s.sum(t, page)
	wait(t, "the curves move", func() bool { return s.sum(t, page) != first })
	s.shoot(t, "start-demo")
	s.do(t, "key", "ctrl+q", "key", "s")
	if err := c.Wait(); err != nil {
		t.Errorf("closed: %v, and it says %q", err, out)
	}
}

// logGrows waits for another line of a run's log.
func logGrows(t *testing.T, run string) {
	t.Helper()
	size := func() int64 {
		info, err := os.Stat(filepath.Join(run, "log.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	before := size()
	wait(t, "the log grows", func() bool { return size() > before })
}

// TestOneWindow leaves a run that trains for the start page and for another run,
// comes back and steers it, stops it and begins a new one.
func TestOneWindow(t *testing.T) {
	enginetest.Open(t)
	s := newScreen(t, 1440, 900)
	dir := t.TempDir()
	makeRun(t, filepath.Join(dir, "runs", "before"), 800)
	run := filepath.Join(dir, "runs", "now")
	c, out := s.start(t, program(t), dir, short(run, "100000")...)
	logHas(t, run, `"step":10,`)
	wait(t, "kernels lie on black", func() bool { return s.pixel(t, 208, 172) == theme.Black })
	s.do(t, "key", "o")
	onStart(t, s)
	wait(t, "two rows", func() bool { return s.pixel(t, 1300, 242) == theme.Dark.Surface })
	s.shoot(t, "one-window-start")
	epoch := image.Rect(1060, 145, 1130, 180)
	before := s.sum(t, epoch)
	wait(t, "the row follows the run", func() bool { return s.sum(t, epoch) != before })
	s.do(t, "mousemove", "900", "285", "click", "1")
	wait(t, "the other run", func() bool { return s.pixel(t, 208, 172) == theme.Black })
	s.shoot(t, "one-window-other")
	logGrows(t, run)
	s.do(t, "key", "o")
	onStart(t, s)
	s.do(t, "mousemove", "900", "180", "click", "1")
	wait(t, "the run that trains", func() bool { return s.pixel(t, 208, 172) == theme.Black })
	s.do(t, "key", "space")
	logHas(t, run, `"key":"pause"`)
	s.do(t, "mousemove", "1304", "796", "click", "1")
	wait(t, "the question", func() bool { return s.pixel(t, 720, 377) == theme.Dark.Surface })
	s.shoot(t, "one-window-stop")
	s.do(t, "key", "s")
	wait(t, "it has stopped", func() bool { return !train.Locked(run) })
	s.do(t, "key", "o")
	onStart(t, s)
	s.do(t, "key", "d")
	second := onlyRun(t, dir, "demo-*")
	logHas(t, second, `"step":10,`)
	s.do(t, "key", "ctrl+q", "key", "s")
	if err := c.Wait(); err != nil || strings.Count(out.String(), "stopped; go on with") != 2 {
		t.Errorf("closed: %v, and it says %q", err, out)
	}
}

// TestStartFolder fills in the form as a person would, wrong at first.
func TestStartFolder(t *testing.T) {
	enginetest.Open(t)
	s := newScreen(t, 1024, 640)
	dir := t.TempDir()
	photos(t, filepath.Join(dir, "pets"), 40, "cat", "dog")
	c, out := s.start(t, program(t), dir)
	wait(t, "the start page", func() bool { return s.pixel(t, 4, 4) == theme.Dark.Surface })
	s.do(t, "mousemove", "300", "230", "click", "1")
	s.do(t, "type", "--delay", "5", "pex")
	s.do(t, "key", "Tab")
	wait(t, "what is wrong with it", func() bool { return s.has(t, image.Rect(160, 244, 440, 264), theme.Dark.Error) })
	s.shoot(t, "start-form-wrong")
	s.do(t, "mousemove", "300", "230", "click", "1")
	s.do(t, "type", "--delay", "5", "pet")
	s.changes(t, "its name is completed", image.Rect(160, 216, 440, 244), "Tab")
	s.changes(t, "the classes are listed", image.Rect(160, 246, 440, 296), "Tab")
	s.shoot(t, "start-form-completed")
	s.do(t, "key", "Tab", "key", "Tab", "key", "Tab", "key", "Tab")
	s.do(t, "type", "--delay", "5", "8")
	s.do(t, "key", "Tab", "key", "Tab")
	wait(t, "nothing is wrong", func() bool { return !s.has(t, image.Rect(160, 244, 440, 264), theme.Dark.Error) })
	s.shoot(t, "start-form")
	s.do(t, "key", "Return")
	run := onlyRun(t, dir, "pets-*")
	logHas(t, run, `"step":10,`)
	wait(t, "kernels lie on black", func() bool { return s.pixel(t, 160, 172) == theme.Black })
	s.shoot(t, "start-form-trains")
	s.do(t, "key", "ctrl+q", "key", "s")
	if err := c.Wait(); err != nil {
		t.Errorf("closed: %v, and it says %q", err, out)
	}
}
