package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/engine/whole"
	"alexnet/net"
	"alexnet/train"
)

func tuneCommand() *cobra.Command {
	var set, devices []string
	var batch int
	var again, times bool
	var out, from string
	c := &cobra.Command{
		Use:   "tune RECIPE",
		Short: "Choose the fastest kernels for a network on these devices, and remember them",
		Long: `Compare and time the kernels that can compute each of a network's sums, and remember
the fastest for each kind of device; train, eval, bench and trace do so, too, when they
meet a sum for the first time. A table written with --out is text, and --from has this
or another machine with the same kind of device and driver remember it.`,
		Args: exactly(1, "a RECIPE"),
		RunE: func(c *cobra.Command, args []string) error {
			if batch < 0 {
				return launch.Usagef("--batch %d; expected at least 1", batch)
			}
			if batch > 0 {
				set = append(set, fmt.Sprintf("data.batch=%d", batch))
			}
			if again && from != "" {
				return launch.Usagef("--again measures what --from gives: choose one")
			}
			config, err := train.LoadConfig(args[0], set...)
			if err != nil {
				return err
			}
			return tune(c.Context(), config, devices, again, times, from, out)
		},
	}
	c.Flags().StringArrayVar(&set, "set", nil, "override a key of the recipe: `key=value`")
	c.Flags().StringSliceVar(&devices, "devices", nil, "devices by name, type or UUID prefix, or a number of them")
	c.Flags().IntVar(&batch, "batch", 0, "images of a step (default: the recipe's)")
	c.Flags().BoolVar(&again, "again", false, "choose this network's kernels anew; what is remembered stays until then")
	c.Flags().BoolVar(&times, "times", false, "print the time of every kernel that is compared: with --again of all")
	c.Flags().StringVar(&out, "out", "", "write the choices as a table to this `file`")
	c.Flags().StringVar(&from, "from", "", "remember the choices of this `file` first")
	return c
}

func tune(ctx context.Context, c *train.Config, words []string, again, times bool, from, out string) error {
	devices, err := launch.OpenDevices(words, c.Net.Columns)
	if err != nil {
		return err
	}
	defer launch.CloseDevices(devices)
	if from != "" {
		choices, err := readChoices(from)
		if err != nil {
			return err
		}
		known := net.Remember(devices, choices)
		fmt.Printf("%s: %d of %d choices are for these devices and kernels\n", from, known, len(choices))
	}
	bar, start := newBar(os.Stderr), time.Now()
	o := net.Options{Batch: c.Batch, Training: true, ImageHeight: c.Size, ImageWidth: c.Size, Again: again, Tuning: bar.tuning(ctx)}
	if times {
		o.Timed = func(problem, candidate string, took time.Duration, err error) {
			bar.clear()
			printTime(problem, candidate, took, err)
		}
	}
	n, err := net.Build(c.Net, devices, o)
	bar.clear()
	if err != nil {
		return err
	}
	printChoices(n.Choices())
	fmt.Printf("%d choices in %.1f s\n", len(n.Choices()), time.Since(start).Seconds())
	if out == "" {
		return nil
	}
	text, err := json.MarshalIndent(n.Choices(), "", "\t")
	if err != nil {
		return err
	}
	if err := whole.WriteBytes(out, append(text, '\n')); err != nil {
		return fmt.Errorf("write the choices: %w", err)
	}
	return nil
}

// printTime tells how fast a candidate was, or why it is out of the running.
func printTime(problem, candidate string, took time.Duration, err error) {
	if err != nil {
		fmt.Printf("%s: %s: %v\n", problem, candidate, err)
		return
	}
	fmt.Printf("%s: %s: %.3f ms\n", problem, candidate, 1000*took.Seconds())
}

func readChoices(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the choices: %w", err)
	}
	var choices map[string]string
	if err := json.Unmarshal(text, &choices); err != nil {
		return nil, fmt.Errorf("%s: %w; expected a table as tune --out writes it", path, err)
	}
	return choices, nil
}

// printChoices lists choices, whose keys begin with the kind of device.
func printChoices(choices map[string]string) {
	var keys []string
	for key := range choices {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	last := ""
	for _, key := range keys {
		kind, problem, _ := strings.Cut(key, " ")
		if kind != last {
			fmt.Fprintln(w, kind)
			last = kind
		}
		fmt.Fprintf(w, "  %s\t%s\n", problem, choices[key])
	}
	w.Flush()
}
