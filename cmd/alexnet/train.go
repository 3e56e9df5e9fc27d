package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/net"
	"alexnet/train"
)

type trainFlags struct {
	launch.Flags
	dryRun bool
}

func trainCommand() *cobra.Command {
	var f trainFlags
	c := &cobra.Command{
		Use:   "train RECIPE",
		Short: "Train a network and keep its log and checkpoints in a run directory",
		Long: `Train a network by a recipe. Ctrl-C finishes what has begun, writes a checkpoint and
exits with code 130. --run RUN --resume goes on from there, bit for bit, by the
recipe that the run keeps; RECIPE may then be left out.`,
		Example: `  alexnet train demo
  alexnet train demo --devices lavapipe,lavapipe --set solver.max_steps=100
  alexnet train photos --data ~/photographs --run runs/mine
  alexnet train --run runs/mine --resume
  alexnet train alexnet --data ~/flowers --weights runs/imagenet --set layer.conv1.frozen=true`,
		Args: f.Args,
		RunE: func(c *cobra.Command, args []string) error { return f.train(c, strings.Join(args, "")) },
	}
	f.Add(c)
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "train nothing: tell memory, disk space and what --weights gives, and measure a few steps for the time")
	return c
}

func (f *trainFlags) train(c *cobra.Command, recipe string) error {
	config, err := f.Config(recipe)
	if err != nil {
		return err
	}
	bar := newBar(os.Stdout)
	sets, err := f.Sets(config)
	if err != nil {
		return err
	}
	for _, note := range []string{sets.Note, train.WarmupNote(config, sets)} {
		if note != "" {
			bar.message(note)
		}
	}
	devices, err := f.OpenDevices(config.Net.Columns)
	if err != nil {
		return err
	}
	defer launch.CloseDevices(devices)
	if f.dryRun {
		return dryRun(c.Context(), config, sets, devices, f.Weights, bar)
	}
	for i, d := range devices {
		bar.message(fmt.Sprintf("device %d: %s (%s %s)", i+1, d.Name(), d.Info().Driver, d.Info().DriverInfo))
	}
	o := f.Options()
	o.Net, o.OnMessage, o.OnImages = net.Options{Tuning: bar.tuning(c.Context())}, bar.message, bar.images
	t, err := train.Start(c.Context(), config, sets, devices, o)
	if err != nil {
		return err
	}
	defer t.Close()
	bar.clear()
	t.OnProgress, t.OnValidation, t.OnMessage = bar.progress, bar.validation, bar.message
	if f.Resume && t.Done() {
		fmt.Printf("the run in %s is finished: %d steps; to train it longer: %s --set %s\n", f.Run, t.Step(), f.ResumeHint(), strings.Join(t.Longer(), " --set "))
		return nil
	}
	err = launch.Train(c.Context(), t, f.Run)
	if errors.Is(err, train.ErrStopped) {
		bar.message(fmt.Sprintf("stopped after step %d, which is kept; go on with: %s", t.Step(), f.ResumeHint()))
	}
	return err
}
