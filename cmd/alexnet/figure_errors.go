package main

import (
	"context"
	"fmt"
	"math"
	"slices"

	"alexnet/train/follow"
	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/print"
)

// errors draws Figure 1, and tells when runs reach an error.
func (f *figureFlags) errors(_ context.Context, runs []string) (*print.Page, error) {
	var logs []*monitor.Snapshot
	for _, run := range runs {
		s, err := follow.Read(run)
		if err != nil {
			return nil, err
		}
		logs = append(logs, s)
	}
	e := print.Errors{Title: "Training error rate (%)", At: f.at / 100}
	if f.validation {
		e.Title = "Validation error rate (%)"
	}
	every := f.every
	if every == 0 {
		every = averagedOver(logs)
	}
	for i, s := range logs {
		c, kind := trainingErrors(s.Points, every), "training"
		if f.validation {
			c, kind = validationErrors(s.Validations), "validation"
		}
		if len(c.X) == 0 {
			return nil, fmt.Errorf("the log of %s holds no %s error yet, which figure 1 would show", runs[i], kind)
		}
		c.Name = s.Run.Name
		if slices.ContainsFunc(logs, func(o *monitor.Snapshot) bool { return o != s && o.Run.Name == c.Name }) {
			c.Name = runs[i]
		}
		e.Curves = append(e.Curves, c)
	}
	if f.at > 0 {
		f.tellCrossings(&e, runs)
	}
	return e.Page(draw.NewFonts()), nil
}

// tellCrossings prints when runs first reach the error that is marked.
func (f *figureFlags) tellCrossings(e *print.Errors, runs []string) {
	for i, c := range e.Curves {
		if epoch, ok := c.Crossing(e.At); ok {
			fmt.Printf("%s: %g %% at epoch %s\n", runs[i], f.at, e.Epoch(epoch))
		} else {
			fmt.Printf("%s: above %g %% until epoch %s\n", runs[i], f.at, e.Epoch(c.X[len(c.X)-1]))
		}
	}
}

// averagedOver are the epochs over which training errors are averaged: one, or less
// where all runs are short.
func averagedOver(logs []*monitor.Snapshot) float64 {
	longest := 0.0
	for _, s := range logs {
		for _, p := range s.Points {
			longest = max(longest, p.Epoch)
		}
	}
	return min(1, longest/20)
}

// trainingErrors averages the errors of the training images over epochs, weighted by
// the steps that each line of the log is of. A rest at the end of less than half of that
// belongs to what is before it, or it would be a point of a few steps.
func trainingErrors(points []monitor.Point, every float64) (c print.Curve) {
	var sums, steps []float64
	last, bin := 0, 0
	for _, p := range points {
		n := float64(p.Step - last)
		last = p.Step
		if math.IsNaN(p.Top1Error) || math.IsNaN(p.Epoch) || n <= 0 {
			continue
		}
		// An epoch's last step belongs to it, not to the next.
		if at := int(math.Ceil(p.Epoch/every - 1e-9)); at != bin || len(sums) == 0 {
			c.X, sums, steps, bin = append(c.X, 0), append(sums, 0), append(steps, 0), at
		}
		i := len(sums) - 1
		c.X[i], sums[i], steps[i] = p.Epoch, sums[i]+n*p.Top1Error, steps[i]+n
	}
	if i := len(sums) - 1; i > 0 && c.X[i]-c.X[i-1] < every/2 {
		c.X[i-1], sums[i-1], steps[i-1] = c.X[i], sums[i-1]+sums[i], steps[i-1]+steps[i]
		c.X, sums = c.X[:i], sums[:i]
	}
	for i, sum := range sums {
		c.Error = append(c.Error, sum/steps[i])
	}
	return c
}

// lastEpoch is the error of the training images over a run's last epoch, weighted as
// trainingErrors does, and the epoch at its end; NaN: the log tells none.
func lastEpoch(points []monitor.Point) (rate, epoch float64) {
	sum, steps, epoch := 0.0, 0.0, math.NaN()
	for i := len(points) - 1; i >= 0; i-- {
		p, n := points[i], float64(points[i].Step)
		if i > 0 {
			n -= float64(points[i-1].Step)
		}
		if math.IsNaN(p.Top1Error) || math.IsNaN(p.Epoch) || n <= 0 {
			continue
		}
		if math.IsNaN(epoch) {
			epoch = p.Epoch
		}
		if p.Epoch <= epoch-1+1e-9 { // as in trainingErrors
			break
		}
		sum, steps = sum+n*p.Top1Error, steps+n
	}
	return sum / steps, epoch
}

func validationErrors(list []monitor.Validation) (c print.Curve) {
	for _, v := range list {
		if !math.IsNaN(v.Top1Error) && !math.IsNaN(v.Epoch) {
			c.X, c.Error = append(c.X, v.Epoch), append(c.Error, v.Top1Error)
		}
	}
	return c
}
