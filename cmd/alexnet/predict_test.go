package main

import (
	"encoding/json"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"alexnet/engine/enginetest"
	"alexnet/train"
	"alexnet/train/monitor"
	"alexnet/train/safetensors"
)

// predict lists what eval --predictions has computed of the same images with the classes that
// their folders are named after, tells of one that cannot be read, and draws the others.
func TestPredict(t *testing.T) {
	enginetest.Open(t)
	dir := t.TempDir()
	photos, run, predictions, sheet := filepath.Join(dir, "photos"), filepath.Join(dir, "run"), filepath.Join(dir, "p.safetensors"), filepath.Join(dir, "sheet.png")
	photographs(t, photos, map[string]int{"cat": 10, "horse": 10, "ant": 10})
	alexnet(t, 0, append([]string{"train", "demo", "--data", photos, "--run", run, "--set", "layer.fc5.units=3", "--set", "solver.max_steps=3"}, small...)...)
	others := filepath.Join(dir, "others")
	photographs(t, others, map[string]int{"cat": 4, "horse": 3, "ant": 2})
	alexnet(t, 0, "eval", run, "--data", others, "--predictions", predictions)
	bad := filepath.Join(dir, "bad.jpg")
	if err := os.WriteFile(bad, []byte("\xff\xd8\xffnot a photograph"), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"predict", run, filepath.Join(others, "ant"), bad, filepath.Join(others, "cat"), filepath.Join(others, "horse"), "--devices", "2"}
	out, errs := alexnet(t, 1, append(args, "--json", "--png", sheet)...)
	has(t, errs, "alexnet: 1 of 10 images cannot be read")
	var list []map[string]any
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) != 10 {
		t.Fatalf("%v: %s", err, out)
	}
	if text, ok := list[2]["error"].(string); !ok || text == "" || list[2]["image"] != bad || len(list[2]) != 2 {
		t.Errorf("of the bad image: %v", list[2])
	}
	likeEval(t, predictions, slices.Delete(list, 2, 3))
	isPNG(t, sheet)

	out, _ = alexnet(t, 1, append(args, "--top", "2", "--crops", "10")...)
	has(t, out, "step 3, 9 images", filepath.Join(others, "cat", "d.jpg")+" (cat)", bad+" cannot be read: ")
	if strings.Count(out, " %\n") != 9*2 || strings.Contains(out, "\x1b") {
		t.Errorf("expected two classes of nine images, in no colours:\n%s", out)
	}
}

func isPNG(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := png.Decode(f); err != nil {
		t.Error(err)
	}
}

// likeEval compares images of predict --json with the file of eval --predictions.
func likeEval(t *testing.T, predictions string, list []map[string]any) {
	t.Helper()
	f, err := safetensors.Open(predictions)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, err := f.Floats("probabilities")
	if err != nil || len(want) != 3*len(list) {
		t.Fatalf("%v: %d probabilities of %d images", err, len(want), len(list))
	}
	for i, image := range list {
		guesses, _ := image["predictions"].([]any)
		if len(guesses) != 3 || len(image) != 3 || image["class"] != filepath.Base(filepath.Dir(image["image"].(string))) {
			t.Fatalf("%v", image)
		}
		for _, g := range guesses {
			g := g.(map[string]any)
			class := int(g["index"].(float64))
			if d := g["probability"].(float64) - float64(want[3*i+class]); !(math.Abs(d) < 1e-5) || g["class"] != []string{"ant", "cat", "horse"}[class] || len(g) != 3 {
				t.Errorf("%v: %v differs from eval by %g", image["image"], g, d)
			}
		}
	}
}

func TestPredictionText(t *testing.T) {
	var out strings.Builder
	list := []train.Predicted{{Image: "a.png", Label: 1, Guesses: []monitor.Guess{{Class: 0, Probability: 0.75}, {Class: 1, Probability: 0.25}, {Class: 2}}}}
	text := predictionText{to: &out, classes: []string{"ship", "größer", "leopard"}, top: 3, names: 7}
	text.print(list)
	want := "\na.png (größer)\n" +
		"  ship     " + strings.Repeat("█", 22) + "▌" + strings.Repeat(" ", 7) + "   75.0 %\n" +
		"* größer   " + strings.Repeat("█", 7) + "▌" + strings.Repeat(" ", 22) + "   25.0 %\n" +
		"  leopard  " + strings.Repeat(" ", 30) + "    0.0 %\n"
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", out.String(), want)
	}
	if text.colours = true; !strings.HasPrefix(text.line(list[0].Guesses[1], true), "\x1b[32m*") {
		t.Error("the right class has no colour on a terminal")
	}
}
