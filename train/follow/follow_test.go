package follow

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"alexnet/train"
	"alexnet/train/monitor"
	"alexnet/train/safetensors"
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
	dir := folder(t)
	appendTo(t, dir, point(10, 0.003))
	checkpoint(t, dir, 10, 1)
	f := late(t, dir, 0)
	if s := f.Latest(); s.State != monitor.Stopped || !s.Resumable || s.Step != 10 || s.Reason != "at step 10" {
		t.Errorf("at first: state %d, resumable %t, step %d, %q", s.State, s.Resumable, s.Step, s.Reason)
	}
	if s := looked(f); s.State != monitor.Stopped || len(s.Events) != 1 || s.Events[0].Text != "Checkpoint of step 10 written (1 MB)" {
		t.Errorf("then: state %d, events %v", s.State, s.Events)
	}
	appendTo(t, dir, point(20, 0.003))
	if s := looked(f); s.State != monitor.Training {
		t.Errorf("while its log grows: state %d", s.State)
	}
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
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t, "solver.max_steps=60", "solver.milestones=[20,30]")
			if strings.Contains(c.log, "8214") {
				dir = folder(t, "solver.max_steps=90000")
			}
			write(t, filepath.Join(dir, "log.jsonl"), c.log)
			if c.alive {
				defer hold(t, dir)()
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
	d, err := train.ResumeRun(dir, math.MaxInt, 0)
	if err != nil {
		t.Fatal(err)
	}
	// Resuming cut the half line, which a live trainer may just be writing.
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
	d, err := train.ResumeRun(dir, 10, 0) // cuts the lines after step 10
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if s := looked(f); len(s.Points) != 1 || s.Step != 10 || len(s.Events) != 0 {
		t.Errorf("after the cut: step %d, %d points, events %v; want step 10, 1, none", s.Step, len(s.Points), s.Events)
	}
	if len(before.Points) != 3 || before.Points[2].Step != 30 {
		t.Error("a published snapshot changed")
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

func checkpoint(t *testing.T, dir string, step int, value float32) string {
	t.Helper()
	return layer(t, filepath.Join(dir, "checkpoints"), step, value)
}

// layer writes a file with a first layer.
func layer(t *testing.T, dir string, step int, value float32) string {
	t.Helper()
	values := make([]float32, 5*3*2*2)
	for i := range values {
		values[i] = value * float32(i)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, fmt.Sprintf("step-%08d.safetensors", step))
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	shape := []int{5, 3, 2, 2}
	err = safetensors.Write(out, []safetensors.Tensor{{Name: "conv1.weight", Shape: shape, Floats: values}, {Name: "momentum.conv1.weight", Shape: shape, Floats: values}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Snapshots bring kernels as checkpoints do, and steps whose maps may be asked for;
// what is thinned out, is damaged, or lies behind where the run went back to is not
// among them.
func TestSnapshotsAreFollowed(t *testing.T) {
	dir := folder(t)
	appendTo(t, dir, point(100, 0.1))
	snapshots := filepath.Join(dir, "snapshots")
	first := layer(t, snapshots, 50, 1)
	layer(t, snapshots, 75, 2)
	checkpoint(t, dir, 75, 2)
	layer(t, snapshots, 100, 3)
	write(t, filepath.Join(snapshots, "step-00000060.safetensors"), "rubbish")
	steps := func(s *monitor.Snapshot) string {
		var out []int
		for _, shot := range s.Kernels {
			out = append(out, shot.Step)
		}
		out = append(out, -1)
		for _, p := range s.Pasts {
			out = append(out, p.Step)
		}
		return fmt.Sprint(out)
	}
	f := late(t, dir, 0)
	s := looked(f)
	for range patience {
		s = looked(f)
	}
	if got := steps(s); got != "[50 75 100 -1 50 75 100]" || s.Pasts[1].Epoch != 0.75 || len(s.Events) != 1 {
		t.Errorf("kernels and maps of steps %s, events %v", got, s.Events)
	}
	if len(s.Notices) != 1 || s.Notices[0].Text != "The snapshot of step 60 cannot be read and is left out." {
		t.Errorf("notices %v", s.Notices)
	}
	if err := os.Remove(first); err != nil {
		t.Fatal(err)
	}
	if got := steps(looked(f)); got != "[50 75 100 -1 75 100]" {
		t.Errorf("after one was thinned out there are kernels and maps of steps %s", got)
	}
	write(t, filepath.Join(dir, "log.jsonl"), point(75, 0.1)[:20]) // shorter: another log
	os.Remove(filepath.Join(snapshots, "step-00000100.safetensors"))
	if got := steps(looked(f)); got != "[75 -1 75]" {
		t.Errorf("after the run went back there are kernels and maps of steps %s", got)
	}
}

func TestKernelsComeAndStay(t *testing.T) {
	dir := folder(t)
	appendTo(t, dir, point(100, 0.1))
	first := checkpoint(t, dir, 50, 1)
	f := late(t, dir, 0)
	if s := looked(f); len(s.Kernels) != 1 || s.Kernels[0].Step != 50 || s.Kernels[0].Epoch != 0.5 || len(s.Kernels[0].Velocity) != 60 {
		t.Fatalf("kernels %+v", s.Kernels)
	}
	if err := os.Remove(first); err != nil { // as a trainer does that keeps few
		t.Fatal(err)
	}
	checkpoint(t, dir, 100, 2)
	write(t, filepath.Join(dir, "checkpoints", "step-00000075.safetensors"), "rubbish")
	s := looked(f)
	for range patience {
		s = looked(f)
	}
	if len(s.Kernels) != 2 || s.Kernels[1].Step != 100 || len(s.Events) != 2 {
		t.Errorf("%d shots, events %v; want those of steps 50 and 100", len(s.Kernels), s.Events)
	}
	if k := s.Kernels[1].Kernels; k.Size != 2 || len(k.Columns) != 2 || k.Columns[0] != 3 || k.Columns[1] != 2 {
		t.Errorf("kernels of size %d in columns %v; want 2 and [3 2]", k.Size, k.Columns)
	}
	told(t, s, "There are no snapshots: what can be looked back at are the checkpoints.", "The checkpoint of step 75 cannot be read and is left out.")
}

// told checks what a run's notices say.
func told(t *testing.T, s *monitor.Snapshot, want ...string) {
	t.Helper()
	var got []string
	for _, n := range s.Notices {
		got = append(got, n.Text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("it tells %q, want %q", got, want)
	}
}

// TestMissingIsTold: of a run that is over, what is gone from its folder is told: the log,
// and snapshots that were neither thinned out nor cut off.
func TestMissingIsTold(t *testing.T) {
	dir := folder(t)
	path := func(step int) string {
		return filepath.Join(dir, "snapshots", fmt.Sprintf("step-%08d.safetensors", step))
	}
	layer(t, filepath.Join(dir, "snapshots"), 0, 1)
	keep := func(step int) {
		meta := map[string]string{"snapshot": fmt.Sprintf(`{"step":%d,"before":%d}`, step, step-50)}
		out, err := os.Create(path(step))
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		if err := safetensors.Write(out, []safetensors.Tensor{{Name: "conv1.weight", Shape: []int{5, 3, 2, 2}, Floats: make([]float32, 60)}}, meta); err != nil {
			t.Fatal(err)
		}
	}
	for step := 50; step <= 250; step += 50 {
		keep(step)
	}
	told(t, looked(late(t, dir, 0)), "The log is missing: what is shown are checkpoints and snapshots.")
	appendTo(t, dir, point(250, 0.1))
	told(t, looked(late(t, dir, 0)))
	os.Remove(path(100))
	told(t, looked(late(t, dir, 0)), "The snapshot of step 100 is missing.")
	os.Remove(path(200))
	told(t, looked(late(t, dir, 0)), "2 snapshots are missing; the first is that of step 100.")
	keep(100)
	keep(200)
	for _, step := range []int{50, 150, 250} { // thinned out
		os.Remove(path(step))
	}
	told(t, looked(late(t, dir, 0)))
}

// A change that the journal tells is told once, with what it set; a run that stopped
// itself says so.
func TestJournalIsFollowed(t *testing.T) {
	dir := folder(t)
	event := func(step int, key, value, text string) string {
		return fmt.Sprintf(`{"kind":"event","step":%d,"text":%q,"short":"s","key":%q,"value":%s}`+"\n", step, text, key, value)
	}
	appendTo(t, dir, point(10, 0.01)+event(10, "rate", "0.001", "Rate 0.01 → 0.001")+event(10, "momentum", "0.5", "Momentum 0.9 → 0.5")+event(10, "dropout", "0", "Dropout off")+point(20, 0.001)+point(30, 0.0001))
	f := late(t, dir, time.Hour)
	s := looked(f)
	if len(s.Events) != 4 || s.Events[0].Kind != monitor.RateChanged || s.Events[1].Kind != monitor.SolverChanged || s.Events[3].Step != 30 {
		t.Errorf("events %+v", s.Events)
	}
	if s.Solver.Momentum != 0.5 || !s.Solver.DropoutOff || s.State != monitor.Stopped {
		t.Errorf("solver %+v, state %d", s.Solver, s.State)
	}
	appendTo(t, dir, `{"kind":"event","step":31,"text":"NaN or Inf, first in the output of layer fc7, at step 31","key":"failed"}`+"\n")
	if s = looked(f); s.State != monitor.Failed || s.Reason != "NaN, step 31" || len(s.Notices) != 1 || !s.Notices[0].Error || !strings.Contains(s.Notices[0].Text, "fc7") {
		t.Errorf("state %d, %q, %v", s.State, s.Reason, s.Notices)
	}
}

func TestWarmUpIsNoEvent(t *testing.T) {
	dir := folder(t)
	appendTo(t, dir, point(1, 0.001)+point(10, 0.01)+point(20, 0.02)+point(30, 0.02)+point(40, 0.2))
	if s := looked(late(t, dir, 0)); len(s.Events) != 1 || s.Events[0].Step != 40 || s.Events[0].Short != "rate × 10" {
		t.Errorf("events %+v, want the one of step 40", s.Events)
	}
}

// A checkpoint has one event at its step, whether the log tells of it, its file is seen,
// both do, or it was written twice.
func TestCheckpointsAreEvents(t *testing.T) {
	dir := folder(t)
	written := func(step, bytes int) string {
		return fmt.Sprintf(`{"kind":"checkpoint","step":%d,"bytes":%d}`+"\n", step, bytes)
	}
	checkpoint(t, dir, 5, 1) // of a program that did not log them
	checkpoint(t, dir, 20, 1)
	appendTo(t, dir, point(10, 0.01)+written(10, 3_000_000)+point(20, 0.01)+written(20, 3_000_000)+point(25, 0.01)+written(20, 4_000_000))
	s := looked(late(t, dir, 0))
	var steps []int
	for _, e := range s.Events {
		if e.Kind != monitor.Checkpointed {
			t.Errorf("event %+v", e)
		}
		steps = append(steps, e.Step)
	}
	if !slices.Equal(steps, []int{5, 10, 20}) {
		t.Fatalf("checkpoints of steps %v, want 5, 10 and 20", steps)
	}
	if text := s.Events[2].Text; !strings.Contains(text, "(4 MB)") {
		t.Errorf("that of step 20 is told as %q, want the size of the one written last", text)
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
