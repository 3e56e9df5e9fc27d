package train

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// over trains a run to its end and looks whether it can go on.
func over(t *testing.T, set ...string) (dir string, r *Resumable) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "run")
	run(t, tinyConfig(t, set...), dir, false, devices(t, "1"))
	r, err := FindResumable(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, r
}

// Whatever has ended a run, it goes on for as many steps as one asks for.
func TestGoOn(t *testing.T) {
	for _, c := range []struct {
		name   string
		set    []string
		step   int
		longer []string
	}{
		{"steps", []string{"solver.max_steps=6"}, 6, []string{"solver.max_steps=8"}},
		{"epochs", []string{"solver.max_steps=0", "solver.max_epochs=1"}, 5, []string{"solver.max_epochs=2"}},
		{"a plateau", []string{"solver.schedule=plateau", "solver.patience=2", "solver.drops=0", "solver.rate=1e-12", "validate.every=1"}, 3, []string{"solver.drops=1"}},
	} {
		dir, r := over(t, c.set...)
		if !r.Over || r.Step != c.step || r.More() < 1 || len(r.Skipped) > 0 {
			t.Errorf("%s: %+v, %d more", c.name, r, r.More())
		}
		config, _, err := ResumeConfig(dir, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		unasked := run(t, config, dir, true, devices(t, "1"))
		if unasked.Step() != c.step || !slices.Equal(unasked.Longer(), c.longer) {
			t.Errorf("%s: unasked it went on to step %d, and says %q", c.name, unasked.Step(), unasked.Longer())
		}
		if config, _, err = ResumeConfig(dir, "", r.Further(4)); err != nil {
			t.Fatal(err)
		}
		tr := run(t, config, dir, true, devices(t, "1"))
		if tr.Step() != c.step+4 || !tr.Done() {
			t.Errorf("%s: it went on to step %d", c.name, tr.Step())
		}
		if config, _, err = ResumeConfig(dir, "", tr.Longer()); err != nil {
			t.Fatal(err)
		}
		if longer := run(t, config, dir, true, devices(t, "1")); longer.Step() <= c.step+4 {
			t.Errorf("%s: with %q it went on to step %d", c.name, tr.Longer(), longer.Step())
		}
	}
}

// A plateau that ended a run does not where the recipe allows another drop now.
func TestAnotherDrop(t *testing.T) {
	s := Schedule{Drops: 3, Finished: true}
	if s.resumed(Solver{Schedule: "plateau", Drops: 3}); !s.Finished {
		t.Error("resumed as it was it goes on")
	}
	if s.resumed(Solver{Schedule: "plateau", Drops: 4}); s.Finished {
		t.Error("another drop is no reason to go on")
	}
}

func TestCannotGoOn(t *testing.T) {
	dir, _ := over(t, "solver.max_steps=6")
	says := func(want string) {
		t.Helper()
		if _, err := FindResumable(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("it says %v, want %q", err, want)
		}
	}
	held, err := ResumeRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	says("another process trains " + dir)
	held.Close()

	files := checkpoints(filepath.Join(dir, "checkpoints"))
	os.Truncate(files[0], 1000)
	if r, err := FindResumable(dir); err != nil || r.Step != 3 || len(r.Skipped) != 1 || r.Over {
		t.Errorf("of a damaged checkpoint: %+v, %v", r, err)
	}
	os.Truncate(files[1], 1000)
	says("no usable checkpoint in")

	recipe := filepath.Join(dir, "recipe.toml")
	c, _, err := ResumeConfig(dir, "", []string{"data.set=folder", "data.dir=" + filepath.Join(dir, "gone")})
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(recipe, []byte(c.Text()), 0o644)
	says("there is no folder " + filepath.Join(dir, "gone"))
	os.Remove(recipe)
	says("holds no run to resume")
}

// Whose lock cannot be seen, as that of another machine on a mounted folder, may train the run
// still, unless its log says that it has left it.
func TestTrainedElsewhere(t *testing.T) {
	dir, _ := over(t, "solver.max_steps=6")
	lock, log := filepath.Join(dir, "lock"), filepath.Join(dir, "log.jsonl")
	left := read(t, log)
	open := left[:strings.Index(left, `{"kind":"end"`)]
	mine := read(t, lock)
	if r, err := FindResumable(dir); err != nil || !r.Over || r.Elsewhere != nil {
		t.Errorf("of a run that is over: %+v, %v", r, err)
	}
	c, _, err := ResumeConfig(dir, "", []string{"solver.max_steps=60"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "recipe.toml"), []byte(c.Text()), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, lock, log string
		elsewhere       bool
	}{
		{"here", mine, open, false},
		{"here, and left", mine, left, false},
		{"elsewhere", "17 a-server\n", open, true},
		{"elsewhere, and left", "17 a-server\n", left, false},
		{"elsewhere, and failed", "17 a-server\n", open + `{"kind":"event","step":6,"text":"NaN","key":"failed"}` + "\n", false},
		{"elsewhere, before its first line", "17 a-server\n", "", true},
		{"an older program", "17\n", open, false},
	} {
		for path, text := range map[string]string{lock: c.lock, log: c.log} {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		r, err := FindResumable(dir)
		if err != nil {
			t.Fatal(err)
		}
		if is := r.Elsewhere != nil; is != c.elsewhere || is && r.Elsewhere.String() != "process 17 on a-server" {
			t.Errorf("%s: %v may train it, want %t", c.name, r.Elsewhere, c.elsewhere)
		}
	}
}

// A run whose numbers exploded goes on from its newest checkpoint, which is finite, with a
// tenth of the rate.
func TestGoOnAfterNaN(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	tr, err := start(t, tinyConfig(t, "solver.max_steps=24", "checkpoint.keep=20"), dir, false, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	tr.OnProgress = func(p Progress) {
		if p.Step == 11 {
			spoil(t, tr, func(int) float64 { return math.NaN() })
		}
	}
	if err := tr.Run(context.Background()); !Exploded(err) {
		t.Fatalf("it ended with %v", err)
	}
	tr.Close()
	r, err := FindResumable(dir)
	if err != nil {
		t.Fatal(err)
	}
	if r.Step != 9 || r.Over || r.Ill == nil || r.Ill.Step != 9 || r.Ill.Rate != 5e-5 || !strings.HasPrefix(r.Ill.What, "NaN or Inf, first in ") {
		t.Errorf("it can go on: %+v, %+v", r, r.Ill)
	}
}
