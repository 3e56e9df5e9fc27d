package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/net"
	"alexnet/train"
	"alexnet/train/safetensors"
)

func traceCommand() *cobra.Command {
	var set, devices []string
	var weights, batch, out string
	var steps int
	c := &cobra.Command{
		Use:   "trace RECIPE --batch B --out T",
		Short: "Run steps on a given batch and write losses, logits, gradients and parameters",
		Long: `Run training steps on one batch, for comparison with other frameworks. The batch
file holds "images" (N, 3, H, W) float32, already preprocessed, and "labels" (N)
int64. The output holds "loss" (N), the first step's "logits" and "grad.NAME", and
every parameter after the last step, with PyTorch's names and layouts.

Convolutions are summed directly here: the transforms that training uses where they
are faster round ten times more, and a rounding error now and then changes which
value of a pooling window is the largest. --set convolution=auto traces what training
runs.`,
		Args: exactly(1, "a RECIPE"),
		RunE: func(c *cobra.Command, args []string) error {
			if batch == "" || out == "" {
				return launch.Usagef("trace needs --batch and --out")
			}
			if steps < 1 {
				return launch.Usagef("--steps %d; expected at least 1", steps)
			}
			config, err := train.LoadConfig(args[0], append([]string{"convolution=direct"}, set...)...)
			if err != nil {
				return err
			}
			return trace(c.Context(), config, devices, weights, batch, out, steps)
		},
	}
	c.Flags().StringArrayVar(&set, "set", nil, "override a key of the recipe: `key=value`")
	c.Flags().StringSliceVar(&devices, "devices", nil, "devices by name, type or UUID prefix, or a number of them")
	c.Flags().StringVar(&weights, "weights", "", "initial parameters, a safetensors `file` (default: drawn as the recipe says)")
	c.Flags().StringVar(&batch, "batch", "", "images and labels, a safetensors `file`")
	c.Flags().StringVar(&out, "out", "", "safetensors `file` to write")
	c.Flags().IntVar(&steps, "steps", 1, "training steps")
	return c
}

func trace(ctx context.Context, c *train.Config, words []string, weights, batch, out string, steps int) error {
	images, labels, err := readBatch(batch, c.Net.Input)
	if err != nil {
		return err
	}
	devices, err := launch.OpenDevices(words, c.Net.Columns)
	if err != nil {
		return err
	}
	defer launch.CloseDevices(devices)
	bar := newBar(os.Stderr)
	n, err := net.Build(c.Net, devices, net.Options{Batch: len(labels), Training: true, Tuning: bar.tuning(ctx)})
	bar.clear()
	if err != nil {
		return err
	}
	if err := n.Initialize(c.Seed); err != nil {
		return err
	}
	if weights != "" {
		took, err := train.ReadWeights(n, weights, nil)
		if err != nil {
			return err
		}
		if len(took.Anew) > 0 {
			return fmt.Errorf("%s does not hold the whole network: %s", weights, strings.Join(took.Anew, "; "))
		}
	}
	tensors, err := train.Trace(ctx, c, n, images, labels, steps)
	if err != nil {
		return err
	}
	return train.WriteTensors(out, tensors, nil)
}

func readBatch(path string, in net.Shape) ([]float32, []int64, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	images, err := f.Floats("images")
	if err != nil {
		return nil, nil, err
	}
	labels, err := f.Ints("labels")
	if err != nil {
		return nil, nil, err
	}
	if shape := f.Shape("images"); len(labels) == 0 || len(f.Shape("labels")) != 1 || !slices.Equal(shape, []int{len(labels), in.C, in.H, in.W}) {
		return nil, nil, fmt.Errorf("%s: images are %v for %d labels; expected (%d, %d, %d, %d)", path, shape, len(labels), len(labels), in.C, in.H, in.W)
	}
	return images, labels, nil
}
