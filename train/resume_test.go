package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A run that is killed with SIGKILL in the middle of an epoch and resumed, on one
// device, on two and by a recipe that it finds itself, ends with the bits and the log of
// one that was not: of generated images; with frozen layers and steps of the rate; of
// photographs, of which one cannot be read, with plateaus and a local layer.
func TestResumeAfterKill(t *testing.T) {
	if dir := os.Getenv("TEST_KILLED_RUN"); dir != "" {
		tr, err := start(t, tinyConfig(t, strings.Split(os.Getenv("TEST_KILLED_SET"), "\n")...), dir, false, devices(t, "1"), nil)
		if err != nil {
			t.Fatal(err)
		}
		tr.OnProgress = func(p Progress) {
			if p.Step == 8 { // checkpoints at 3 and 6
				time.Sleep(time.Minute) // killed here
			}
		}
		tr.Run(context.Background())
		return
	}
	photos := filepath.Join(t.TempDir(), "photos")
	savePhotos(t, photos, 3, 14)
	for _, c := range []struct {
		set     []string
		devices []string
	}{
		{[]string{"seed=1"}, []string{"1", "2"}},
		{[]string{"layer.conv1.frozen=true", "layer.fc3.rate=10", "solver.schedule=step", "solver.milestones=[5, 9]"}, []string{"2"}},
		{[]string{"data.set=folder", fmt.Sprintf("data.dir=%q", photos), "layer.fc3.units=3", "layer.conv1.type=local", "solver.schedule=plateau", "solver.patience=1", "solver.drops=9", "validate.every=2"}, []string{"1"}},
	} {
		resumeAfterKill(t, c.set, c.devices)
	}
}

func resumeAfterKill(t *testing.T, set, on []string) {
	t.Helper()
	whole := filepath.Join(t.TempDir(), "whole")
	run(t, tinyConfig(t, set...), whole, false, devices(t, "1"))
	want := read(t, checkpoints(filepath.Join(whole, "checkpoints"))[0])
	for _, device := range on {
		dir := filepath.Join(t.TempDir(), "killed")
		killAtStep(t, dir, `"step":8`, set)
		half := filepath.Join(dir, "checkpoints", ".tmp-123")
		if err := os.WriteFile(half, []byte("half"), 0o644); err != nil {
			t.Fatal(err)
		}
		c, notes, err := ResumeConfig(dir, "", nil)
		if err != nil || len(notes) > 0 {
			t.Fatal(err, notes)
		}
		tr := run(t, c, dir, true, devices(t, device))
		if _, err := os.Stat(half); err == nil {
			t.Error("a half-written checkpoint is still there")
		}
		if tr.Step() != 12 || !tr.Done() {
			t.Errorf("ended at step %d", tr.Step())
		}
		if got := read(t, checkpoints(filepath.Join(dir, "checkpoints"))[0]); got != want {
			t.Errorf("%v, resumed on %s device(s): the last checkpoint differs from the uninterrupted run's", set, device)
		}
		if a, b := steps(read(t, dir, "log.jsonl")), steps(read(t, whole, "log.jsonl")); a != b {
			t.Errorf("log of the resumed run:\n%s\nof the other:\n%s", a, b)
		}
	}
}

// savePhotos writes folders of small pictures, of which the fourth of the first class is
// damaged.
func savePhotos(t *testing.T, dir string, classes, each int) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	for class := range classes {
		folder := filepath.Join(dir, fmt.Sprintf("class%d", class))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range each {
			m := image.NewRGBA(image.Rect(0, 0, 20, 20))
			for k := range m.Pix {
				m.Pix[k] = byte(random.Uint32()) | byte(k%4/3*255)
			}
			var file bytes.Buffer
			if err := png.Encode(&file, m); err != nil {
				t.Fatal(err)
			}
			if class == 0 && i == 3 {
				file.Truncate(file.Len() / 2)
			}
			if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%02d.png", i)), file.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// killAtStep starts a run in another process and kills it when its log has a
// line with the words.
func killAtStep(t *testing.T, dir, words string, set []string) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestResumeAfterKill$")
	c.Env = append(os.Environ(), "TEST_KILLED_RUN="+dir, "TEST_KILLED_SET="+strings.Join(set, "\n"))
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Wait()
	defer c.Process.Kill()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if text, _ := os.ReadFile(filepath.Join(dir, "log.jsonl")); bytes.Contains(text, []byte(words)) {
			return
		}
	}
	t.Fatal("the other process did not get to ", words)
}

// steps is a log without what depends on the clock.
func steps(log string) string {
	var out strings.Builder
	for _, line := range strings.SplitAfter(log, "\n") {
		if strings.Contains(line, `"key":"resume"`) || strings.Contains(line, `"kind":"checkpoint"`) {
			continue // that it went on, and the checkpoint that it went on from, tell it apart
		}
		head, _, _ := strings.Cut(line, `,"images_per_second"`)
		out.WriteString(strings.TrimSpace(head) + "\n")
	}
	return out.String()
}

// The same holds for a run that Ctrl-C stops, in the middle of an epoch, where the
// step in flight is finished, too, or where a validation follows.
func TestResumeAfterStop(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "whole")
	run(t, tinyConfig(t), whole, false, devices(t, "1"))
	for step, end := range map[int]int{4: 5, 6: 6} {
		stopped := filepath.Join(t.TempDir(), "stopped")
		tr, err := start(t, tinyConfig(t), stopped, false, devices(t, "1"), nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		tr.OnProgress = func(p Progress) {
			if p.Step == step {
				stop()
			}
		}
		if err := tr.Run(ctx); !errors.Is(err, ErrStopped) {
			t.Fatal(err)
		}
		tr.Close()
		if last := checkpoints(filepath.Join(stopped, "checkpoints"))[0]; filepath.Base(last) != checkpointName(end) {
			t.Errorf("the newest checkpoint is %s", last)
		}
		run(t, tinyConfig(t), stopped, true, devices(t, "1"))
		if read(t, stopped, "checkpoints", checkpointName(12)) != read(t, whole, "checkpoints", checkpointName(12)) {
			t.Errorf("stopped after step %d: the last checkpoint differs from the uninterrupted run's", step)
		}
	}
}

// A finished run is not trained on; a higher max_steps continues it.
func TestResumeFinishedRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	run(t, tinyConfig(t, "solver.max_steps=3"), dir, false, devices(t, "1"))
	before := read(t, dir, "log.jsonl")
	c, notes, err := ResumeConfig(dir, "demo", []string{"solver.max_steps=3"})
	if err != nil || len(notes) == 0 || !strings.Contains(strings.Join(notes, "\n"), "data.batch is 32, the run's 8") {
		t.Error(err, notes)
	}
	run(t, c, dir, true, devices(t, "1"))
	if read(t, dir, "log.jsonl") != before {
		t.Error("resuming a finished run changed its log")
	}
	if c, _, err = ResumeConfig(dir, "", []string{"solver.max_steps=5"}); err != nil {
		t.Fatal(err)
	}
	if tr := run(t, c, dir, true, devices(t, "1")); tr.Step() != 5 {
		t.Errorf("ended at step %d", tr.Step())
	}
}

func TestResumeWithoutCheckpointBegins(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	c := tinyConfig(t, "solver.max_steps=2")
	tr, err := start(t, c, dir, false, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	tr.Close()
	var messages []string
	if tr, err = start(t, c, dir, true, devices(t, "1"), &messages); err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if err := tr.Run(context.Background()); err != nil || tr.Step() != 2 || !strings.Contains(strings.Join(messages, "\n"), "no checkpoint yet") {
		t.Error(err, tr.Step(), messages)
	}
}

// Such a run begins with the weights that it was given, wherever they were named.
func TestResumeWithoutCheckpointKeepsWeights(t *testing.T) {
	first := run(t, tinyConfig(t, "solver.max_steps=2"), filepath.Join(t.TempDir(), "first"), false, devices(t, "1"))
	weights := filepath.Join(t.TempDir(), "w.safetensors")
	l, _, err := FindCheckpoint(first.Dir.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Export(weights, false); err != nil {
		t.Fatal(err)
	}
	var ends []string
	for _, killed := range []bool{false, true} {
		c := tinyConfig(t, "solver.max_steps=3")
		sets, err := OpenSets(c, "")
		if err != nil {
			t.Fatal(err)
		}
		o := StartOptions{Run: filepath.Join(t.TempDir(), "run"), Weights: weights}
		for _, o.Resume = range []bool{false, true}[:1+len(ends)] {
			tr, err := Start(context.Background(), c, sets, devices(t, "1"), o)
			if err != nil {
				t.Fatal(err)
			}
			if o.Resume == killed {
				if err := tr.Run(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			tr.Close()
			o.Weights = ""
		}
		ends = append(ends, read(t, o.Run, "checkpoints", checkpointName(3)))
	}
	if ends[0] != ends[1] {
		t.Error("the run that was killed at its start ended otherwise")
	}
}

// A damaged newest checkpoint is passed over aloud.
func TestResumePassesDamagedCheckpointOver(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	run(t, tinyConfig(t), dir, false, devices(t, "1"))
	want := read(t, dir, "checkpoints", checkpointName(12))
	if err := os.Truncate(filepath.Join(dir, "checkpoints", checkpointName(12)), int64(len(want)/2)); err != nil {
		t.Fatal(err)
	}
	var messages []string
	tr, err := start(t, tinyConfig(t), dir, true, devices(t, "1"), &messages)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if all := strings.Join(messages, "\n"); tr.Step() != 9 || !strings.Contains(all, checkpointName(12)) || !strings.Contains(all, "the one before it") {
		t.Errorf("step %d: %s", tr.Step(), all)
	}
	if err := tr.Run(context.Background()); err != nil || read(t, dir, "checkpoints", checkpointName(12)) != want {
		t.Error("the run ended otherwise than before:", err)
	}
}

// A run that is stopped in its last step makes its last validation when it is
// resumed.
func TestResumeMakesTheLastValidation(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	tr, err := start(t, tinyConfig(t), dir, false, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	tr.OnProgress = func(p Progress) {
		if p.Step == 12 {
			stop()
		}
	}
	if err := tr.Run(ctx); !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	tr.Close()
	if _, val := logged(t, dir); len(val) != 1 {
		t.Fatalf("%d validations before", len(val))
	}
	run(t, tinyConfig(t), dir, true, devices(t, "1"))
	if _, val := logged(t, dir); len(val) != 2 || val[1]["step"] != 12.0 {
		t.Errorf("validations %v", val)
	}
}
