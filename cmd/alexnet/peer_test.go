package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"alexnet/engine/enginetest"
)

// python returns a Python that has PyTorch, or skips the test.
func python(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import torch, numpy, tomllib").Run() == nil {
			return name
		}
	}
	t.Skip("no Python with PyTorch")
	return ""
}

func peer(t *testing.T, args ...string) string {
	t.Helper()
	return script(t, append([]string{"peer/pytorch.py", "demo", "--alexnet", os.Args[0], "--batch", "4"}, append(args, small...)...)...)
}

func script(t *testing.T, args ...string) string {
	t.Helper()
	c := exec.Command(python(t), args...)
	c.Env = append(os.Environ(), "ALEXNET_RUN=1")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func TestPeerComparesSteps(t *testing.T) {
	enginetest.Open(t)
	has(t, peer(t, "--steps", "1"), "gradient", "logits", "PyTorch float32", "Expected in norm: ", "gradient within 0.0001, update within 0.005", "It holds.")
}

// What the program refuses is told in its words, and nothing of the script.
func TestPeerTellsTheProgramsError(t *testing.T) {
	for _, c := range []struct {
		program, want string
		code          int
	}{
		{os.Args[0], "there is no recipe nosuch", 1}, {filepath.Join(t.TempDir(), "none"), "--alexnet names the program", 1},
	} {
		p := exec.Command(python(t), "peer/pytorch.py", "nosuch", "--alexnet", c.program)
		p.Env = append(os.Environ(), "ALEXNET_RUN=1")
		out, errs := finished(t, c.code, p)
		has(t, errs, c.want)
		if strings.Contains(out+errs, "Traceback") {
			t.Error(errs)
		}
	}
}

// Two networks' predictions of a raw pack, of one crop, of ten and on the average, and the
// pack's own statistics are those of PyTorch and numpy.
func TestPeerComparesPredictions(t *testing.T) {
	enginetest.Open(t)
	python(t)
	photos, runs := trained(t, "one", "two")
	pack := filepath.Join(t.TempDir(), "pack")
	alexnet(t, 0, "prepare", photos, pack, "--encoding", "raw", "--size", "64", "--split", "val=0.5")
	out := script(t, append([]string{"peer/predictions.py", pack, "--alexnet", os.Args[0]}, runs...)...)
	has(t, out, "5 images of "+pack, "average of 2")
	rows := slices.DeleteFunc(strings.Split(strings.TrimSpace(out), "\n"), func(line string) bool { return strings.HasPrefix(line, "warning: ") })
	if len(rows) != 2+2*3 {
		t.Errorf("expected rows of two networks and their average, with one crop and with ten:\n%s", out)
	}
	has(t, script(t, "peer/packs.py", pack), "4 images of "+pack, "mean image", "direction")
}

func TestPeerComparesSpeed(t *testing.T) {
	enginetest.Open(t)
	path := filepath.Join(t.TempDir(), "speed.json")
	out := peer(t, "--speed", "--rounds", "2", "--steps", "1", "--fast-lrn", "--json", path)
	has(t, out, "round 2: alexnet", "alexnet / PyTorch, fast LRN", "batch 4, float32")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Rates map[string]struct{ Training, Inference float64 } `json:"images_per_second"`
	}
	if err := json.Unmarshal(text, &r); err != nil || len(r.Rates) != 3 {
		t.Fatalf("%v %s", err, text)
	}
	for name, v := range r.Rates {
		if v.Training <= 0 || v.Inference <= 0 {
			t.Errorf("%s: %+v", name, v)
		}
	}
}
