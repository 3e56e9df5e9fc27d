package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"alexnet/engine/enginetest"
	"alexnet/train"
)

// trained makes runs on photographs of three classes, and others to test them on.
func trained(t *testing.T, names ...string) (photos string, runs []string) {
	t.Helper()
	dir := t.TempDir()
	training := filepath.Join(dir, "training")
	photographs(t, training, map[string]int{"cat": 10, "horse": 10, "ant": 10})
	for i, name := range names {
		run := filepath.Join(dir, name)
		alexnet(t, 0, append([]string{"train", "demo", "--data", training, "--run", run, "--set", "layer.fc5.units=3", "--set", "solver.max_steps=" + string(rune('2'+i))}, small...)...)
		runs = append(runs, run)
	}
	photos = filepath.Join(dir, "photos")
	photographs(t, photos, map[string]int{"cat": 4, "horse": 3, "ant": 2})
	return photos, runs
}

// Several networks have a row each and one of their average, which of twice the same
// network is its own. One that knows other classes is refused.
func TestEvalAverages(t *testing.T) {
	enginetest.Open(t)
	photos, runs := trained(t, "one", "two")
	eval := func(args ...string) evalResult {
		t.Helper()
		out, _ := alexnet(t, 0, append([]string{"eval", "--data", photos, "--json", "--devices", "2"}, args...)...)
		var r evalResult
		if err := json.Unmarshal([]byte(out), &r); err != nil || r.Images != 9 {
			t.Fatalf("%v: %s", err, out)
		}
		return r
	}
	one := eval(runs[0], "--crops", "10")
	twice := eval(runs[0], runs[0], "--crops", "10")
	if one.Step != 2 || one.Crops != 10 || len(one.Checkpoints) != 1 || len(twice.Checkpoints) != 2 || twice.Checkpoints[1].Validation != one.Validation || !(math.Abs(twice.Loss-one.Loss) < 1e-5) {
		t.Errorf("once %+v, twice %+v", one, twice)
	}
	both := eval(runs[0], runs[1])
	a, b := both.Checkpoints[0], both.Checkpoints[1]
	// The logarithm of a mean is larger than the mean of logarithms.
	if a.Step != 2 || b.Step != 3 || a.Loss == b.Loss || both.Loss >= (a.Loss+b.Loss)/2 || both.Loss <= min(a.Loss, b.Loss)-1 || both.Checkpoint != "" {
		t.Errorf("of two: %+v", both)
	}
	out, _ := alexnet(t, 0, "eval", runs[0], runs[1], "--data", photos, "--crops", "10", "--limit", "6")
	has(t, out, "6 images, 10 crops of each", "checkpoint", "step-00000002.safetensors", "step-00000003.safetensors", "average of 2", " %")

	// A folder that is not there is told before the networks are tested.
	_, errs := alexnet(t, 2, "eval", runs[0], "--data", photos, "--mistakes", filepath.Join(t.TempDir(), "none", "sheet.png"))
	has(t, errs, "--mistakes", "there is no folder")

	if err := os.Rename(filepath.Join(photos, "ant"), filepath.Join(photos, "bee")); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other")
	alexnet(t, 0, append([]string{"train", "demo", "--data", photos, "--run", other, "--set", "layer.fc5.units=3", "--set", "solver.max_steps=1"}, small...)...)
	_, errs = alexnet(t, 1, "eval", runs[0], other)
	has(t, errs, "cannot be averaged", "ant, cat, horse", "bee, cat, horse")
}

// Classes are listed with the worst first, and in JSON by label; together they make up
// the error of all.
func TestEvalClasses(t *testing.T) {
	enginetest.Open(t)
	photos, runs := trained(t, "one")
	out, _ := alexnet(t, 0, "eval", runs[0], "--data", photos, "--json")
	var r evalResult
	if err := json.Unmarshal([]byte(out), &r); err != nil || len(r.Classes) != 3 {
		t.Fatalf("%v: %s", err, out)
	}
	wrong := 0.0
	for i, c := range r.Classes {
		if c.Class != []string{"ant", "cat", "horse"}[i] || c.Index != i || c.Images != []int{2, 4, 3}[i] {
			t.Errorf("%+v", c)
		}
		wrong += c.Top1Error * float64(c.Images)
	}
	if !(math.Abs(wrong/9-r.Top1Error) < 1e-9) {
		t.Errorf("%g wrong in classes, %g of all", wrong, 9*r.Top1Error)
	}
	out, _ = alexnet(t, 0, "eval", runs[0], "--data", photos, "--classes")
	_, table, _ := strings.Cut(out, "\n\n")
	lines := strings.Split(strings.TrimSpace(table), "\n")
	if len(lines) != 4 {
		t.Fatalf("expected a row for each of three classes:\n%s", out)
	}
	last := 101.0
	for _, line := range lines[1:] {
		now, err := strconv.ParseFloat(strings.Fields(line)[2], 64)
		if err != nil || now > last {
			t.Errorf("%v: the worst are not first:\n%s", err, out)
		}
		last = now
	}
}

// The rows of a confusion table sum up to the images of classes, its diagonal to what is
// right. Pictures are of networks' average, too.
func TestEvalConfusion(t *testing.T) {
	enginetest.Open(t)
	photos, runs := trained(t, "one")
	dir := t.TempDir()
	table, picture, mistakes := filepath.Join(dir, "c.csv"), filepath.Join(dir, "c.PNG"), filepath.Join(dir, "m.png")
	out, _ := alexnet(t, 0, "eval", runs[0], "--data", photos, "--json", "--confusion", table)
	var r evalResult
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(rows) != 4 || !slices.Equal(rows[0], []string{"true class", "ant", "cat", "horse"}) {
		t.Fatalf("%v: %s", err, text)
	}
	right := 0
	for i, row := range rows[1:] {
		sum := 0
		for k, cell := range row[1:] {
			n, err := strconv.Atoi(cell)
			if err != nil {
				t.Fatal(err)
			}
			if sum += n; k == i {
				right += n
			}
		}
		if row[0] != r.Classes[i].Class || sum != r.Classes[i].Images {
			t.Errorf("%v, of %+v", row, r.Classes[i])
		}
	}
	if !(math.Abs(1-float64(right)/9-r.Top1Error) < 1e-9) {
		t.Errorf("%d are right, the error is %g", right, r.Top1Error)
	}
	alexnet(t, 0, "eval", runs[0], runs[0], "--data", photos, "--confusion", picture, "--mistakes", mistakes)
	isPNG(t, picture)
	isPNG(t, mistakes)

	sheetSays(t, runs[0], photos, right)

	// Files for which there is no room lose neither the results nor the other files.
	if err := os.Remove(mistakes); err != nil {
		t.Fatal(err)
	}
	out, errs := alexnet(t, 1, "eval", runs[0], "--data", photos, "--predictions", onFullDisk(t, "p.safetensors"), "--confusion", onFullDisk(t, "c.csv"), "--mistakes", mistakes)
	has(t, out, "9 images", "top-1 error")
	has(t, errs, "p.safetensors: the disk is full", "c.csv: the disk is full")
	isPNG(t, mistakes)
}

// sheetSays checks what the sheet of a run's mistakes says: files, how many there are, and what
// of the images is seen.
func sheetSays(t *testing.T, run, photos string, right int) {
	t.Helper()
	f := evalFlags{data: photos, crops: 1}
	list, err := f.open([]string{run})
	if err != nil {
		t.Fatal(err)
	}
	defer list[0].Close()
	_, outputs, err := (&evalFlags{crops: 1, mistakes: "m.png"}).results(context.Background(), list, nil, newBar(os.Stderr))
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := f.sheetOfMistakes(outputs, list)
	if err != nil {
		t.Fatal(err)
	}
	has(t, sheet.Heading, fmt.Sprintf("All %d mistakes", 9-right))
	has(t, sheet.Note, "the middle square", "64 × 64", "sees its centre, 56 × 56")
	for _, seen := range sheet.List {
		class := sheet.Name(seen.Label)
		if !sheet.Files || filepath.Dir(seen.File) != class || seen.Guesses[0].Class == seen.Label {
			t.Errorf("%s is a mistake of class %s, taken for %s", seen.File, class, sheet.Name(seen.Guesses[0].Class))
		}
	}
	f.crops = 10
	has(t, f.whatIsSeen(list), "ten crops of it, 56 × 56")
	other := *list[0]
	config := *other.Config
	config.Crop = 60
	other.Config = &config
	has(t, f.whatIsSeen([]*train.Test{list[0], &other}), "crops of several sizes")
}
