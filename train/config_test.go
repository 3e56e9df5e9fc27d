package train

import (
	"os"
	"slices"
	"strings"
	"testing"

	"alexnet/assets"
)

func recipe(t *testing.T, name string, set ...string) *Config {
	t.Helper()
	c, err := LoadConfig(name, set...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRecipes(t *testing.T) {
	files, err := assets.Recipes.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		c := recipe(t, "assets/"+f.Name())
		again, err := DecodeConfig("again", c.Text(), nil)
		if err != nil {
			t.Fatalf("%s: %v\n%s", f.Name(), err, c.Text())
		}
		if again.Text() != c.Text() {
			t.Errorf("%s: its text decodes to another recipe", f.Name())
		}
	}
}

// The paper's totals: 60,965,224 parameters, and the neurons of its section 3.5
// but for the first layer's.
func TestAlexNetIsThePapers(t *testing.T) {
	c := recipe(t, "assets/alexnet.toml")
	rows, err := c.Net.Plan()
	if err != nil {
		t.Fatal(err)
	}
	parameters, neurons := 0, 0
	for _, r := range rows {
		parameters += r.Weights + r.Biases
		neurons += r.Neurons()
	}
	if parameters != 60965224 || neurons != 659272 {
		t.Errorf("%d parameters, %d neurons", parameters, neurons)
	}
}

func TestSetReachesEveryKindOfKey(t *testing.T) {
	c := recipe(t, "demo", "solver.max_steps=100", "checkpoint.every=10", "solver.rate=0.001", "data.batch=64", "dropout=false",
		"name=mine", "data.mirror=false", "solver.milestones=[5, 6]", "layer.conv1.std=0.03", "seed=9", "data.set=folder", "data.dir=/tmp/a b", "solver.schedule=\"fixed\"")
	if c.Solver.MaxSteps != 100 || c.Checkpoint.Every != 10 || c.Solver.Rate != 0.001 || c.Batch != 64 || c.Net.Dropout || c.Name != "mine" ||
		c.Mirror || len(c.Solver.Milestones) != 2 || c.Seed != 9 || c.Dir != "/tmp/a b" || c.Solver.Schedule != "fixed" {
		t.Errorf("%+v", c)
	}
	if !strings.Contains(c.Text(), "std = 0.03") {
		t.Error("layer key not set")
	}
	anything := []string{"name", "data.dir", "data.mean_file", "data.colour_file"} // paths are looked at when they are used
	for _, k := range sorted(keys()) {
		if slices.Contains(anything, k) {
			continue
		}
		if _, err := LoadConfig("demo", k+"=\"certainly wrong\""); err == nil {
			t.Errorf("--set %s does not reach its key", k)
		}
	}
}

func TestErrorsNameFileLineAndKey(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"momentum = 0.9", "momentun = 0.9", `demo.toml:17: unknown key "momentun" in [solver] (did you mean "momentum"?)`},
		{"momentum = 0.9", `momentum = "much"`, "demo.toml:17: momentum: expected a number"},
		{"kernel = 11", "kernl = 11", `demo.toml:35: unknown key "kernl" in layer conv1 of type conv (did you mean "kernel"?)`},
		{`type = "lrn"`, `type = "lnr"`, `has type "lnr"; expected one of`},
		{"columns = 2", "colums = 2", `demo.toml:4: unknown key "colums" in the recipe (did you mean "columns"?)`},
		{"[log]", "[logg]", `unknown key "logg"`},
		{"kernel = 11", "kernel = 99", `layer 1, conv "conv1": a kernel of 99 does not fit its input of 56x56`},
		{"batch = 32", "batch = 0", "data.batch = 0; expected at least 1"},
		{"batch = 32", "batch = ", "demo.toml:8"},
		{`name = "relu1"`, `name = "conv1"`, "another layer has the same name"},
		{"type = \"softmax\"", "type = \"relu\"", "the last layer must be softmax"},
	} {
		text, err := assets.Recipes.ReadFile("demo.toml")
		if err != nil {
			t.Fatal(err)
		}
		_, err = DecodeConfig("demo.toml", strings.Replace(string(text), c.from, c.to, 1), nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %s", c.to, err, c.want)
		}
	}
	for _, c := range []struct{ set, want string }{
		{"solver.rat=1", `did you mean "solver.rate"?`}, {"solver.rate", "expected key=value"}, {"layer.conv9.std=1", `no layer "conv9"`},
		{"layer.conv1.sdt=1", `did you mean "std"?`}, {"solver.max_steps=ten", "expected a whole number"},
		{"solver.rate=inf", "solver.rate = +Inf"}, {"data.val_images=0", "data.val_images = 0; expected at least 1"}, {"convolution=fast", `convolution = "fast"; expected one of auto, direct`},
		{"precision=half", `precision = "half"; expected one of float32, mixed`}, {"precision=16", "expected a text"}, {"data.dir='x'", "the generated set has no folder"},
	} {
		if _, err := LoadConfig("demo", c.set); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.set, err)
		}
	}
	if _, err := LoadConfig("nowhere/x.toml"); err == nil {
		t.Error("a missing file was read")
	}
}

// A bare name is the program's recipe, whatever lies in the folder.
func TestBareNameIsTheProgramsRecipe(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("demo", []byte("\x7fELF"), 0o644); err != nil {
		t.Fatal(err)
	}
	if c := recipe(t, "demo"); c.Name != "demo" {
		t.Errorf("recipe %q", c.Name)
	}
	if c := recipe(t, "assets/demo.toml"); c.Name != "demo" {
		t.Errorf("recipe %q", c.Name)
	}
	_, err := LoadConfig("./demo")
	wants(t, err, "./demo")
}
