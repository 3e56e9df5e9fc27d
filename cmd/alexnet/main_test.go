package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"alexnet/cmd/internal/launch"
	"alexnet/engine"
	"alexnet/engine/enginetest"
	"alexnet/net"
	"alexnet/train"
	"alexnet/train/safetensors"
)

// The test binary is the program, too, where this is set.
func TestMain(m *testing.M) {
	if os.Getenv("ALEXNET_RUN") != "" {
		os.Exit(launch.Run(root()))
	}
	os.Exit(m.Run())
}

// program prepares a run of the program in a folder of its own.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), "ALEXNET_RUN=1")
	return c
}

// alexnet runs the program and expects an exit code; it returns what was printed.
func alexnet(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	return finished(t, code, program(t, args...))
}

func finished(t *testing.T, code int, c *exec.Cmd) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	if c.ProcessState == nil {
		t.Fatal(err)
	}
	if got := c.ProcessState.ExitCode(); got != code {
		t.Fatalf("alexnet %v: exit code %d, expected %d\n%s%s", c.Args[1:], got, code, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

func has(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not in:\n%s", w, text)
		}
	}
}

// small are settings that make the demo's network train in seconds.
var small = []string{"--set", "data.train_images=64", "--set", "data.val_images=40", "--set", "layer.conv1.stride=8", "--set", "layer.conv1.filters=16",
	"--set", "layer.conv2.filters=8", "--set", "layer.conv2.kernel=1", "--set", "layer.conv2.pad=0", "--set", "layer.pool2.kernel=1", "--set", "layer.pool2.stride=1", "--set", "data.batch=8"}

func TestUsage(t *testing.T) {
	out, _ := alexnet(t, 0, "--help")
	for _, name := range []string{"devices", "net", "train", "eval", "trace", "export", "predict", "similar", "codes", "figure", "experiment", "runs", "bench"} {
		has(t, out, name)
		help, _ := alexnet(t, 0, name, "--help")
		has(t, help, "Usage:")
	}
	for _, args := range [][]string{{"fly"}, {"train"}, {"train", "--nonsense", "demo"}, {"net"}, {"eval"}, {"export", "x"}, {"trace", "demo"},
		{"train", "--resume"}, {"export", "a", "b", "--for", "caffe"}, {"net", "a", "b"},
		{"bench", "demo", "--steps", "0"}, {"eval", "x", "--limit", "-1"}, {"eval", "x", "--crops", "5"}, {"eval", "x", "--confusion", "c.txt"}, {"predict", "x"}, {"predict", "x", "y", "--crops", "5"}, {"predict", "x", "y", "--top", "0"}, {"similar", "x"}, {"similar", "x", "y", "--codes=100"}, {"codes"}, {"codes", "x", "--bits", "7"}, {"similar", "x", "y", "--top", "0"}} {
		_, errs := alexnet(t, 2, args...)
		try := "Try 'alexnet " + args[0] + " --help'."
		if args[0] == "fly" {
			try = "Try 'alexnet --help'."
		}
		has(t, errs, "alexnet: ", try)
	}
}

// A command that is not there is a mistake, whoever is asked for it, and one of a similar
// name is proposed.
func TestUnknownCommand(t *testing.T) {
	for _, args := range [][]string{{"tun"}, {"help", "tun"}, {"help", "tnue"}} {
		_, errs := alexnet(t, 2, args...)
		has(t, errs, `unknown command "`+args[len(args)-1]+`" (did you mean `, "tune")
	}
	_, errs := alexnet(t, 2, "help", "nosuch")
	has(t, errs, `unknown command "nosuch"`+"\n")
	for _, args := range [][]string{{"help", "tune"}, {"help"}, {"--version"}} {
		out, _ := alexnet(t, 0, args...)
		has(t, out, map[string]string{"tune": "alexnet tune RECIPE", "help": "Usage:", "--version": "alexnet version "}[args[len(args)-1]])
	}
	for _, command := range []string{"codes", "similar"} {
		help, _ := alexnet(t, 0, command, "--help")
		has(t, help, "a multiple of 64 up to 1024")
	}
}

func TestNetPrintsThePapersTotals(t *testing.T) {
	out, _ := alexnet(t, 0, "net", "alexnet")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	has(t, lines[len(lines)-1], "60,965,224", "659,272")
	has(t, out, "conv1", "55x55x96", "gather", "fc8", "column 1", "column 2")
}

func TestBadRecipes(t *testing.T) {
	recipe := filepath.Join(t.TempDir(), "mine.toml")
	os.WriteFile(recipe, []byte("name = \"mine\"\n[solver]\nrat = 0.1\n"), 0o644)
	_, errs := alexnet(t, 1, "train", recipe)
	has(t, errs, "mine.toml:3", "rat", `did you mean "rate"`)
	_, errs = alexnet(t, 1, "train", "no-such-recipe")
	has(t, errs, "no-such-recipe", "demo")
	_, errs = alexnet(t, 1, "train", "demo", "--set", "solver.max_step=3")
	has(t, errs, "solver.max_step", "solver.max_steps")
}

func TestUnknownDevice(t *testing.T) {
	enginetest.Open(t)
	_, errs := alexnet(t, 1, "train", "demo", "--devices", "voodoo2", "--run", filepath.Join(t.TempDir(), "run"))
	has(t, errs, "voodoo2", "there are")
}

func TestNoDriver(t *testing.T) {
	c := program(t, "devices")
	empty := t.TempDir()
	c.Env = slices.DeleteFunc(c.Env, func(v string) bool { return strings.HasPrefix(v, "VK_") })
	c.Env = append(c.Env, "VK_DRIVER_FILES="+filepath.Join(empty, "none.json"), "VK_ICD_FILENAMES="+filepath.Join(empty, "none.json"), "HOME="+empty, "XDG_DATA_HOME="+empty)
	_, errs := finished(t, 1, c)
	has(t, errs, "no Vulkan device", "mesa-vulkan-drivers")
}

// Ctrl-C finishes the step, keeps a checkpoint and exits with 130.
func TestInterrupt(t *testing.T) {
	enginetest.Open(t)
	dir := filepath.Join(t.TempDir(), "run")
	c := program(t, append([]string{"train", "demo", "--devices", "2", "--run", dir, "--set", "solver.max_steps=100000"}, small...)...)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	trains(t, dir, 10)
	c.Process.Signal(syscall.SIGINT)
	c.Wait()
	if code := c.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit code %d\n%s", code, out.String())
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "*.safetensors")); len(files) == 0 {
		t.Errorf("no checkpoint\n%s", out.String())
	}
	if _, err := os.Stat(filepath.Join(dir, "kernels.png")); err != nil {
		t.Error(err)
	}
	has(t, out.String(), "run: "+dir, "which is kept", "--run "+dir+" --resume")
	// Settings that the checkpoint does not fit are refused, and not kept.
	_, errs := alexnet(t, 1, "train", "--run", dir, "--resume", "--set", "layer.conv1.filters=32")
	has(t, errs, "conv1.weight")
	resumed, _ := alexnet(t, 0, "train", "--run", dir, "--resume", "--set", "solver.max_minutes=0.005")
	has(t, resumed, "resuming", "run: "+dir)
}

// A run through every command that reads one.
func TestTrainEvalExportRuns(t *testing.T) {
	enginetest.Open(t)
	dir := t.TempDir()
	run := filepath.Join(dir, "first")
	out, _ := alexnet(t, 0, append([]string{"train", "demo", "--devices", "2", "--run", run, "--set", "solver.max_steps=4"}, small...)...)
	has(t, out, "validation error", "kernels.png", "run: "+run)
	_, errs := alexnet(t, 1, append([]string{"train", "demo", "--run", run}, small...)...)
	has(t, errs, run+" holds a run already", "--run "+run+" --resume")
	_, errs = alexnet(t, 2, "train", "--run", run)
	has(t, errs, run+" holds a run", "--resume goes on with it", "RECIPE")
	out, _ = alexnet(t, 0, "train", "--run", run, "--resume")
	has(t, out, "finished: 4 steps", "train it longer", "--run "+run+" --resume --set solver.max_steps=6")
	predictions := filepath.Join(dir, "p.safetensors")
	out, _ = alexnet(t, 0, "eval", run, "--json", "--predictions", predictions, "--devices", "1")
	var result evalResult
	if err := json.Unmarshal([]byte(out), &result); err != nil || result.Images != 40 || result.Loss <= 0 || result.Top1Error < result.Top5Error || result.Step != 4 {
		t.Errorf("%v %+v", err, result)
	}
	raw, folded, again := filepath.Join(dir, "raw.safetensors"), filepath.Join(dir, "pytorch.safetensors"), filepath.Join(dir, "again.safetensors")
	alexnet(t, 0, "export", run, raw)
	alexnet(t, 0, "export", run, folded, "--for", "pytorch")
	foldedBehindDropout(t, raw, folded)
	second := filepath.Join(dir, "second")
	alexnet(t, 0, append([]string{"train", "demo", "--run", second, "--weights", raw, "--set", "solver.max_steps=1", "--set", "solver.rate=0", "--set", "solver.decay=0"}, small...)...)
	alexnet(t, 0, "export", second, again)
	a, _ := os.ReadFile(raw)
	b, _ := os.ReadFile(again)
	if len(a) == 0 || !bytes.Equal(a, b) {
		t.Error("equal parameters are exported as different files")
	}
	out, _ = alexnet(t, 0, "runs", dir)
	has(t, out, run, second, "demo", "%")
	out, _ = alexnet(t, 0, "runs", dir, "--json")
	has(t, out, `"best_top1_error"`)
}

// photographs writes folders of small JPEG images.
func photographs(t *testing.T, dir string, counts map[string]int) {
	t.Helper()
	for class, n := range counts {
		if err := os.MkdirAll(filepath.Join(dir, class), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			m := image.NewRGBA(image.Rect(0, 0, 40, 30))
			for k := range m.Pix {
				m.Pix[k] = byte(k*len(class)*7 + i)
			}
			m.Set(0, 0, color.White)
			f, err := os.Create(filepath.Join(dir, class, string(rune('a'+i))+".jpg"))
			if err != nil {
				t.Fatal(err)
			}
			if err := jpeg.Encode(f, m, nil); err != nil {
				t.Fatal(err)
			}
			f.Close()
		}
	}
}

// A folder of photographs with a corrupt one: it is named and the run goes on;
// the split is said aloud, kept, and used again by eval and by a resumed run.
func TestFolderOfPhotographs(t *testing.T) {
	enginetest.Open(t)
	dir, run := t.TempDir(), filepath.Join(t.TempDir(), "run")
	photographs(t, dir, map[string]int{"cat": 20, "horse": 20, "ant": 20})
	if err := os.WriteFile(filepath.Join(dir, "cat", "d.jpg"), []byte("\xff\xd8\xffnot a photograph"), 0o644); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"train", "photos", "--data", dir, "--run", run, "--set", "solver.max_steps=9"}, small...)
	out, errs := alexnet(t, 0, args...)
	has(t, errs, "The images have 3 classes: layer.fc5.units=3 (10 in the recipe).")
	has(t, out, "no validation folder", "6 of its 60 images", "cat/d.jpg", "1 of 54 training images cannot be read", "validation error")
	split, err := os.ReadFile(filepath.Join(run, "validation.txt"))
	if err != nil || strings.Count(string(split), "\n") != 6 {
		t.Errorf("%v: %s", err, split)
	}
	out, _ = alexnet(t, 0, "eval", run, "--json")
	var result evalResult
	if err := json.Unmarshal([]byte(out), &result); err != nil || result.Images+result.Unreadable != 6 {
		t.Errorf("%v %+v", err, result)
	}
	if err := os.Remove(filepath.Join(dir, "ant", "d.jpg")); err != nil {
		t.Fatal(err)
	}
	_, errs = alexnet(t, 1, "train", "--run", run, "--resume", "--set", "solver.max_steps=12")
	has(t, errs, "ant/d.jpg")
	_, errs = alexnet(t, 1, "train", "demo", "--data", dir, "--set", "layer.fc5.units=20", "--run", filepath.Join(t.TempDir(), "run"))
	has(t, errs, "3 classes", "20 outputs", "layer.fc5.units=3")
	for _, name := range "defghijklm" {
		if err := os.WriteFile(filepath.Join(dir, "horse", string(name)+".jpg"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, errs = alexnet(t, 1, append(args, "--run", filepath.Join(t.TempDir(), "run"))...)
	has(t, errs, "training images cannot be read", "data.max_bad = 0.05", ".jpg")
	if err := os.Mkdir(filepath.Join(dir, "zebra"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, errs = alexnet(t, 1, "train", "demo", "--data", dir, "--set", "data.set=folder", "--run", filepath.Join(t.TempDir(), "run"))
	has(t, errs, "zebra")
}

// trace writes what the comparison with other frameworks reads, and refuses a batch
// of another layout.
func TestTrace(t *testing.T) {
	enginetest.Open(t)
	dir := t.TempDir()
	images := make([]float32, 2*3*56*56)
	for i := range images {
		images[i] = float32(i%251) - 125
	}
	batch, out := filepath.Join(dir, "b.safetensors"), filepath.Join(dir, "t.safetensors")
	write := func(shape ...int) {
		t.Helper()
		if err := train.WriteTensors(batch, []safetensors.Tensor{{Name: "images", Shape: shape, Floats: images}, {Name: "labels", Shape: []int{2}, Ints: []int64{3, 7}}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	args := append([]string{"trace", "demo", "--batch", batch, "--steps", "2", "--out", out, "--set", "dropout=false", "--devices", "2"}, small...)
	write(2, 56, 56, 3)
	_, errs := alexnet(t, 1, args...)
	has(t, errs, "[2 56 56 3]", "(2, 3, 56, 56)")
	write(2, 3, 56, 56)
	alexnet(t, 0, args...)
	f, err := safetensors.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for name, shape := range map[string][]int{"loss": {2}, "logits": {2, 20}, "conv2.weight": {8, 8, 1, 1}, "grad.conv2.weight": {8, 8, 1, 1},
		"fc4.weight": {128, 96 * 4}, "grad.fc5.bias": {20}} {
		if got := f.Shape(name); !slices.Equal(got, shape) {
			t.Errorf("%s is %v, want %v", name, got, shape)
		}
	}
	loss, err := f.Floats("loss")
	if err != nil || loss[0] < 2.9 || loss[0] > 3.1 {
		t.Errorf("losses %v, %v; expected about ln 20", loss, err)
	}
}

func TestDryRun(t *testing.T) {
	enginetest.Open(t)
	run := filepath.Join(t.TempDir(), "run")
	out, _ := alexnet(t, 0, append([]string{"train", "demo", "--dry-run", "--run", run, "--set", "solver.max_steps=100"}, small...)...)
	has(t, out, "memory of", "disk:", "images/s training", "length: 100 steps")
	if _, err := os.Stat(run); err == nil {
		t.Error("it made a run directory")
	}
	// Weights that begin a run are read, as far as they fit.
	alexnet(t, 0, append([]string{"train", "demo", "--run", run, "--set", "solver.max_steps=1"}, small...)...)
	out, _ = alexnet(t, 0, append([]string{"train", "demo", "--dry-run", "--weights", run, "--set", "layer.fc5.units=20", "--set", "layer.fc4.units=96"}, small...)...)
	has(t, out, "6 of 10 parameters come from "+run, "  fc4.weight: ", "here: begins anew")
	_, errs := alexnet(t, 1, append([]string{"train", "demo", "--dry-run", "--weights", run + "/none"}, small...)...)
	has(t, errs, "--weights: there is no "+run+"/none")
}

// A column of the paper's network at its batch of 128 fits in the 3 GB of the paper's
// cards, with room for as much again.
func TestAlexNetFits(t *testing.T) {
	c, err := train.LoadConfig("alexnet")
	if err != nil {
		t.Fatal(err)
	}
	o := net.Options{Batch: c.Batch, Training: true, ImageHeight: c.Size, ImageWidth: c.Size}
	each, err := net.Memory(c.Net, enginetest.Open(t, "2"), o)
	if err != nil {
		t.Fatal(err)
	}
	for i, bytes := range each {
		if c.Batch != 128 || bytes > 1_500_000_000 {
			t.Errorf("column %d of a batch of %d takes %s", i+1, c.Batch, engine.Megabytes(bytes))
		}
	}
}

// Two drivers at once, from the command line: the kernels of both are kept, and a
// resumed run takes them.
func TestTwoDrivers(t *testing.T) {
	enginetest.Open(t, "lavapipe", "swiftshader")
	run := filepath.Join(t.TempDir(), "run")
	alexnet(t, 0, append([]string{"train", "demo", "--devices", "lavapipe,swiftshader", "--run", run, "--set", "solver.max_steps=2"}, small...)...)
	out, errs := alexnet(t, 0, "train", "--run", run, "--resume", "--devices", "lavapipe,swiftshader", "--set", "solver.max_steps=3")
	if strings.Contains(out+errs, "bits may differ") {
		t.Error(out, errs)
	}
	out, _ = alexnet(t, 0, "train", "--run", run, "--resume", "--devices", "swiftshader", "--set", "solver.max_steps=4")
	has(t, out, "run: "+run)
}
