package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"alexnet/assets"
	"alexnet/engine"
	"alexnet/net"
	"alexnet/train/data"
)

// Coder makes binary codes of features: the first half of an auto-encoder, whose second
// half makes the features from the codes (Krizhevsky 2012, section 6.1; Krizhevsky and
// Hinton 2011).
type Coder struct {
	Config *Config // of its recipe
	Bits   int

	net   *net.Net
	layer int       // whose outputs are the bits
	mean  []float32 // of features, which become (x - mean) * scale and vary by variance
	scale float32
	batch net.Batch
}

// variance is what features are scaled to: their squared distance from their mean, in the
// mean. With less the rate would have to grow for what varies little to be learned, which
// is what tells the nearest images apart.
const variance = 16

// heldOut is how many rows the auto-encoder is tested on, at most, and shareHeld that one
// row in so many is, at least.
const (
	heldOut   = 2000
	shareHeld = 10
)

// coderConfig is the recipe of an auto-encoder for features of a width.
func coderConfig(text string, width, bits int, set []string) (*Config, error) {
	c, err := DecodeConfig("the recipe of codes", text, set)
	if err != nil {
		return nil, err
	}
	c.Net.Input = net.Shape{C: width, H: 1, W: 1}
	inputs, last, code := width, -1, -1
	for i, l := range c.Net.Layers {
		switch l := l.(type) {
		case net.Dense:
			last = i
		case net.Activation:
			if l.Function == net.Binary && code < 0 {
				code = last
			}
		}
	}
	if code < 0 || code == last {
		return nil, errors.New("train: the recipe of codes has no dense layer, its binary units and a dense layer behind them")
	}
	for i, l := range c.Net.Layers {
		l, dense := l.(net.Dense)
		if !dense {
			continue
		}
		switch i {
		case code:
			l.Units = bits
		case last:
			l.Units = width
		}
		l.Std = math.Sqrt(1 / float64(inputs))
		c.Net.Layers[i], inputs = l, l.Units
	}
	_, err = c.Net.Plan()
	return c, err
}

// binaryLayer is the row of the table that makes bits.
func binaryLayer(s net.Spec) int {
	return slices.IndexFunc(s.Layers, func(l net.Layer) bool { return l.Kind() == string(net.Binary) })
}

// build makes the network.
func (c *Coder) build(d *engine.Device, o net.Options) (err error) {
	o.Batch = c.Config.Batch
	c.layer = binaryLayer(c.Config.Net)
	c.net, err = net.Build(c.Config.Net, []*engine.Device{d}, o)
	return err
}

// CoderTraining trains a coder.
type CoderTraining struct {
	Bits int
	Set  []string // overrides of the recipe
	// Tuning is net.Options.Tuning; OnProgress is called with each step and OnTest with
	// each test: the step and the share of the features' variance that the codes do not
	// explain. They may be nil.
	Tuning     func(net.Choosing) error
	OnProgress func(Progress)
	OnTest     func(step int, unexplained float64)
}

// Run trains a coder on the rows of an index.
func (t *CoderTraining) Run(ctx context.Context, x *Index, d *engine.Device) (*Coder, error) {
	config, err := coderConfig(assets.Codes, x.Width, t.Bits, t.Set)
	if err != nil {
		return nil, err
	}
	if len(x.Images) < 2*shareHeld {
		return nil, fmt.Errorf("train: codes of %d images; there have to be at least %d to learn them from", len(x.Images), 2*shareHeld)
	}
	c := &Coder{Config: config, Bits: t.Bits}
	if c.mean, c.scale, err = x.moments(ctx); err != nil {
		return nil, err
	}
	every := max(shareHeld, len(x.Images)/heldOut)
	var rows, tests []int
	for i := range x.Images {
		if i%every == 0 {
			tests = append(tests, i)
		} else {
			rows = append(rows, i)
		}
	}
	config.Batch = min(config.Batch, len(rows))
	if err := c.build(d, net.Options{Training: true, Tuning: t.Tuning}); err != nil {
		return nil, err
	}
	if err := c.net.Initialize(config.Seed); err != nil {
		return nil, err
	}
	return c, t.train(ctx, c, x, rows, tests)
}

// moments are the mean of an index's rows, and what makes them vary by variance.
func (x *Index) moments(ctx context.Context) (mean []float32, scale float32, err error) {
	row, sums, squares := make([]float32, x.Width), make([]float64, x.Width), 0.0
	for i := range x.Images {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		if err := x.row(i, row); err != nil {
			return nil, 0, err
		}
		for k, v := range row {
			sums[k] += float64(v)
			squares += float64(v) * float64(v)
		}
	}
	n := float64(len(x.Images))
	squares /= n
	mean = make([]float32, x.Width)
	for k, s := range sums {
		mean[k] = float32(s / n)
		squares -= s / n * s / n
	}
	if !(squares > 0) {
		return nil, 0, errors.New("train: the features of all images are the same: there is nothing to make codes of")
	}
	return mean, float32(math.Sqrt(variance / squares)), nil
}

// train runs the steps.
func (t *CoderTraining) train(ctx context.Context, c *Coder, x *Index, rows, tests []int) error {
	s, schedule := c.Config.Solver, NewSchedule(c.Config.Solver)
	epoch := max(1, len(rows)/c.Config.Batch) // steps
	every, steps := c.Config.Validate.Every, s.MaxSteps
	if every == 0 {
		every = epoch
	}
	if most := int(s.MaxEpochs * float64(epoch)); most > 0 && (steps == 0 || most < steps) {
		steps = most
	}
	var order []int
	began := time.Now()
	for step := 0; (steps == 0 || step < steps) && !schedule.Finished; step++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		at := step % epoch
		if at == 0 {
			order = data.Order(c.Config.Seed, uint64(step/epoch), len(rows))
		}
		batch := make([]int, c.Config.Batch)
		for i := range batch {
			batch[i] = rows[order[at*c.Config.Batch+i]]
		}
		if err := c.load(x, batch); err != nil {
			return err
		}
		rate := schedule.Rate(step)
		r, err := c.net.Train(&c.batch, net.Solver{Step: step, Seed: c.Config.Seed, Rate: rate, Momentum: s.Momentum, Decay: s.Decay})
		if err != nil {
			return err
		}
		if r.Exploded() {
			return fmt.Errorf("train: the auto-encoder's loss is not finite at step %d: take a lower rate than %g with --set solver.rate", step+1, s.Rate)
		}
		if t.OnProgress != nil {
			t.OnProgress(Progress{Step: step + 1, Steps: steps, Epoch: float64(step+1) / float64(epoch), Loss: r.Mean(), Rate: rate,
				ImagesPerSecond: float64((step+1)*c.Config.Batch) / time.Since(began).Seconds()})
		}
		if (step+1)%every == 0 {
			left, err := c.test(x, tests)
			if err != nil {
				return err
			}
			schedule.Validated(left)
			if t.OnTest != nil {
				t.OnTest(step+1, left)
			}
		}
	}
	return nil
}

// load makes a batch of rows: they are inputs and targets.
func (c *Coder) load(x *Index, rows []int) error {
	b, width := &c.batch, x.Width
	b.Values, b.Valid = make([]float32, len(rows)*width), len(rows)
	for i, row := range rows {
		if err := x.row(row, b.Values[i*width:(i+1)*width]); err != nil {
			return err
		}
	}
	c.normalise(b.Values)
	b.Targets = b.Values
	return nil
}

// normalise takes features to what the network sees, in place.
func (c *Coder) normalise(values []float32) {
	for i := range values {
		values[i] = (values[i] - c.mean[i%len(c.mean)]) * c.scale
	}
}

// test is the share of the variance of rows that codes do not explain: the squared
// distance, which is twice the loss, over it.
func (c *Coder) test(x *Index, rows []int) (float64, error) {
	sum := 0.0
	for part := range slices.Chunk(rows, c.Config.Batch) {
		if err := c.load(x, part); err != nil {
			return 0, err
		}
		r, err := c.net.Test(&c.batch)
		if err != nil {
			return 0, err
		}
		sum += 2 * r.Mean() / variance * float64(len(part))
	}
	return sum / float64(len(rows)), nil
}

// Encode makes the codes of features (image, number), of Bits/64 words each.
func (c *Coder) Encode(features []float32) ([]uint64, error) {
	var out []uint64
	width := len(c.mean)
	for part := range slices.Chunk(features, c.Config.Batch*width) {
		b := &c.batch
		b.Values, b.Valid = slices.Clone(part), len(part)/width
		c.normalise(b.Values)
		b.Targets = b.Values
		if err := c.net.TestTo(c.layer, b); err != nil {
			return nil, err
		}
		bits, err := c.net.Outputs(c.layer, 0, b.Valid)
		if err != nil {
			return nil, err
		}
		for image := range b.Valid {
			words, k := make([]uint64, c.Bits/64), 0
			for _, column := range bits.Columns {
				units := len(column) / b.Valid
				for _, bit := range column[image*units : (image+1)*units] {
					if bit > 0 {
						words[k/64] |= 1 << (k % 64)
					}
					k++
				}
			}
			out = append(out, words...)
		}
	}
	return out, nil
}
