// Alexnet trains convolutional networks split in columns on Vulkan devices.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/train"
)

// usageError is a mistake in the command line: exit code 2.
type usageError = launch.UsageError

func main() {
	os.Exit(run())
}

func run() int {
	ctx, stop := launch.Interrupts()
	defer stop()
	err := root().ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, train.ErrStopped), errors.Is(err, context.Canceled):
		return 130
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "alexnet: %v\nTry 'alexnet --help'.\n", err)
		return 2
	}
	fmt.Fprintln(os.Stderr, "alexnet:", err)
	return 1
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use:   "alexnet",
		Short: "Train the two-column AlexNet, or a network of your own, on Vulkan devices",
		Long: `Alexnet trains convolutional networks whose layers are split in columns, one a
device, as in Krizhevsky, Sutskever and Hinton 2012, on any vendor's GPUs.

RECIPE is a TOML file, or the name of one that the program carries: alexnet,
demo, cifar10-relu, cifar10-tanh.`,
		SilenceUsage: true, SilenceErrors: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return launch.Usagef("unknown command %q", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{Err: err} })
	c.AddCommand(devicesCommand(), netCommand(), trainCommand(), evalCommand(), exportCommand(), runsCommand(), traceCommand(), tuneCommand(), benchCommand())
	c.CompletionOptions.DisableDefaultCmd = true
	return c
}

// exactly checks the number of arguments.
func exactly(n int, names string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return launch.Usagef("expected %s, got %d arguments", names, len(args))
		}
		return nil
	}
}
