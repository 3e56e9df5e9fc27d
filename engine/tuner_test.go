package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"alexnet/engine/internal/vk"
)

// clock times candidates by a table; a negative time is one that fails its check.
type clock struct {
	times map[string]time.Duration
	sleep time.Duration // really, of each try
	tried map[string]int
}

func (c *clock) try(name string) (time.Duration, error) {
	c.tried[name]++
	time.Sleep(c.sleep)
	if c.times[name] < 0 {
		return 0, errors.New("differs from the plain kernel")
	}
	return c.times[name], nil
}

func newClock(times map[string]time.Duration) *clock {
	return &clock{times: times, tried: map[string]int{}}
}

func TestTunerTakesTheFastestRightOne(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	tuner := OpenTuner(&Info{Name: "test", Type: "cpu"}, "kernels")
	for _, of := range []struct {
		problem     string
		sleep, fair time.Duration
		unit        time.Duration // of a candidate's time
		least, most int           // rounds
	}{{"long", timingTime, 12, shortTime, leastRounds, leastRounds}, {"middling", timingTime / 10, 12, shortTime, leastRounds + 1, mostRounds - 1},
		{"milliseconds", 0, 12, shortTime, mostRounds, mostRounds}, {"short", 0, 12, 1, leastRounds, leastRounds}, {"decided", 0, 16, shortTime, 2, 2}} {
		c := newClock(map[string]time.Duration{"plain": 100 * of.unit, "wrong": -1, "good": 10 * of.unit, "fair": of.fair * of.unit})
		c.sleep = of.sleep
		for range 2 {
			name, err := tuner.Choose(of.problem, []string{"plain", "wrong", "good", "fair"}, c.try)
			if err != nil || name != "good" {
				t.Errorf("%s: %q, %v", of.problem, name, err)
			}
		}
		if n := c.tried["good"]; n < of.least || n > of.most || c.tried["plain"] != 1 || c.tried["wrong"] != 1 {
			t.Errorf("%s: tried %v: near ones in %d to %d rounds, others once, and nothing the second time", of.problem, c.tried, of.least, of.most)
		}
	}
	c := newClock(map[string]time.Duration{"plain": -1})
	if _, err := tuner.Choose("other", []string{"plain"}, c.try); err == nil || !strings.Contains(err.Error(), "differs") {
		t.Error("no candidate is right:", err)
	}
}

// A GPU that was idle runs slowly until it has been busy for a while: what is timed then
// does not count.
func TestTunerWarmsUp(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	seen, idle := map[string]bool{}, time.Time{} // until then
	try := func(name string) (time.Duration, error) {
		took := map[string]time.Duration{"slower": 10 * time.Millisecond, "faster": 8 * time.Millisecond}[name]
		if !seen[name] { // compiles and compares, for longer than it has to be busy
			seen[name] = true
			time.Sleep(warmUp)
			idle = time.Now()
			return 5 * took, nil
		}
		time.Sleep(time.Millisecond)
		if name == "faster" && time.Since(idle) < warmUp/2 {
			took *= 5
		}
		return took, nil
	}
	name, err := OpenTuner(&Info{Name: "test", Type: "discrete"}, "kernels").Choose("problem", []string{"slower", "faster"}, try)
	if name != "faster" || err != nil {
		t.Errorf("chose %q, %v", name, err)
	}
}

// Choices last from one run to the next; a broken table, or one that names a
// kernel that is no candidate, is measured anew.
func TestTunerRemembers(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	info := &Info{Name: "test", Type: "cpu"}
	c := newClock(map[string]time.Duration{"a": 5, "b": 3})
	names := []string{"a", "b"}
	choose := func(kernels string) string {
		t.Helper()
		name, err := OpenTuner(info, kernels).Choose("problem", names, c.try)
		if err != nil {
			t.Fatal(err)
		}
		return name
	}
	if choose("k1") != "b" || c.tried["a"] != 1 {
		t.Error(c.tried)
	}
	c.times["a"] = 1
	if choose("k1") != "b" || c.tried["a"] != 1 {
		t.Error("a remembered choice was measured again")
	}
	if choose("k2") != "a" {
		t.Error("other kernels took the first ones' choice")
	}
	names = []string{"a"}
	if choose("k1") != "a" {
		t.Error("a choice that is no candidate was taken")
	}
	files, _ := filepath.Glob(filepath.Join(os.Getenv("XDG_CACHE_HOME"), "alexnet", "tuning", "*.json"))
	if len(files) != 2 {
		t.Fatal(files)
	}
	for _, f := range files {
		if err := os.WriteFile(f, []byte("{broken"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if choose("k1") != "a" {
		t.Error("a broken table was not measured anew")
	}
}

// A cache folder that cannot be written is told of, and choices are good for the run.
func TestTunerTellsWhatIsLost(t *testing.T) {
	info, dir := &Info{Name: "test", Type: "cpu"}, t.TempDir()
	table := filepath.Join("alexnet", "tuning", info.Key()+"-kernels.json")
	taken := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(taken, table), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", "")
	for cache, why := range map[string]string{
		dir: "", taken: filepath.Join(taken, table) + ": is a directory", os.DevNull: filepath.Join(os.DevNull, table) + ": not a directory",
		"relative": "XDG_CACHE_HOME is relative", "": "neither $XDG_CACHE_HOME nor $HOME are defined",
	} {
		t.Setenv("XDG_CACHE_HOME", cache)
		tuner := OpenTuner(info, "kernels")
		if err := tuner.Lost(); (err == nil) != (why == "") || err != nil && !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, want %q", cache, err, why)
		}
		names, clock := []string{"a", "b"}, newClock(map[string]time.Duration{"a": 5, "b": 3})
		for range 2 {
			if name, err := tuner.Choose("problem", names, clock.try); err != nil || name != "b" || clock.tried["a"] != 1 {
				t.Errorf("%q: %q, %v, tried %v", cache, name, err, clock.tried)
			}
		}
	}
}

// What lacked memory may be the fastest the next time: nothing is remembered. A lost
// device ends a choice.
func TestTunerConcludesNothingFromALackOfMemory(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	tuner := OpenTuner(&Info{Name: "test", Type: "cpu"}, "kernels")
	names := []string{"slow", "fast"}
	for _, c := range []struct {
		lack error
		want string
	}{{ErrMemory, "slow"}, {ErrDeviceLost, ""}, {ErrAbandon, ""}} {
		name, err := tuner.Choose("problem", names, func(name string) (time.Duration, error) {
			if name == "fast" {
				return 0, fmt.Errorf("a buffer: %w", c.lack)
			}
			return 1, nil
		})
		if name != c.want || c.want == "" && !errors.Is(err, c.lack) {
			t.Errorf("%v: %q, %v", c.lack, name, err)
		}
		if known := tuner.Known("problem", names); known != "" {
			t.Errorf("%v: %q was remembered", c.lack, known)
		}
	}
}

// Programs that choose at the same time go by the first one's choice, and keep
// each other's.
func TestTunersShareTheirTable(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	info, names := &Info{Name: "test", Type: "cpu"}, []string{"a", "b"}
	one, two := OpenTuner(info, "kernels"), OpenTuner(info, "kernels")
	if name, err := one.Choose("problem", names, newClock(map[string]time.Duration{"a": 5, "b": 3}).try); err != nil || name != "b" {
		t.Fatalf("%q, %v", name, err)
	}
	faster := newClock(map[string]time.Duration{"a": 1, "b": 3})
	if name, err := two.Choose("problem", names, faster.try); err != nil || name != "b" {
		t.Errorf("the second program took %q, %v", name, err)
	}
	one.Keep(map[string]string{"third": "a"})
	wrong := newClock(map[string]time.Duration{"a": -1, "b": 3})
	if name, err := two.Choose("third", names, wrong.try); err != nil || name != "b" {
		t.Errorf("a choice that is wrong here was taken: %q, %v", name, err)
	}
	if _, err := two.Choose("another", names, faster.try); err != nil {
		t.Fatal(err)
	}
	three := OpenTuner(info, "kernels")
	if three.Known("problem", names) != "b" || three.Known("another", names) != "a" {
		t.Error("a program's choices were lost")
	}
	one.Keep(map[string]string{"nt 3 -> 4": "a"})
	if text, err := os.ReadFile(one.path); err != nil || !strings.Contains(string(text), `"nt 3 -> 4": "a"`) {
		t.Errorf("the table is not for people: %s, %v", text, err)
	}
}

// What is chosen anew replaces what is remembered once it is measured, and nothing else: a
// choice that is given up leaves the old one.
func TestTunerChoosesAnew(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	info, names := &Info{Name: "test", Type: "cpu"}, []string{"a", "b"}
	remembered := func(problem, want string) {
		t.Helper()
		if known := OpenTuner(info, "kernels").Known(problem, names); known != want {
			t.Errorf("%s: %q is remembered, want %q", problem, known, want)
		}
	}
	OpenTuner(info, "kernels").Keep(map[string]string{"problem": "b", "given up": "b", "of another network": "b"})
	anew := OpenTuner(info, "kernels")
	anew.ChooseAnew()
	if known := anew.Known("problem", names); known != "" {
		t.Errorf("%q is known before it was chosen anew", known)
	}
	_, err := anew.Choose("given up", names, func(string) (time.Duration, error) {
		remembered("given up", "b")
		return 0, ErrAbandon
	})
	if !errors.Is(err, ErrAbandon) {
		t.Error(err)
	}
	faster := newClock(map[string]time.Duration{"a": 1, "b": 3})
	for range 2 {
		if name, err := anew.Choose("problem", names, faster.try); err != nil || name != "a" {
			t.Errorf("it chose %q, %v", name, err)
		}
	}
	if faster.tried["a"] != 1 {
		t.Errorf("tried %v: what was chosen anew is known", faster.tried)
	}
	if known := anew.Known("of another network", names); known != "" {
		t.Errorf("%q was taken from the file behind another choice", known)
	}
	remembered("problem", "a")
	remembered("given up", "b")
	remembered("of another network", "b")
}

// Whatever a driver lacks memory for, the error says that it is memory.
func TestLackOfMemoryIsTold(t *testing.T) {
	d := &Device{label: "card"}
	for _, lack := range []error{vk.OutOfDeviceMemory, vk.OutOfHostMemory} {
		if err := d.fail("submit", lack); !errors.Is(err, ErrMemory) || !errors.Is(err, lack) || !strings.HasPrefix(err.Error(), "engine: card: submit: ") {
			t.Errorf("%v: %v", lack, err)
		}
	}
}
