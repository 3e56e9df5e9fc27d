package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"alexnet/engine/enginetest"
)

// endless begins a run that lasts until it is stopped, and waits for its third step.
func endless(t *testing.T, c *exec.Cmd, dir string) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	trains(t, dir, 3)
}

// trains waits for a step of a run.
func trains(t *testing.T, dir string, step int) {
	t.Helper()
	line := fmt.Appendf(nil, `"step":%d,`, step)
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if log, _ := os.ReadFile(filepath.Join(dir, "log.jsonl")); bytes.Contains(log, line) {
			return
		}
	}
	t.Fatal("it does not train")
}

// hasCheckpoint fails where a run kept nothing.
func hasCheckpoint(t *testing.T, dir string) {
	t.Helper()
	if files, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "*.safetensors")); len(files) == 0 {
		t.Error("no checkpoint")
	}
}

// A terminal that is closed stops a run with a checkpoint, as Ctrl-C does, however often it
// tells; but not one that was begun by nohup.
func TestHangup(t *testing.T) {
	enginetest.Open(t)
	defer signal.Reset(syscall.SIGHUP) // the tests may have been begun either way
	run := func() (*exec.Cmd, string) {
		dir := filepath.Join(t.TempDir(), "run")
		c := program(t, append([]string{"train", "demo", "--run", dir, "--set", "solver.max_steps=1000000", "--set", "log.every=1"}, small...)...)
		endless(t, c, dir)
		return c, dir
	}
	ended := func(c *exec.Cmd, dir string, want int) {
		t.Helper()
		c.Wait()
		if code := c.ProcessState.ExitCode(); code != want {
			t.Errorf("exit code %d, want %d", code, want)
		}
		hasCheckpoint(t, dir)
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // as usual for what is begun now
	c, dir := run()
	c.Process.Signal(syscall.SIGHUP)
	time.Sleep(time.Millisecond)
	c.Process.Signal(syscall.SIGHUP)
	ended(c, dir, 129)

	signal.Ignore(syscall.SIGHUP)
	c, dir = run()
	c.Process.Signal(syscall.SIGHUP)
	last, _, err := (&trial{dir: dir}).trained()
	if err != nil {
		t.Fatal(err)
	}
	trains(t, dir, last+20)
	c.Process.Signal(os.Interrupt)
	ended(c, dir, 130)
}

// What cannot be printed is an error, as what cannot be written to a file.
func TestFullOutput(t *testing.T) {
	enginetest.Open(t)
	photos := t.TempDir()
	photographs(t, photos, map[string]int{"cat": 20, "ant": 20})
	for _, args := range [][]string{
		append([]string{"tune", "demo", "--devices", "1"}, small...),
		append([]string{"bench", "demo", "--devices", "1", "--steps", "1"}, small...),
		{"bench", "--input", photos},
	} {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip(err)
		}
		defer full.Close()
		c := program(t, args...)
		var errs bytes.Buffer
		c.Stdout, c.Stderr = full, &errs
		c.Run()
		if code := c.ProcessState.ExitCode(); code != 1 || !strings.Contains(errs.String(), "no space left") {
			t.Errorf("%v: exit code %d, and it says %q", args, code, errs.String())
		}
	}
}

// Whoever no longer reads what a command prints ends neither a run nor the files that were
// asked for.
func TestNobodyReads(t *testing.T) {
	enginetest.Open(t)
	closed := func(args ...string) *exec.Cmd {
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		read.Close()
		t.Cleanup(func() { write.Close() })
		c := program(t, args...)
		c.Stdout = write
		return c
	}
	dir := filepath.Join(t.TempDir(), "run")
	c := closed(append([]string{"train", "demo", "--run", dir, "--set", "solver.max_steps=1000000", "--set", "log.every=1"}, small...)...)
	endless(t, c, dir)
	c.Process.Signal(os.Interrupt)
	c.Wait()
	if code := c.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	hasCheckpoint(t, dir)
	table, sheet := filepath.Join(t.TempDir(), "confusion.csv"), filepath.Join(t.TempDir(), "sheet.png")
	picture := filepath.Join(t.TempDir(), "cat.png")
	photographs(t, filepath.Dir(picture), map[string]int{"cat": 2})
	pictures, _ := filepath.Glob(filepath.Join(filepath.Dir(picture), "cat", "*"))
	choices, profile := filepath.Join(t.TempDir(), "choices.json"), filepath.Join(t.TempDir(), "profile.json")
	for file, args := range map[string][]string{
		choices: append([]string{"tune", "demo", "--devices", "1", "--out", choices}, small...),
		profile: append([]string{"bench", "demo", "--devices", "1", "--steps", "1", "--profile", profile}, small...),
		table:   {"eval", dir, "--classes", "--confusion", table},
		sheet:   append([]string{"predict", dir, "--png", sheet}, pictures...),
	} {
		c := closed(args...)
		var said bytes.Buffer
		c.Stderr = &said
		c.Run()
		if code := c.ProcessState.ExitCode(); code != 0 && code != 141 || strings.Contains(said.String(), "pipe") {
			t.Errorf("%s: exit code %d, and it says %q", args[0], code, said.String())
		}
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
	}
}
