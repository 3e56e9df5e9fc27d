package train

import (
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"alexnet/train/monitor"
	"alexnet/train/safetensors"
)

// still is a clock that stands: snapshots take no time by it.
func still() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// kept trains with snapshots that cost nothing.
func kept(t *testing.T, c *Config, dir string, resume bool, messages *[]string) *Trainer {
	t.Helper()
	tr, err := start(t, c, dir, resume, devices(t, "1"), messages)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	tr.clock = still
	tr.Board = monitor.NewBoard(&monitor.Snapshot{})
	if err := tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	return tr
}

// snapshotSteps are the steps of the snapshots in a run's folder.
func snapshotSteps(dir string) (out []int) {
	for _, f := range SnapshotFiles(dir) {
		out = append(out, f.Step)
	}
	return out
}

// A run keeps its kernels and the maps of one image as they were, and ends with the
// weights of a run that keeps nothing.
func TestSnapshotsOfARun(t *testing.T) {
	dirs := t.TempDir()
	run(t, tinyConfig(t, "snapshots.every=0"), filepath.Join(dirs, "alone"), false, devices(t, "1"))
	dir := filepath.Join(dirs, "kept")
	tr := kept(t, tinyConfig(t, "snapshots.every=5", "snapshots.image=4"), dir, false, nil)
	if got := snapshotSteps(dir); !slices.Equal(got, []int{0, 5, 10, 12}) {
		t.Fatalf("snapshots of steps %v", got)
	}
	if got := snapshotSteps(filepath.Join(dirs, "alone")); len(got) != 0 {
		t.Errorf("snapshots.every=0 kept steps %v", got)
	}
	if a, b := weightsOf(t, dirs, "kept"), weightsOf(t, dirs, "alone"); a != b {
		t.Error("snapshots changed the run")
	}
	s := tr.Board.Latest()
	if len(s.Pasts) != 4 || len(s.Kernels) != 4 {
		t.Fatalf("%d steps to look back at, %d shots of the kernels; want 4 and 4", len(s.Pasts), len(s.Kernels))
	}
	w, err := tr.Net.Read(tr.firstKernels(), 0)
	if err != nil || !slices.Equal(w, s.Kernels[3].Kernels.Values) || slices.Equal(w, s.Kernels[2].Kernels.Values) {
		t.Errorf("the last shot is not of the last weights, or is the one before: %v", err)
	}
	first, err := s.Pasts[0].Look()
	if err != nil {
		t.Fatal(err)
	}
	last, err := s.Pasts[3].Look()
	if err != nil {
		t.Fatal(err)
	}
	now, _, err := tr.sight.Views(3, tr.step)
	if err != nil {
		t.Fatal(err)
	}
	if last.Step != 12 || last.Title != "Validation 4" || last.Label != tr.Sets.Val.Label(3) || !slices.Equal(last.Prediction, now.Prediction) {
		t.Errorf("of step %d: %s, label %d, %v; want %v", last.Step, last.Title, last.Label, last.Prediction, now.Prediction)
	}
	if !slices.Equal(last.Image.Pix, now.Image.Pix) || last.Image.Rect != now.Image.Rect {
		t.Error("the image is another")
	}
	if len(last.Layers) != 3 {
		t.Errorf("maps of %d layers, want 3", len(last.Layers))
	}
	for layer, want := range now.Layers {
		got := last.Layers[layer]
		if got.H != want.H || got.W != want.W || len(got.Columns) != 2 {
			t.Fatalf("%s: %dx%d, %d columns", layer, got.H, got.W, len(got.Columns))
		}
		for c := range want.Columns {
			if differ(got.Columns[c], want.Columns[c]) > 1.0/2048 {
				t.Errorf("the maps of %s, column %d, are others", layer, c+1)
			}
		}
		if slices.Equal(want.Columns[0], want.Columns[1]) {
			t.Errorf("the columns' maps of %s are the same", layer)
		}
	}
	if m, f := last.Of("conv1"), last.Faces(s.Run.Network.Blocks); m.Layer != "conv1" || m.Step != 12 || len(f.Layers) != 3 || f.Layers[0].H != m.H || last.Of("none").Columns != nil {
		t.Errorf("maps %+v, faces %+v", m, f)
	}
	if differ(first.Layers["conv1"].Columns[0], last.Layers["conv1"].Columns[0]) < 1e-6 {
		t.Error("the maps at the start are those at the end")
	}
}

// TestMissingSnapshots: each snapshot knows the one before it, and so which is gone.
func TestMissingSnapshots(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	kept(t, tinyConfig(t, "snapshots.every=5"), dir, false, nil)
	files, before := SnapshotFiles(dir), map[int]int{}
	for _, f := range files {
		if step, ok := SnapshotBefore(f.Path); ok {
			before[f.Step] = step
		}
	}
	if want := map[int]int{5: 0, 10: 5, 12: 10}; !maps.Equal(before, want) {
		t.Fatalf("before each lies %v, want %v", before, want)
	}
	for _, c := range []struct {
		steps []int
		every int
		want  []int
	}{
		{[]int{0, 5, 10, 12}, 5, nil},
		{[]int{0, 10, 12}, 5, nil}, // as if thinned out
		{[]int{0, 5, 12}, 5, []int{10}},
		{[]int{5, 10, 12}, 5, []int{0}},
		{[]int{0, 5, 12}, 0, nil}, // goes on without
	} {
		var there []SnapshotFile
		for _, f := range files {
			if slices.Contains(c.steps, f.Step) {
				there = append(there, f)
			}
		}
		if got := MissingSnapshots(there, before, c.every); !slices.Equal(got, c.want) {
			t.Errorf("of %v, each %d steps, %v are missing, want %v", c.steps, c.every, got, c.want)
		}
	}
}

// differ is the largest difference over the largest value.
func differ(a, b []float32) float64 {
	most, off := 0.0, math.Abs(float64(len(a)-len(b)))
	for i := range min(len(a), len(b)) {
		most = max(most, math.Abs(float64(b[i])))
		off = max(off, math.Abs(float64(a[i]-b[i])))
	}
	return off / max(most, 1e-30)
}

// weightsOf are the tensors of a run's last checkpoint.
func weightsOf(t *testing.T, parts ...string) string {
	t.Helper()
	f, err := safetensors.Open(filepath.Join(append(parts, "checkpoints", checkpointName(12))...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return f.Metadata["sha256"]
}

// A run that goes on from an earlier step gives up what it kept behind it, and shows
// what it kept before.
func TestResumeCutsSnapshots(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	kept(t, tinyConfig(t, "snapshots.every=2"), dir, false, nil)
	for _, step := range []int{9, 12} {
		os.Remove(filepath.Join(dir, "checkpoints", checkpointName(step)))
	}
	tr, err := start(t, tinyConfig(t, "snapshots.every=2", "solver.max_steps=7"), dir, true, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := snapshotSteps(dir); !slices.Equal(got, []int{0, 2, 4, 6}) {
		t.Errorf("after going on from step 6 there are %v", got)
	}
	tr.clock = still
	tr.Board = monitor.NewBoard(&monitor.Snapshot{})
	if err := tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	tr.Close()
	if s := tr.Board.Latest(); len(s.Pasts) != 5 || len(s.Kernels) != 5 || s.Kernels[1].Step != 2 || s.Pasts[4].Step != 7 {
		t.Errorf("%d steps to look back at, %d shots", len(s.Pasts), len(s.Kernels))
	}
}

// What cannot be read is left out with a sentence.
func TestDamagedSnapshots(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	kept(t, tinyConfig(t, "snapshots.every=3"), dir, false, nil)
	files := SnapshotFiles(dir)
	text := []byte(read(t, files[1].Path))
	text[len(text)-5] ^= 1
	if err := os.WriteFile(files[1].Path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(files[2].Path, files[2].Size-100); err != nil {
		t.Fatal(err)
	}
	tr, err := start(t, tinyConfig(t, "snapshots.every=3", "solver.max_steps=13"), dir, true, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	tr.Board = monitor.NewBoard(&monitor.Snapshot{})
	if err := tr.live.begin(tr); err != nil {
		t.Fatal(err)
	}
	s := tr.Board.Latest()
	if len(s.Pasts) != 4 || len(s.Notices) != 1 || s.Notices[0].Text != "The snapshot of step 6 cannot be read and is left out." {
		t.Fatalf("%d steps, notices %+v", len(s.Pasts), s.Notices)
	}
	os.Remove(files[3].Path)
	for i, want := range []string{"", "The snapshot of step 3 is damaged and is left out.", "The snapshot of step 9 is no longer there."} {
		if _, err := s.Pasts[i].Look(); fmt.Sprint(err) != want && (want != "" || err != nil) {
			t.Errorf("%d: %v, want %q", i, err, want)
		}
	}
}

// A disk that takes no snapshots stops no training, and is spoken of once.
func TestSnapshotsThatFail(t *testing.T) {
	for _, c := range []struct{ set, block, want string }{
		{"snapshots.every=2", "snapshots", "warning: the snapshot of step 0 was not written: "},
		{"layer.conv1.filters=800", "", "it takes 2 MB, more than snapshots.budget = 1"},
	} {
		dir := filepath.Join(t.TempDir(), "run")
		config := tinyConfig(t, "snapshots.every=2", "snapshots.budget=1", c.set)
		var messages []string
		tr, err := start(t, config, dir, false, devices(t, "1"), &messages)
		if err != nil {
			t.Fatal(err)
		}
		tr.clock = still
		if c.block != "" {
			if err := os.WriteFile(filepath.Join(dir, c.block), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := tr.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		tr.Close()
		all := strings.Join(messages, "\n")
		if !strings.Contains(all, c.want) || strings.Count(all, "snapshot of step") != 1 || tr.step != 12 {
			t.Errorf("step %d, messages %q; want one with %q", tr.step, messages, c.want)
		}
	}
}

// Where the budget is spent those that stay are evenly far apart.
func TestSnapshotsKeepTheirBudget(t *testing.T) {
	tr := onBoard(t)
	tr.Config.Snapshots = Snapshots{Every: 10, Budget: 1, Image: 1}
	dir := filepath.Join(tr.Dir.Path, "snapshots")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	const size = 95_000 // ten fit
	one := []safetensors.Tensor{{Name: "x", Shape: []int{size}, Bytes: make([]uint8, size)}}
	tr.kept.interval = 10
	for step := 0; step <= 1000; step++ {
		if step%tr.kept.interval != 0 && step != 995 {
			continue
		}
		tr.step = step
		room, err := tr.makeRoom(one, step == 995)
		if err != nil {
			t.Fatal(err)
		}
		if !room {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, checkpointName(step)), one[0].Bytes, 0o644); err != nil {
			t.Fatal(err)
		}
		tr.live.pasts = append(tr.live.pasts, &monitor.Past{Step: step})
		var shown []int
		for _, p := range tr.live.pasts {
			shown = append(shown, p.Step)
		}
		all := snapshotSteps(tr.Dir.Path)
		if len(all) > 10 || !slices.Equal(all, shown) || step > 100 && len(all) < 5 {
			t.Fatalf("at step %d there are %v, shown are %v", step, all, shown)
		}
		for i, s := range all {
			if s != i*tr.kept.interval && s != 995 {
				t.Fatalf("at step %d there are %v, not %d apart", step, all, tr.kept.interval)
			}
		}
	}
	if tr.kept.interval != 160 {
		t.Errorf("after 1,000 steps they are %d apart, want 160", tr.kept.interval)
	}
	if got := keptInterval(SnapshotFiles(tr.Dir.Path), 10); got != 160 {
		t.Errorf("a resumed run takes them to be %d apart, want 160", got)
	}
}

func TestKeptInterval(t *testing.T) {
	for _, c := range []struct {
		steps []int
		want  int
	}{{nil, 10}, {[]int{0}, 10}, {[]int{0, 10, 20}, 10}, {[]int{0, 40, 80, 93}, 40}, {[]int{0, 20, 30}, 10}, {[]int{0, 60}, 20}} {
		var files []SnapshotFile
		for _, s := range c.steps {
			files = append(files, SnapshotFile{Step: s})
		}
		if got := keptInterval(files, 10); got != c.want {
			t.Errorf("%v: %d apart, want %d", c.steps, got, c.want)
		}
	}
}

// Snapshots come further apart where they would take too much of the time.
func TestSnapshotsAreCheap(t *testing.T) {
	tr := onBoard(t)
	tr.Config.Snapshots.Every = 2
	now, took := still(), time.Second
	tr.clock = func() time.Time { now = now.Add(took / 2); return now } // each is begun, measured twice, ended
	if !tr.snapshotDue(0) || tr.snapshotDue(1) {
		t.Fatal("the first snapshot is of step 0, and there is none of step 1")
	}
	if err := tr.snapshot(false); err != nil {
		t.Fatal(err)
	}
	if !tr.snapshotDue(2) {
		t.Error("what the first one prepares puts off the second")
	}
	tr.step = 2
	if err := tr.snapshot(false); err != nil {
		t.Fatal(err)
	}
	took = 0
	if wait := tr.kept.due.Sub(now); wait < snapshotShare*time.Second/2 || wait > 2*snapshotShare*time.Second {
		t.Errorf("after one that took a second the next is due in %v", wait)
	}
	if tr.snapshotDue(4) {
		t.Error("the next one came at once")
	}
	now = tr.kept.due
	if !tr.snapshotDue(4) || tr.snapshotDue(5) {
		t.Error("the next one never comes, or comes between")
	}
}
