package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
)

func exportCommand() *cobra.Command {
	var target string
	c := &cobra.Command{
		Use:   "export RUN|CHECKPOINT FILE",
		Short: "Write a trained network's weights as a safetensors file",
		Long: `Write the parameters of a run's newest checkpoint, or of a checkpoint, with
PyTorch's names and layouts. The file's metadata hold dropout_test_scale, lrn_n,
lrn_k, lrn_alpha (not divided by n), lrn_beta, mean_rgb, input_scale and the classes.

--for pytorch folds dropout_test_scale into the weights behind dropout layers, as
torch.nn.Dropout expects it.`,
		Args: exactly(2, "a RUN or CHECKPOINT and a FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			if target != "" && target != "pytorch" {
				return launch.Usagef("--for %s; expected pytorch", target)
			}
			l, err := findCheckpoint(args[0])
			if err != nil {
				return err
			}
			defer l.Close()
			if err := l.Export(args[1], target == "pytorch"); err != nil {
				return err
			}
			fmt.Printf("%s: the parameters of %s, step %d\n", args[1], l.Path, l.Step)
			return nil
		},
	}
	c.Flags().StringVar(&target, "for", "", "framework to prepare the weights for: pytorch")
	return c
}
