package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/engine"
	"alexnet/engine/whole"
	"alexnet/net"
	"alexnet/train"
)

type tuneFlags struct {
	set, devices []string
	batch        batchFlag
	again, times bool
	out, from    string
}

func tuneCommand() *cobra.Command {
	var f tuneFlags
	c := &cobra.Command{
		Use:   "tune RECIPE",
		Short: "Choose the fastest kernels for a network on these devices, and remember them",
		Long: `Compare and time the kernels that can compute each of a network's sums, and remember
the fastest for each kind of device; train, eval, bench and trace do so, too, when they
meet a sum for the first time. A table written with --out is text, and --from has this
or another machine with the same kind of device and driver remember it.

A sum is called by what it is made of. "nt 7x7x48*1 k5x5 s1 p2 d1 -> 7x7x24 of 32" makes
maps of 7x7 pixels and 24 channels from maps of 7x7x48 of 1 column, by filters of 5x5
with stride 1 and padding 2 whose input is dilated by 1, for 32 images. nt sums over a
filter (forward, and the gradient of the data), tn over images (the gradient of the
weights); "* 64": so many products beside each other, of tiles; "by 8": in multiples of
8; mixed: in mixed precision. forward, both (forward and the weights' gradient) and data
(its gradient) choose how a convolution is summed: direct, or fast by Winograd's method,
"winograd 4x5" in tiles of 4x4 outputs of filters of 5x5.

A kernel is called by its method and its tile, rows by columns, in units of the method:
plain makes one value at a time; address reads by addresses into registers; shared goes
by shared memory, half so in float16, matrix by cooperative matrices (behind the colon a
subgroup's share); straight is compiled for the one problem.`,
		Args: exactly(1, "a RECIPE"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.batch.check(c); err != nil {
				return err
			}
			if f.again && f.from != "" {
				return launch.Usagef("--again measures what --from gives: choose one")
			}
			config, err := train.LoadConfig(args[0], f.batch.over(f.set)...)
			if err != nil {
				return err
			}
			if f.out != "" {
				if err := whole.Check(f.out); err != nil {
					return fmt.Errorf("write the choices: %w", err)
				}
			}
			return f.tune(c.Context(), config)
		},
	}
	c.Flags().StringArrayVar(&f.set, "set", nil, "override a key of the recipe: `key=value`")
	c.Flags().StringSliceVar(&f.devices, "devices", nil, "devices by name, type or UUID prefix, or a number of them")
	f.batch.flag(c)
	c.Flags().BoolVar(&f.again, "again", false, "choose this network's kernels anew; what is remembered stays until then")
	c.Flags().BoolVar(&f.times, "times", false, "print the time of every kernel that is compared: with --again of all")
	c.Flags().StringVar(&f.out, "out", "", "write the choices as a table to this `file`")
	c.Flags().StringVar(&f.from, "from", "", "remember the choices of this `file` first")
	return c
}

func (f *tuneFlags) tune(ctx context.Context, c *train.Config) error {
	devices, err := launch.OpenDevices(f.devices, c.Net.Columns)
	if err != nil {
		return err
	}
	defer launch.CloseDevices(devices)
	to := bufio.NewWriter(os.Stdout) // it keeps the first error
	if f.from != "" {
		if err := remember(f.from, devices, to); err != nil {
			return err
		}
	}
	start := time.Now()
	n, err := f.choose(ctx, c, devices, to)
	if err != nil {
		return err
	}
	if f.out != "" {
		if err := writeChoices(f.out, n.Choices()); err != nil {
			return err
		}
	}
	printChoices(to, n.Choices())
	fmt.Fprintf(to, "%d choices in %.1f s\n", len(n.Choices()), time.Since(start).Seconds())
	return to.Flush()
}

// remember keeps the choices of a file.
func remember(path string, devices []*engine.Device, to *bufio.Writer) error {
	choices, err := readChoices(path)
	if err != nil {
		return err
	}
	known, kinds := net.Remember(devices, choices)
	switch {
	case len(choices) == 0:
		fmt.Fprintf(os.Stderr, "warning: %s holds no choices\n", path)
	case known == 0:
		fmt.Fprintf(os.Stderr, "warning: %s: none of its %d choices is for these devices and kernels, whose keys begin with %s; its own begin with %s\n",
			path, len(choices), strings.Join(kinds, ", "), strings.Join(kindsOf(choices), ", "))
	default:
		fmt.Fprintf(to, "%s: %d of %d choices are for these devices and kernels\n", path, known, len(choices))
	}
	to.Flush()
	return nil
}

// kindsOf are the kinds of device and kernels that choices are for.
func kindsOf(choices map[string]string) (kinds []string) {
	for key := range choices {
		kind, _, _ := strings.Cut(key, " ")
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// choose builds the network, which chooses its kernels, and shows how far that has come.
func (f *tuneFlags) choose(ctx context.Context, c *train.Config, devices []*engine.Device, to *bufio.Writer) (*net.Net, error) {
	bar, measured := newBar(os.Stderr), 0
	o := net.Options{Batch: c.Batch, Training: true, ImageHeight: c.Size, ImageWidth: c.Size, Again: f.again, Tuning: bar.tuning(ctx)}
	o.Chosen = func(problem, candidate string) {
		measured++
		if f.times {
			bar.clear()
			fmt.Fprintf(to, "%s: %s is chosen\n", problem, candidate)
			to.Flush()
		}
	}
	if f.times {
		o.Timed = func(problem, candidate string, took time.Duration, err error) {
			bar.clear()
			printTime(to, problem, candidate, took, err)
			to.Flush()
		}
	}
	n, err := net.Build(c.Net, devices, o)
	bar.clear()
	if err == nil && f.times && measured == 0 {
		fmt.Fprintln(to, "no times: all choices were remembered; --again times them")
	}
	if err != nil && ctx.Err() != nil && !bar.lost {
		how := "the same command goes on"
		if f.again {
			how = "without --again the same command chooses what is missing"
		}
		fmt.Fprintf(os.Stderr, "stopped; choices made and remembered: %d; %s\n", measured, how)
	}
	return n, err
}

func writeChoices(path string, choices map[string]string) error {
	text, err := whole.JSON(choices)
	if err != nil {
		return err
	}
	if err := whole.WriteBytes(path, text); err != nil {
		return fmt.Errorf("write the choices: %w", err)
	}
	return nil
}

// printTime tells how fast a candidate was, or why it is out of the running.
func printTime(to io.Writer, problem, candidate string, took time.Duration, err error) {
	if err != nil {
		fmt.Fprintf(to, "%s: %s: %v\n", problem, candidate, err)
		return
	}
	fmt.Fprintf(to, "%s: %s: %.3f ms\n", problem, candidate, 1000*took.Seconds())
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
func printChoices(to io.Writer, choices map[string]string) {
	var keys []string
	for key := range choices {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
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
