package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"alexnet/engine"
	"alexnet/net"
	"alexnet/train"
)

type trainFlags struct {
	set, devices []string
	data, run    string
	resume       bool
}

func trainCommand() *cobra.Command {
	var f trainFlags
	c := &cobra.Command{
		Use:   "train RECIPE",
		Short: "Train a network and keep its log and checkpoints in a run directory",
		Long: `Train a network by a recipe. Ctrl-C finishes the step, writes a checkpoint and
exits with code 130; --resume goes on from there, bit for bit.`,
		Example: `  alexnet train demo
  alexnet train demo --devices lavapipe,lavapipe --set solver.max_steps=100
  alexnet train alexnet --data ~/photographs --run runs/mine --resume`,
		Args: exactly(1, "a RECIPE"),
		RunE: func(c *cobra.Command, args []string) error { return f.train(c, args[0]) },
	}
	c.Flags().StringArrayVar(&f.set, "set", nil, "override a key of the recipe: `key=value`")
	c.Flags().StringSliceVar(&f.devices, "devices", nil, "devices by name, type or UUID prefix, or a number of them")
	c.Flags().StringVar(&f.data, "data", "", "folder of the images")
	c.Flags().StringVar(&f.run, "run", "", "run directory (default runs/NAME-TIME)")
	c.Flags().BoolVar(&f.resume, "resume", false, "go on from the run's newest checkpoint")
	return c
}

func (f *trainFlags) train(c *cobra.Command, recipe string) error {
	config, err := f.config(recipe)
	if err != nil {
		return err
	}
	if f.run == "" {
		f.run = filepath.Join("runs", config.Name+"-"+time.Now().Format("20060102-150405"))
	}
	sets, err := train.OpenSets(config)
	if err != nil {
		return err
	}
	devices, err := openDevices(f.devices, config.Net.Columns)
	if err != nil {
		return err
	}
	defer closeDevices(devices)
	for i, d := range devices {
		fmt.Printf("device %d: %s (%s %s)\n", i+1, d.Name(), d.Info().Driver, d.Info().DriverInfo)
	}
	bar := newBar()
	options := net.Options{Tuning: bar.tuning}
	t, dir, err := f.trainer(config, sets, devices, options)
	if err != nil {
		return err
	}
	defer dir.Close()
	t.OnProgress, t.OnValidation, t.OnMessage = bar.progress, bar.validation, bar.message
	if f.resume && t.Done() {
		fmt.Printf("the run in %s is finished: %d steps\n", f.run, t.Step())
		return nil
	}
	if err := t.Run(c.Context()); err != nil {
		return err
	}
	return f.finish(t)
}

func (f *trainFlags) config(recipe string) (*train.Config, error) {
	set := f.set
	if f.data != "" {
		set = append(set, fmt.Sprintf("data.dir=%q", f.data))
	}
	return train.LoadConfig(recipe, set...)
}

// trainer makes a new run, or restores one.
func (f *trainFlags) trainer(config *train.Config, sets *train.Sets, devices []*engine.Device, o net.Options) (*train.Trainer, *train.RunDir, error) {
	if !f.resume {
		dir, err := train.CreateRun(f.run, config, sets.Train.Classes())
		if err != nil {
			return nil, nil, err
		}
		t, err := train.NewTrainer(config, sets, devices, o)
		if err != nil {
			dir.Close()
			return nil, nil, err
		}
		t.Dir = dir
		return t, dir, nil
	}
	loaded, skipped, err := train.NewestCheckpoint(filepath.Join(f.run, "checkpoints"))
	for _, s := range skipped {
		fmt.Fprintln(os.Stderr, "warning:", s)
	}
	if err != nil {
		return nil, nil, err
	}
	defer loaded.Close()
	fmt.Printf("resuming %s behind step %d\n", loaded.Path, loaded.Step)
	dir, err := train.ResumeRun(f.run, loaded.Step)
	if err != nil {
		return nil, nil, err
	}
	o.Choices = loaded.Choices
	t, err := train.NewTrainer(config, sets, devices, o)
	if err == nil {
		err = t.Restore(loaded)
	}
	if err != nil {
		dir.Close()
		return nil, nil, err
	}
	t.Dir = dir
	return t, dir, nil
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
