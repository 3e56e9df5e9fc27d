package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/engine"
	"alexnet/net"
	"alexnet/train"
	"alexnet/train/data"
	"alexnet/viewer/draw"
	"alexnet/viewer/figure"
	"alexnet/viewer/theme"
)

const (
	sheetTop  = 5   // classes below an image of a sheet, as in the paper
	sheetMost = 200 // images on a sheet, which is one picture in memory
)

type predictFlags struct {
	devices    []string
	top, crops int
	png        string
	json       bool
}

func predictCommand() *cobra.Command {
	var f predictFlags
	c := &cobra.Command{
		Use:   "predict RUN|CHECKPOINT IMAGE...",
		Short: "Show what a trained network takes images for",
		Long: `Show the most probable classes of images. IMAGE is a file, or a folder for all
images in it, without those of folders inside it. An image whose folder is named
after a class is taken to show that class, which is marked with * and is the image's
"class" in --json.

--png draws a sheet as the paper's Figure 4: the images and the bars of their five
most probable classes.`,
		Example: `  alexnet predict runs/mine cat.jpg
  alexnet predict runs/mine photos/cat photos/dog --crops 10 --png sheet.png`,
		Args: networkAndImages,
		RunE: func(c *cobra.Command, args []string) error { return f.predict(c.Context(), args[0], args[1:]) },
	}
	c.Flags().StringSliceVar(&f.devices, "devices", nil, "devices by name, type or UUID prefix, or a number of them")
	c.Flags().IntVar(&f.top, "top", 5, "list so many classes of each image")
	c.Flags().IntVar(&f.crops, "crops", 1, "1: the centre of each image; 10: average over corners, centre and their mirrors, as the paper")
	c.Flags().StringVar(&f.png, "png", "", "draw a sheet of the images and their classes to a `file`")
	c.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return c
}

func (f *predictFlags) predict(ctx context.Context, checkpoint string, paths []string) error {
	if f.top < 1 {
		return launch.Usagef("--top %d; expected at least 1", f.top)
	}
	if err := checkCrops(f.crops); err != nil {
		return err
	}
	if err := pngOnly(map[string]string{"png": f.png}); err != nil {
		return err
	}
	l, config, err := openNetwork(checkpoint)
	if err != nil {
		return err
	}
	defer l.Close()
	images := data.OpenFiles(paths, config.Size, l.Classes)
	if f.png != "" && images.Len() > sheetMost {
		return fmt.Errorf("--png draws at most %d images, and these are %d: name fewer, or leave it out", sheetMost, images.Len())
	}
	p := train.Prediction{TenCrops: f.crops == 10, Top: f.top}
	if f.png != "" {
		p.Pictures, p.Top = true, max(f.top, sheetTop)
	}
	list, err := predicted(ctx, p, l, config, f.devices, images)
	if err != nil {
		return err
	}
	return f.show(l, list)
}

// networkAndImages are the arguments of commands that show images to a network.
func networkAndImages(_ *cobra.Command, args []string) error {
	if len(args) < 2 {
		return launch.Usagef("expected a RUN or CHECKPOINT and at least one IMAGE, got %d arguments", len(args))
	}
	if first := args[0]; data.IsImage(filepath.Base(first)) {
		return launch.Usagef("%s is an image by its name: the RUN or CHECKPOINT comes first, then the images", first)
	}
	return nil
}

func checkCrops(crops int) error {
	if crops != 1 && crops != 10 {
		return launch.Usagef("--crops %d; expected 1 or 10", crops)
	}
	return nil
}

// openNetwork opens a checkpoint, or a run's newest one, and its recipe.
func openNetwork(path string) (*train.Loaded, *train.Config, error) {
	l, err := findCheckpoint(path)
	if err != nil {
		return nil, nil, err
	}
	config, err := l.Config()
	if err != nil {
		l.Close()
		return nil, nil, err
	}
	return l, config, nil
}

// predicted is what a checkpoint's network takes images for.
func predicted(ctx context.Context, p train.Prediction, l *train.Loaded, config *train.Config, words []string, images data.Set) ([]train.Predicted, error) {
	devices, err := launch.OpenDevices(words, config.Net.Columns)
	if err != nil {
		return nil, err
	}
	defer launch.CloseDevices(devices)
	bar := newBar(os.Stderr)
	defer bar.clear()
	n, err := predictor(ctx, l, config, devices, net.Options{Batch: images.Len()}, bar)
	if err != nil {
		return nil, err
	}
	p.OnImages = bar.images
	return p.Run(ctx, n, config, images)
}

// predictor makes the network that predicts so many images as options have a batch. Its own
// batch is as large as these need, in powers of two, for each batch has kernels of its own
// to choose, and no larger than in training, or than what the devices have room for.
func predictor(ctx context.Context, l *train.Loaded, c *train.Config, devices []*engine.Device, o net.Options, bar *bar) (*net.Net, error) {
	images := o.Batch
	o.Batch, o.Tuning = 1, bar.tuning(ctx)
	for o.Batch < min(images, c.Batch) {
		o.Batch = min(2*o.Batch, c.Batch)
	}
	n, err := l.Build(c, devices, o)
	if short := (*net.MemoryError)(nil); errors.As(err, &short) && short.Fits > 0 {
		o.Batch = short.Fits
		n, err = l.Build(c, devices, o)
	}
	if err != nil {
		return nil, err
	}
	return n, l.Load(n)
}

// show prints and draws what images are taken for. The error says that some cannot be
// read.
func (f *predictFlags) show(l *train.Loaded, list []train.Predicted) error {
	bad := 0
	for _, p := range list {
		if p.Err != nil {
			bad++
		}
	}
	var printed error
	if f.json {
		printed = printJSON(list, l.Classes, f.top)
	} else {
		fmt.Printf("%s, step %d, %d images\n", l.Path, l.Step, len(list)-bad)
		newPredictionText(os.Stdout, list, l.Classes, f.top).print(list)
	}
	if f.png != "" && bad < len(list) {
		sheet := figure.Sheet{List: readable(list), Name: func(class int) string { return l.Classes[class] }}
		if err := launch.WritePNG(f.png, sheet.Draw(draw.NewFonts(), theme.Light, 1)); err != nil {
			return err
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d images cannot be read", bad, len(list))
	}
	return printed
}

// readable are the images that can be read, to be drawn.
func readable(list []train.Predicted) (seen []figure.Seen) {
	for _, p := range list {
		if p.Err == nil {
			seen = append(seen, figure.Seen{Picture: p.Picture, Title: filepath.Base(p.Image), File: p.Image, Label: p.Label, Guesses: p.Guesses[:min(sheetTop, len(p.Guesses))]})
		}
	}
	return seen
}

// predictedJSON is an image in what predict --json prints: predictions, or an error. Class
// is the true one, where the image's folder tells it.
type predictedJSON struct {
	Image       string      `json:"image"`
	Class       string      `json:"class,omitempty"`
	Predictions []guessJSON `json:"predictions,omitempty"`
	Error       string      `json:"error,omitempty"`
}

type guessJSON struct {
	Class       string  `json:"class"`
	Index       int     `json:"index"`
	Probability float64 `json:"probability"`
}

func printJSON(list []train.Predicted, classes []string, top int) error {
	out := make([]predictedJSON, len(list))
	for i, p := range list {
		out[i].Image = p.Image
		if p.Label >= 0 {
			out[i].Class = classes[p.Label]
		}
		if p.Err != nil {
			out[i].Error = whyUnreadable(p.Err)
		}
		for _, g := range p.Guesses[:min(top, len(p.Guesses))] {
			out[i].Predictions = append(out[i].Predictions, guessJSON{classes[g.Class], g.Class, g.Probability})
		}
	}
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

// whyUnreadable is an error without the image's name, which stands beside it.
func whyUnreadable(err error) string {
	if bad := (*data.BadImageError)(nil); errors.As(err, &bad) {
		err = bad.Err
	}
	return err.Error()
}
