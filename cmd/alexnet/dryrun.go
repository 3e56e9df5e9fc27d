package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"alexnet/engine"
	"alexnet/net"
	"alexnet/train"
)

// dryRun prints what a run would take: memory by device, disk for checkpoints, parameters
// of a file of weights if one is named, and by the time of a few steps on random images its
// speed and length.
func dryRun(ctx context.Context, c *train.Config, sets *train.Sets, devices []*engine.Device, weights string, bar *bar) error {
	if weights != "" {
		var err error
		if weights, err = train.WeightsFile(weights); err != nil {
			return err
		}
	}
	o := net.Options{Batch: c.Batch, Training: true, ImageHeight: c.Size, ImageWidth: c.Size, Tuning: bar.tuning(ctx)}
	memory, err := net.Memory(c.Net, devices, o)
	if err != nil {
		return err
	}
	n, err := net.Build(c.Net, devices, o)
	if err != nil {
		return err
	}
	for i, d := range devices {
		fmt.Printf("memory of %s: %s of %s\n", d.Name(), engine.Megabytes(memory[i]), engine.Megabytes(d.Capacity()))
	}
	one := uint64(12 * c.Size * c.Size) // the mean image
	for _, p := range n.Params {
		one += 4 * uint64(p.Count())
		if !p.Frozen {
			one += 4 * uint64(p.Count()) // momentum
		}
	}
	fmt.Printf("disk: %s a checkpoint, %s for the %d newest and the best\n", engine.Megabytes(one), engine.Megabytes(one*uint64(c.Checkpoint.Keep+1)), c.Checkpoint.Keep)
	if err := n.Initialize(c.Seed); err != nil {
		return err
	}
	if weights != "" {
		say := func(line string) { fmt.Println(line) }
		if err := train.TakeWeights(n, weights, sets.Train.Classes(), say); err != nil {
			return err
		}
	}
	b := benchBatch(c)
	step, err := steadily(ctx, n, devices, 2, func() error { return n.Begin(b, net.Solver{Rate: 1e-6}) })
	if err != nil {
		return err
	}
	test, err := steadily(ctx, n, devices, 1, func() error { return n.BeginTest(b) })
	if err != nil {
		return err
	}
	fmt.Printf("speed: %.1f images/s training, %.1f testing\n", 1000*float64(c.Batch)/step, 1000*float64(c.Batch)/test)
	steps := train.PlannedSteps(c, sets)
	if steps == 0 {
		fmt.Println("length: until the schedule or solver.max_minutes ends it")
		return nil
	}
	validations := math.Ceil(float64(steps) / float64(train.ValidationSteps(c, sets)))
	batches := math.Ceil(float64(sets.Val.Len()) / float64(c.Batch))
	total := time.Duration((float64(steps)*step + validations*batches*test) * float64(time.Millisecond))
	fmt.Printf("length: %d steps (%.1f epochs), about %v\n", steps, float64(steps)*float64(c.Batch)/float64(sets.Train.Len()), roughly(total))
	return nil
}

// roughly rounds a duration to two places.
func roughly(d time.Duration) time.Duration {
	switch {
	case d > 100*time.Hour:
		return d.Round(time.Hour)
	case d > time.Hour:
		return d.Round(time.Minute)
	}
	return d.Round(time.Second)
}
