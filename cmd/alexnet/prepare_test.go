package main

import (
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"alexnet/engine/enginetest"
)

// Photographs are prepared, looked at, trained on and tested on by part; what is wrong
// with a command is said.
func TestPrepareAndInspect(t *testing.T) {
	enginetest.Open(t)
	dir := t.TempDir()
	photos, packed, run := filepath.Join(dir, "photos"), filepath.Join(dir, "pack"), filepath.Join(dir, "run")
	photographs(t, photos, map[string]int{"cat": 20, "horse": 20, "ant": 20})
	if err := os.WriteFile(filepath.Join(photos, "cat", "d.jpg"), []byte("not a photograph"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, errs := alexnet(t, 0, "prepare", photos, packed, "--size", "64", "--split", "val=0.1,test=0.2")
	has(t, out, "42 train", "6 val", "11 test", "3 classes", "1 image could not be read", "skipped.txt")
	if strings.Contains(errs, "\x1b") {
		t.Errorf("a bar without a terminal: %q", errs)
	}
	out, errs = alexnet(t, 0, "prepare", photos, packed, "--size", "64", "--split", "val=0.1,test=0.2")
	has(t, out+errs, "complete already", "42 train")
	_, errs = alexnet(t, 1, "prepare", photos, packed, "--size", "64")
	has(t, errs, "another --split: val=0.1,test=0.2 then", "another DST")
	out, _ = alexnet(t, 0, "prepare", photos, filepath.Join(dir, "none"), "--size", "64", "--split", "none")
	has(t, out, "no images to validate on", "--split val=0.1")
	alexnet(t, 2, "prepare", photos)
	alexnet(t, 2, "prepare", photos, packed, "--encoding", "bmp")
	alexnet(t, 2, "inspect", packed, "--each", "0")

	sheet, mean, rows := filepath.Join(dir, "sheet.png"), filepath.Join(dir, "mean.png"), filepath.Join(dir, "rows.png")
	out, _ = alexnet(t, 0, "inspect", packed, "--verify", "--sheet", sheet, "--mean", mean, "--augment", rows, "--recipe", "demo", "--draws", "3")
	has(t, out, "JPEG of quality 95", "centre 64x64", "all as they were written", "originals: median 40x30", "principal components", "horse")
	for path, width := range map[string]int{mean: 64, rows: 2*24 + 4*56 + 3*8} {
		if got := widthOf(t, path); got != width {
			t.Errorf("%s is %d pixels wide, not %d", path, got, width)
		}
	}
	if widthOf(t, sheet) < 4*256 {
		t.Error("the sheet has no row of four pictures")
	}
	out, _ = alexnet(t, 0, "inspect", packed, "--json")
	var r inspected
	if err := json.Unmarshal([]byte(out), &r); err != nil || r.Images["test"]+r.Images["val"]+r.Images["train"] != 59 || r.Skipped != 1 || r.Classes[0].Class != "ant" || r.Classes[0].Images["test"] != 4 || r.Colour.Deviation[0] <= 0 {
		t.Errorf("%v %s", err, out)
	}
	out, _ = alexnet(t, 0, "inspect", photos)
	has(t, out, "54 train, 6 val", "a tenth of each class", "cat")
	// An image that the sheet has to do without is no part of what --json prints.
	out, errs = alexnet(t, 0, "inspect", photos, "--json", "--sheet", sheet, "--each", "20")
	has(t, errs, "d.jpg")
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Errorf("%v %s", err, out)
	}

	alexnet(t, 0, append([]string{"train", "demo", "--data", packed, "--run", run, "--set", "layer.fc5.units=3", "--set", "solver.max_steps=3"}, small...)...)
	out, _ = alexnet(t, 0, "eval", run, "--split", "test")
	has(t, out, "11 images")
	_, errs = alexnet(t, 1, "eval", run, "--split", "test", "--data", photos)
	has(t, errs, "no folder test")
	out, _ = alexnet(t, 0, "eval", run, "--split", "train")
	has(t, out, "42 images")
	alexnet(t, 2, "eval", run, "--split", "all")
}

func widthOf(t *testing.T, path string) int {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := png.DecodeConfig(f)
	if err != nil {
		t.Fatal(err)
	}
	return c.Width
}
