package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"alexnet/cmd/internal/launch"
	"alexnet/train/monitor"
)

// TestBeginFails: a run that cannot begin says why in the window, and does not go on
// without one.
func TestBeginFails(t *testing.T) {
	flags := launch.Flags{Data: filepath.Join(t.TempDir(), "gone"), Run: filepath.Join(t.TempDir(), "run")}
	for _, class := range []string{"cat", "dog"} {
		folder := filepath.Join(flags.Data, class)
		if err := errors.Join(os.MkdirAll(folder, 0o755), os.WriteFile(filepath.Join(folder, "1.png"), nil, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	config, err := flags.Config("demo")
	if err = errors.Join(err, os.RemoveAll(flags.Data)); err != nil { // between the form and the run
		t.Fatal(err)
	}
	all := &sessions{ctx: context.Background(), shown: make(chan struct{})}
	one := all.begin(flags, config, nil)
	if state := one.Latest().State; state != monitor.Preparing {
		t.Errorf("state %d before the window is shown", state)
	}
	close(all.shown)
	<-one.done
	s := one.Latest()
	want := "There is no folder " + flags.Data + "; check --data (data.dir in the recipe)."
	if s.State != monitor.Failed || len(s.Notices) != 1 || s.Notices[0].Text != want {
		t.Errorf("state %d, it says %+v", s.State, s.Notices)
	}
	all.detach()
	if one.detached.Load() {
		t.Error("what has ended goes on without a window")
	}
	if err := all.end(); err == nil {
		t.Error("the program does not end with the error")
	}
}
