package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"alexnet/engine/whole"
	"alexnet/train/experiment"
	"alexnet/train/follow"
	"alexnet/train/monitor"
	"alexnet/train/pack"
	"alexnet/viewer/draw"
	"alexnet/viewer/print"
)

// fitImages is how many training images a network is tested on: all arms on the same ones,
// with a standard error of 1.6 % at most.
const fitImages = 1000

// measure makes the table of the runs that came to their end.
func (f *experimentFlags) measure(ctx context.Context, t *trials) (*experiment.Table, error) {
	table := &experiment.Table{Experiment: t.Experiment, Base: f.base, Data: t.base.Set}
	if t.base.Dir != "" {
		table.Data = filepath.Base(t.base.Dir)
	}
	for _, a := range t.arms {
		row := experiment.Row{Arm: a}
		of := a.Of
		if of == "" {
			of = a.Name
		}
		var runs []string
		for seed := 1; seed <= f.seeds; seed++ {
			dir := t.dir(of, seed)
			if why, is := t.failed[dir]; is {
				if a.Of == "" {
					row.Failed = append(row.Failed, why)
				}
				continue
			}
			runs = append(runs, dir)
			if a.Average {
				continue
			}
			m := unmeasured()
			if a.Of == "" {
				m = measureLog(t.logs[dir], t.At/100, t.every)
			}
			m.Seed = seed
			if err := f.testRun(ctx, a, dir, t, &m); err != nil {
				return nil, err
			}
			row.Measures = append(row.Measures, m)
		}
		if a.Average && len(runs) > 0 {
			m, err := f.test(ctx, evalFlags{crops: max(1, a.Crops)}, runs)
			if err != nil {
				return nil, err
			}
			row.Measures = append(row.Measures, m)
		}
		table.Rows = append(table.Rows, row)
	}
	return table, nil
}

// readLogs reads the logs of the runs, for the table and the curves.
func (t *trials) readLogs() (err error) {
	t.logs = map[string]*monitor.Snapshot{}
	for _, one := range t.list {
		if t.logs[one.dir], err = follow.Read(one.dir); err != nil {
			return err
		}
	}
	t.every = averagedOver(slices.Collect(maps.Values(t.logs)))
	return nil
}

// testRun tests a run's network where the arm asks for something else than validations
// do.
func (f *experimentFlags) testRun(ctx context.Context, a experiment.Arm, dir string, t *trials, m *experiment.Measure) error {
	if a.Of != "" || a.Crops == 10 {
		tested, err := f.test(ctx, evalFlags{crops: max(1, a.Crops)}, []string{dir})
		if err != nil {
			return err
		}
		m.Top1, m.Top5 = tested.Top1, tested.Top5
	}
	if a.Of == "" && t.Curves == experiment.Training {
		tested, err := f.test(ctx, evalFlags{crops: 1, split: pack.Train, limit: fitImages}, []string{dir})
		if err != nil {
			return err
		}
		m.Fit = tested.Top1
	}
	return nil
}

func unmeasured() experiment.Measure {
	none := math.NaN()
	return experiment.Measure{Top1: none, Top5: none, Training: none, Fit: none, Epochs: none, Reached: none, Milliseconds: none}
}

// measureLog measures a run by its log; at is the training error to which epochs are
// counted, a fraction, once it is averaged over every epochs.
func measureLog(log *monitor.Snapshot, at, every float64) experiment.Measure {
	m := unmeasured()
	if n := len(log.Validations); n > 0 {
		m.Top1, m.Top5 = log.Validations[n-1].Top1Error, log.Validations[n-1].Top5Error
	}
	m.Training, m.Epochs = lastEpoch(log.Points)
	if epoch, ok := trainingErrors(log.Points, every).Crossing(at); ok && at > 0 {
		m.Reached = epoch
	}
	var times []float64
	for _, p := range log.Points {
		if p.ImagesPerSecond > 0 {
			times = append(times, 1000*float64(log.Run.Batch)/p.ImagesPerSecond)
		}
	}
	if slices.Sort(times); len(times) > 0 {
		m.Milliseconds = times[len(times)/2]
	}
	return m
}

// test tests the newest checkpoints of runs, of several the average, as e says.
func (f *experimentFlags) test(ctx context.Context, e evalFlags, runs []string) (experiment.Measure, error) {
	e.devices = f.devices
	list, err := e.open(runs)
	for _, t := range list {
		defer t.Close()
	}
	m := unmeasured()
	if err != nil {
		return m, err
	}
	r, _, err := e.results(ctx, list, nil, newBar(os.Stderr))
	if err != nil {
		return m, err
	}
	m.Top1, m.Top5 = r.Top1Error, r.Top5Error
	return m, nil
}

// write writes the table and the curves, and prints the table.
func (f *experimentFlags) write(t *trials, table *experiment.Table) error {
	text := table.Markdown()
	comma, err := table.CSV()
	if err != nil {
		return err
	}
	files := map[string][]byte{"table.md": []byte(text), "table.csv": comma}
	if curves := t.curves(f.seeds); len(curves.Curves) > 0 {
		page := curves.Page(draw.NewFonts())
		for _, ending := range []string{".png", ".svg"} {
			var b bytes.Buffer
			if err := writers[ending](page, &b); err != nil {
				return err
			}
			files["curves"+ending] = b.Bytes()
		}
	}
	if err := os.MkdirAll(f.out, 0o755); err != nil { // where other experiments have all runs
		return err
	}
	for name, content := range files {
		if err := whole.WriteBytes(filepath.Join(f.out, name), content); err != nil {
			return err
		}
	}
	fmt.Printf("\n%s\ntable and curves: %s\n", text, f.out)
	return nil
}

// curves draws the errors of the arms, means over the seeds that the table has, against
// epochs.
func (t *trials) curves(seeds int) *print.Errors {
	training := t.Curves == experiment.Training || t.At > 0
	e := print.Errors{Title: "Validation error rate (%)", At: t.At / 100, Note: t.note(seeds, training)}
	if training {
		e.Title = "Training error rate (%)"
	}
	for _, a := range t.arms {
		var list []print.Curve
		for _, one := range t.list {
			switch log := t.logs[one.dir]; {
			case one.arm != a.Name || t.failed[one.dir] != "":
			case training:
				list = append(list, trainingErrors(log.Points, t.every))
			default:
				list = append(list, validationErrors(log.Validations))
			}
		}
		if c := meanCurve(a.Name, list); len(c.X) > 0 && len(e.Curves) < print.MostCurves {
			e.Curves = append(e.Curves, c)
		}
	}
	return &e
}

// note says what the curves are, where the table counts otherwise.
func (t *trials) note(seeds int, training bool) string {
	var out []string
	switch {
	case len(t.failed) > 0:
		out = append(out, fmt.Sprintf("The mean of those of %d seeds that came to their end, as far as the shortest goes.", seeds))
	case seeds > 1:
		out = append(out, fmt.Sprintf("The mean of %d seeds, as far as the shortest run goes.", seeds))
	}
	if training {
		out = append(out, fmt.Sprintf("Each point averages %.2g epochs.", t.every))
	} else {
		out = append(out, "Of centre crops.")
	}
	if t.At > 0 && seeds > 1 {
		out = append(out, "Epochs are where the mean reaches the error; table.md has the mean of each seed's.")
	}
	return strings.Join(out, " ")
}

// meanCurve is the mean of curves as far as the shortest goes.
func meanCurve(name string, list []print.Curve) print.Curve {
	out := print.Curve{Name: name}
	for i := 0; ; i++ {
		x, sum := 0.0, 0.0
		for _, c := range list {
			if i >= len(c.X) {
				return out
			}
			x, sum = x+c.X[i], sum+c.Error[i]
		}
		if len(list) == 0 {
			return out
		}
		out.X, out.Error = append(out.X, x/float64(len(list))), append(out.Error, sum/float64(len(list)))
	}
}
