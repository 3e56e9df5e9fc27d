package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/train"
	"alexnet/train/experiment"
	"alexnet/train/monitor"
)

type experimentFlags struct {
	set, devices    []string
	base, data, out string
	seeds           int
	minutes, at     float64
	dryRun          bool
}

func experimentCommand() *cobra.Command {
	var f experimentFlags
	c := &cobra.Command{
		Use:   "experiment [NAME]",
		Short: "Try a claim of the paper: train each arm with several seeds, and set the outcome beside the paper's figures",
		Long: `Try a claim of the paper, or list those that there are. Each arm is a recipe that
differs from a base by a few lines; it is trained with several seeds in runs of its own,
DIR/ARM-SEED. What was stopped goes on when the command is repeated, and what is finished
is not trained again, nor what another experiment beside DIR has trained. The outcome is
in DIR: table.md, table.csv and curves.png and .svg.

NAME may be a TOML file like those in assets/experiments.`,
		Example: `  alexnet experiment
  alexnet experiment lrn --seeds 3
  alexnet experiment relu --data cifar-10-batches-bin --minutes 30
  alexnet experiment columns --base alexnet --data packs/ilsvrc`,
		Args: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) > 1:
				return launch.Usagef("expected the NAME of one experiment, got %d arguments", len(args))
			case c.Flags().Changed("seeds") && f.seeds < 1:
				return launch.Usagef("--seeds %d; expected at least 1", f.seeds)
			case c.Flags().Changed("minutes") && !(f.minutes > 0):
				return launch.Usagef("--minutes %g; expected more than 0", f.minutes)
			case c.Flags().Changed("at") && !(f.at > 0 && f.at < 100):
				return launch.Usagef("--at %g; expected a percentage", f.at)
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listExperiments()
			}
			return f.experiment(c.Context(), args[0])
		},
	}
	c.Flags().StringVar(&f.base, "base", "", "`recipe` that the arms extend: one that the list names, or one that extends such (default: its first)")
	c.Flags().StringVar(&f.data, "data", "", "images: a folder or pack, as of train")
	c.Flags().StringVar(&f.out, "out", "", "`folder` of the runs and the table (default experiments/NAME)")
	c.Flags().StringArrayVar(&f.set, "set", nil, "override a key of the base: `key=value`")
	c.Flags().StringSliceVar(&f.devices, "devices", nil, "devices by name, type or UUID prefix, or a number of them")
	c.Flags().IntVar(&f.seeds, "seeds", 0, "runs of each arm (default 2; 5 of ensemble)")
	c.Flags().Float64Var(&f.minutes, "minutes", 0, "minutes of each run, after which it ends whatever its recipe says")
	c.Flags().Float64Var(&f.at, "at", 0, "training error in percent to which epochs are counted (default: the paper's where it has one)")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "train nothing: tell the runs and their networks")
	return c
}

// aboutBases tells those who read the list how to choose a base.
const aboutBases = `
--base chooses one of an experiment's bases, or a recipe of yours that extends one, and --data
the images. demo has generated images; photos, the same network for a folder of photographs, is
what README's table is of: alexnet experiment lrn --base photos --data FOLDER
`

func listExperiments() error {
	for _, name := range experiment.Names() {
		e, err := experiment.Load(name)
		if err != nil {
			return err
		}
		fmt.Printf("%s: %s\n  arms", name, e.Claim)
		for i, a := range e.Arms {
			fmt.Printf("%s %s", map[bool]string{true: ",", false: ""}[i > 0], a.Name)
		}
		bases, err := e.Recipes()
		if err != nil {
			return err
		}
		fmt.Printf("; bases %s (default)", bases[0])
		for _, b := range bases[1:] {
			fmt.Printf(", %s", b)
		}
		fmt.Println()
	}
	fmt.Print(aboutBases)
	return nil
}

// trial is one run of an experiment.
type trial struct {
	arm    string
	seed   int
	dir    string
	config *train.Config
}

// trials is an experiment on a base with its runs.
type trials struct {
	*experiment.Experiment
	arms []experiment.Arm
	base *train.Config
	list []trial

	// Once the runs are trained: why some did not come to their end, and their logs, by their
	// folders.
	failed map[string]string
	logs   map[string]*monitor.Snapshot
	every  float64 // epochs that training errors are averaged over, of all alike
}

func (f *experimentFlags) experiment(ctx context.Context, name string) error {
	t, err := f.plan(name)
	if err != nil {
		return err
	}
	if err := f.images(t); err != nil {
		return err
	}
	if f.dryRun {
		return t.describe()
	}
	if t.failed, err = f.train(ctx, t); err != nil {
		return err
	}
	if err := t.readLogs(); err != nil {
		return err
	}
	table, err := f.measure(ctx, t)
	if err != nil {
		return err
	}
	if err := f.write(t, table); err != nil {
		return err
	}
	if len(t.failed) > 0 {
		return fmt.Errorf("%d of %d runs did not come to their end; table.md says why", len(t.failed), len(t.list))
	}
	return nil
}

// plan makes the recipes of all runs.
func (f *experimentFlags) plan(name string) (*trials, error) {
	e, err := experiment.Load(name)
	if err != nil {
		return nil, err
	}
	if f.base == "" {
		f.base = e.Bases[0]
	}
	if f.out == "" {
		f.out = filepath.Join("experiments", e.Name)
	}
	if f.seeds == 0 {
		f.seeds = e.Seeds
	}
	lineage, err := train.Lineage(f.base)
	if err != nil {
		return nil, err
	}
	if f.at > 0 {
		e.At = f.at
	}
	t := &trials{Experiment: e}
	if t.arms, err = e.On(lineage); err != nil {
		return nil, err
	}
	if t.base, err = f.config(); err != nil {
		return nil, err
	}
	if err := experiment.Differ(t.arms, t.base); err != nil {
		return nil, err
	}
	for seed := 1; seed <= f.seeds; seed++ { // seed by seed: an experiment stopped halfway has all arms
		for _, a := range t.arms {
			if a.Of != "" {
				continue
			}
			c, err := a.Config(t.base, seed)
			if err != nil {
				return nil, err
			}
			t.list = append(t.list, trial{a.Name, seed, f.run(a.Name, seed), c})
		}
	}
	return t, nil
}

// run is the folder of a run of one's own.
func (f *experimentFlags) run(arm string, seed int) string {
	return filepath.Join(f.out, fmt.Sprintf("%s-%d", arm, seed))
}

// dir is the folder of an arm's run.
func (t *trials) dir(arm string, seed int) string {
	return t.list[slices.IndexFunc(t.list, func(o trial) bool { return o.arm == arm && o.seed == seed })].dir
}

// config is the base's recipe, with an output for each class of the user's images.
func (f *experimentFlags) config() (*train.Config, error) {
	set := f.set
	if f.minutes > 0 {
		set = append(set, fmt.Sprintf("solver.max_minutes=%g", f.minutes))
	}
	c, _, err := train.LoadConfigForClasses(f.data, f.base, set...)
	return c, err
}

// images looks whether there are the images, and the same ones to test all seeds on where
// their networks are averaged.
func (f *experimentFlags) images(t *trials) error {
	sets, err := train.OpenSets(t.base, "")
	if err != nil {
		if f.base == t.Bases[0] && len(t.Bases) > 1 {
			err = fmt.Errorf("%w; or choose another of the experiment's bases with --base %s", err, t.Bases[1])
		}
		return err
	}
	for _, a := range t.arms {
		if a.Average && sets.Split != nil {
			return errors.New("the networks of all seeds are averaged, and each seed would set aside other images for validation: part the images in train/ and val/, or prepare a pack of them")
		}
	}
	return nil
}

// describe tells the runs.
func (t *trials) describe() error {
	fmt.Println(t.Claim)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "run\tlayers\tparameters\tmultiply-adds an image\trate\t")
	for _, one := range t.list {
		rows, err := one.config.Net.Plan()
		if err != nil {
			return err
		}
		parameters, work := int64(0), int64(0)
		for _, r := range rows {
			parameters, work = parameters+int64(r.Weights+r.Biases), work+r.MultiplyAdds
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%g\t\n", one.dir, len(rows), count(parameters), count(work), one.config.Solver.Rate)
	}
	return w.Flush()
}
