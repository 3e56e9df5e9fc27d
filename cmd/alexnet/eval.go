package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/net"
	"alexnet/train"
)

type evalFlags struct {
	set, devices []string
	data, out    string
	limit        int
	json         bool
}

// evalResult is what eval --json prints. Errors are fractions.
type evalResult struct {
	Checkpoint string `json:"checkpoint"`
	Images     int    `json:"images"`
	Unreadable int    `json:"unreadable_images"`
	train.Validation
}

func evalCommand() *cobra.Command {
	var f evalFlags
	c := &cobra.Command{
		Use:   "eval RUN|CHECKPOINT",
		Short: "Test a trained network on images: loss, top-1 and top-5 error",
		Long: `Test a trained network on the centre crops of its validation images, or of those
of another folder: its val/ or test/ if it has one, otherwise all of its classes.`,
		Example: `  alexnet eval runs/mine
  alexnet eval runs/mine --data ~/photographs --json`,
		Args: exactly(1, "a RUN or CHECKPOINT"),
		RunE: func(c *cobra.Command, args []string) error { return f.eval(c, args[0]) },
	}
	c.Flags().StringArrayVar(&f.set, "set", nil, "override a key of the recipe: `key=value`")
	c.Flags().StringSliceVar(&f.devices, "devices", nil, "devices by name, type or UUID prefix, or a number of them")
	c.Flags().StringVar(&f.data, "data", "", "folder of the images (default: the run's)")
	c.Flags().IntVar(&f.limit, "limit", 0, "test so many images only, spread over the set (0: all)")
	c.Flags().StringVar(&f.out, "predictions", "", "write images as the network sees them, labels and probabilities to a safetensors `file`")
	c.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return c
}

func (f *evalFlags) eval(c *cobra.Command, path string) error {
	if f.limit < 0 {
		return launch.Usagef("--limit %d; expected at least 0", f.limit)
	}
	l, err := findCheckpoint(path)
	if err != nil {
		return err
	}
	defer l.Close()
	config, err := l.ConfigFor(f.data, f.set...)
	if err != nil {
		return err
	}
	own, err := l.Config()
	if err != nil {
		return err
	}
	images, err := train.OpenTestSet(config, l, config.Dir != own.Dir)
	if err != nil {
		return err
	}
	devices, err := launch.OpenDevices(f.devices, config.Net.Columns)
	if err != nil {
		return err
	}
	defer launch.CloseDevices(devices)
	bar := newBar(os.Stderr)
	n, err := l.Build(config, devices, net.Options{Batch: config.Batch, Tuning: bar.tuning(c.Context())})
	if err != nil {
		return err
	}
	if err := l.Load(n); err != nil {
		return err
	}
	e := train.Evaluation{Limit: f.limit, OnImages: bar.images, OnMessage: bar.message}
	if f.out != "" {
		e.Predictions = &train.Predictions{}
		if e.Predictions.Mean, err = l.Mean(); err != nil {
			return err
		}
	}
	v, err := e.Run(c.Context(), n, config, images)
	bar.clear()
	if err != nil {
		return err
	}
	v.Step = l.Step
	if f.out != "" {
		if err := train.WriteTensors(f.out, e.Predictions.Tensors(config), nil); err != nil {
			return err
		}
	}
	return f.print(evalResult{Checkpoint: l.Path, Images: e.Images, Unreadable: e.Unreadable, Validation: v})
}

func (f *evalFlags) print(r evalResult) error {
	if f.json {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	fmt.Printf("%s, step %d, %d images\n", r.Checkpoint, r.Step, r.Images)
	if r.Unreadable > 0 {
		fmt.Printf("%d images could not be read\n", r.Unreadable)
	}
	fmt.Printf("loss %.4f, top-1 error %.2f %%, top-5 error %.2f %%\n", r.Loss, 100*r.Top1Error, 100*r.Top5Error)
	return nil
}

// findCheckpoint opens a checkpoint or a run's newest one, and warns of damaged
// ones.
func findCheckpoint(path string) (*train.Loaded, error) {
	l, skipped, err := train.FindCheckpoint(path)
	if err != nil {
		return nil, err
	}
	for _, s := range skipped {
		fmt.Fprintf(os.Stderr, "warning: %v; taking the one before it\n", s)
	}
	return l, nil
}
