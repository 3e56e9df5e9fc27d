package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"alexnet/net"
	"alexnet/train"
)

type trainFlags struct {
	set, devices       []string
	data, run, weights string
	journal            string
	resume, dryRun     bool
}

func trainCommand() *cobra.Command {
	var f trainFlags
	c := &cobra.Command{
		Use:   "train RECIPE",
		Short: "Train a network and keep its log and checkpoints in a run directory",
		Long: `Train a network by a recipe. Ctrl-C finishes the step, writes a checkpoint and
exits with code 130. --run RUN --resume goes on from there, bit for bit, by the
recipe that the run keeps; RECIPE may then be left out.`,
		Example: `  alexnet train demo
  alexnet train demo --devices lavapipe,lavapipe --set solver.max_steps=100
  alexnet train alexnet --data ~/photographs --set layer.fc8.units=10 --run runs/mine
  alexnet train --run runs/mine --resume`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 || len(args) == 0 && f.resume {
				return nil
			}
			return usageError{fmt.Errorf("expected a RECIPE, got %d arguments", len(args))}
		},
		RunE: func(c *cobra.Command, args []string) error { return f.train(c, strings.Join(args, "")) },
	}
	c.Flags().StringArrayVar(&f.set, "set", nil, "override a key of the recipe: `key=value`")
	c.Flags().StringSliceVar(&f.devices, "devices", nil, "devices by name, type or UUID prefix, or a number of them")
	c.Flags().StringVar(&f.data, "data", "", "folder of the images: a folder a class, or train/ and val/ with such")
	c.Flags().StringVar(&f.run, "run", "", "run directory (default runs/NAME-TIME)")
	c.Flags().StringVar(&f.weights, "weights", "", "begin with the parameters of a safetensors `file`")
	c.Flags().StringVar(&f.journal, "journal", "", "make the changes of a steered run's `log` again, at the same steps")
	c.Flags().BoolVar(&f.resume, "resume", false, "go on from the run's newest checkpoint")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "train nothing: tell memory and disk space, and measure a few steps for the time")
	return c
}

func (f *trainFlags) train(c *cobra.Command, recipe string) error {
	config, err := f.config(recipe)
	if err != nil {
		return err
	}
	bar := newBar(os.Stdout)
	from := ""
	if f.resume {
		from = f.run
	}
	sets, err := train.OpenSets(config, from)
	if err != nil {
		return err
	}
	if sets.Note != "" {
		bar.message(sets.Note)
	}
	devices, err := openDevices(f.devices, config.Net.Columns)
	if err != nil {
		return err
	}
	defer closeDevices(devices)
	if f.dryRun {
		return dryRun(c.Context(), config, sets, devices, bar)
	}
	for i, d := range devices {
		bar.message(fmt.Sprintf("device %d: %s (%s %s)", i+1, d.Name(), d.Info().Driver, d.Info().DriverInfo))
	}
	t, err := train.Start(c.Context(), config, sets, devices, train.StartOptions{
		Run: f.run, Resume: f.resume, Weights: f.weights, Journal: f.journal, Net: net.Options{Tuning: bar.tuning(c.Context())}, OnMessage: bar.message, OnImages: bar.images,
	})
	if err != nil {
		return err
	}
	defer t.Close()
	bar.clear()
	t.OnProgress, t.OnValidation, t.OnMessage = bar.progress, bar.validation, bar.message
	if f.resume && t.Done() {
		fmt.Printf("the run in %s is finished: %d steps\n", f.run, t.Step())
		return nil
	}
	err = t.Run(c.Context())
	if errors.Is(err, train.ErrStopped) {
		bar.message(fmt.Sprintf("stopped after step %d, which is kept; go on with: alexnet train --run %s --resume", t.Step(), f.run))
	}
	if err != nil {
		return err
	}
	return f.finish(t)
}

// config reads the recipe, of a resumed run from its directory, and names the run
// directory.
func (f *trainFlags) config(recipe string) (*train.Config, error) {
	if !f.resume {
		config, err := train.LoadConfigFor(f.data, recipe, f.set...)
		if err == nil && f.run == "" {
			f.run = filepath.Join("runs", config.Name+"-"+time.Now().Format("20060102-150405"))
		}
		return config, err
	}
	if f.run == "" {
		return nil, usageError{fmt.Errorf("--resume needs the run's directory: --run RUN")}
	}
	if f.weights != "" {
		return nil, usageError{fmt.Errorf("--weights begins a run and --resume continues one: give one of them")}
	}
	set, err := train.SetDir(f.set, f.data)
	if err != nil {
		return nil, err
	}
	config, notes, err := train.ResumeConfig(f.run, recipe, set)
	for _, n := range notes {
		fmt.Fprintln(os.Stderr, "warning:", n)
	}
	return config, err
}

// finish draws the kernels and sums the run up.
func (f *trainFlags) finish(t *train.Trainer) error {
	if err := writeKernels(t, filepath.Join(f.run, "kernels.png")); err != nil {
		return err
	}
	if v, ok := t.Last(); ok {
		fmt.Printf("validation error: %.1f %% (top-5: %.1f %%)\n", 100*v.Top1Error, 100*v.Top5Error)
	}
	fmt.Println("run:", f.run)
	return nil
}
