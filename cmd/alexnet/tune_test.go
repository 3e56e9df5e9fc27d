package main

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"alexnet/engine/enginetest"
)

// A cache that cannot be written is told of, and the program goes on.
func TestTuneWithoutACache(t *testing.T) {
	enginetest.ForgetChoices(t)
	enginetest.Open(t)
	c := program(t, append([]string{"tune", "demo", "--devices", "1"}, small...)...)
	c.Env = append(c.Env, "XDG_CACHE_HOME="+os.DevNull)
	out, errs := finished(t, 0, c)
	has(t, out, " choices in ")
	has(t, errs, "warning: kernels' choices cannot be remembered: "+filepath.Join(os.DevNull, "alexnet", "tuning"), "not a directory", "set XDG_CACHE_HOME")
}

// Ctrl-C ends tuning between comparisons, and says what is left to do.
func TestTuneInterrupt(t *testing.T) {
	enginetest.ForgetChoices(t)
	enginetest.Open(t)
	c := program(t, append([]string{"tune", "demo", "--devices", "1", "--times"}, small...)...)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	c.Stderr = &errs
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	lines := bufio.NewScanner(out)
	if !lines.Scan() || !strings.HasSuffix(lines.Text(), " ms") {
		t.Fatalf("%q", lines.Text())
	}
	c.Process.Signal(os.Interrupt)
	for lines.Scan() {
		if !strings.HasSuffix(lines.Text(), " ms") && !strings.HasSuffix(lines.Text(), " is chosen") {
			t.Errorf("it goes on with %q", lines.Text())
		}
	}
	c.Wait()
	if code := c.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	has(t, errs.String(), "stopping", "stopped; choices made and remembered: ", "; the same command goes on")
}

// A table of which nothing is for these devices and kernels is warned of, with what it is
// for and what these are.
func TestTuneFrom(t *testing.T) {
	enginetest.ForgetChoices(t)
	enginetest.Open(t)
	tune := func(args ...string) (string, string) {
		return alexnet(t, 0, append(append([]string{"tune", "demo", "--devices", "1"}, args...), small...)...)
	}
	dir := t.TempDir()
	table := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	own := filepath.Join(dir, "own.json")
	listed, _ := tune("--out", own)
	kind, _, _ := strings.Cut(listed, "\n")
	written, err := os.ReadFile(own)
	if err != nil {
		t.Fatal(err)
	}
	has(t, string(written), kind+" nt ", " -> ")
	for path, want := range map[string][]string{
		table("other.json", `{"10de-1 nt 3": "plain", "10de-1 nt 4": "plain", "1002-2 nt 3": "plain"}`): {
			"none of its 3 choices is for these devices and kernels, whose keys begin with " + kind + "; its own begin with 1002-2, 10de-1\n"},
		table("empty.json", "{}"): {"empty.json holds no choices\n"},
	} {
		out, errs := tune("--from", path)
		has(t, errs, append(want, "warning: "+path)...)
		if strings.Contains(out, "are for these") {
			t.Errorf("%s: it says %q", path, out)
		}
	}
	out, errs := tune("--from", own)
	has(t, out, own+": ", "choices are for these devices and kernels")
	if strings.Contains(errs, "warning") {
		t.Error(errs)
	}
}

// The times of all candidates are followed by the one that is taken, and where nothing is
// measured that is said.
func TestTuneTimes(t *testing.T) {
	enginetest.ForgetChoices(t)
	enginetest.Open(t)
	args := append([]string{"tune", "demo", "--devices", "1", "--times"}, small...)
	const remembered = "all choices were remembered; --again times them"
	for _, again := range [][]string{nil, {"--again"}} {
		out, _ := alexnet(t, 0, append(args, again...)...)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		timed := map[string]bool{} // candidates
		last := ""
		for _, line := range lines {
			if timing, _, ok := strings.Cut(line, " ms"); ok {
				timed[timing[:strings.LastIndex(timing, ":")]] = true
			}
			if winner, ok := strings.CutSuffix(line, " is chosen"); ok {
				if last = winner; !timed[winner] {
					t.Errorf("%q, of which there is no time", line)
				}
			}
		}
		if last == "" || strings.Contains(out, remembered) {
			t.Errorf("no candidate is chosen:\n%s", out)
		}
	}
	out, _ := alexnet(t, 0, args...)
	has(t, out, remembered)
}

// What tune prints is explained by its help.
func TestTuneHelp(t *testing.T) {
	enginetest.Open(t)
	help, _ := alexnet(t, 0, "tune", "--help")
	has(t, help, "nt 7x7x48*1 k5x5 s1 p2 d1 -> 7x7x24 of 32", "plain", "address", "shared", "half", "matrix", "straight", "winograd", "direct")
	out, _ := alexnet(t, 0, append([]string{"tune", "demo", "--devices", "1"}, small...)...)
	for _, line := range strings.Split(out, "\n") {
		if sum, kernel, _ := strings.Cut(strings.TrimPrefix(line, "  "), "  "); sum != line {
			has(t, help, strings.Fields(sum)[0], strings.Fields(kernel)[0])
		}
	}
}
