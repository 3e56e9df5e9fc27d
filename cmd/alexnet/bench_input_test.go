package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

func TestBenchInput(t *testing.T) {
	dir := t.TempDir()
	photographs(t, dir, map[string]int{"cat": 20, "ant": 3})
	if err := os.WriteFile(filepath.Join(dir, "cat", "d.jpg"), []byte("\xff\xd8\xffnot a photograph"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, errs := alexnet(t, 0, "bench", "--input", dir, "--json")
	var r inputResult
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err, out)
	}
	if r.Recipe != "alexnet" || r.Images != 23 || r.Size != 256 || r.Crop != 224 && r.Crop != 227 || r.Unreadable != 1 {
		t.Errorf("%+v", r)
	}
	if want := float64(r.Loaded) / inputTime.Seconds(); r.Loaded < 100 || r.PerSecond > 1.001*want || r.PerSecond < want/2 ||
		math.Abs(r.PerCore*float64(r.Cores)-r.PerSecond) > 1 {
		t.Errorf("%+v", r)
	}
	has(t, errs, "d.jpg")
	out, _ = alexnet(t, 0, "bench", "demo", "--input", dir, "--set", "data.crop=30")
	has(t, out, "23 images", "crops of 30", "images/s on", "a core", "unreadable: 1")
	alexnet(t, 2, "bench")
	_, errs = alexnet(t, 1, "bench", "--input", filepath.Join(dir, "nowhere"))
	has(t, errs, "nowhere")
}
