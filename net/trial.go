package net

import (
	"fmt"
	"math/rand/v2"
	"time"

	"alexnet/engine"
	"alexnet/shaders"
)

// problem is a sum with operands of its own, for the tuner.
type problem struct {
	sizes  [3]int // floats of the operands
	out    int    // floats of the result
	record func(name string, s *engine.Sequence, in [3]engine.Range, out engine.Range) error

	in     [3]*engine.Buffer
	result *engine.Buffer
}

// A sample has the edges of a problem (padding, strides, sources, incomplete tiles)
// and so few values that the plain kernel computes it at once: two tiles and a rest
// each way.
const (
	samplePixels  = 200
	sampleKernels = 136
)

// sampleNT is a sum of fewer images and kernels.
func sampleNT(p shaders.ConvNTPush) shaders.ConvNTPush {
	p.Batch = min(p.Batch, ceil(samplePixels, p.OutHeight*p.OutWidth))
	p.OutChannels = min(p.OutChannels, sampleKernels)
	return p
}

// sampleTN is a sum over fewer pixels, for fewer kernels.
func sampleTN(p shaders.ConvTNPush) shaders.ConvTNPush {
	p.Batch = min(p.Batch, ceil(samplePixels, p.OutHeight*p.OutWidth))
	p.SplitPixels = min(samplePixels, p.Batch*p.OutHeight*p.OutWidth)
	p.OutChannels = min(p.OutChannels, sampleKernels)
	return p
}

// trial compares candidates with the plain kernel on a sample of a problem, and
// times them on all of it.
type trial struct {
	t             *tuning
	key           string
	timed, sample problem
	reference     []float32 // the plain kernel's result of the sample
	runs          map[string]*engine.Sequence
}

// choose takes the fastest right candidate for a problem.
func (t *tuning) choose(key string, names []string, timed, sample problem) (string, error) {
	if t.device.Hollow() {
		return names[0], nil
	}
	r := trial{t: t, key: key, timed: timed, sample: sample}
	defer r.free()
	return t.fastest(key, names, r.run)
}

// run times a candidate; the first time it compares its result first.
func (r *trial) run(name string) (time.Duration, error) {
	if r.reference == nil {
		if err := r.setUp(); err != nil {
			return 0, err
		}
	}
	s, again := r.runs[name]
	if !again {
		values, err := r.compute(name)
		if err != nil {
			return 0, err
		}
		if err := agree(values, r.reference, r.t.tolerance()); err != nil {
			return 0, err
		}
		if s, err = r.recorded(name, &r.timed); err != nil {
			return 0, err
		}
		r.runs[name] = s
		if err := r.t.device.Run(s); err != nil { // once to warm up
			return 0, err
		}
	}
	start := time.Now()
	err := r.t.device.Run(s)
	return time.Since(start), err
}

// compute returns a candidate's result of the sample.
func (r *trial) compute(name string) ([]float32, error) {
	clear(r.sample.result.Floats())
	s, err := r.recorded(name, &r.sample)
	if err != nil {
		return nil, err
	}
	defer s.Free()
	if err := r.t.device.Run(s); err != nil {
		return nil, err
	}
	return append([]float32(nil), r.sample.result.Floats()...), nil
}

func (r *trial) recorded(name string, p *problem) (*engine.Sequence, error) {
	s := r.t.device.NewSequence("tuning")
	if err := p.record(name, s, [3]engine.Range{p.in[0].Whole(), p.in[1].Whole(), p.in[2].Whole()}, p.result.Whole()); err != nil {
		s.Free()
		return nil, err
	}
	return s, s.End()
}

func (r *trial) setUp() error {
	if r.t.notify != nil {
		if err := r.t.notify(r.key); err != nil {
			return err
		}
	}
	r.t.compileAhead()
	r.runs = map[string]*engine.Sequence{}
	for _, p := range []*problem{&r.sample, &r.timed} {
		if err := p.allocate(r.t.device); err != nil {
			return err
		}
	}
	values, err := r.compute("plain")
	if err != nil {
		return fmt.Errorf("the plain kernel: %w", err)
	}
	r.reference = values
	return nil
}

// allocate makes a problem's buffers and fills the operands with noise.
func (p *problem) allocate(d *engine.Device) error {
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]float32, 1<<16-1) // of an odd length: no two rows are the same
	for i := range noise {
		noise[i] = float32(random.NormFloat64())
	}
	for i, n := range p.sizes {
		var err error
		if p.in[i], err = d.NewBuffer("tuning operand", uint64(4*n), engine.Upload); err != nil {
			return err
		}
		for to := p.in[i].Floats(); len(to) > 0; {
			to = to[copy(to, noise):]
		}
	}
	var err error
	p.result, err = d.NewBuffer("tuning result", uint64(4*p.out), engine.Readback)
	return err
}

func (r *trial) free() {
	for _, s := range r.runs {
		s.Free()
	}
	for _, p := range []*problem{&r.sample, &r.timed} {
		for _, b := range append(p.in[:], p.result) {
			if b != nil {
				b.Free()
			}
		}
	}
}
