package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/net"
	"alexnet/train"
	"alexnet/train/data"
	"alexnet/train/pack"
)

type evalFlags struct {
	set, devices []string
	data, split  string
	out          string
	confusion    string
	mistakes     string
	limit, crops int
	classes      bool
	json         bool
}

func evalCommand() *cobra.Command {
	var f evalFlags
	c := &cobra.Command{
		Use:   "eval RUN|CHECKPOINT...",
		Short: "Test trained networks on images: loss, top-1 and top-5 error",
		Long: `Test a trained network on the centre crops of its validation images, or of those
of another folder or pack: its val/ or test/ if it has one, otherwise all of its classes.
--split test tests on the part of that name; --split train tests on the images that it
was trained on, which tells how far it overfits them.

Of several networks the probabilities are averaged, as in the paper's Table 2.`,
		Example: `  alexnet eval runs/mine
  alexnet eval runs/mine --data ~/photographs --json
  alexnet eval runs/mine --split test
  alexnet eval runs/one runs/two runs/three --crops 10
  alexnet eval runs/mine --classes --confusion table.csv --mistakes sheet.png`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return launch.Usagef("expected at least one RUN or CHECKPOINT")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return f.eval(c.Context(), args) },
	}
	c.Flags().StringArrayVar(&f.set, "set", nil, "override a key of the recipe: `key=value`")
	c.Flags().StringSliceVar(&f.devices, "devices", nil, "devices by name, type or UUID prefix, or a number of them")
	c.Flags().StringVar(&f.data, "data", "", "folder or pack of the images (default: the run's)")
	c.Flags().StringVar(&f.split, "split", "", "the `part` to test on: val, test or train (default: val if there is one)")
	c.Flags().IntVar(&f.limit, "limit", 0, "test so many images only, spread over the set (0: all)")
	c.Flags().IntVar(&f.crops, "crops", 1, "1: the centre of each image; 10: average over corners, centre and their mirrors, as the paper")
	c.Flags().BoolVar(&f.classes, "classes", false, "list the errors of each class, the worst first; --json has them always")
	c.Flags().StringVar(&f.confusion, "confusion", "", "count the images of each class by what they are taken for: a table as a .csv `file`, or a picture of it as a .png")
	c.Flags().StringVar(&f.mistakes, "mistakes", "", "draw the images that are most surely wrong, with the names of their files, to a PNG `file`")
	c.Flags().StringVar(&f.out, "predictions", "", "write labels and probabilities to a safetensors `file`, and of one network's centre crops the images as it sees them")
	c.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return c
}

func (f *evalFlags) check() error {
	if f.limit < 0 {
		return launch.Usagef("--limit %d; expected at least 0", f.limit)
	}
	if err := checkCrops(f.crops); err != nil {
		return err
	}
	switch {
	case f.split != "" && !slices.Contains(pack.Parts, f.split):
		return launch.Usagef("--split %s; expected val, test or train", f.split)
	case f.confusion != "" && !slices.Contains([]string{".csv", ".png"}, extension(f.confusion)):
		return launch.Usagef("--confusion %s; expected a .csv or .png file", f.confusion)
	}
	if err := pngOnly(map[string]string{"mistakes": f.mistakes}); err != nil {
		return err
	}
	for flag, path := range map[string]string{"confusion": f.confusion, "mistakes": f.mistakes, "predictions": f.out} {
		if path == "" {
			continue
		}
		if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
			return launch.Usagef("--%s %s: there is no folder %s", flag, path, filepath.Dir(path))
		}
	}
	return train.SpareCheckpoint(f.out)
}

func (f *evalFlags) eval(ctx context.Context, paths []string) error {
	if err := f.check(); err != nil {
		return err
	}
	list, err := f.open(paths)
	for _, t := range list {
		defer t.Close()
	}
	if err != nil {
		return err
	}
	var seen seenFile
	if f.out != "" && f.oneInput(list) {
		if seen, err = createSeen(f.out, list[0]); err != nil {
			return err
		}
		defer seen.file.Drop()
	}
	r, outputs, err := f.results(ctx, list, seen.predictions, newBar(os.Stderr))
	if err != nil {
		return err
	}
	printed := f.print(r)
	if err := errors.Join(seen.commit(), f.write(outputs, list)); err != nil { // last: what fails loses no result
		return err
	}
	return printed
}

// results tests networks and, if they are several, their average. Predictions of one with
// its inputs may be nil.
func (f *evalFlags) results(ctx context.Context, list []*train.Test, predictions *train.Predictions, bar *bar) (evalResult, *train.Outputs, error) {
	r, outputs := evalResult{Crops: f.crops}, &train.Outputs{}
	for i, t := range list {
		e := train.Evaluation{TenCrops: f.crops == 10, OnImages: bar.images, Predictions: predictions}
		if i == 0 { // once is enough
			e.OnMessage = bar.message
		}
		if len(list) > 1 || f.confusion != "" || f.mistakes != "" || f.out != "" && !f.oneInput(list) {
			e.Outputs = &train.Outputs{}
		}
		v, err := f.test(ctx, t, &e, bar)
		bar.clear()
		if err != nil {
			return r, nil, err
		}
		r.Checkpoints = append(r.Checkpoints, checkpointResult{Checkpoint: t.Path, Validation: v})
		r.outcomes = e.Outcomes
		if e.Outputs != nil {
			outputs.Average(e.Outputs)
		}
	}
	if len(list) > 1 {
		r.outcomes = outputs.Outcomes()
	}
	return r, outputs, r.sum(list[0].Images)
}

// oneInput is whether the probabilities of an image come from one input of one network.
func (f *evalFlags) oneInput(list []*train.Test) bool { return len(list) == 1 && f.crops == 1 }

// open opens checkpoints and their images, which have to be the same. Those that were
// opened before an error are returned with it.
func (f *evalFlags) open(paths []string) (list []*train.Test, err error) {
	for _, path := range paths {
		l, err := findCheckpoint(path)
		if err != nil {
			return list, err
		}
		t, err := train.OpenTest(l, f.data, f.split, f.set...)
		if err != nil {
			l.Close()
			return list, err
		}
		if t.Note != "" {
			fmt.Fprintln(os.Stderr, "warning: "+t.Note)
		}
		list = append(list, t)
		first := list[0]
		if err := first.Same(t); err != nil {
			return list, err
		}
		if first.Images.Size() == t.Images.Size() {
			t.Images = first.Images // which are in memory by then
		}
	}
	if f.limit > 0 {
		for _, t := range list {
			t.Images = data.Spread(t.Images, f.limit)
		}
	}
	return list, nil
}

// test tests one checkpoint's network on devices of its own, so that its memory is free
// for the next one.
func (f *evalFlags) test(ctx context.Context, t *train.Test, e *train.Evaluation, bar *bar) (train.Validation, error) {
	devices, err := launch.OpenDevices(f.devices, t.Config.Net.Columns)
	if err != nil {
		return train.Validation{}, err
	}
	defer launch.CloseDevices(devices)
	n, err := t.Build(t.Config, devices, net.Options{Batch: t.Config.Batch, Tuning: bar.tuning(ctx)})
	if err == nil {
		err = t.Load(n)
	}
	if err != nil {
		return train.Validation{}, err
	}
	v, err := e.Run(ctx, n, t.Config, t.Images)
	if errors.Is(err, train.ErrExploded) {
		err = fmt.Errorf("%s: %w", t.Path, err)
	}
	v.Step = t.Step
	return v, err
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
