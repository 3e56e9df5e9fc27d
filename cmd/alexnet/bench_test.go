package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"alexnet/engine/enginetest"
	"alexnet/train"
)

func TestBench(t *testing.T) {
	enginetest.Open(t)
	out, _ := benchSmall(t, "2")
	var r benchResult
	if err := json.Unmarshal(out, &r); err != nil || r.ImagesPerSecond <= 0 || r.InferenceImagesPerSecond <= 0 || r.Batch != 8 || r.Precision != "float32" {
		t.Fatalf("%v %s", err, out)
	}
	if len(r.Devices) != 2 || len(r.Memory) != 2 {
		t.Errorf("devices %v, memory %v", r.Devices, r.Memory)
	}
	for _, p := range r.Peaks {
		if p.GFlops <= 0 || p.Copy <= 0 {
			t.Errorf("%+v", p)
		}
	}
	if len(r.Peaks) != 2 || r.Peaks[0].Device == r.Peaks[1].Device {
		t.Errorf("peaks %+v", r.Peaks)
	}
	directions := map[string]int{}
	for _, l := range r.Layers {
		if directions[l.Direction]++; l.Kernel != "" && (l.GFlops <= 0 || l.ShareOfPeak <= 0) {
			t.Errorf("%+v", l)
		}
		if l.Direction != "copy" && l.Layer != "copy" && (l.Bytes <= 0 || l.Rate <= 0 || l.ShareOfCopy <= 0) {
			t.Errorf("%+v", l)
		}
	}
	for _, d := range []string{"forward", "data gradient", "weight gradient", "update"} {
		if directions[d] == 0 {
			t.Errorf("no %s in %v", d, directions)
		}
	}
	out, _ = benchSmall(t, "1")
	has(t, string(out), "conv1", "check", "precision: mixed", "GFLOP/s", "of peak", "of copy", "peak of", "images/s")
	if strings.Contains(string(out), "other device") { // there is none
		t.Errorf("%s", out)
	}
	var text bytes.Buffer
	r.print(&text)
	has(t, text.String(), "conv1", "precision: float32", "peak of", "waiting for the other device", "images/s")
}

// A device without timestamps is still timed as a whole, and it is shown how far that is.
func TestBenchWithoutTimestamps(t *testing.T) {
	devices := enginetest.Open(t, "1")
	devices[0].Info().TimestampBits = 0
	var set []string
	for i := 1; i < len(small); i += 2 {
		set = append(set, small[i])
	}
	config, err := train.LoadConfig("demo", set...)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bar")
	bar := newBar(created(t, path))
	bar.terminal = true
	r, err := bench(t.Context(), config, devices, 1, bar)
	bar.clear()
	if err != nil || r.ImagesPerSecond <= 0 || len(r.Layers) > 0 || !strings.Contains(r.NoTable, devices[0].Name()) {
		t.Errorf("%+v, %v", r, err)
	}
	shown, err := os.ReadFile(path)
	if err != nil || !strings.HasSuffix(string(shown), "\r\x1b[K") {
		t.Errorf("the bar is left as %q, %v", shown, err)
	}
	has(t, string(shown), "\x1b[K  peaks of the devices", "\x1b[K  training: step 3", "\x1b[K  inference: step 3")
}

// What is measured is a whole number of steps and images, and with --input neither.
func TestBenchFlags(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"demo --steps 0", "--steps 0; expected at least 1"},
		{"demo --batch 0", "--batch 0; expected at least 1"},
		{"demo --batch -1", "--batch -1; expected at least 1"},
		{"--input x --batch 4", "--batch does not go with it"},
		{"--input x --devices 1", "--devices does not go with it"},
		{"--input x --steps 3", "--steps does not go with it"},
		{"--input x --profile y", "--profile does not go with it"},
	} {
		_, errs := alexnet(t, 2, append([]string{"bench"}, strings.Fields(c.args)...)...)
		has(t, errs, "alexnet: ", c.want)
	}
	_, errs := alexnet(t, 2, "tune", "demo", "--batch", "0")
	has(t, errs, "alexnet: --batch 0; expected at least 1")
	help, _ := alexnet(t, 0, "bench", "--help")
	has(t, help, "tune --help")
}
