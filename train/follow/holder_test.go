package follow

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTrainerIsNamed: of a run that trains it is said which process does so and where, and
// only one that holds the run on this machine can be stopped.
func TestTrainerIsNamed(t *testing.T) {
	host, _ := os.Hostname()
	mine := fmt.Sprintf("Process %d on this machine (%s) trains this run.", os.Getpid(), host)
	for _, c := range []struct {
		name, lock string // what it says; empty: what its trainer has written
		held       bool
		want       string
		stoppable  bool
	}{
		{"here", "", true, mine, true},
		{"let go", "", false, WatchOnly, false},
		{"elsewhere", "17 a-server\n", true, "Process 17 on the machine a-server trains this run.", false},
		{"an older program", "17\n", true, "Process 17 trains this run.", false},
		{"not this process", "1 " + host + "\n", true, "Process 1 on the machine " + host, false},
		{"nothing is known", "rubbish", true, WatchOnly, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t)
			appendTo(t, dir, point(10, 0.01))
			release := hold(t, dir)
			if c.held {
				defer release()
			}
			if c.lock != "" {
				write(t, filepath.Join(dir, "lock"), c.lock)
			}
			f := late(t, dir, 0)
			if !c.held {
				if s := looked(f); !s.Stoppable {
					t.Error("a run that trains cannot be stopped")
				}
				release()
			}
			s := looked(f)
			if !strings.Contains(s.WatchOnly, c.want) || s.Stoppable != c.stoppable {
				t.Errorf("it says %q, stoppable %t; want %q, %t", s.WatchOnly, s.Stoppable, c.want, c.stoppable)
			}
			if !c.stoppable && f.Stop() == nil {
				t.Error("it was told to stop")
			}
		})
	}
}

// TestMountedTrainerIsNamed: a mounted folder shows no lock of its server, and yet the lock
// names the machine.
func TestMountedTrainerIsNamed(t *testing.T) {
	dir := folder(t)
	appendTo(t, dir, point(10, 0.01))
	write(t, filepath.Join(dir, "lock"), "17 a-server\n")
	f := late(t, dir, 0)
	time.Sleep(20 * time.Millisecond) // the log grows
	appendTo(t, dir, point(20, 0.01))
	if s := looked(f); !s.State.Live() || s.Stoppable || !strings.Contains(s.WatchOnly, "on the machine a-server") {
		t.Errorf("state %d, stoppable %t, %q", s.State, s.Stoppable, s.WatchOnly)
	}
}
