package net

import (
	"fmt"
	"math"
	"time"

	"alexnet/engine"
)

// contest runs the candidates for one problem on a device.
type contest struct {
	device    *engine.Device
	plain     string // the candidate that the others are compared with; it comes first
	runs      map[string]*engine.Sequence
	reference [][]float32
}

// run times a candidate. The first time it records it and compares its results
// with the plain one's.
func (c *contest) run(name string, record func() (*engine.Sequence, error), results func() ([][]float32, error)) (time.Duration, error) {
	s, again := c.runs[name]
	if !again {
		var err error
		if s, err = record(); err != nil {
			return 0, err
		}
		if c.runs == nil {
			c.runs = map[string]*engine.Sequence{}
		}
		c.runs[name] = s
		if err := c.device.Run(s); err != nil { // compiles, too
			return 0, err
		}
		values, err := results()
		if err != nil {
			return 0, err
		}
		if err := c.compare(name, values); err != nil {
			return 0, err
		}
	}
	start := time.Now()
	err := c.device.Run(s)
	return time.Since(start), err
}

func (c *contest) compare(name string, values [][]float32) error {
	if c.reference == nil {
		if name != c.plain {
			return fmt.Errorf("no %s result to compare with", c.plain)
		}
		c.reference = values
	}
	for i, v := range values {
		if err := agree(v, c.reference[i], 1e-4); err != nil {
			return err
		}
	}
	return nil
}

func (c *contest) free() {
	for _, s := range c.runs {
		s.Free()
	}
}

// agree compares results that differ in the order and the rounding of their sums
// only, by less than tolerance of the largest value.
func agree(got, want []float32, tolerance float64) error {
	most, scale := 0.0, 0.0
	for i, w := range want {
		d := math.Abs(float64(got[i] - w))
		if d != d {
			return fmt.Errorf("value %d is %v, plain %v", i, got[i], w)
		}
		most, scale = math.Max(most, d), math.Max(scale, math.Abs(float64(w)))
	}
	if most > tolerance*scale {
		return fmt.Errorf("differs from the plain kernel by %.1e of its largest value", most/scale)
	}
	return nil
}
