package experiment

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"alexnet/train"
)

// Every claim is there, and every arm on every base is a recipe whose network can be
// built, and another than the other arms'.
func TestExperiments(t *testing.T) {
	want := []string{"bias", "cifar-lrn", "colour", "columns", "crops", "decay", "depth", "dropout", "ensemble", "lrn", "overlap", "pooling", "relu", "ten-crops"}
	if got := Names(); !slices.Equal(got, want) {
		t.Errorf("experiments %v, want %v", got, want)
	}
	for _, name := range Names() {
		e, err := Load(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if !strings.HasPrefix(e.Claim, "Section ") {
			t.Errorf("%s: its claim cites no section: %s", name, e.Claim)
		}
		bases, err := e.Recipes()
		if err != nil {
			t.Error(err)
		}
		for _, base := range bases {
			c, err := train.LoadConfig(base)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			lineage, err := train.Lineage(base)
			if err != nil {
				t.Fatal(err)
			}
			arms, err := e.On(lineage)
			if err != nil {
				t.Error(err)
			}
			if err := Differ(arms, c); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for _, a := range arms {
				one, err := a.Config(c, 7)
				if err != nil {
					t.Errorf("%s on %s: %v", name, base, err)
					continue
				}
				if one.Seed != 7 || one.Name != a.Name {
					t.Errorf("%s on %s: %s is called %s, seed %d", name, base, a.Name, one.Name, one.Seed)
				}
			}
		}
	}
}

// Recipes that extend a base are listed behind it, unless its arms are one recipe there; overlap
// names photos itself.
func TestRecipes(t *testing.T) {
	for name, want := range map[string]string{
		"lrn":       "demo photos alexnet alexnet-conv6",
		"overlap":   "demo photos alexnet alexnet-conv6",
		"relu":      "cifar10-relu demo photos",
		"cifar-lrn": "cifar10-11",
	} {
		e, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Recipes()
		if list := strings.Join(got, " "); err != nil || list != want {
			t.Errorf("%s: %s, want %s; %v", name, list, want, err)
		}
	}
}

func TestDiffer(t *testing.T) {
	e, err := Load("decay")
	if err != nil {
		t.Fatal(err)
	}
	arms, err := e.On([]string{"demo"})
	if err != nil {
		t.Fatal(err)
	}
	none, err := train.LoadConfig("demo", "solver.decay=0")
	if err != nil {
		t.Fatal(err)
	}
	if err := Differ(arms, none); err == nil || !strings.Contains(err.Error(), "arms decay and without are one recipe on this demo") {
		t.Error(err)
	}
}

// The paper's one column has about as many parameters as its two.
func TestOneColumnIsThePapers(t *testing.T) {
	e, err := Load("columns")
	if err != nil {
		t.Fatal(err)
	}
	base, err := train.LoadConfig("alexnet")
	if err != nil {
		t.Fatal(err)
	}
	arms, err := e.On([]string{"alexnet"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := arms[1].Config(base, 1)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := c.Net.Plan()
	if err != nil {
		t.Fatal(err)
	}
	parameters := 0
	for _, r := range rows {
		parameters += r.Weights + r.Biases
	}
	if parameters != 59798312 || c.Net.Columns != 1 {
		t.Errorf("%d parameters in %d columns", parameters, c.Net.Columns)
	}
}

// An arm that tests the runs of another goes with it.
func TestOnLeavesOut(t *testing.T) {
	e := &Experiment{Name: "x", Bases: []string{"demo", "alexnet"}, Arms: []Arm{
		{Name: "a"}, {Name: "b", On: map[string]string{"alexnet": "columns = 1"}}, {Name: "c", Of: "b"}, {Name: "d", Recipe: "columns = 1"}, {Name: "e", Of: "d"}}}
	for base, want := range map[string]string{"demo": "a d e", "alexnet": "a b c d e"} {
		arms, err := e.On([]string{base})
		var names []string
		for _, a := range arms {
			names = append(names, a.Name)
		}
		if got := strings.Join(names, " "); err != nil || got != want {
			t.Errorf("%s: %s, want %s; %v", base, got, want, err)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	const head = "claim = \"c\"\nbases = [\"demo\"]\n"
	const two = "[[arm]]\nname = \"a\"\n[[arm]]\nname = \"b\"\n"
	for text, want := range map[string]string{
		"bases = [\"demo\"]\n" + two:             "claim is missing",
		"claim = \"c\"\n" + two:                  "bases is missing",
		head + "[[arm]]\nname = \"a\"\n":         "at least two",
		head + "fly = 1\n" + two:                 `unknown key "fly"`,
		head + two:                               "no lines of a recipe",
		head + two + "of = \"c\"\n":              "an arm above it that trains",
		head + two + "of = \"a\"\ncrops = 5":     "expected 1 or 10",
		head + two + "on.fly = \"\"":             "fly is none of the bases",
		head + "at = 100\n" + two:                "a percentage",
		head + "curves = \"loss\"\n" + two:       "training or validation",
		head + strings.Replace(two, "b", "B", 1): "small letters",
	} {
		path := filepath.Join(t.TempDir(), "mine.toml")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "mine.toml") {
			t.Errorf("%v, want %q of\n%s", err, want, text)
		}
	}
	if _, err := Load("no-such"); err == nil || !strings.Contains(err.Error(), "no-such") || !strings.Contains(err.Error(), "lrn") {
		t.Error(err)
	}
	e, err := Load("lrn")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.On([]string{"cifar10-relu"}); err == nil || !strings.Contains(err.Error(), "demo, alexnet") {
		t.Error(err)
	}
	if arms, err := e.On([]string{"mine.toml", "alexnet"}); err != nil || len(arms) != 2 {
		t.Error(arms, err)
	}
}

// Means with deviations, differences from the first arm, and what was not measured.
func TestTable(t *testing.T) {
	no := math.NaN()
	e := &Experiment{Name: "relu", Claim: "Section 3.1: sooner.", At: 25}
	table := Table{e, "demo", "generated", []Row{
		{Arm{Name: "relu"}, []Measure{{1, 0.2, 0.1, 0.3, 0.1, 10, 2, 50}, {2, 0.22, 0.1, 0.3, 0.2, 10, 4, 52}}, nil},
		{Arm{Name: "tanh", Paper: "6 times, or so"}, []Measure{{1, 0.3, 0.1, 0.3, 0.1, 10, 9, 50}, {2, 0.32, 0.12, 0.3, 0.1, 10, 9, 50}}, nil},
		{Arm{Name: "slow"}, []Measure{{1, 0.9, 0.5, 0.8, no, 10, no, 50}}, []string{"slow, seed 2: NaN"}},
		{Arm{Name: "ten", Average: true, Crops: 10}, []Measure{{0, 0.19, 0.08, no, no, no, no, no}}, nil},
	}}
	want := `# relu

Section 3.1: sooner.

Here: demo on generated. Errors in %, in the end; means over seeds, ± is their standard deviation. Training: what training saw over the last epoch; tested: training images as a test sees them. On ten crops of each image: ten. Epochs to 25 %: where the error of each seed first reaches it, not where the mean curve of curves.png does.

| arm | seeds | top-1 | top-5 | training | training, tested | epochs | epochs to 25 % training error | ms a step | top-1 / top-5 against relu | the paper |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| relu | 2 | 21.0 ± 1.4 | 10.0 ± 0.0 | 30.0 ± 0.0 | 15.0 ± 7.1 | 10.00 ± 0.00 | 3.00 ± 1.41, 1.0 times | 51 ± 1 | - | - |
| tanh | 2 | 31.0 ± 1.4 | 11.0 ± 1.4 | 30.0 ± 0.0 | 10.0 ± 0.0 | 10.00 ± 0.00 | 9.00 ± 0.00, 3.0 times | 50 ± 0 | +10.0 / +1.0 | 6 times, or so |
| slow | 1 | 90.0 | 50.0 | 80.0 | - | 10.00 | not reached by 1 of 1 | 50 | +69.0 / +40.0 | - |
| ten | all | 19.0 | 8.0 | - | - | - | - | - | -2.0 / -2.0 | - |

slow, seed 2: NaN
`
	if got := table.Markdown(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	comma, err := table.CSV()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(comma), "\n")
	for i, want := range map[int]string{
		0: "experiment,base,arm,seed,top1_error,top5_error,training_error,tested_training_error,epochs,epochs_to_training_error,ms_per_step,paper",
		3: `relu,demo,tanh,1,0.3,0.1,0.3,0.1,10,9,50,"6 times, or so"`,
		5: "relu,demo,slow,1,0.9,0.5,0.8,,10,,50,",
		6: "relu,demo,ten,all,0.19,0.08,,,,,,",
	} {
		if lines[i] != want {
			t.Errorf("line %d: %s\nwant %s", i, lines[i], want)
		}
	}
}
