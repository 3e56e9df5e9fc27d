// Package launch is what the programs that train have in common: a run's flags, its
// devices, and how it begins.
package launch

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"alexnet/engine"
	"alexnet/train"
)

// Flags say what to train, on what and where to keep it.
type Flags struct {
	Set, Devices                []string
	Data, Run, Weights, Journal string
	Resume                      bool
	From                        int // step of the checkpoint to resume from; 0: the newest
}

// Add gives a command the flags.
func (f *Flags) Add(c *cobra.Command) {
	c.Flags().StringArrayVar(&f.Set, "set", nil, "override a key of the recipe: `key=value`")
	c.Flags().StringSliceVar(&f.Devices, "devices", nil, "devices by name, type or UUID prefix, or a number of them")
	c.Flags().StringVar(&f.Data, "data", "", "images: a folder with a folder for each class, or train/ and val/ with such; or a pack (alexnet prepare)")
	c.Flags().StringVar(&f.Run, "run", "", "run directory (default runs/NAME-TIME)")
	c.Flags().StringVar(&f.Weights, "weights", "", "begin with the parameters of a safetensors `file`, a checkpoint or a run, as far as they fit")
	c.Flags().StringVar(&f.Journal, "journal", "", "make the changes of a steered run's `log` again, at the same steps")
	c.Flags().BoolVar(&f.Resume, "resume", false, "go on from the run's newest checkpoint")
	c.Flags().IntVar(&f.From, "from", 0, "with --resume: from the checkpoint of this `step` instead; later ones and what the log tells behind it go")
}

// Args accepts a RECIPE, which a run that is resumed has already.
func (f *Flags) Args(_ *cobra.Command, args []string) error {
	if len(args) == 1 || len(args) == 0 && f.Resume {
		return nil
	}
	if len(args) == 0 && train.IsRun(f.Run) {
		return Usagef("%s holds a run: --resume goes on with it; a new run needs a RECIPE and another --run", f.Run)
	}
	return Usagef("expected a RECIPE, got %d arguments", len(args))
}

// NewRun is the directory of a run that is given none: named after what it trains and when
// it begins, and numbered where there is one of that name.
func NewRun(name string, begins time.Time) string {
	path := filepath.Join("runs", name+"-"+begins.Format("20060102-150405"))
	for n, first := 2, path; train.CheckNewRun(path) != nil; n++ {
		path = fmt.Sprintf("%s-%d", first, n)
	}
	return path
}

// Config reads the recipe, of a resumed run from its directory, and names the run
// directory. A new run's network gets an output for each class of a folder of images.
func (f *Flags) Config(recipe string) (*train.Config, error) {
	if f.From < 0 || f.From > 0 && !f.Resume {
		return nil, Usagef("--from names the step of a checkpoint, for --resume")
	}
	if !f.Resume {
		if err := train.CheckNewRun(f.Run); f.Run != "" && err != nil {
			return nil, err
		}
		config, note, err := train.LoadConfigForClasses(f.Data, recipe, f.Set...)
		if note != "" {
			fmt.Fprintln(os.Stderr, note)
		}
		if err == nil && f.Run == "" {
			f.Run = NewRun(config.Name, time.Now())
		}
		return config, err
	}
	if f.Run == "" {
		return nil, Usagef("--resume needs the run's directory: --run RUN")
	}
	if f.Weights != "" {
		return nil, Usagef("--weights begins a run and --resume continues one: give one of them")
	}
	set, err := train.SetDir(f.Set, f.Data)
	if err != nil {
		return nil, err
	}
	config, notes, err := train.ResumeConfig(f.Run, recipe, set)
	for _, n := range notes {
		fmt.Fprintln(os.Stderr, "warning:", n)
	}
	return config, err
}

// Sets opens the images of a recipe.
func (f *Flags) Sets(c *train.Config) (*train.Sets, error) {
	if f.Resume {
		return train.OpenSets(c, f.Run)
	}
	return train.OpenSets(c, "")
}

// Options are how the run begins by the flags.
func (f *Flags) Options() train.StartOptions {
	return train.StartOptions{Run: f.Run, Resume: f.Resume, From: f.From, Weights: f.Weights, Journal: f.Journal, Set: f.Set, Devices: f.Devices}
}

// OpenDevices opens the devices of --devices, or of a run that is resumed without it those
// that it had, if they are there.
func (f *Flags) OpenDevices(columns int) ([]*engine.Device, error) {
	if f.Resume && len(f.Devices) == 0 {
		if words := train.KeptDevices(f.Run); words != nil {
			devices, err := OpenDevices(words, columns)
			if err == nil {
				f.Devices = words
				return devices, nil
			}
			fmt.Fprintf(os.Stderr, "the run's devices, %s, are not to be had (%v): it goes on with others\n", strings.Join(words, ","), err)
		}
	}
	return OpenDevices(f.Devices, columns)
}

// CheckDevices tells what is wrong with --devices, without opening them.
func (f *Flags) CheckDevices(columns int) error {
	if len(f.Devices) == 0 {
		return nil
	}
	_, err := choose(f.Devices, columns)
	return err
}

// ResumeHint is the command that goes on with the run.
func (f *Flags) ResumeHint() string {
	return fmt.Sprintf("%s train --run %s --resume", os.Args[0], f.Run)
}
