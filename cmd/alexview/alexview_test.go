package main

import (
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"alexnet/engine/enginetest"
	"alexnet/viewer/theme"
)

// TestWatch drives the window as a person would, while the log grows as it does
// when another process trains.
func TestWatch(t *testing.T) {
	s := newScreen(t, 1440, 900)
	dir := makeRun(t, filepath.Join(t.TempDir(), "my-run"), 1000)
	c, out := s.start(t, program(t), t.TempDir(), dir)
	wait(t, "the window is there", func() bool { return s.pixel(t, 4, 4) == theme.Dark.Surface })
	header, page := image.Rect(300, 0, 1440, 70), image.Rect(0, 170, 1168, 828)
	wait(t, "kernels lie on black", func() bool { return s.pixel(t, 208, 172) == theme.Black })
	s.shoot(t, "watch-kernels")

	before := s.sum(t, header)
	log, err := os.OpenFile(filepath.Join(dir, "log.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for step := 1010; step <= 1100; step += 10 {
		log.WriteString(line(step))
	}
	took := wait(t, "the header shows the new steps", func() bool { return s.sum(t, header) != before })
	t.Logf("new lines of the log were seen after %v", took)

	before = s.sum(t, page)
	checkpoint(t, dir, 1100)
	wait(t, "the kernels of the new checkpoint", func() bool { return s.sum(t, page) != before })

	for i := 2; i <= 6; i++ {
		s.do(t, "key", fmt.Sprint(i))
		wait(t, fmt.Sprintf("tab %d is the active one", i), func() bool { return active(t, s) == i })
		s.shoot(t, fmt.Sprintf("watch-tab-%d", i))
	}
	s.do(t, "mousemove", "280", "100", "click", "1") // Curves
	wait(t, "a click on Curves", func() bool { return active(t, s) == 3 })
	before = s.sum(t, page)
	s.do(t, "mousemove", "600", "400")
	wait(t, "the values are read out", func() bool { return s.sum(t, page) != before })
	s.shoot(t, "watch-readout")
	s.do(t, "key", "F8")
	wait(t, "the light theme", func() bool { return s.pixel(t, 4, 4) == theme.Light.Surface })
	s.do(t, "key", "question")
	wait(t, "the help", func() bool { return s.pixel(t, 720, 450) == theme.Light.Surface })
	s.shoot(t, "watch-help")
	s.do(t, "key", "Escape", "key", "F8", "key", "1", "key", "comma")
	wait(t, "the dark theme", func() bool { return s.pixel(t, 4, 4) == theme.Dark.Surface })
	s.shoot(t, "watch-past")

	s.do(t, "key", "ctrl+q")
	if err := c.Wait(); err != nil || out.Len() > 0 {
		t.Errorf("closed: %v, and it says %q", err, out)
	}
}

// active is the number of the tab that is on the page's ground; 0: none.
func active(t *testing.T, s *screen) int {
	t.Helper()
	for i, x := range []int{4, 110, 240, 340, 446, 546} {
		if s.pixel(t, x, 116) == theme.Dark.Background {
			return i + 1
		}
	}
	return 0
}

// TestLatency measures from the event to the changed pixel. It only fails when a
// person would call the window frozen: machines that test are busy.
func TestLatency(t *testing.T) {
	if testing.Short() {
		t.Skip("measures")
	}
	s := newScreen(t, 1440, 900)
	s.start(t, program(t), t.TempDir(), makeRun(t, filepath.Join(t.TempDir(), "my-run"), 1500))
	wait(t, "the window is there", func() bool { return s.pixel(t, 4, 4) == theme.Dark.Surface })
	wait(t, "kernels", func() bool { return s.pixel(t, 208, 172) == theme.Black })
	var times []time.Duration
	for i := range 100 {
		key := []int{3, 1}[i%2]
		start := time.Now()
		s.do(t, "key", fmt.Sprint(key))
		wait(t, fmt.Sprintf("tab %d", key), func() bool { return active(t, s) == key })
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	t.Logf("from an event to its pixel, with xdotool's own time: median %v, 95th of 100 %v", times[50], times[95])
	if times[95] > 2*time.Second {
		t.Errorf("95th of 100 took %v", times[95])
	}
}

// TestKilled: training does not notice when the window dies.
func TestKilled(t *testing.T) {
	s := newScreen(t, 1440, 900)
	dir := makeRun(t, filepath.Join(t.TempDir(), "my-run"), 500)
	names := func() string {
		var all []string
		filepath.WalkDir(dir, func(path string, _ os.DirEntry, _ error) error { all = append(all, path); return nil })
		return strings.Join(all, "\n")
	}
	before := names()
	c, _ := s.start(t, program(t), t.TempDir(), dir)
	wait(t, "the window is there", func() bool { return s.pixel(t, 4, 4) == theme.Dark.Surface })
	s.do(t, "key", "3")
	c.Process.Kill()
	c.Wait()
	if after := names(); after != before {
		t.Errorf("watching changed the run's folder:\n%s\nbefore\n%s", after, before)
	}
}

// TestStartPage opens a run from the start page.
func TestStartPage(t *testing.T) {
	s := newScreen(t, 1024, 640)
	dir := t.TempDir()
	makeRun(t, filepath.Join(dir, "runs", "first"), 500)
	makeRun(t, filepath.Join(dir, "runs", "second"), 800)
	cut := makeRun(t, filepath.Join(dir, "runs", "third"), 300)
	log := filepath.Join(cut, "log.jsonl")
	if info, err := os.Stat(log); err != nil || os.Truncate(log, info.Size()-30) != nil {
		t.Fatal("cannot cut a log")
	}
	c, out := s.start(t, program(t), dir)
	wait(t, "the start page", func() bool { return s.pixel(t, 4, 4) == theme.Dark.Surface })
	wait(t, "a run's row", func() bool { return s.pixel(t, 512, 150) == theme.Dark.Surface })
	s.shoot(t, "start")
	s.do(t, "key", "o")
	s.do(t, "type", "--delay", "5", filepath.Join(dir, "runs", "second"))
	s.do(t, "key", "Return")
	wait(t, "its kernels", func() bool { return s.pixel(t, 160, 172) == theme.Black })
	s.shoot(t, "start-opened")
	s.do(t, "key", "ctrl+q")
	if err := c.Wait(); err != nil || out.Len() > 0 {
		t.Errorf("closed: %v, and it says %q", err, out)
	}
}

func TestRefusals(t *testing.T) {
	enginetest.Open(t)
	path := program(t)
	run := makeRun(t, filepath.Join(t.TempDir(), "my-run"), 100)
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no display", []string{run}, 1, "alexview: no display here: alexview needs a screen."},
		{"no display, start page", nil, 1, "alexview: no display here"},
		{"no run", []string{t.TempDir()}, 1, "holds no run: it has no recipe.toml"},
		{"no folder", []string{filepath.Join(run, "none")}, 1, "there is no folder"},
		{"two runs", []string{run, run}, 2, "expected at most one RUN, got 2 arguments"},
		{"no images", []string{"train", "photos"}, 1, "name it with --data"},
		{"no such device", []string{"train", "demo", "--devices", "voodoo2"}, 1, `no device matches "voodoo2"; there are `},
		{"unknown flag", []string{"--fast"}, 2, "unknown flag: --fast"},
	} {
		cmd := exec.Command(path, c.args...)
		cmd.Env = append(os.Environ(), "DISPLAY=", "WAYLAND_DISPLAY=")
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != c.code || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: code %d, %q; want %d and %q", c.name, got, out, c.code, c.want)
		}
		if strings.Contains(string(out), "panic") || strings.Contains(string(out), "PlatformError") {
			t.Errorf("%s: %s", c.name, out)
		}
	}
}
