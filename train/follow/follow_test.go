package follow

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"alexnet/train"
	"alexnet/train/monitor"
)

// folder makes a run directory of the demo without a log.
func folder(t *testing.T, set ...string) string {
	t.Helper()
	c, err := train.LoadConfig("demo", set...)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "my-run")
	if err := os.MkdirAll(filepath.Join(dir, "checkpoints"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "recipe.toml"), c.Text())
	write(t, filepath.Join(dir, "classes.txt"), "cat\ndog\n")
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func appendTo(t *testing.T, dir, text string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, "log.jsonl"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func point(step int, rate float64) string {
	return fmt.Sprintf(`{"kind":"train","step":%d,"epoch":%g,"loss":%g,"rate":%g,"top1_error":0.5,"images_per_second":320,"waited":0.1}`+"\n", step, float64(step)/100, 3/float64(step), rate)
}

func end(step int, finished bool) string {
	return fmt.Sprintf(`{"kind":"end","step":%d,"finished":%t}`+"\n", step, finished)
}

// late opens a run as it looks when nobody has written to it for long.
func late(t *testing.T, dir string, after time.Duration) *Follower {
	t.Helper()
	f, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	f.now = func() time.Time { return time.Now().Add(after) }
	return f
}

func looked(f *Follower) *monitor.Snapshot {
	for f.look() {
	}
	return f.Latest()
}

func TestFollowsAsItGrows(t *testing.T) {
	dir := folder(t)
	f := late(t, dir, 0)
	if s := looked(f); s.Step != 0 || len(s.Points) != 0 || s.Run.Name != "my-run" || s.Run.Columns != 2 || len(s.Run.Classes) != 2 || s.WatchOnly == "" {
		t.Errorf("without a log: %+v of %+v", s, s.Run)
	} else if n := s.Run.Network; n == nil || len(n.Blocks) != len(s.Run.Layers) || n.Blocks[0].Layer != s.Run.Layers[0] {
		t.Errorf("its layers are %v, its network %+v", s.Run.Layers, n)
	}
	appendTo(t, dir, point(10, 0.003)+point(20, 0.003)[:30])
	first := looked(f)
	if len(first.Points) != 1 || first.Step != 10 || first.State != monitor.Training || len(first.Notices) != 0 {
		t.Errorf("after one line and a half: step %d, %d points, state %d, %v", first.Step, len(first.Points), first.State, first.Notices)
	}
	appendTo(t, dir, point(20, 0.003)[30:]+`{"kind":"val","step":20,"loss":1.5,"top1_error":0.4,"top5_error":0.1}`+"\n"+point(30, 0.0003))
	s := looked(f)
	if len(s.Points) != 3 || s.Step != 30 || s.Epoch != 0.3 || s.Run.StepsPerEpoch != 100 || s.Solver.Rate != 0.0003 {
		t.Errorf("after three: step %d, %d points, epoch %g, %g a epoch, rate %g", s.Step, len(s.Points), s.Epoch, s.Run.StepsPerEpoch, s.Solver.Rate)
	}
	if want := (monitor.Validation{Step: 20, Epoch: 0.2, Seconds: 2, Loss: 1.5, Top1Error: 0.4, Top5Error: 0.1}); len(s.Validations) != 1 || s.Validations[0] != want {
		t.Errorf("validations %+v, want %+v", s.Validations, want)
	}
	if len(s.Events) != 1 || s.Events[0].Short != "rate ÷ 10" || s.Events[0].Text != "Rate 0.003 → 0.0003" {
		t.Errorf("events %+v", s.Events)
	}
	if len(first.Points) != 1 {
		t.Error("a published snapshot changed")
	}
	before := f.Latest()
	if looked(f); f.Latest() != before {
		t.Error("nothing is new and yet it published")
	}
}

// TestUnlockedIsStopped: a run whose lock is free is over from the first snapshot on,
// however new its log is; one without locks trains while its log grows.
func TestUnlockedIsStopped(t *testing.T) {
	dir := folder(t, "solver.max_steps=90000", "snapshots.every=0")
	appendTo(t, dir, point(10, 0.003))
	checkpoint(t, dir, 10, 1)
	f := late(t, dir, 0)
	if s := f.Latest(); s.State != monitor.Stopped || !s.Resumable || s.Step != 10 || s.Reason != "at step 10" {
		t.Errorf("at first: state %d, resumable %t, step %d, %q", s.State, s.Resumable, s.Step, s.Reason)
	}
	if s := looked(f); s.State != monitor.Stopped || len(s.Events) != 1 || !strings.HasPrefix(s.Events[0].Text, "Checkpoint of step 10 written (") {
		t.Errorf("then: state %d, events %v", s.State, s.Events)
	}
	for name, clock := range map[string]time.Time{"a coarse clock": f.log.changed, "a server whose clock is slow": time.Now().Add(-time.Hour)} {
		appendTo(t, dir, point(f.log.step+1000, 0.003))
		if err := os.Chtimes(filepath.Join(dir, "log.jsonl"), time.Time{}, clock); err != nil {
			t.Fatal(err)
		}
		if s := looked(f); s.State != monitor.Training || len(s.Notices) != 0 {
			t.Errorf("while its log grows, by %s: state %d, notices %v", name, s.State, s.Notices)
		}
	}
	usual := f.log.usual()
	for after, want := range map[time.Duration]monitor.State{9 * usual: monitor.Training, 11 * usual: monitor.Stopped} {
		f.now = func() time.Time { return time.Now().Add(after) }
		if s := f.snapshot(false); s.State != want || usual < time.Minute {
			t.Errorf("silent for %v, where a line comes every %v: state %d, want %d", after, usual, s.State, want)
		}
	}
	f.now = time.Now
	appendTo(t, dir, end(f.log.step, false))
	if s := looked(f); s.State != monitor.Stopped {
		t.Errorf("after its log says that it was stopped: state %d", s.State)
	}
	appendTo(t, dir, point(f.log.step+10, 0.003))
	f.held = true
	if s := f.snapshot(false); s.State != monitor.Stopped {
		t.Errorf("after its trainer let go: state %d", s.State)
	}
}

func TestSentences(t *testing.T) {
	for _, c := range []struct {
		name, log string
		after     time.Duration
		alive     bool
		want      string // part of the notices; empty: none
		state     monitor.State
	}{
		{"whole, stopped", point(1, 1) + point(20, 1), time.Hour, false, "", monitor.Stopped},
		{"cut in a step", point(1, 1) + point(8214, 1)[:40], time.Hour, false, "The log ends in the middle of step 8,214. Everything before it is shown.", monitor.Stopped},
		{"cut before the step", point(10, 1) + point(20, 1) + `{"kin`, time.Hour, false, "in the middle of step 30.", monitor.Stopped},
		{"half a line of a live run", point(10, 1) + `{"kin`, 0, true, "", monitor.Training},
		{"rubbish within", point(10, 1) + "rubbish\n" + point(20, 1), time.Hour, false, "One line of the log cannot be read and is left out; the first is line 2.", monitor.Stopped},
		{"NaN", point(10, 1) + `{"kind":"train","step":20,"epoch":0.2,"loss":NaN,"rate":1}` + "\n", time.Hour, false, "The loss became NaN at step 20.", monitor.Failed},
		{"silent", point(10, 1), 2*time.Minute + time.Second, true, "The run has been silent for 2 min. Is its process alive?", monitor.Training},
		{"paused is not silent", point(10, 1) + `{"kind":"event","step":10,"text":"Paused","key":"pause"}` + "\n", time.Hour, true, "", monitor.Paused},
		{"paused no longer", point(10, 1) + `{"kind":"event","step":10,"text":"Paused","key":"pause"}` + "\n" + `{"kind":"event","step":10,"text":"Resumed","key":"resume"}` + "\n", 0, true, "", monitor.Training},
		{"finished", point(1, 1) + point(60, 1), time.Hour, false, "", monitor.Finished},
		{"finished by a rule", point(1, 1) + point(20, 1) + end(20, true), time.Hour, false, "", monitor.Finished},
		{"about to be left", point(1, 1) + point(20, 1) + end(20, true), 0, true, "", monitor.Training},
		{"stopped by its user", point(1, 1) + point(20, 1) + end(20, false), time.Hour, false, "", monitor.Stopped},
		{"gone on by an older program", point(1, 1) + end(1, true) + point(20, 1), time.Hour, false, "", monitor.Stopped},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t, "solver.max_steps=60", "solver.milestones=[20,30]")
			if strings.Contains(c.log, "8214") {
				dir = folder(t, "solver.max_steps=90000")
			}
			write(t, filepath.Join(dir, "log.jsonl"), c.log)
			if c.alive {
				defer hold(t, dir)()
				write(t, filepath.Join(dir, "log.jsonl"), c.log) // of which holding has cut the end
			}
			s := looked(late(t, dir, c.after))
			var got []string
			for _, n := range s.Notices {
				got = append(got, n.Text)
			}
			all := strings.Join(got, "\n")
			if !strings.Contains(all, c.want) || (c.want == "") != (all == "") || s.State != c.state {
				t.Errorf("state %d, notices %q; want state %d and %q", s.State, all, c.state, c.want)
			}
		})
	}
}

// TestUnreadableLog: where nothing of a log can be read, the run is not said to have stopped
// before its first step, and what the log ends in is no step that was cut.
func TestUnreadableLog(t *testing.T) {
	for _, c := range []struct {
		name, log string
		files     int // the step of a checkpoint; 0: there is none
		lines     int
		reason    string
		notice    string
	}{
		{"garbage", "\x00\x01\n\xfe{\n\x80 and no end", 0, 3, "log unreadable", "3 lines of the log cannot be read and are left out; the first is line 1."},
		{"no line's end", "\x00\x01\xfe", 0, 1, "log unreadable", "One line of the log cannot be read and is left out; the first is line 1."},
		{"with a checkpoint", "rubbish\n", 30, 1, "step 30 or later", "One line of the log cannot be read and is left out; the first is line 1."},
		{"empty", "", 0, 0, "at step 0", ""},
		{"its end", point(10, 1) + "rubbish", 0, 1, "at step 10", "One line of the log cannot be read and is left out; the first is line 2."},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t, "snapshots.every=0")
			write(t, filepath.Join(dir, "log.jsonl"), c.log)
			if c.files > 0 {
				checkpoint(t, dir, c.files, 1)
			}
			s := looked(late(t, dir, time.Hour))
			var got []string
			for _, n := range s.Notices {
				got = append(got, n.Text)
			}
			if all := strings.Join(got, "\n"); s.Unreadable != c.lines || s.Reason != c.reason || all != c.notice {
				t.Errorf("%d lines, %q, %q; want %d, %q, %q", s.Unreadable, s.Reason, all, c.lines, c.reason, c.notice)
			}
			if c.files > 0 && s.Step != c.files {
				t.Errorf("step %d, and it has a checkpoint of step %d", s.Step, c.files)
			}
		})
	}
}

// TestRiseIsSeen: of a network that dies the user is told, and where to go on from, until
// its loss comes down again.
func TestRiseIsSeen(t *testing.T) {
	dir := folder(t)
	step := 0
	trains := func(loss float64, lines int) {
		for range lines {
			step += 10
			appendTo(t, dir, fmt.Sprintf(`{"kind":"train","step":%d,"epoch":%g,"loss":%g,"rate":0.1}`+"\n", step, float64(step)/100, loss))
		}
	}
	f := late(t, dir, 0)
	sees := func(want string) {
		t.Helper()
		got := ""
		for _, n := range looked(f).Notices {
			got += n.Text
		}
		if got != want {
			t.Errorf("step %d: %q, want %q", step, got, want)
		}
	}
	const risen = "The loss has risen to 4.7e8, its least was 0.02. "
	trains(0.02, 12)
	sees("")
	trains(4.7e8, 5)
	sees(risen + "There is no checkpoint from before. People lower the rate.")
	checkpoint(t, dir, 100, 1)
	checkpoint(t, dir, 150, 1) // the loss had risen then
	sees(risen + "Stop it and go on from the checkpoint of step 100 with a lower rate: --resume --from 100 --set solver.rate=RATE")
	trains(0.02, 5)
	sees("")
}

// hold takes a run's lock as its trainer does.
func hold(t *testing.T, dir string) func() error {
	t.Helper()
	d, err := train.ResumeRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	return d.Close
}

func TestNaNIsShown(t *testing.T) {
	dir := folder(t)
	write(t, filepath.Join(dir, "log.jsonl"), `{"kind":"train","step":20,"epoch":0.2,"loss":-Infinity,"rate":1,"top1_error":NaN}`+"\n")
	s := looked(late(t, dir, 0))
	if len(s.Points) != 1 || !math.IsInf(s.Points[0].Loss, -1) || !math.IsNaN(s.Points[0].Top1Error) || !math.IsNaN(s.Points[0].ImagesPerSecond) {
		t.Errorf("points %+v", s.Points)
	}
}

func TestCutLogIsReadAnew(t *testing.T) {
	dir := folder(t)
	appendTo(t, dir, point(10, 0.1)+point(20, 0.1)+point(30, 0.01))
	f := late(t, dir, 0)
	before := looked(f)
	d, err := train.ResumeRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Cut(10, 0); err != nil {
		t.Fatal(err)
	}
	if s := looked(f); len(s.Points) != 1 || s.Step != 10 || len(s.Events) != 0 {
		t.Errorf("after the cut: step %d, %d points, events %v; want step 10, 1, none", s.Step, len(s.Points), s.Events)
	}
	if len(before.Points) != 3 || before.Points[2].Step != 30 {
		t.Error("a published snapshot changed")
	}
}

// TestRecipeIsReadAnew: a run that another process resumes for more steps is told by its new
// recipe, and by the old one while the new one cannot be read.
func TestRecipeIsReadAnew(t *testing.T) {
	dir := folder(t, "solver.max_steps=60", "solver.milestones=[20,30]")
	recipe := filepath.Join(dir, "recipe.toml")
	appendTo(t, dir, point(60, 0.1))
	f := late(t, dir, 0)
	if s := looked(f); s.State != monitor.Finished || s.Run.Steps != 60 {
		t.Errorf("at first: state %d, %d steps planned", s.State, s.Run.Steps)
	}
	write(t, recipe, "rubbish")
	if s := looked(f); s.Run.Steps != 60 {
		t.Errorf("of a recipe that cannot be read %d steps are planned", s.Run.Steps)
	}
	c, err := train.LoadConfig("demo", "solver.max_steps=90", "solver.milestones=[20,30]", "solver.momentum=0.5")
	if err != nil {
		t.Fatal(err)
	}
	write(t, recipe, c.Text())
	if s := looked(f); s.State != monitor.Stopped || s.Run.Steps != 90 || s.Run.StepsPerEpoch != 100 || s.Solver.Momentum != 0.5 {
		t.Errorf("then: state %d, %d steps planned, %g an epoch, momentum %g", s.State, s.Run.Steps, s.Run.StepsPerEpoch, s.Solver.Momentum)
	}
	before := f.Latest()
	if looked(f); f.Latest() != before {
		t.Error("nothing is new and yet it published")
	}
}

func TestLongLogComesInPieces(t *testing.T) {
	dir := folder(t)
	var b strings.Builder
	const n = 12000 // 1.5 MB
	for i := 1; i <= n; i++ {
		b.WriteString(point(i, 0.1))
	}
	write(t, filepath.Join(dir, "log.jsonl"), b.String())
	f := late(t, dir, 0)
	if s := f.Latest(); s.Read >= 1 || len(s.Points) == 0 {
		t.Errorf("at first %g read, %d points", s.Read, len(s.Points))
	}
	if s := looked(f); s.Read != 1 || len(s.Points) != n {
		t.Errorf("in the end %g read, %d points, want %d", s.Read, len(s.Points), n)
	}
	if s, err := Read(dir); err != nil || s.Read != 1 || len(s.Points) != n || s.Run.Name != "my-run" {
		t.Errorf("at once: %v, %+v", err, s)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{filepath.Join(t.TempDir(), "none"), "there is no folder"},
		{t.TempDir(), "holds no run: it has no recipe.toml"},
	} {
		if _, err := Open(c.path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

func TestCloseEnds(t *testing.T) {
	f, err := Open(folder(t))
	if err != nil {
		t.Fatal(err)
	}
	appendTo(t, f.path, point(10, 0.1))
	for deadline := time.Now().Add(10 * time.Second); f.Latest().Step != 10; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the line was not seen in 10 s")
		}
	}
	f.Close()
	f.Close()
}

// TestCloseDoesNotWait: the folder of a run may lie on a server that no longer answers. A
// pipe that nobody writes to is such a log: opening it waits.
func TestCloseDoesNotWait(t *testing.T) {
	dir := folder(t)
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(dir, "log.jsonl")
	if err := errors.Join(syscall.Mkfifo(log+".pipe", 0o600), os.Rename(log+".pipe", log)); err != nil {
		t.Fatal(err)
	}
	defer func() { // the look can end
		if writer, err := os.OpenFile(log, os.O_RDWR, 0); err == nil {
			writer.Close()
		}
	}()
	time.Sleep(4 * interval) // it looks
	closed := make(chan error, 1)
	go func() { closed <- f.Close() }()
	select {
	case err := <-closed:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it waits")
	}
}
