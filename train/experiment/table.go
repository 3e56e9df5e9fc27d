package experiment

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Measure is what came out of one run, or of one test of several. Errors are fractions;
// NaN is what was not measured.
type Measure struct {
	Seed         int // 0: of all seeds
	Top1, Top5   float64
	Training     float64 // top-1 error of training images as training sees them, over the last epoch
	Fit          float64 // of training images as a test sees them: whole crops, all units
	Epochs       float64 // trained
	Reached      float64 // epochs to the training error Experiment.At
	Milliseconds float64 // a step, the median of the log's lines
}

// Row are the measures of an arm.
type Row struct {
	Arm      Arm
	Measures []Measure
	Failed   []string // sentences of runs that did not come to their end
}

// Table is an experiment's outcome.
type Table struct {
	Experiment *Experiment
	Base, Data string // the recipe and the images
	Rows       []Row
}

// none is a cell without a value.
const none = "-"

// Markdown is the table for readers: means over the seeds with their standard deviations.
func (t *Table) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\n%s\n\n", t.Experiment.Name, t.Experiment.Claim, t.legend())
	head := []string{"arm", "seeds", "top-1", "top-5", "training"}
	if t.fits() {
		head = append(head, "training, tested")
	}
	head = append(head, "epochs")
	if t.Experiment.At > 0 {
		head = append(head, fmt.Sprintf("epochs to %g %% training error", t.Experiment.At))
	}
	head = append(head, "ms a step", fmt.Sprintf("top-1 / top-5 against %s", t.Rows[0].Arm.Name), "the paper")
	line(&b, head...)
	line(&b, strings.Split(strings.Repeat("---,", len(head)-1)+"---", ",")...)
	for i := range t.Rows {
		line(&b, t.cells(i)...)
	}
	for _, r := range t.Rows {
		for _, f := range r.Failed {
			fmt.Fprintf(&b, "\n%s\n", f)
		}
	}
	return b.String()
}

// legend says what the columns count, which the curves do otherwise.
func (t *Table) legend() string {
	out := fmt.Sprintf("Here: %s on %s. Errors in %%, in the end; means over seeds, ± is their standard deviation. Training: what training saw over the last epoch", t.Base, t.Data)
	if t.fits() {
		out += "; tested: training images as a test sees them"
	}
	out += "."
	var ten []string
	for _, r := range t.Rows {
		if r.Arm.Crops == 10 {
			ten = append(ten, r.Arm.Name)
		}
	}
	if len(ten) > 0 {
		out += fmt.Sprintf(" On ten crops of each image: %s.", strings.Join(ten, ", "))
	}
	if t.Experiment.At > 0 {
		out += fmt.Sprintf(" Epochs to %g %%: where the error of each seed first reaches it, not where the mean curve of curves.png does.", t.Experiment.At)
	}
	return out
}

func line(b *strings.Builder, cells ...string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

// cells are those of a row.
func (t *Table) cells(i int) []string {
	r, first := t.Rows[i], t.Rows[0]
	top1, top5 := r.of(func(m Measure) float64 { return m.Top1 }), r.of(func(m Measure) float64 { return m.Top5 })
	out := []string{r.Arm.Name, r.seeds(), percent(top1), percent(top5),
		percent(r.of(func(m Measure) float64 { return m.Training }))}
	if t.fits() {
		out = append(out, percent(r.of(fit)))
	}
	out = append(out, plain(r.of(func(m Measure) float64 { return m.Epochs }), 2))
	if t.Experiment.At > 0 {
		out = append(out, r.reached(first))
	}
	against := none
	if i > 0 {
		against = difference(top1, first.of(func(m Measure) float64 { return m.Top1 })) + " / " + difference(top5, first.of(func(m Measure) float64 { return m.Top5 }))
	}
	paper := r.Arm.Paper
	if paper == "" {
		paper = none
	}
	return append(out, plain(r.of(func(m Measure) float64 { return m.Milliseconds }), 0), against, paper)
}

func fit(m Measure) float64 { return m.Fit }

// fits is whether networks were tested on training images.
func (t *Table) fits() bool {
	return slices.ContainsFunc(t.Rows, func(r Row) bool { return len(r.of(fit)) > 0 })
}

// seeds says of what a row is the mean, or the average network.
func (r Row) seeds() string {
	if r.Arm.Average && len(r.Measures) > 0 {
		return "all"
	}
	return strconv.Itoa(len(r.Measures))
}

func (r Row) of(value func(Measure) float64) (out []float64) {
	for _, m := range r.Measures {
		if v := value(m); !math.IsNaN(v) {
			out = append(out, v)
		}
	}
	return out
}

// reached are the epochs to the training error, and how many times those of the first arm.
func (r Row) reached(first Row) string {
	epochs := func(m Measure) float64 { return m.Reached }
	mine, own := r.of(epochs), first.of(epochs)
	trained := 0
	for _, m := range r.Measures {
		if !math.IsNaN(m.Training) {
			trained++
		}
	}
	switch {
	case trained == 0:
		return none
	case len(mine) < trained:
		return fmt.Sprintf("not reached by %d of %d", trained-len(mine), trained)
	case len(own) == 0 || len(own) < len(first.Measures):
		return plain(mine, 2)
	}
	return fmt.Sprintf("%s, %.1f times", plain(mine, 2), mean(mine)/mean(own))
}

// CSV is a line for each measure, in the units of Measure.
func (t *Table) CSV() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write([]string{"experiment", "base", "arm", "seed", "top1_error", "top5_error", "training_error", "tested_training_error", "epochs", "epochs_to_training_error", "ms_per_step", "paper"})
	for _, r := range t.Rows {
		for _, m := range r.Measures {
			seed := strconv.Itoa(m.Seed)
			if m.Seed == 0 {
				seed = "all"
			}
			cells := []string{t.Experiment.Name, t.Base, r.Arm.Name, seed}
			for _, v := range []float64{m.Top1, m.Top5, m.Training, m.Fit, m.Epochs, m.Reached, m.Milliseconds} {
				cell := ""
				if !math.IsNaN(v) {
					cell = strconv.FormatFloat(v, 'g', 6, 64)
				}
				cells = append(cells, cell)
			}
			w.Write(append(cells, r.Arm.Paper))
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// spread is the standard deviation of a sample.
func spread(values []float64) float64 {
	m, sum := mean(values), 0.0
	for _, v := range values {
		sum += (v - m) * (v - m)
	}
	return math.Sqrt(sum / float64(len(values)-1))
}

// percent is the mean of fractions and its spread.
func percent(values []float64) string {
	scaled := make([]float64, len(values))
	for i, v := range values {
		scaled[i] = 100 * v
	}
	return plain(scaled, 1)
}

func plain(values []float64, decimals int) string {
	switch len(values) {
	case 0:
		return none
	case 1:
		return strconv.FormatFloat(values[0], 'f', decimals, 64)
	}
	return fmt.Sprintf("%.*f ± %.*f", decimals, mean(values), decimals, spread(values))
}

// difference is that of the means of fractions, in percent.
func difference(values, from []float64) string {
	if len(values) == 0 || len(from) == 0 {
		return none
	}
	return fmt.Sprintf("%+.1f", 100*(mean(values)-mean(from)))
}
