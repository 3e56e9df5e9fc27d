package train

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// locked is a run that this process holds.
func locked(t *testing.T) (run string, d *RunDir) {
	t.Helper()
	run = t.TempDir()
	d, err := lockRun(run)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return run, d
}

// TestInterruptTellsTheHolder: who holds a run's lock gets one interrupt, however often it
// is told.
func TestInterruptTellsTheHolder(t *testing.T) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt)
	defer signal.Stop(signals)
	run, d := locked(t)
	host, _ := os.Hostname()
	h, ok := HolderOf(run)
	if !ok || h.PID != os.Getpid() || h.Host != host || !h.Here() || !h.Holds(run) || h.Interrupted() {
		t.Fatalf("%+v, %t; holds it: %t", h, ok, h.Holds(run))
	}
	if err := h.Interrupt(run); err != nil {
		t.Fatal(err)
	}
	if err := h.Interrupt(run); err == nil || !strings.Contains(err.Error(), "already") || !h.Interrupted() {
		t.Errorf("told a second time: %v", err)
	}
	select {
	case <-signals:
	case <-time.After(10 * time.Second):
		t.Fatal("no interrupt came")
	}
	d.Close()
	if h.Holds(run) {
		t.Error("a lock that is free is held")
	}
	select {
	case <-signals:
		t.Error("a second interrupt came")
	default:
	}
}

// TestStaleHolderIsLeftAlone: a process that a lock names and that does not hold the run,
// or is of another machine, is told nothing.
func TestStaleHolderIsLeftAlone(t *testing.T) {
	other := exec.Command("sleep", "60")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { other.Process.Kill(); other.Wait() }()
	host, _ := os.Hostname()
	for _, c := range []struct {
		name, lock string
		free       bool
	}{
		{"has the number now", fmt.Sprint(other.Process.Pid, " ", host), false},
		{"let go", fmt.Sprint(os.Getpid(), " ", host), true},
		{"of another machine", fmt.Sprint(os.Getpid(), " of-another-machine"), false},
		{"of a program that wrote no name", fmt.Sprint(os.Getpid()), false},
	} {
		run, d := locked(t)
		if err := os.WriteFile(filepath.Join(run, "lock"), []byte(c.lock+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if c.free {
			d.Close()
		}
		h, ok := HolderOf(run)
		if !ok || h.Holds(run) {
			t.Errorf("%s: %+v, %t, holds the run", c.name, h, ok)
		}
		if err := h.Interrupt(run); err == nil { // it would end this test
			t.Errorf("%s: it was told to stop", c.name)
		}
	}
	run, _ := locked(t)
	for _, text := range []string{"", "-1 here", "rubbish", "0"} {
		os.WriteFile(filepath.Join(run, "lock"), []byte(text), 0o644)
		if h, ok := HolderOf(run); ok {
			t.Errorf("%q names %v", text, h)
		}
	}
}
