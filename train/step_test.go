package train

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"alexnet/train/monitor"
)

// The speed of a run whose validations come before the first seconds are over is that of
// its training so far, and the validations do not count.
func TestThroughput(t *testing.T) {
	var r throughput
	at := time.Now()
	step := func(took time.Duration) {
		at = at.Add(took)
		r.ended = at
		r.images += 100
	}
	r.start(at)
	step(100 * time.Millisecond)
	at = at.Add(500 * time.Millisecond) // a validation
	r.start(at)
	step(100 * time.Millisecond)
	r.images -= 100 // which add counts
	// 200 images in 0.2 s of training, and 0.2 s until now
	if speed, _ := r.add(100, at.Add(200*time.Millisecond)); speed < 400 || speed > 600 {
		t.Errorf("%.0f images/s", speed)
	}
}

// The log tells of a drop of the schedule at its step, and of the last step.
func TestDropsAreLogged(t *testing.T) {
	c := tinyConfig(t, "log.every=5", "solver.schedule=step", "solver.milestones=[4, 7]") // the first is logged as it is
	dir := filepath.Join(t.TempDir(), "run")
	tr, err := start(t, c, dir, false, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	tr.Close()
	lines, err := readLog(filepath.Join(dir, "log.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var steps []int
	for _, l := range lines {
		if l.Kind == "train" {
			steps = append(steps, l.Step)
		}
	}
	if want := []int{1, 5, 8, 10, 12}; !slices.Equal(steps, want) {
		t.Errorf("steps %v are in the log; expected %v", steps, want)
	}
}

// Of one step's events a checkpoint comes before what went on from it.
func TestByStep(t *testing.T) {
	checkpoint, on, pause := monitor.Event{Kind: monitor.Checkpointed, Step: 5}, monitor.Event{Kind: monitor.ResumedHere, Step: 5}, monitor.Event{Kind: monitor.PausedHere, Step: 5}
	events := []monitor.Event{pause, on, {Step: 7}, checkpoint}
	slices.SortStableFunc(events, ByStep)
	if want := []monitor.Event{pause, checkpoint, on, {Step: 7}}; !slices.Equal(events, want) {
		t.Errorf("%v", events)
	}
}

// A run keeps how its devices were named, and what it is resumed with takes their place.
func TestKeptDevices(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	c := tinyConfig(t)
	for _, words := range [][]string{{"2"}, nil, {"lavapipe", "lavapipe"}} {
		sets, err := OpenSets(c, "")
		if err != nil {
			t.Fatal(err)
		}
		o := StartOptions{Run: dir, Resume: KeptDevices(dir) != nil, Devices: words}
		tr, err := Start(context.Background(), c, sets, devices(t, "1"), o)
		if err != nil {
			t.Fatal(err)
		}
		tr.Close()
		want := words
		if want == nil {
			want = []string{"2"}
		}
		if got := KeptDevices(dir); !slices.Equal(got, want) {
			t.Errorf("kept %q, want %q", got, want)
		}
	}
}
