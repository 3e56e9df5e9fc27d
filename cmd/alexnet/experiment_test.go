package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"alexnet/engine/enginetest"
	"alexnet/train"
	"alexnet/train/experiment"
	"alexnet/train/monitor"
	"alexnet/viewer/print"
)

const tinyExperiment = `
claim = "Section 5: a higher rate learns otherwise."
bases = ["demo"]
at = 99.9
curves = "training"

[[arm]]
name = "slow"

[[arm]]
name = "fast"
paper = "none"
recipe = """
[solver]
rate = 0.006
"""

[[arm]]
name = "both"
of = "slow"
crops = 10
average = true
`

// An experiment that Ctrl-C stops in its first run goes on by the same command, is not
// trained twice, and refuses runs of another recipe.
func TestExperiment(t *testing.T) {
	enginetest.Open(t)
	dir := t.TempDir()
	file, out := filepath.Join(dir, "tiny.toml"), filepath.Join(dir, "out")
	if err := os.WriteFile(file, []byte(tinyExperiment), 0o644); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"experiment", file, "--out", out, "--set", "log.every=1"}, small...)
	c := program(t, append(args, "--set", "solver.max_steps=100000")...)
	var text bytes.Buffer
	c.Stdout, c.Stderr = &text, &text
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	trains(t, filepath.Join(out, "slow-1"), 3)
	c.Process.Signal(syscall.SIGINT)
	c.Wait()
	if code := c.ProcessState.ExitCode(); code != 130 {
		t.Fatalf("exit code %d\n%s", code, text.String())
	}
	has(t, text.String(), "run 1 of 4: slow, seed 1", "stopped in "+filepath.Join(out, "slow-1")+"; the same command goes on")

	// The signal came when step 3 was logged; how many more were trained depends on the machine.
	stopped, _, err := (&trial{dir: filepath.Join(out, "slow-1")}).trained()
	if err != nil {
		t.Fatal(err)
	}
	steps := func(beyond int) []string {
		return append(slices.Clone(args), "--set", fmt.Sprintf("solver.max_steps=%d", stopped+beyond))
	}
	shorter, longer := steps(1), steps(3)
	args = steps(2)
	printed, _ := alexnet(t, 0, args...)
	has(t, printed, "training, tested", "resuming", "run 4 of 4: fast, seed 2", "| slow | 2 |", "| fast | 2 |", "| both | all |", "| none |")
	for _, name := range []string{"table.md", "table.csv", "curves.svg", "curves.png"} {
		content, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Error(err)
		}
		if name == "curves.svg" {
			has(t, string(content), "Training error rate (%)", ">slow", ">fast", "The mean of 2 seeds")
		} else if name == "table.md" && !strings.Contains(printed, string(content)) {
			t.Errorf("the table is not what was printed:\n%s", content)
		}
	}
	decodes(t, filepath.Join(out, "curves.png"))

	again, _ := alexnet(t, 0, append(args, "--at", "98")...)
	has(t, again, "| epochs to 98 % training error |")
	again, _ = alexnet(t, 0, args...)
	if n := strings.Count(again, "finished before"); n != 4 || strings.Contains(again, "resuming") {
		t.Errorf("%d of 4 runs were finished before:\n%s", n, again)
	}
	if of := again[strings.Index(again, "# tiny"):]; of != printed[strings.Index(printed, "# tiny"):] {
		t.Errorf("another table of the same runs:\n%s\nbefore\n%s", of, printed)
	}
	// Another experiment beside it takes its runs, and trains its own arm.
	sibling := strings.NewReplacer(`"fast"`, `"faster"`, "0.006", "0.007", `"slow"`, `"as-it-is"`).Replace(tinyExperiment)
	file2, out2 := filepath.Join(dir, "sibling.toml"), filepath.Join(dir, "out2")
	if err := os.WriteFile(file2, []byte(sibling), 0o644); err != nil {
		t.Fatal(err)
	}
	args2 := slices.Clone(args)
	args2[1], args2[3] = file2, out2
	printed, _ = alexnet(t, 0, args2...)
	has(t, printed, "finished before, in "+filepath.Join(out, "slow-1"), "finished before, in "+filepath.Join(out, "slow-2"), "| as-it-is | 2 |", "| faster | 2 |")
	if list, _ := os.ReadDir(out2); strings.Count(printed, "finished before") != 2 || len(list) != 6 { // two runs and four files
		t.Errorf("%v beside it:\n%s", list, printed)
	}

	list, _ := alexnet(t, 0, "runs", dir)
	has(t, list, filepath.Join(out, "slow-1"), filepath.Join(out, "fast-2"), filepath.Join(out2, "faster-1"))

	// Its runs may become longer, together; shorter ones they are no more.
	_, errs := alexnet(t, 1, shorter...)
	has(t, errs, "slow, seed 1", fmt.Sprintf("%s is a longer run: it has trained %d steps", filepath.Join(out, "slow-1"), stopped+2), "--out")
	printed, _ = alexnet(t, 0, longer...)
	if n := strings.Count(printed, "resuming"); n != 4 {
		t.Errorf("%d of 4 runs go on:\n%s", n, printed)
	}
	_, errs = alexnet(t, 1, args...)
	has(t, errs, fmt.Sprintf("it has trained %d steps", stopped+3))

	_, errs = alexnet(t, 1, append(args, "--set", "solver.momentum=0.5")...)
	has(t, errs, "slow, seed 1", "trained by another recipe: solver.momentum is 0.5, the run's 0.9", "--out")
}

func TestExperimentsAreListed(t *testing.T) {
	out, _ := alexnet(t, 0, "experiment")
	has(t, out, "lrn: Section 3.3", "arms normalised, without; bases demo (default), photos, alexnet, alexnet-conv6\n", "--base photos --data FOLDER")
	// A dry run refuses what the run would: the base has no images of its own.
	dry := []string{"experiment", "columns", "--base", "alexnet", "--dry-run", "--seeds", "3"}
	_, errs := alexnet(t, 1, dry...)
	has(t, errs, "needs a folder of images", "--data")
	photos := t.TempDir()
	photographs(t, photos, map[string]int{"cat": 2, "horse": 2})
	out, _ = alexnet(t, 0, append(dry, "--data", photos)...)
	// Two classes of the paper's 1000: 60,965,224 parameters less 998 of 4,097.
	has(t, out, filepath.Join("experiments", "columns", "two-3"), "56,876,418", "55,709,506")
	_, errs = alexnet(t, 1, "experiment", "fly")
	has(t, errs, "fly", "lrn")
	_, errs = alexnet(t, 1, "experiment", "relu", "--out", t.TempDir())
	has(t, errs, "--data", "--base demo")
	_, errs = alexnet(t, 1, "experiment", "lrn", "--base", "cifar10-relu")
	has(t, errs, "demo, alexnet")
	_, errs = alexnet(t, 1, "experiment", "decay", "--dry-run", "--set", "solver.decay=0")
	has(t, errs, "arms decay and without are one recipe on this demo")
	for _, args := range [][]string{{"lrn", "relu"}, {"lrn", "--seeds", "0"}, {"lrn", "--minutes", "0"}, {"relu", "--at", "100"}} {
		alexnet(t, 2, append([]string{"experiment"}, args...)...)
	}
}

// Networks of several seeds cannot be averaged where each sets aside other images.
func TestEnsembleNeedsOneValidationSet(t *testing.T) {
	dir := t.TempDir()
	photographs(t, dir, map[string]int{"cat": 10, "horse": 10})
	_, errs := alexnet(t, 1, "experiment", "ensemble", "--data", dir, "--out", filepath.Join(dir, "out"))
	has(t, errs, "averaged", "train/ and val/")
}

// The minutes of a run are those of all its starts; another recipe is refused.
func TestMinutesOfAllStarts(t *testing.T) {
	dir := t.TempDir()
	c := logged(t, dir, []string{"solver.max_minutes=2"})
	line := `{"kind":"train","step":10,"epoch":1,"loss":1,"rate":0.1,"top1_error":1,"images_per_second":1,"seconds":90}` + "\n"
	if err := os.WriteFile(filepath.Join(dir, "log.jsonl"), []byte(line), 0o644); err != nil {
		t.Fatal(err)
	}
	var f experimentFlags
	for minutes, want := range map[string]float64{"2": 0.5, "10": 8.5, "1": 0.001, "0": 0} {
		longer, err := c.Extended(c.Name, "[solver]\nmax_minutes = "+minutes)
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.goOn(trial{dir: dir, config: longer})
		if err != nil || math.Abs(got.Solver.MaxMinutes-want) > 1e-9 {
			t.Errorf("%v: %g of %s minutes are left, want %g", err, got.Solver.MaxMinutes, minutes, want)
		}
	}
	other, err := c.Extended(c.Name, "[solver]\nrate = 1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.goOn(trial{dir: dir, config: other}); err == nil || !strings.Contains(err.Error(), "solver.rate is 1") {
		t.Error(err)
	}
}

// A run that its own minutes have ended has trained a little longer than they are, however
// often it was stopped; one that was to be longer does not belong among shorter ones.
func TestOwnMinutesAreNotTooMany(t *testing.T) {
	dir := t.TempDir()
	c := logged(t, dir, []string{"solver.max_minutes=1"})
	sets, err := train.OpenSets(c, "")
	if err != nil {
		t.Fatal(err)
	}
	line := `{"kind":"train","step":10,"epoch":1,"loss":1,"rate":0.1,"top1_error":1,"images_per_second":1,"seconds":63}` + "\n"
	if err := os.WriteFile(filepath.Join(dir, "log.jsonl"), []byte(line), 0o644); err != nil {
		t.Fatal(err)
	}
	one := trial{dir: dir, config: c}
	for _, planned := range []string{"", "1", "0.5", "10", "0"} {
		if planned != "" {
			before, err := c.Extended(c.Name, "[solver]\nmax_minutes = "+planned)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, plannedFile), []byte(before.Text()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		own := planned == "1" || planned == "0.5"
		if err := one.within(sets); (err == nil) != own {
			t.Errorf("planned for %q minutes: %v", planned, err)
		}
	}
}

// A run of one epoch beside one of 10 is averaged over as much as that, half an epoch, and its
// training error is that of its last epoch all the same.
func TestMeasuresOfLengths(t *testing.T) {
	log := func(epochs int) *monitor.Snapshot {
		s := &monitor.Snapshot{}
		for i := 1; i <= 10*epochs; i++ { // from 100 % down, 5 % less each tenth of an epoch
			s.Points = append(s.Points, monitor.Point{Step: i, Epoch: float64(i) / 10, Top1Error: max(0, 1-0.05*float64(i-1))})
		}
		return s
	}
	short, long := log(1), log(10)
	every := averagedOver([]*monitor.Snapshot{short, long})
	if every != 0.5 {
		t.Errorf("averaged over %g epochs", every)
	}
	// Means of 0.9 and 0.65 at epochs 0.5 and 1: of both 0.775, and 0.7 four fifths of the way.
	m := measureLog(short, 0.7, every)
	if math.Abs(m.Training-0.775) > 1e-9 || m.Epochs != 1 || math.Abs(m.Reached-0.9) > 1e-9 {
		t.Errorf("%+v", m)
	}
	if other := measureLog(long, 0.7, every); other.Reached != m.Reached || other.Training != 0 || other.Epochs != 10 {
		t.Errorf("of the longer run: %+v", other)
	}
}

// The picture says what its curves are, and these are of the runs that the table has: a seed that
// exploded does not end its arm's curve.
func TestCurvesAreOfTheTablesRuns(t *testing.T) {
	log := func(validations ...float64) *monitor.Snapshot {
		s := &monitor.Snapshot{}
		for i, v := range validations {
			s.Validations = append(s.Validations, monitor.Validation{Epoch: float64(i + 1), Top1Error: v})
		}
		return s
	}
	tried := trials{
		Experiment: &experiment.Experiment{Curves: experiment.Validation},
		arms:       []experiment.Arm{{Name: "a"}, {Name: "b"}},
		list:       []trial{{arm: "a", seed: 1, dir: "a-1"}, {arm: "a", seed: 2, dir: "a-2"}, {arm: "b", seed: 1, dir: "b-1"}, {arm: "b", seed: 2, dir: "b-2"}},
		logs:       map[string]*monitor.Snapshot{"a-1": log(0.5, 0.4), "a-2": log(0.5, 0.2, 0.1), "b-1": log(0.9), "b-2": log(0.6, 0.5, 0.4)},
		failed:     map[string]string{"b-1": "b, seed 1: exploded"},
	}
	e := tried.curves(2)
	if len(e.Curves) != 2 || !slices.Equal(e.Curves[0].X, []float64{1, 2}) || !slices.Equal(e.Curves[1].Error, []float64{0.6, 0.5, 0.4}) {
		t.Errorf("%+v", e.Curves)
	}
	has(t, e.Note, "centre crops", "those of 2 seeds that came to their end")
	tried.failed, tried.At, tried.every = nil, 40, 0.05
	has(t, tried.curves(2).Note, "Each point averages 0.05 epochs", "The mean of 2 seeds", "table.md has the mean of each seed's")
	if note := tried.curves(1).Note; strings.Contains(note, "mean") {
		t.Errorf("of one seed: %s", note)
	}
}

func TestMeanCurve(t *testing.T) {
	c := meanCurve("a", []print.Curve{{X: []float64{1, 2, 3}, Error: []float64{0.5, 0.25, 0}}, {X: []float64{1, 2}, Error: []float64{0.25, 0.75}}})
	if len(c.X) != 2 || c.X[1] != 2 || c.Error[0] != 0.375 || c.Error[1] != 0.5 {
		t.Errorf("%+v", c)
	}
}
