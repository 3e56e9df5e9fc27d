package follow

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"alexnet/train/monitor"
	"alexnet/train/safetensors"
)

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

// TestLostFolderComesBack: where the snapshots cannot be listed for a moment, as on a mounted
// folder, none is taken for thinned out; those of a folder that was gone come back with it.
func TestLostFolderComesBack(t *testing.T) {
	dir := folder(t, "snapshots.every=50")
	appendTo(t, dir, point(100, 0.1))
	snapshots, aside := filepath.Join(dir, "snapshots"), filepath.Join(dir, "aside")
	layer(t, snapshots, 50, 1)
	layer(t, snapshots, 100, 2)
	f := late(t, dir, 0)
	has := func(when string, want int) {
		t.Helper()
		if s := looked(f); len(s.Pasts) != want || len(s.Kernels) != 2 || len(s.Notices) != 0 {
			t.Errorf("%s: maps of %d steps, kernels of %d, notices %v", when, len(s.Pasts), len(s.Kernels), s.Notices)
		}
	}
	move := func(from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	has("at first", 2)
	move(snapshots, aside)
	write(t, snapshots, "what cannot be listed")
	has("while it cannot be listed", 2)
	if err := os.Remove(snapshots); err != nil {
		t.Fatal(err)
	}
	has("while it is gone", 0)
	move(aside, snapshots)
	has("when it is back", 2)
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
