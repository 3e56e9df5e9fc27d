package train

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"alexnet/train/safetensors"
)

// saveAt writes a small checkpoint of a step into dir.
func saveAt(dir string, step, keep int, history ...Validation) error {
	values := make([]float32, 1000)
	for i := range values {
		values[i] = float32(step)
	}
	return SaveCheckpoint(dir, State{Step: step, History: history, Classes: []string{"a", "b"}},
		[]safetensors.Tensor{{Name: "w", Shape: []int{10, 100}, Floats: values}}, keep)
}

func TestCheckpointRoundTrip(t *testing.T) {
	dir := t.TempDir()
	if err := saveAt(dir, 7, 3, Validation{Step: 7, Top1Error: 0.25}); err != nil {
		t.Fatal(err)
	}
	l, skipped, err := FindCheckpoint(dir)
	if err != nil || len(skipped) > 0 {
		t.Fatal(err, skipped)
	}
	defer l.Close()
	values, err := l.file.Floats("w")
	if err != nil || l.Step != 7 || len(values) != 1000 || values[999] != 7 || l.Classes[1] != "b" || l.History[0].Top1Error != 0.25 {
		t.Errorf("%v %+v", err, l.State)
	}
}

// The newest ones stay, and the one with the best validation.
func TestCheckpointsKept(t *testing.T) {
	dir := t.TempDir()
	history := []Validation{{Step: 2, Top1Error: 0.1}, {Step: 5, Top1Error: 0.3}}
	for step := 1; step <= 6; step++ {
		if err := saveAt(dir, step, 2, history...); err != nil {
			t.Fatal(err)
		}
	}
	var left []string
	for _, path := range checkpoints(dir) {
		left = append(left, strings.TrimSuffix(filepath.Base(path), ".safetensors"))
	}
	if got := strings.Join(left, " "); got != "step-00000006 step-00000005 step-00000002" {
		t.Errorf("kept %s", got)
	}
}

// A run's path may have brackets, which patterns of paths have, too.
func TestPathsAreNoPatterns(t *testing.T) {
	for _, name := range []string{"cat[2]", "cat*", `cat\2`, "cat["} {
		runs := t.TempDir()
		mine, other := filepath.Join(runs, name), filepath.Join(runs, "cat2")
		for _, run := range []string{mine, other} {
			for _, dir := range []string{"checkpoints", "snapshots"} {
				if err := os.MkdirAll(filepath.Join(run, dir), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(run, "recipe.toml"), []byte(`name = "x"`), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for step := 1; step <= 3; step++ {
			for _, dir := range []string{filepath.Join(mine, "checkpoints"), filepath.Join(mine, "snapshots"), filepath.Join(other, "checkpoints")} {
				if err := saveAt(dir, step, 3); err != nil {
					t.Fatal(err)
				}
			}
		}
		prune(filepath.Join(mine, "checkpoints"), 1, State{Step: 3})
		list, err := ListRuns(filepath.Join(runs, name, ".."))
		own, err2 := ListRuns(mine)
		if a, b, c := len(checkpoints(filepath.Join(mine, "checkpoints"))), len(checkpoints(filepath.Join(other, "checkpoints"))), len(SnapshotFiles(mine)); err != nil || err2 != nil || a != 1 || b != 3 || c != 3 || len(list) != 2 || len(own) != 1 {
			t.Errorf("%s: %d checkpoints, %d of the other's, %d snapshots, %d runs, %d in its own folder; %v, %v", name, a, b, c, len(list), len(own), err, err2)
		}
	}
}

// Where the folder of checkpoints cannot be read there may be some: a run that began anew
// would empty its log.
func TestUnreadableCheckpoints(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "checkpoints")
	if err := os.WriteFile(dir, nil, 0o644); err != nil { // root could read a folder of no rights
		t.Fatal(err)
	}
	for _, open := range []func(string) (*Loaded, []error, error){NewestCheckpoint, func(dir string) (*Loaded, []error, error) { return FindCheckpoint(filepath.Dir(dir)) }} {
		if _, _, err := open(dir); errors.Is(err, os.ErrNotExist) {
			t.Error(err)
		} else {
			wants(t, err, dir, "not a directory")
		}
	}
}

// A damaged checkpoint of a later step, which a resumed run has passed over, does
// not push out what the run writes.
func TestDamagedCheckpointPushesNoneOut(t *testing.T) {
	dir := t.TempDir()
	for _, step := range []int{1, 9} {
		if err := saveAt(dir, step, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(filepath.Join(dir, checkpointName(9)), 100); err != nil {
		t.Fatal(err)
	}
	if err := saveAt(dir, 2, 1); err != nil {
		t.Fatal(err)
	}
	l, _, err := NewestCheckpoint(dir)
	if err != nil || l.Step != 2 {
		t.Fatal(err, l)
	}
	l.Close()
}

// A truncated, a flipped and an empty file are passed over for the newest whole
// one, and each is named.
func TestDamagedCheckpointsArePassedOver(t *testing.T) {
	dir := t.TempDir()
	for step := 1; step <= 4; step++ {
		if err := saveAt(dir, step, 9); err != nil {
			t.Fatal(err)
		}
	}
	list := checkpoints(dir)
	whole, err := os.ReadFile(list[1])
	if err != nil {
		t.Fatal(err)
	}
	flipped := append([]byte(nil), whole...)
	flipped[len(flipped)-100] ^= 1
	for path, text := range map[string][]byte{list[0]: whole[:len(whole)-1000], list[1]: flipped, list[2]: nil} {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	l, skipped, err := NewestCheckpoint(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if l.Step != 1 || len(skipped) != 3 {
		t.Fatalf("step %d, skipped %v", l.Step, skipped)
	}
	wants(t, skipped[0], list[0], "truncated")
	wants(t, skipped[1], list[1], "damaged")
	wants(t, skipped[2], list[2], "header")
	os.Remove(list[3])
	if _, _, err := NewestCheckpoint(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("all damaged: %v", err)
	}
}

// A disk that fills up while a checkpoint is written loses nothing. A limit on
// the size of files stands in for the disk; it needs a process of its own. As
// root a real small disk is tried, too.
func TestFullDisk(t *testing.T) {
	if dir := os.Getenv("TEST_FULL_DISK"); dir != "" {
		limit := syscall.Rlimit{Cur: 2000, Max: 2000}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		wants(t, saveAt(dir, 2, 1), "step-00000002", "checkpoint of 1 MB", "untouched")
		return
	}
	dir := t.TempDir()
	if err := saveAt(dir, 1, 1); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
	c.Env = append(os.Environ(), "TEST_FULL_DISK="+dir)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	onlyFirst(t, dir)
	t.Run("mounted", func(t *testing.T) {
		dir := t.TempDir()
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", 2*os.Getpagesize())); err != nil {
			t.Skip("cannot mount a small disk:", err)
		}
		defer syscall.Unmount(dir, 0)
		if err := saveAt(dir, 1, 1); err != nil {
			t.Fatal(err)
		}
		wants(t, saveAt(dir, 2, 1), "the disk is full", "untouched")
		onlyFirst(t, dir)
	})
}

func onlyFirst(t *testing.T, dir string) {
	t.Helper()
	l, skipped, err := NewestCheckpoint(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	entries, err := os.ReadDir(dir)
	if err != nil || l.Step != 1 || len(skipped) != 0 || len(entries) != 1 {
		t.Errorf("step %d, %v, %d files: %v", l.Step, skipped, len(entries), fmt.Sprint(entries))
	}
}
