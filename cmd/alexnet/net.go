package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"alexnet/engine"
	"alexnet/net"
	"alexnet/train"
)

func netCommand() *cobra.Command {
	var set, devices []string
	var asTOML bool
	c := &cobra.Command{
		Use:   "net RECIPE",
		Short: "Print a network as a table: shapes, parameters, multiply-adds, devices",
		Args:  exactly(1, "a RECIPE"),
		RunE: func(_ *cobra.Command, args []string) error {
			config, err := train.LoadConfig(args[0], set...)
			if err != nil {
				return err
			}
			if asTOML {
				fmt.Print(config.Explained())
				return nil
			}
			rows, err := config.Net.Plan()
			if err != nil {
				return err
			}
			printNet(config, rows, columnDevices(devices, config.Net.Columns))
			return nil
		},
	}
	c.Flags().StringArrayVar(&set, "set", nil, "override a key of the recipe: `key=value`")
	c.Flags().StringSliceVar(&devices, "devices", nil, "devices by name, type or UUID prefix, or a number of them")
	c.Flags().BoolVar(&asTOML, "toml", false, "print the recipe instead, with every default and what each key is")
	return c
}

// columnDevices names the device of each column; a machine without any still
// gets its table.
func columnDevices(words []string, columns int) string {
	list, err := engine.Devices()
	if err != nil {
		return "no device"
	}
	chosen, err := engine.Select(list, words, columns)
	if err != nil {
		return err.Error()
	}
	var out []string
	for i := range columns {
		k := i % min(len(chosen), columns)
		out = append(out, fmt.Sprintf("column %d: #%d %s", i+1, k+1, chosen[k].Name))
	}
	return strings.Join(out, ", ")
}

func printNet(c *train.Config, rows []net.Row, devices string) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "layer\ttype\toutput\tneurons\tparameters\tmultiply-adds\t")
	in := c.Net.Input
	fmt.Fprintf(w, "input\t\t%dx%dx%d\t\t\t\t\n", in.H, in.W, in.C)
	parameters, frozen, neurons, adds := 0, 0, 0, int64(0)
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%dx%dx%d\t%s\t%s\t%s\t\n", r.Layer.LayerName(), r.Layer.Kind(), r.Out.H, r.Out.W, r.Out.C,
			count(int64(r.Neurons())), count(int64(r.Weights+r.Biases)), count(r.MultiplyAdds))
		parameters, neurons, adds = parameters+r.Weights+r.Biases, neurons+r.Neurons(), adds+r.MultiplyAdds
		if r.Frozen {
			frozen += r.Weights + r.Biases
		}
	}
	w.Flush()
	fmt.Println(devices)
	fmt.Printf("total: %s neurons, %s parameters, %s multiply-adds an image\n", count(int64(neurons)), count(int64(parameters)), count(adds))
	if frozen > 0 {
		fmt.Printf("frozen: %s parameters\n", count(int64(frozen)))
	}
}

// count prints a number with thousands separated; nothing for 0.
func count(n int64) string {
	if n == 0 {
		return ""
	}
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
