// Alexnet trains convolutional networks split in columns on Vulkan devices.
package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"

	"alexnet/assets"
	"alexnet/cmd/internal/launch"
)

func main() { os.Exit(launch.Run(root())) }

func root() *cobra.Command {
	c := &cobra.Command{
		Use:   "alexnet",
		Short: "Train the two-column AlexNet, or a network of your own, on Vulkan devices",
		Long: `Alexnet trains convolutional networks whose layers are split in columns, one a
device, as in Krizhevsky, Sutskever and Hinton 2012, on any vendor's GPUs.

RECIPE is a TOML file, or the name of one that the program carries:
` + strings.Join(assets.Names(), ", ") + `.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return launch.UnknownCommand(c, args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(devicesCommand(), netCommand(), trainCommand(), evalCommand(), predictCommand(), similarCommand(), codesCommand(), figureCommand(), exportCommand(), runsCommand(), traceCommand(), tuneCommand(), benchCommand(), prepareCommand(), inspectCommand(), experimentCommand())
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
