// Package experiment holds the paper's claims that the program tries: of each the recipes
// that are compared, and the table of what came out beside the paper's figures.
package experiment

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"alexnet/assets"
	"alexnet/train"
)

// Experiment is a claim and the recipes by which it is tried, which differ from a base by
// a few lines. It is read from a TOML file.
type Experiment struct {
	Name   string   `toml:"-"`      // of its file
	Claim  string   `toml:"claim"`  // with the paper's section and figures
	Bases  []string `toml:"bases"`  // recipes that it is made for; the first is the default
	Seeds  int      `toml:"seeds"`  // runs of each arm; 2 if not given
	At     float64  `toml:"at"`     // training error in percent to which epochs are counted; 0: none
	Curves string   `toml:"curves"` // whose error is drawn: Training or Validation
	Arms   []Arm    `toml:"arm"`    // the others are compared with the first
}

// Values of Experiment.Curves: the error that is drawn.
const (
	Training   = "training"
	Validation = "validation" // the default
)

// Arm is one of the recipes, or another test of the networks that one has trained.
type Arm struct {
	Name   string            `toml:"name"`   // runs are in NAME-SEED
	Paper  string            `toml:"paper"`  // the paper's figure: a difference from the first arm unless it says otherwise
	Recipe string            `toml:"recipe"` // lines that extend the base
	On     map[string]string `toml:"on"`     // more lines, on the bases of these names

	Of      string `toml:"of"`      // the arm whose runs are tested; "": its own
	Crops   int    `toml:"crops"`   // 10: tested on ten crops of each image, otherwise on the centre
	Average bool   `toml:"average"` // tested by the average of all seeds' networks
}

// Names lists the experiments that the program carries.
func Names() []string {
	var out []string
	files, _ := assets.Experiments.ReadDir("experiments") // an embedded folder is always there
	for _, f := range files {
		out = append(out, strings.TrimSuffix(f.Name(), ".toml"))
	}
	return out
}

// Load reads the experiment of a name, or a file.
func Load(name string) (*Experiment, error) {
	text, err := assets.Experiments.ReadFile("experiments/" + name + ".toml")
	if err != nil {
		text, err = os.ReadFile(name)
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("experiment: there is none called %s: expected a TOML file or one of %s", name, strings.Join(Names(), ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("experiment: %w", err)
	}
	e := &Experiment{Name: strings.TrimSuffix(filepath.Base(name), ".toml"), Seeds: 2, Curves: Validation}
	md, err := toml.Decode(string(text), e)
	if err == nil && len(md.Undecoded()) > 0 {
		err = fmt.Errorf("unknown key %q", md.Undecoded()[0])
	}
	if err == nil {
		err = e.check()
	}
	if err != nil {
		return nil, fmt.Errorf("experiment: %s: %w", name, err)
	}
	return e, nil
}

var folderName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

// check reports what no experiment can have.
func (e *Experiment) check() error {
	switch {
	case e.Claim == "":
		return errors.New("claim is missing: a sentence that says what is tried")
	case len(e.Bases) == 0:
		return errors.New("bases is missing: the recipes that the arms extend")
	case len(e.Arms) < 2:
		return fmt.Errorf("%d [[arm]] tables; expected at least two to compare", len(e.Arms))
	case e.Seeds < 1:
		return fmt.Errorf("seeds = %d; expected at least 1", e.Seeds)
	case e.At < 0 || e.At >= 100:
		return fmt.Errorf("at = %g; expected a percentage", e.At)
	case e.Curves != Training && e.Curves != Validation:
		return fmt.Errorf("curves = %q; expected %s or %s", e.Curves, Training, Validation)
	}
	trained := map[string]bool{}
	for i, a := range e.Arms {
		fail := func(format string, values ...any) error {
			return fmt.Errorf("arm %d (%q): %s", i+1, a.Name, fmt.Sprintf(format, values...))
		}
		lines := a.Recipe != "" || len(a.On) > 0
		switch {
		case !folderName.MatchString(a.Name):
			return fail("expected a name of small letters, digits and hyphens")
		case slices.ContainsFunc(e.Arms[:i], func(b Arm) bool { return b.Name == a.Name }):
			return fail("another has its name")
		case a.Of != "" && !trained[a.Of]:
			return fail("of = %q; expected an arm above it that trains", a.Of)
		case a.Of != "" && lines:
			return fail("it tests the runs of %s and trains none: a recipe is of no use", a.Of)
		case a.Of == "" && !lines && i > 0:
			return fail("it has no lines of a recipe, and is what the first is")
		case a.Crops != 0 && a.Crops != 1 && a.Crops != 10:
			return fail("crops = %d; expected 1 or 10", a.Crops)
		}
		for base := range a.On {
			if !slices.Contains(e.Bases, base) {
				return fail("on.%s: %[1]s is none of the bases", base)
			}
		}
		trained[a.Name] = a.Of == ""
	}
	return nil
}

// On are the arms on a recipe, which is one of the bases or extends it (train.Lineage), with
// all of their lines in Recipe. An arm that has none for the base is left out, and with it
// those that test its runs.
func (e *Experiment) On(lineage []string) ([]Arm, error) {
	at := slices.IndexFunc(lineage, func(path string) bool { return slices.Contains(e.Bases, path) })
	if at < 0 {
		return nil, fmt.Errorf("experiment: the arms of %s have no lines for %s: they are made for %s, and recipes that extend these", e.Name, lineage[0], strings.Join(e.Bases, ", "))
	}
	var out []Arm
	for i, a := range e.Arms {
		a.Recipe += a.On[lineage[at]]
		if i == 0 || a.Recipe != "" || slices.ContainsFunc(out, func(of Arm) bool { return of.Name == a.Of }) {
			out = append(out, a)
		}
	}
	if len(out) < 2 {
		return nil, fmt.Errorf("experiment: of the arms of %s only %s has lines for %s: there is nothing to compare", e.Name, out[0].Name, lineage[at])
	}
	return out, nil
}

// Recipes are those of the program that the experiment can be tried on: its bases, the default
// first, and behind each those that extend it and on which the arms differ.
func (e *Experiment) Recipes() ([]string, error) {
	out := slices.Clone(e.Bases)
	for _, name := range assets.Names() {
		lineage, err := train.Lineage(name)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(lineage, func(path string) bool { return slices.Contains(e.Bases, path) })
		if at < 1 {
			continue // another's, or a base itself
		}
		base, err := train.LoadConfig(name)
		if err != nil {
			return nil, err
		}
		if arms, err := e.On(lineage); err == nil && Differ(arms, base) == nil {
			out = slices.Insert(out, slices.Index(out, lineage[at])+1, name)
		}
	}
	return out, nil
}

// Differ fails where two arms train one recipe on a base, such as those with and without weight
// decay on one that has none, or where the base cannot be changed as an arm says.
func Differ(arms []Arm, base *train.Config) error {
	texts := map[string]string{}
	for _, a := range arms {
		if a.Of != "" {
			continue
		}
		c, err := a.Config(base, 1)
		if err != nil {
			return err
		}
		if c, err = c.Extended(base.Name, ""); err != nil {
			return err
		}
		if other, is := texts[c.Text()]; is {
			return fmt.Errorf("experiment: arms %s and %s are one recipe on this %s: there is nothing to compare", other, a.Name, base.Name)
		}
		texts[c.Text()] = a.Name
	}
	return nil
}

// Config is the recipe of an arm's run with a seed on a base's recipe.
func (a Arm) Config(base *train.Config, seed int) (*train.Config, error) {
	c, err := base.Extended(a.Name, a.Recipe)
	if err != nil {
		return nil, fmt.Errorf("experiment: arm %w", err)
	}
	return c.Extended(a.Name, fmt.Sprintf("seed = %d", seed))
}
