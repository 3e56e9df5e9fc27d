package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/engine/whole"
	"alexnet/train"
	"alexnet/viewer/theme"
)

func runsCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "runs [FOLDER]",
		Short: "List the runs in a folder (default runs) with their best validation errors",
		Example: `  alexnet runs
  alexnet runs experiments        # the arms of all experiments
  alexnet runs experiments/lrn`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return launch.Usagef("expected at most one FOLDER, got %d arguments", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			folder := "runs"
			if len(args) == 1 {
				folder = args[0]
				if err := isFolder(folder); err != nil {
					return err
				}
			}
			list, err := train.ListRuns(folder)
			if err != nil {
				return err
			}
			if asJSON {
				e := json.NewEncoder(os.Stdout)
				e.SetIndent("", "  ")
				return e.Encode(list)
			}
			printRuns(folder, list)
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// isFolder fails where there is no folder of runs to list.
func isFolder(path string) error {
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no folder %s: name the one that the runs lie in, which is runs where --run named no other", path)
	case err != nil:
		return fmt.Errorf("the folder %s cannot be read: %w", path, whole.Cause(err))
	case !info.IsDir():
		return fmt.Errorf("%s is a file: name the folder that the runs lie in", path)
	}
	return nil
}

func printRuns(folder string, list []train.RunSummary) {
	if len(list) == 0 {
		fmt.Printf("no runs in %s: train one with alexnet train demo\n", folder)
		return
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "run\trecipe\tstep\tepoch\tloss\tbest top-1\ttop-5\tat step\tchanged\t")
	for _, r := range list {
		best := "-\t-\t-"
		if r.BestStep > 0 {
			best = fmt.Sprintf("%.2f %%\t%.2f %%\t%d", 100*r.BestTop1, 100*r.BestTop5, r.BestStep)
		}
		state := r.Changed.Format("2006-01-02 15:04")
		if r.Training {
			state = "training now"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%.2f\t%s\t%s\t%s\t\n", r.Path, r.Name, r.Step, r.Epoch, theme.Loss(r.Loss), best, state)
	}
	w.Flush()
}
