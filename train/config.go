// Package train is the solver: it reads a recipe, feeds a network batch by
// batch, follows the paper's update rule and schedule, and keeps a log and
// checkpoints in a run directory.
package train

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"alexnet/assets"
	"alexnet/net"
)

// Config is a recipe: what to train, on what, and how.
type Config struct {
	Name string
	Seed uint64 // of initial weights, order of images, crops and dropout
	Net  net.Spec
	Data
	Solver     Solver
	Validate   Validate
	Checkpoint Checkpoint
	Snapshots  Snapshots
	Log        Log

	text string // the canonical recipe
}

// Data is the recipe's section [data].
type Data struct {
	Set         string  `toml:"set"`          // "folder", "cifar10" or "generated"
	Dir         string  `toml:"dir"`          // of folder and cifar10; --data overrides it
	Batch       int     `toml:"batch"`        // images of a step
	Size        int     `toml:"size"`         // images are stored size x size
	Crop        int     `toml:"crop"`         // of which crop x crop is the network's input
	Mean        string  `toml:"mean"`         // what is subtracted: "image" (each pixel's mean), "colour" or "none"
	Scale       float64 `toml:"scale"`        // multiplies the input behind it; 1 in the paper
	RandomCrop  bool    `toml:"random_crop"`  // in training; otherwise the centre
	Mirror      bool    `toml:"mirror"`       // in training, half of the images
	Colour      float64 `toml:"colour"`       // standard deviation of the colour shift's factors; 0: none
	ColourScale string  `toml:"colour_scale"` // of the factors: "deviation" or "eigenvalue"
	MaxBad      float64 `toml:"max_bad"`      // share of unreadable images that stops a run
	TrainImages int     `toml:"train_images"` // of the generated set
	ValImages   int     `toml:"val_images"`
}

// Solver is the recipe's section [solver].
type Solver struct {
	Rate       float64 `toml:"rate"`       // epsilon at the start
	Momentum   float64 `toml:"momentum"`   // 0.9 in the paper
	Decay      float64 `toml:"decay"`      // weight decay
	Warmup     int     `toml:"warmup"`     // steps over which the rate rises from 0
	Schedule   string  `toml:"schedule"`   // "fixed", "step" or "plateau"
	Factor     float64 `toml:"factor"`     // of the rate at each drop
	Milestones []int   `toml:"milestones"` // steps at which "step" drops
	Patience   int     `toml:"patience"`   // validations without a better error before "plateau" drops
	Drops      int     `toml:"drops"`      // after so many the next plateau ends the run
	MaxEpochs  float64 `toml:"max_epochs"` // 0: no limit
	MaxSteps   int     `toml:"max_steps"`
	MaxMinutes float64 `toml:"max_minutes"` // of one start or resumption
}

// Validate is the recipe's section [validate].
type Validate struct {
	Every int `toml:"every"` // steps; 0: once an epoch
}

// Checkpoint is the recipe's section [checkpoint].
type Checkpoint struct {
	Every int `toml:"every"` // steps; 0: with each validation
	Keep  int `toml:"keep"`  // newest ones, beside the best
}

// Snapshots is the recipe's section [snapshots]: what a run keeps to be looked back
// at. They come further apart where they would take more than one part in
// snapshotShare of the time, and when the budget is spent.
type Snapshots struct {
	Every  int `toml:"every"`  // steps from one to the next, at least; 0: none
	Budget int `toml:"budget"` // MB of all; then every second one is removed
	Image  int `toml:"image"`  // of the validation set, from 1 on, whose maps are kept
}

// Log is the recipe's section [log].
type Log struct {
	Every int `toml:"every"` // steps between lines
}

// LoadConfig reads a recipe from a file, or the one of that name that the program
// carries, and applies overrides such as "solver.rate=0.001". Errors name file,
// line and key, and what was expected.
func LoadConfig(path string, set ...string) (*Config, error) {
	text, err := readRecipe(path)
	if os.IsNotExist(err) {
		return nil, fmt.Errorf("train: there is no recipe %s: expected a TOML file or one of %s", path, strings.Join(assets.Names(), ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("train: recipe: %w", err)
	}
	return DecodeConfig(path, string(text), set)
}

// readRecipe reads a file, or the recipe of that name that the program carries. A
// bare name means the latter even if there is such a file: the program's own is
// often called like a recipe.
func readRecipe(path string) ([]byte, error) {
	if inner, err := assets.Recipes.ReadFile(path + ".toml"); err == nil {
		return inner, nil
	}
	text, err := os.ReadFile(path)
	if dir := filepath.Dir(path); os.IsNotExist(err) && (dir == "." || dir == "assets") {
		if inner, found := assets.Recipes.ReadFile(filepath.Base(path)); found == nil {
			return inner, nil
		}
	}
	return text, err
}

// Text is the recipe as TOML with every override and default written out; it
// decodes to the same Config.
func (c *Config) Text() string { return c.text }

func oneOf(key, value string, allowed ...string) error {
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	return fmt.Errorf("%s = %q; expected one of %s", key, value, strings.Join(allowed, ", "))
}

// check reports values that no run can use.
func (c *Config) check() error {
	if _, err := c.Net.Plan(); err != nil {
		return err
	}
	for _, v := range []struct {
		key   string
		value any
		ok    bool
		want  string
	}{
		{"data.batch", c.Batch, c.Batch >= 1, "at least 1"},
		{"data.crop", c.Crop, c.Crop >= 1, "at least 1"},
		{"data.size", c.Size, c.Size >= c.Crop, fmt.Sprintf("at least data.crop = %d", c.Crop)},
		{"data.scale", c.Data.Scale, c.Scale > 0, "above 0"},
		{"data.colour", c.Colour, c.Colour >= 0, "at least 0"},
		{"data.train_images", c.TrainImages, c.TrainImages >= 1, "at least 1"},
		{"data.val_images", c.ValImages, c.ValImages >= 1, "at least 1"},
		{"data.max_bad", c.MaxBad, c.MaxBad >= 0 && c.MaxBad <= 1, "0 to 1"},
		{"solver.rate", c.Solver.Rate, c.Solver.Rate >= 0 && !math.IsInf(c.Solver.Rate, 0), "at least 0"},
		{"solver.momentum", c.Solver.Momentum, c.Solver.Momentum >= 0 && c.Solver.Momentum < 1, "at least 0 and below 1"},
		{"solver.decay", c.Solver.Decay, c.Solver.Decay >= 0, "at least 0"},
		{"solver.factor", c.Solver.Factor, c.Solver.Factor > 0 && c.Solver.Factor <= 1, "above 0 and at most 1"},
		{"solver.patience", c.Solver.Patience, c.Solver.Patience >= 1, "at least 1"},
		{"solver.drops", c.Solver.Drops, c.Solver.Drops >= 0, "at least 0"},
		{"solver.warmup", c.Solver.Warmup, c.Solver.Warmup >= 0, "at least 0"},
		{"solver.max_steps", c.Solver.MaxSteps, c.Solver.MaxSteps >= 0, "at least 0"},
		{"validate.every", c.Validate.Every, c.Validate.Every >= 0, "at least 0"},
		{"checkpoint.every", c.Checkpoint.Every, c.Checkpoint.Every >= 0, "at least 0"},
		{"checkpoint.keep", c.Checkpoint.Keep, c.Checkpoint.Keep >= 1, "at least 1"},
		{"snapshots.every", c.Snapshots.Every, c.Snapshots.Every >= 0, "at least 0"},
		{"snapshots.budget", c.Snapshots.Budget, c.Snapshots.Budget >= 1, "at least 1"},
		{"snapshots.image", c.Snapshots.Image, c.Snapshots.Image >= 1, "at least 1"},
		{"log.every", c.Log.Every, c.Log.Every >= 1, "at least 1"},
	} {
		if !v.ok {
			return fmt.Errorf("%s = %v; expected %s", v.key, v.value, v.want)
		}
	}
	for _, err := range []error{
		oneOf("convolution", c.Net.Convolution, "auto", "direct"),
		oneOf("precision", c.Net.Precision, "float32", net.Mixed),
		oneOf("data.set", c.Set, "folder", "cifar10", "generated"),
		oneOf("data.mean", c.Mean, "image", "colour", "none"),
		oneOf("data.colour_scale", c.ColourScale, "deviation", "eigenvalue"),
		oneOf("solver.schedule", c.Solver.Schedule, "fixed", "step", "plateau"),
	} {
		if err != nil {
			return err
		}
	}
	if c.Set == "generated" && c.Dir != "" {
		return fmt.Errorf("data.dir = %q; the generated set has no folder: choose data.set = \"folder\" or \"cifar10\"", c.Dir)
	}
	return nil
}

// LoadConfigFor is LoadConfig for the images of a folder, if one is named: it becomes
// data.dir, and a recipe of generated images one of a folder of photographs.
func LoadConfigFor(dir, path string, set ...string) (*Config, error) {
	return forImages(dir, set, func(set []string) (*Config, error) { return LoadConfig(path, set...) })
}

// forImages adds a folder of images to the overrides of a recipe.
func forImages(dir string, set []string, load func(set []string) (*Config, error)) (*Config, error) {
	c, err := load(set)
	if err != nil || dir == "" {
		return c, err
	}
	if set, err = SetDir(set, dir); err != nil {
		return nil, err
	}
	if c.Set == "generated" {
		set = append(set, "data.set=folder")
	}
	return load(set)
}

// SetDir adds a folder of images, if one is named, to overrides as data.dir.
func SetDir(set []string, dir string) ([]string, error) {
	if dir == "" {
		return set, nil
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	return append(slices.Clone(set), fmt.Sprintf("data.dir=%q", dir)), nil
}
