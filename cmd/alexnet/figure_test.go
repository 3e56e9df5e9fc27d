package main

import (
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"alexnet/engine/enginetest"
	"alexnet/train"
	"alexnet/train/monitor"
	"alexnet/train/safetensors"
)

func TestFigureUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"3"}, "expected the number of a figure and a RUN"},
		{[]string{"5", "x", "--out", "a.png"}, `unknown figure "5"; expected 1, 2, 3 or 4`},
		{[]string{"3", "x"}, "--out is missing"},
		{[]string{"3", "x", "--out", "a.pdf"}, "--out a.pdf; expected a name that ends in .png or .svg"},
		{[]string{"3", "x", "y", "--out", "a.png"}, "figure 3 is of one run, and these are 2"},
		{[]string{"3", "x", "--out", "a.png", "--at", "25"}, "figure 3 has no --at"},
		{[]string{"1", "x", "--out", "a.png", "--images", "b.jpg"}, "figure 1 has no --images"},
		{[]string{"1", "x", "--out", "a.png", "--at", "0"}, "--at 0; expected a percentage between 0 and 100"},
		{[]string{"1", "x", "--out", "a.png", "--every", "-1"}, "--every -1; expected more than 0"},
		{[]string{"1", "x", "--out", "a.png", "--every", "2", "--validation"}, "--every averages training errors"},
		{append(append([]string{"1"}, strings.Fields("a b c d e f g h i")...), "--out", "a.png"), "can tell 8 runs apart, and these are 9"},
		{[]string{"4", "x", "--out", "a.png", "--index", "b"}, "add --similar"},
		{[]string{"3", "x", "--out", "a.png", "--similar"}, "figure 3 has no --similar"},
		{[]string{"4", "x", "--out", "a.png", "--crops", "3"}, "--crops 3; expected 1 or 10"},
	} {
		_, errs := alexnet(t, 2, append([]string{"figure"}, c.args...)...)
		has(t, errs, c.want)
	}
}

// onFullDisk is a path at which nothing can be written for want of room.
func onFullDisk(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.Symlink("/dev/full", path); err != nil {
		t.Fatal(err)
	}
	return path
}

// A picture for which there is no room is an error.
func TestPNGOnly(t *testing.T) {
	for path, ok := range map[string]bool{"": true, "x.png": true, "x.PNG": true, "/dev/stdout": true, "x.jpg": false, "x.svg": false} {
		if err := pngOnly(map[string]string{"png": path}); (err == nil) != ok {
			t.Errorf("%q: %v", path, err)
		}
	}
	_, errs := alexnet(t, 2, "inspect", t.TempDir(), "--sheet", "x.jpg")
	has(t, errs, "--sheet x.jpg; expected a .png file")
}

func TestFigureOnFullDisk(t *testing.T) {
	for _, name := range []string{"figure.png", "figure.svg"} {
		_, errs := alexnet(t, 1, "figure", "2", "alexnet", "--out", onFullDisk(t, name))
		has(t, errs, name+": the disk is full; make room and try again")
	}
}

// Of the steps of the first epoch 1 has error 1, 9 have 0.8 and 10 have 0.6: 14.2 of 20.
func TestTrainingErrors(t *testing.T) {
	points := []monitor.Point{
		{Step: 1, Epoch: 0.05, Top1Error: 1}, {Step: 10, Epoch: 0.5, Top1Error: 0.8}, {Step: 20, Epoch: 1, Top1Error: 0.6},
		{Step: 30, Epoch: 1.5, Top1Error: math.NaN()}, {Step: 35, Epoch: 1.75, Top1Error: 0.5}, {Step: 50, Epoch: 2.5, Top1Error: 0.25},
	}
	c := trainingErrors(points, 1)
	want := [][2]float64{{1, 0.71}, {1.75, 0.5}, {2.5, 0.25}}
	if len(c.X) != len(want) || len(c.Error) != len(want) {
		t.Fatalf("%+v, want %v", c, want)
	}
	for i, w := range want {
		if math.Abs(c.X[i]-w[0]) > 1e-12 || math.Abs(c.Error[i]-w[1]) > 1e-12 {
			t.Errorf("%g at epoch %g, want %g at %g", c.Error[i], c.X[i], w[1], w[0])
		}
	}
	// A rest of 0.4 epochs joins what is before: 15 steps of 0.25, 10 of 0 and 8 of 1.
	short := trainingErrors(append(points, monitor.Point{Step: 52, Epoch: 2.6, Top1Error: 0}, monitor.Point{Step: 60, Epoch: 3, Top1Error: 0}, monitor.Point{Step: 68, Epoch: 3.4, Top1Error: 1}), 1)
	if n := len(short.X); n != 3 || short.X[2] != 3.4 || math.Abs(short.Error[2]-(15*0.25+8)/33) > 1e-12 {
		t.Errorf("with a rest: %+v", short)
	}
	// Of the last epoch 5 steps have 0.5 and 15 have 0.25.
	if rate, epoch := lastEpoch(points); math.Abs(rate-0.3125) > 1e-12 || epoch != 2.5 {
		t.Errorf("the last epoch: %g until %g", rate, epoch)
	}
	// What ends where it begins belongs to the epoch before, however 2.3-1 is rounded.
	if rate, _ := lastEpoch([]monitor.Point{{Step: 13, Epoch: 1.3, Top1Error: 1}, {Step: 23, Epoch: 2.3, Top1Error: 0.5}}); rate != 0.5 {
		t.Errorf("the last epoch: %g", rate)
	}
	if rate, epoch := lastEpoch(nil); !math.IsNaN(rate) || !math.IsNaN(epoch) {
		t.Errorf("of no points: %g until %g", rate, epoch)
	}
}

// logged writes a run of the demo's recipe with changes and the training errors of each
// epoch.
func logged(t *testing.T, dir string, set []string, errors ...float64) *train.Config {
	t.Helper()
	c, err := train.LoadConfig("demo", set...)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for i, e := range errors {
		text += fmt.Sprintf(`{"kind":"train","step":%d,"epoch":%d,"loss":1,"rate":0.1,"top1_error":%g}`+"\n", 100*(i+1), i+1, e)
		text += fmt.Sprintf(`{"kind":"val","step":%d,"loss":1,"top1_error":%g,"top5_error":0}`+"\n", 100*(i+1), e/2)
	}
	if err := os.MkdirAll(filepath.Join(dir, "checkpoints"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"recipe.toml": c.Text(), "log.jsonl": text} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// Relu falls from 35 % to 15 % behind epoch 2 and reaches 25 % in its middle; in
// validations, which have half the errors, at epoch 1.8.
func TestFigure1(t *testing.T) {
	dir := t.TempDir()
	relu, tanh, empty := filepath.Join(dir, "relu"), filepath.Join(dir, "tanh"), filepath.Join(dir, "empty")
	logged(t, relu, nil, 0.9, 0.35, 0.15, 0.1)
	logged(t, tanh, nil, 0.9, 0.8, 0.7, 0.6)
	logged(t, empty, nil)
	svg, picture := filepath.Join(dir, "a.SVG"), filepath.Join(dir, "a.png")
	out, _ := alexnet(t, 0, "figure", "1", relu, tanh, "--at", "25", "--every", "1", "--out", svg)
	has(t, out, relu+": 25 % at epoch 2.50\n", tanh+": above 25 % until epoch 4.00\n", "figure 1: "+svg)
	text, err := os.ReadFile(svg)
	if err != nil {
		t.Fatal(err)
	}
	has(t, string(text), "<svg", "Training error rate (%)", ">relu: 25 % at epoch 2.50<", ">tanh: above 25 %<")
	out, _ = alexnet(t, 0, "figure", "1", relu, "--at", "25", "--validation", "--out", picture)
	has(t, out, relu+fmt.Sprintf(": 25 %% at epoch %.2f\n", 1+(0.45-0.25)/(0.45-0.175)))
	decodes(t, picture)

	// Runs of one name are told apart by their paths.
	namesake := filepath.Join(dir, "other", "relu")
	logged(t, namesake, nil, 0.9)
	alexnet(t, 0, "figure", "1", relu, namesake, "--out", svg)
	if text, err = os.ReadFile(svg); err != nil {
		t.Fatal(err)
	}
	has(t, string(text), ">"+relu+"<", ">"+namesake+"<")

	_, errs := alexnet(t, 1, "figure", "1", relu, empty, "--out", picture)
	has(t, errs, "the log of "+empty+" holds no training error yet")
	_, errs = alexnet(t, 1, "figure", "1", filepath.Join(dir, "none"), "--out", picture)
	has(t, errs, "there is no folder "+filepath.Join(dir, "none"))
	_, errs = alexnet(t, 1, "figure", "3", relu, "--out", picture)
	has(t, errs, "holds no checkpoint")
	_, errs = alexnet(t, 1, "figure", "1", relu, "--out", filepath.Join(dir, "none", "a.png"))
	has(t, errs, "no such file or directory")
}

func decodes(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := png.Decode(f); err != nil {
		t.Errorf("%s: %v", path, err)
	}
}

func TestFigure2(t *testing.T) {
	dir := t.TempDir()
	svg := filepath.Join(dir, "a.svg")
	logged(t, filepath.Join(dir, "run"), []string{"layer.conv1.filters=80"})
	for arg, want := range map[string]string{"alexnet": "13 × 13", filepath.Join(dir, "run"): "× 40"} {
		alexnet(t, 0, "figure", "2", arg, "--out", svg)
		text, err := os.ReadFile(svg)
		if err != nil {
			t.Fatal(err)
		}
		has(t, string(text), ">column 2<", ">"+want+"<")
	}
	_, errs := alexnet(t, 1, "figure", "2", "no-such-recipe", "--out", svg)
	has(t, errs, "no-such-recipe")
}

// A network whose first layer is dense has no kernels to draw.
func TestFigure3WithoutConvolution(t *testing.T) {
	dir := t.TempDir()
	recipe := filepath.Join(dir, "dense.toml")
	text := "name = \"dense\"\n[data]\nset = \"generated\"\nsize = 64\ncrop = 56\n[[layer]]\ntype = \"dense\"\nname = \"fc1\"\nunits = 20\n[[layer]]\ntype = \"softmax\"\nname = \"prob\"\n"
	if err := os.WriteFile(recipe, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := train.LoadConfig(recipe)
	if err != nil {
		t.Fatal(err)
	}
	s := train.State{Step: 1, Recipe: c.Text()}
	if err := train.SaveCheckpoint(dir, s, []safetensors.Tensor{{Name: "fc1.weight", Shape: []int{1, 1}, Floats: []float32{1}}}, 1); err != nil {
		t.Fatal(err)
	}
	_, errs := alexnet(t, 1, "figure", "3", dir, "--out", filepath.Join(dir, "a.png"))
	has(t, errs, "the network of "+dir+" does not begin with a convolution of three colours")
}

// Figures 3 and 4 of a run that was trained.
func TestFiguresOfARun(t *testing.T) {
	enginetest.Open(t)
	dir := t.TempDir()
	run, picture, svg := filepath.Join(dir, "run"), filepath.Join(dir, "a.png"), filepath.Join(dir, "a.svg")
	alexnet(t, 0, append([]string{"train", "demo", "--run", run, "--set", "solver.max_steps=1"}, small...)...)
	out, _ := alexnet(t, 0, "figure", "3", run, "--out", picture)
	has(t, out, "step 1, 16 kernels", "figure 3: "+picture)
	decodes(t, picture)
	out, _ = alexnet(t, 0, "figure", "4", run, "--out", picture)
	has(t, out, "step 1, 8 images")
	decodes(t, picture)

	photographs(t, filepath.Join(dir, "photos"), map[string]int{"cat": 2})
	bad := filepath.Join(dir, "bad.jpg")
	if err := os.WriteFile(bad, []byte("no photograph"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, errs := alexnet(t, 0, "figure", "4", run, "--out", svg, "--images", bad+","+filepath.Join(dir, "photos", "cat"))
	has(t, out, "step 1, 2 images")
	has(t, errs, "warning: "+bad+" cannot be read and is left out")
	_, errs = alexnet(t, 1, "figure", "4", run, "--out", svg, "--images", bad)
	has(t, errs, "none of the images can be read")
}
