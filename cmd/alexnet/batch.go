package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
)

// batchFlag is --batch: the images of a step, if not the recipe's.
type batchFlag int

func (f *batchFlag) flag(c *cobra.Command) {
	c.Flags().IntVar((*int)(f), "batch", 0, "images of a step (default: the recipe's)")
}

func (f *batchFlag) check(c *cobra.Command) error {
	if c.Flags().Changed("batch") && *f < 1 {
		return launch.Usagef("--batch %d; expected at least 1", *f)
	}
	return nil
}

// over adds the batch, if it was given, to overrides of a recipe.
func (f *batchFlag) over(set []string) []string {
	if *f == 0 {
		return set
	}
	return append(slices.Clone(set), fmt.Sprintf("data.batch=%d", *f))
}
