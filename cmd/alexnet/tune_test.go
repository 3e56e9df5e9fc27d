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
		if !strings.HasSuffix(lines.Text(), " ms") {
			t.Errorf("it goes on with %q", lines.Text())
		}
	}
	c.Wait()
	if code := c.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	has(t, errs.String(), "stopping", "stopped: ", "are remembered; the same command goes on")
}
