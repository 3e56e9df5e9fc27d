package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"alexnet/cmd/internal/launch"
	"alexnet/train"
	"alexnet/train/monitor"
)

// TestRecent lists each run once, the newest first, and says of which nothing is heard.
func TestRecent(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for i, run := range []string{"runs/old", "elsewhere/new", "runs/newer"} {
		makeRun(t, run, 20)
		when := at.Add(time.Duration(i) * time.Hour)
		for _, name := range []string{"recipe.toml", "log.jsonl"} {
			if err := os.Chtimes(filepath.Join(run, name), when, when); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Symlink("runs/old", "link"); err != nil {
		t.Fatal(err)
	}
	opened := []string{"mount/run", "elsewhere/new", "link", filepath.Join(dir, "runs/newer"), "elsewhere/gone", "elsewhere"}
	for _, path := range []string{"mount/run", filepath.Join(dir, "mount/run"), filepath.Join(dir, "runs/old")} {
		silent.Store(path, true)
		defer silent.Delete(path)
		opened = append(opened, path)
	}
	runs, err := recent(opened)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range runs {
		got = append(got, r.Path+": "+r.Note)
	}
	local := func(hour time.Duration) string { return at.Add(hour * time.Hour).Local().Format("2 Jan 15:04") }
	want := []string{
		"runs/newer: stopped " + local(2), "elsewhere/new: stopped " + local(1), "runs/old: stopped " + local(0),
		"mount/run: ",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("listed\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if p := runs[len(runs)-1].Problem; p == nil || !strings.HasPrefix(p.Text, "Its folder does not answer.") {
		t.Errorf("of the one that is silent it says %+v", p)
	}
}

// TestRecentAtOnce: runs are read at once, for each may take long. Here each has a recipe that
// can be read when all are being read.
func TestRecentAtOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	var recipes []string
	for _, run := range []string{"runs/one", "runs/two", "runs/three"} {
		recipe := filepath.Join(makeRun(t, run, 20), "recipe.toml")
		if err := errors.Join(os.Rename(recipe, run+"/kept"), syscall.Mkfifo(recipe, 0o600)); err != nil {
			t.Fatal(err)
		}
		recipes = append(recipes, recipe)
	}
	go func() {
		for _, recipe := range recipes {
			kept := filepath.Join(filepath.Dir(recipe), "kept")
			f, err := os.OpenFile(recipe, os.O_WRONLY, 0) // waits for who reads it
			text, readErr := os.ReadFile(kept)
			if err := errors.Join(err, readErr, os.Rename(kept, recipe)); err != nil { // who reads it again need not wait
				t.Error(err)
				return
			}
			defer f.Close()
			defer f.Write(text)
		}
	}()
	runs, err := recent(nil)
	if err != nil || len(runs) != 3 {
		t.Fatalf("listed %+v, %v", runs, err)
	}
	for _, r := range runs {
		if !strings.HasPrefix(r.Note, "stopped ") {
			t.Errorf("%s: %q, %+v", r.Path, r.Note, r.Problem)
		}
	}
}

// TestAnswerOf: what does not answer is waited for once.
func TestAnswerOf(t *testing.T) {
	hung, asked := make(chan struct{}), make(chan struct{}, 10)
	ask := func() string { asked <- struct{}{}; <-hung; return "yes" }
	for i, limit := range []time.Duration{time.Millisecond, time.Hour} {
		if answer, ok := answerOf(limit, "mount", ask); ok {
			t.Errorf("asked %d times, it answers %q", i+1, answer)
		}
	}
	<-asked
	if len(asked) > 0 {
		t.Error("it was asked again before it had answered")
	}
	close(hung)
	wait(t, "it answers", func() bool { answer, ok := answerOf(time.Hour, "mount", ask); return ok && answer == "yes" })
}

// TestRecentOfOneThatEnds: a run of this process that has just ended holds its folder for a
// moment still. It is not listed as one that trains.
func TestRecentOfOneThatEnds(t *testing.T) {
	t.Chdir(t.TempDir())
	makeRun(t, "runs/own", 20)
	release := held(t, "runs/own")
	synctest.Test(t, func(t *testing.T) {
		one := &session{Board: monitor.NewBoard(&monitor.Snapshot{State: monitor.Training}), flags: launch.Flags{Run: "runs/own"}, done: make(chan struct{})}
		s := together()
		s.all = []*session{one}
		notes := func() string {
			runs, err := s.recent()
			return fmt.Sprint(len(runs), " ", err, " ", runs[0].Note)
		}
		if got := notes(); got != "1 <nil> training now, in this window" {
			t.Errorf("while it trains: %s", got)
		}
		one.Publish(&monitor.Snapshot{State: monitor.Stopped})
		go func() {
			time.Sleep(answering / 2) // passes when it is waited for, and not while folders are read
			release()
			close(one.done)
		}()
		if got := notes(); !strings.HasPrefix(got, "1 <nil> stopped ") {
			t.Errorf("when it has ended: %s", got)
		}
		<-one.done
	})
}

// held holds a run as its trainer does.
func held(t *testing.T, run string) (release func() error) {
	t.Helper()
	d, err := train.ResumeRun(run)
	if err != nil {
		t.Fatal(err)
	}
	return d.Close
}
