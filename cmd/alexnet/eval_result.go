package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"

	"alexnet/train"
	"alexnet/train/data"
	"alexnet/viewer/theme"
)

// evalResult is what eval --json prints: the figures of a checkpoint, or those of the
// averaged probabilities of several. Errors are fractions.
type evalResult struct {
	Checkpoint string `json:"checkpoint,omitempty"` // empty: several
	Images     int    `json:"images"`
	Unreadable int    `json:"unreadable_images"`
	Crops      int    `json:"crops"`
	train.Validation
	Checkpoints []checkpointResult `json:"checkpoints"`
	Classes     []classResult      `json:"classes"` // of which there are images, in label order

	outcomes train.Outcomes
}

type checkpointResult struct {
	Checkpoint string `json:"checkpoint"`
	train.Validation
}

type classResult struct {
	Class     string  `json:"class"`
	Index     int     `json:"index"`
	Images    int     `json:"images"`
	Top1Error float64 `json:"top1_error"`
	Top5Error float64 `json:"top5_error"`
}

// sum works out the figures of all from the outcomes.
func (r *evalResult) sum(images data.Set) error {
	r.Images, r.Unreadable = len(r.outcomes), images.Len()-len(r.outcomes)
	if r.Images == 0 {
		return errors.New("no image could be read for all of the networks")
	}
	r.Validation = r.outcomes.Validation()
	for _, c := range r.outcomes.Classes() {
		r.Classes = append(r.Classes, classResult{images.Classes()[c.Class], c.Class, c.Images, c.Top1Error, c.Top5Error})
	}
	if len(r.Checkpoints) == 1 {
		r.Checkpoint, r.Step = r.Checkpoints[0].Checkpoint, r.Checkpoints[0].Step
	}
	return nil
}

func (f *evalFlags) print(r evalResult) error {
	if f.json {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	if err := r.printErrors(); err != nil || !f.classes {
		return err
	}
	return r.printClasses()
}

func (r *evalResult) printErrors() error {
	what := fmt.Sprintf("%d images", r.Images)
	if r.Crops > 1 {
		what += fmt.Sprintf(", %d crops of each", r.Crops)
	}
	if r.Checkpoint != "" {
		what = fmt.Sprintf("%s, step %d, %s", r.Checkpoint, r.Step, what)
	}
	fmt.Println(what)
	if r.Unreadable > 0 {
		fmt.Printf("%d images could not be read\n", r.Unreadable)
	}
	if r.Checkpoint != "" {
		fmt.Printf("loss %s, top-1 error %.2f %%, top-5 error %.2f %%\n", theme.Loss(r.Loss), 100*r.Top1Error, 100*r.Top5Error)
		return nil
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "checkpoint\tstep\tloss\ttop-1 error\ttop-5 error\t")
	for _, c := range r.Checkpoints {
		fmt.Fprintf(w, "%s\t%d\t%s\n", c.Checkpoint, c.Step, cells(c.Validation))
	}
	fmt.Fprintf(w, "average of %d\t\t%s\n", len(r.Checkpoints), cells(r.Validation))
	return w.Flush()
}

// printClasses lists the classes, the worst first.
func (r *evalResult) printClasses() error {
	list := slices.Clone(r.Classes)
	slices.SortStableFunc(list, func(a, b classResult) int {
		return cmp.Or(cmp.Compare(b.Top1Error, a.Top1Error), cmp.Compare(b.Top5Error, a.Top5Error))
	})
	fmt.Println()
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "class\timages\ttop-1 error\ttop-5 error\t")
	for _, c := range list {
		fmt.Fprintf(w, "%s\t%d\t%.2f %%\t%.2f %%\t\n", c.Class, c.Images, 100*c.Top1Error, 100*c.Top5Error)
	}
	return w.Flush()
}

// cells are those of a table.
func cells(v train.Validation) string {
	return fmt.Sprintf("%s\t%.2f %%\t%.2f %%\t", theme.Loss(v.Loss), 100*v.Top1Error, 100*v.Top5Error)
}
