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
	"alexnet/train/pack"
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

// Data is the recipe's section [data]. What its keys and those of the other sections mean
// stands in their help tags, which users see (Setting).
type Data struct {
	Set         string  `toml:"set" help:"What images there are: folder (a folder for each class, or a pack), cifar10 or generated."`
	Dir         string  `toml:"dir" help:"The folder or pack of the images, of sets folder and cifar10; --data overrides it."`
	Batch       int     `toml:"batch" help:"Images of a step, whose mean gradient it follows; 128 in the paper (section 5)."`
	Size        int     `toml:"size" help:"Pixels: images are stored so high and wide, scaled to their shorter side and cut; 256 in the paper (section 2)."`
	Crop        int     `toml:"crop" help:"Pixels: so much of an image, high and wide, is the input of the network; 224 in the paper (section 4.1)."`
	Mean        string  `toml:"mean" help:"What is subtracted: image (the mean of every pixel, as in section 2), colour (of the whole image) or none."`
	Scale       float64 `toml:"scale" help:"Factor on the input once the mean is subtracted; 1 in the paper, whose pixels are 0 to 255."`
	RandomCrop  bool    `toml:"random_crop" help:"Training cuts its crops at random places (section 4.1); otherwise from the centre, as validation does."`
	Mirror      bool    `toml:"mirror" help:"Training mirrors half of the images, left to right (section 4.1)."`
	Colour      float64 `toml:"colour" help:"Standard deviation of the random factors of the colour shift; 0.1 in the paper (section 4.1), 0: no shift."`
	ColourScale string  `toml:"colour_scale" help:"What these factors multiply along each principal colour: deviation (as the 2012 code) or eigenvalue (section 4.1)."`
	MeanFile    string  `toml:"mean_file" help:"A ready-made mean image instead of the training images' own: .binaryproto, .safetensors or raw float32."`
	ColourFile  string  `toml:"colour_file" help:"Ready-made principal colours (JSON of stdevs and vecs) instead of the training images' own."`
	MaxBad      float64 `toml:"max_bad" help:"Share of the images, 0 to 1, that may be unreadable before the run stops."`
	TrainImages int     `toml:"train_images" help:"Images to train on, of the generated set."`
	ValImages   int     `toml:"val_images" help:"Images to validate on, of the generated set."`
}

// Solver is the recipe's section [solver].
type Solver struct {
	Rate       float64   `toml:"rate" help:"Learning rate at the start, epsilon in the paper, which has 0.01 (section 5)."`
	Momentum   float64   `toml:"momentum" help:"Share of the step before that a step goes on with; 0.9 in the paper (section 5)."`
	Decay      float64   `toml:"decay" help:"Weight decay: each step shrinks weights by so much times the rate; 0.0005 in the paper (section 5)."`
	Warmup     int       `toml:"warmup" help:"Steps over which the rate rises from 0; 0 in the paper."`
	Schedule   string    `toml:"schedule" help:"When the rate drops: fixed (never), step (at milestones and drop_epochs) or plateau (no better validation; section 5)."`
	Factor     float64   `toml:"factor" help:"What a drop multiplies the rate by; 0.1 in the paper (section 5)."`
	Milestones []int     `toml:"milestones" help:"Steps at which the rate drops, of schedule step."`
	DropEpochs []float64 `toml:"drop_epochs" help:"Epochs behind which the rate drops, of schedule step: milestones for any number of images."`
	Patience   int       `toml:"patience" help:"Validations without a lower top-1 error before the rate drops, of schedule plateau."`
	Drops      int       `toml:"drops" help:"Drops of schedule plateau, behind which the next plateau ends the run; 3 in the paper (section 5)."`
	MaxEpochs  float64   `toml:"max_epochs" help:"Passes over the training images after which the run ends, about 90 in the paper (section 5); 0: no limit."`
	MaxSteps   int       `toml:"max_steps" help:"Steps after which the run ends; 0: no limit."`
	MaxMinutes float64   `toml:"max_minutes" help:"Minutes after which training stops, of one start or resumption; 0: no limit."`
}

// Validate is the recipe's section [validate].
type Validate struct {
	Every int `toml:"every" help:"Steps from one validation to the next; 0: one for each pass over the training images."`
}

// Checkpoint is the recipe's section [checkpoint].
type Checkpoint struct {
	Every int `toml:"every" help:"Steps from one checkpoint to the next; 0: one with each validation."`
	Keep  int `toml:"keep" help:"Newest checkpoints that are kept, beside the best."`
}

// Snapshots is the recipe's section [snapshots]: what a run keeps to be looked back
// at. They come further apart where they would take more than one part in
// snapshotShare of the time, and when the budget is spent.
type Snapshots struct {
	Every  int `toml:"every" help:"Steps from one snapshot, to be looked back at, to the next at least; 0: none."`
	Budget int `toml:"budget" help:"Megabytes of all snapshots; beyond, every second one is removed."`
	Image  int `toml:"image" help:"Image of the validation set, counted from 1, whose maps are kept."`
}

// Log is the recipe's section [log].
type Log struct {
	Every int `toml:"every" help:"Steps from one line of the log, and one point of the curves, to the next."`
}

// LoadConfig reads a recipe from a file, or the one of that name that the program
// carries, and applies overrides such as "solver.rate=0.001". Errors name file,
// line and key, and what was expected.
func LoadConfig(path string, set ...string) (*Config, error) {
	text, err := readRecipe(path)
	if os.IsNotExist(err) {
		return nil, fmt.Errorf("train: %w", noRecipe(path))
	}
	if err != nil {
		return nil, fmt.Errorf("train: recipe: %w", err)
	}
	c, err := DecodeConfig(path, string(text), set)
	if err != nil {
		return nil, err
	}
	if last := c.Net.Layers[len(c.Net.Layers)-1]; last.Kind() != (net.Softmax{}).Kind() {
		return nil, fmt.Errorf("train: %s: the last layer is %s, which has targets and no classes: images are trained on with softmax", path, last.Kind())
	}
	return c, nil
}

func noRecipe(path string) error {
	return fmt.Errorf("there is no recipe %s: expected a TOML file or one of %s", path, strings.Join(assets.Names(), ", "))
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

// longest is the largest number of epochs or minutes: of more the steps, and nanoseconds,
// have no number.
const longest = 1e8

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
		{"solver.max_epochs", c.Solver.MaxEpochs, c.Solver.MaxEpochs >= 0 && c.Solver.MaxEpochs <= longest, "0 to 1e8"},
		{"solver.max_minutes", c.Solver.MaxMinutes, c.Solver.MaxMinutes >= 0 && c.Solver.MaxMinutes <= longest, "0 to 1e8"},
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
	if c.MeanFile != "" && c.Mean == "none" {
		return fmt.Errorf("data.mean_file = %q; data.mean = \"none\" subtracts no mean: choose \"image\" or \"colour\"", c.MeanFile)
	}
	if c.Set == "generated" && c.Dir != "" {
		return fmt.Errorf("data.dir = %q; the generated set has no folder: choose data.set = \"folder\" or \"cifar10\"", c.Dir)
	}
	return nil
}

// LoadConfigFor is LoadConfig for the images of a folder or pack, if one is named: it
// becomes data.dir, and a recipe of generated images, or of other files than a pack's, one
// of a folder of photographs.
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
	if c.Set == "generated" || pack.Is(dir) {
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
