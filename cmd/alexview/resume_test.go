package main

import (
	"context"
	"errors"
	"image"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"alexnet/cmd/internal/launch"
	"alexnet/engine/enginetest"
	"alexnet/train"
	"alexnet/train/monitor"
	"alexnet/viewer/theme"
)

// together are sessions whose window is shown.
func together() *sessions {
	s := &sessions{ctx: context.Background(), kept: &kept{}, shown: make(chan struct{})}
	close(s.shown)
	return s
}

// TestResumable: a run that has ended goes on in this process for so many steps, and is
// then, and before, one whose network can be loaded.
func TestResumable(t *testing.T) {
	run := trained(t, filepath.Join(t.TempDir(), "run"), "solver.max_steps=20", "snapshots.every=0")
	s := together()
	found, err := s.resumable(run)
	if err != nil || found.Step != 20 || found.More < 1 || found.Warning != "" || found.Name != "run" {
		t.Fatalf("%+v, %v", found, err)
	}
	source, err := found.Begin(10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.resumable(run); err == nil {
		wait(t, "it is held", func() bool { _, err := s.resumable(run); return err != nil })
	}
	one := source.(*session)
	<-one.done
	now := one.Latest()
	if now.State != monitor.Finished || now.Step != 30 || !now.Resumable || now.Copy == nil || now.Copy.Step >= 0 || len(now.Points) == 0 || now.WatchOnly != "" {
		t.Errorf("state %d at step %d, it can go on: %v, copy %+v", now.State, now.Step, now.Resumable, now.Copy)
	}
	if err := one.Send(monitor.Command{Verb: monitor.Pause}); err == nil {
		t.Error("what has ended was paused")
	}
	one.Watch(monitor.Watch{Maps: true, Layer: "conv2", Image: 2})
	if err := one.Send(monitor.Command{Verb: monitor.Load}); err != nil {
		t.Fatal(err)
	}
	wait(t, "maps by a copy", func() bool { return one.Latest().Copied().Step == 30 })
	if m := one.Latest().Maps; m == nil || m.Title != "Validation 3" || m.Layer != "conv2" || one.Latest().Step != 30 {
		t.Errorf("maps %+v", m)
	}
	one.Close()
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// TestResumeFromBefore: a run whose loss had risen when it was stopped goes on from the
// checkpoint from before, with a lower rate.
func TestResumeFromBefore(t *testing.T) {
	run := trained(t, filepath.Join(t.TempDir(), "run"), "solver.max_steps=30", "checkpoint.every=5", "checkpoint.keep=9", "log.every=1", "snapshots.every=0")
	log := filepath.Join(run, "log.jsonl")
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	// From step 15 on the loss is another one.
	text = regexp.MustCompile(`("step":(?:1[5-9]|2[0-9]),"epoch":[^,]*,"loss":)[^,]*`).ReplaceAll(text, []byte("${1}500"))
	text = regexp.MustCompile(`("step":30,"epoch":[^,]*,"loss":)[^,]*`).ReplaceAll(text, []byte("${1}600"))
	if err := os.WriteFile(log, text, 0o644); err != nil {
		t.Fatal(err)
	}
	s := together()
	found, err := s.resumable(run)
	if err != nil {
		t.Fatal(err)
	}
	if found.Step != 10 || found.More != 0 || found.BeginNewest != nil || !strings.Contains(found.Warning, "It goes on from the checkpoint of step 10, the newest from before, with a lower rate, 0.0003.") {
		t.Errorf("%+v", found)
	}
	source, err := found.Begin(0)
	if err != nil {
		t.Fatal(err)
	}
	one := source.(*session)
	<-one.done
	now := one.Latest()
	if first := now.Points[10]; now.State != monitor.Finished || now.Step != 30 || first.Step != 11 || first.Loss > 100 {
		t.Errorf("state %d at step %d, %+v", now.State, now.Step, first)
	}
	if recipe, err := os.ReadFile(filepath.Join(run, "recipe.toml")); err != nil || !strings.Contains(string(recipe), "rate = 0.0003\n") {
		t.Errorf("the recipe is now %v\n%s", err, recipe)
	}
	one.Close()
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// TestResumeAsksOfAnotherMachine: where a process of another machine may train the run still,
// it is named before anything begins.
func TestResumeAsksOfAnotherMachine(t *testing.T) {
	dir := t.TempDir()
	run := trained(t, filepath.Join(dir, "run"), "solver.max_steps=20", "snapshots.every=0")
	for name, text := range map[string]string{"log.jsonl": "", "lock": "17 a-server\n"} {
		if err := os.WriteFile(filepath.Join(run, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	recipe, err := (&launch.Flags{Run: run, Resume: true, Set: []string{"solver.max_steps=30"}}).Config("")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(run, "recipe.toml"), []byte(recipe.Text()), 0o644); err != nil {
		t.Fatal(err)
	}
	found, err := together().resumable(run)
	if err != nil || !strings.HasPrefix(found.Warning, "Process 17 on a-server was the last to train it, ") {
		t.Errorf("it warns %q (%v)", found.Warning, err)
	}
}

// TestCannotResume: what stands against it is said before anything begins; what comes
// between is said by the run.
func TestCannotResume(t *testing.T) {
	run := trained(t, filepath.Join(t.TempDir(), "run"), "solver.max_steps=20", "checkpoint.every=10", "snapshots.every=0")
	s := together()
	found, err := s.resumable(run)
	if err != nil {
		t.Fatal(err)
	}
	held, err := train.ResumeRun(run)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.resumable(run); err == nil || !strings.Contains(err.Error(), "another process trains") {
		t.Errorf("while it is trained it says %v", err)
	}
	source, err := found.Begin(10)
	if err != nil {
		t.Fatal(err)
	}
	one := source.(*session)
	<-one.done
	if now := one.Latest(); now.State != monitor.Failed || len(now.Notices) != 1 || !strings.Contains(now.Notices[0].Text, "is being trained by process") || !now.Resumable {
		t.Errorf("of a run that another process took meanwhile: state %d, %+v", now.State, now.Notices)
	}
	held.Close()
	files, _ := filepath.Glob(filepath.Join(run, "checkpoints", "step-*"))
	os.Truncate(files[len(files)-1], 1000)
	if found, err := s.resumable(run); err != nil || found.Step != 10 || found.More != 0 || !strings.Contains(found.Warning, "is damaged: the run goes on from that of step 10,") {
		t.Errorf("of a damaged checkpoint: %+v, %v", found, err)
	}
	s.end()
}

// TestStopBeforeFirstStep: a run that is stopped while it prepares can go on.
func TestStopBeforeFirstStep(t *testing.T) {
	run := trained(t, filepath.Join(t.TempDir(), "run"), "solver.max_steps=20", "snapshots.every=0")
	s := &sessions{ctx: context.Background(), kept: &kept{}, shown: make(chan struct{})}
	flags := launch.Flags{Run: run, Resume: true}
	config, err := flags.Config("")
	if err != nil {
		t.Fatal(err)
	}
	one := s.begin(flags, config, nil)
	if err := one.Send(monitor.Command{Verb: monitor.Stop}); err != nil {
		t.Fatal(err)
	}
	close(s.shown)
	<-one.done
	if now := one.Latest(); now.State.Live() || !now.Resumable {
		t.Errorf("state %d, it can go on: %v", now.State, now.Resumable)
	}
	if err := s.end(); err != nil && !errors.Is(err, train.ErrStopped) {
		t.Error(err)
	}
}

// TestGoOnInTheWindow changes a setting of the demo, trains it to its end, looks at an
// image by a copy of its network, and lets the run go on for some steps more.
func TestGoOnInTheWindow(t *testing.T) {
	enginetest.Open(t)
	s := newScreen(t, 1440, 900)
	dir := t.TempDir()
	c, out := s.start(t, program(t), dir)
	wait(t, "the start page", func() bool { return s.pixel(t, 4, 4) == theme.Dark.Surface })
	onStart(t, s)
	s.do(t, "mousemove", "446", "212", "click", "1") // All settings
	wait(t, "the settings", func() bool { return s.pixel(t, 720, 870) == theme.Dark.Surface })
	for _, set := range [][2]string{{"max_steps", "30"}, {"train_images", "640"}, {"val_images", "40"}, {"data.batch", "8"}, {"snapshots.every", "0"}} {
		s.do(t, "mousemove", "500", "90", "click", "1")
		s.do(t, "type", "--delay", "5", set[0])
		s.do(t, "key", "Down")
		s.do(t, "type", "--delay", "5", set[1])
		s.do(t, "key", "Return")
	}
	s.do(t, "mousemove", "500", "90", "click", "1", "key", "BackSpace")
	s.shoot(t, "go-on-settings")
	s.do(t, "key", "Escape", "key", "Escape", "key", "d")
	run := onlyRun(t, dir, "demo-*")
	text, err := os.ReadFile(filepath.Join(run, "recipe.toml"))
	if err != nil || !strings.Contains(string(text), "max_steps = 30\n") || !strings.Contains(string(text), "batch = 8\n") {
		t.Fatalf("its recipe is %v\n%s", err, text)
	}
	logHas(t, run, `"step":30,`)              // kernels are chosen first
	button := image.Rect(1186, 98, 1200, 130) // primary once the run has ended
	wait(t, "its end", func() bool { return s.has(t, button, theme.Dark.Text) })
	s.shoot(t, "go-on-ended")
	s.do(t, "key", "2")
	wait(t, "the maps of the page", func() bool { return active(t, s) == 2 })
	s.shoot(t, "go-on-maps-before")
	s.do(t, "key", "Return", "key", "Right")
	photo := image.Rect(16, 176, 432, 592)
	before := s.sum(t, photo)
	wait(t, "another image", func() bool { return s.sum(t, photo) != before })
	s.shoot(t, "go-on-maps")
	s.do(t, "key", "g")
	wait(t, "the question", func() bool { return s.pixel(t, 720, 450) == theme.Dark.Surface })
	s.shoot(t, "go-on-question")
	s.do(t, "type", "--delay", "5", "100000")
	s.do(t, "key", "Return")
	logHas(t, run, `"step":50,`)
	s.do(t, "key", "space")
	logHas(t, run, `"key":"pause"`)
	s.shoot(t, "go-on-trains")
	s.do(t, "key", "o")
	onStart(t, s)
	time.Sleep(300 * time.Millisecond)
	s.shoot(t, "go-on-start")
	s.do(t, "key", "ctrl+q", "key", "s")
	if err := c.Wait(); err != nil || !strings.Contains(out.String(), "stopped; go on with") {
		t.Errorf("closed: %v, and it says %q", err, out)
	}
}
