package train

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
)

// ResumeConfig reads the recipe that a run directory keeps, with overrides: what
// a resumed run goes by. recipe, if not empty, is the recipe that the user named;
// the notes say where it differs, because the run's own counts.
func ResumeConfig(run, recipe string, set []string) (c *Config, notes []string, err error) {
	kept := filepath.Join(run, "recipe.toml")
	if _, err := os.Stat(kept); errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("train: %s holds no run to resume: it has no recipe.toml", run)
	}
	if c, err = LoadConfig(kept, set...); err != nil {
		return nil, nil, err
	}
	if recipe == "" {
		return c, nil, nil
	}
	named, err := LoadConfig(recipe, set...)
	if err != nil {
		return nil, nil, err
	}
	for _, d := range differences(named.Text(), c.Text()) {
		notes = append(notes, fmt.Sprintf("%s: %s; the run in %s keeps its own (--set changes it)", recipe, d, run))
	}
	return c, notes, nil
}

// differences lists the keys in which two canonical recipes differ.
func differences(a, b string) []string {
	var out []string
	compare("", canonical(a), canonical(b), &out)
	return out
}

func compare(path string, x, y table, out *[]string) {
	for _, key := range sorted(x) {
		a, b := x[key], y[key]
		inner, isTable := a.(table)
		other, too := b.(table)
		switch {
		case isTable && too:
			compare(path+key+".", inner, other, out)
		case key == "layer" && !reflect.DeepEqual(a, b):
			*out = append(*out, "its layers are others than the run's")
		case !reflect.DeepEqual(a, b):
			*out = append(*out, fmt.Sprintf("%s%s is %v, the run's %v", path, key, a, b))
		}
	}
}

// limits are the keys that say how far a run goes, and nothing of how it gets there.
var limits = []string{"solver.max_steps", "solver.max_epochs", "solver.max_minutes"}

// Further is the recipe of a run by which it goes on as far as c, which is the same but for
// that. It fails where c is another recipe than the run's.
func (c *Config) Further(run string) (*Config, error) {
	s := c.Solver
	var set []string
	for i, v := range []float64{float64(s.MaxSteps), s.MaxEpochs, s.MaxMinutes} {
		set = append(set, fmt.Sprintf("%s=%v", limits[i], v))
	}
	set[0] = fmt.Sprintf("%s=%d", limits[0], s.MaxSteps)
	kept, _, err := ResumeConfig(run, "", set)
	if err != nil {
		return nil, err
	}
	if d := differences(c.Text(), kept.Text()); len(d) > 0 {
		return nil, fmt.Errorf("train: %s was trained by another recipe: %s", run, d[0])
	}
	return kept, nil
}
