package net

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"alexnet/engine"
	"alexnet/shaders"
)

// problem is a sum with operands of its own, for the tuner.
type problem struct {
	sizes [3]int // floats of the operands
	out   int    // floats of the result
	// prepare, if set, makes operands of others.
	prepare func(s *engine.Sequence, in [3]engine.Range) error
	record  func(name string, s *engine.Sequence, in [3]engine.Range, out engine.Range) error

	in     [3]*engine.Buffer
	result *engine.Buffer
}

// A sample has the edges of a problem (padding, strides, sources, incomplete tiles)
// and so few values that the plain kernel computes it at once: a tile or several,
// and a rest, each way.
const (
	samplePixels  = 200
	sampleKernels = 136
)

// sampleRows is how many rows of a result a sample has of which workgroups make so many:
// a few workgroups', and the rest.
func sampleRows(rows, unit uint32) uint32 {
	return min(rows, unit*max(1, sampleKernels/unit)+rows%unit)
}

// sampleNT is a sum of fewer images and kernels.
func sampleNT(p shaders.ConvNTPush) shaders.ConvNTPush {
	p.Batch = min(p.Batch, ceil(samplePixels, p.OutHeight*p.OutWidth))
	p.OutChannels = min(p.OutChannels, sampleKernels)
	return p
}

// sampleTN is a sum over fewer pixels, for fewer kernels.
func sampleTN(p shaders.ConvTNPush) shaders.ConvTNPush {
	p.Batch = min(p.Batch, ceil(samplePixels, p.OutHeight*p.OutWidth))
	p.Splits, p.SplitPixels = 1, min(samplePixels, p.Batch*p.OutHeight*p.OutWidth)
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
	repeats       int   // of the problem in a run
	failed        error // nothing can be tried
}

// leastRun is how long a run should take, to be timed beside a submission's own time.
const leastRun = 5 * time.Millisecond

// choose takes the fastest right candidate for a problem.
func (t *tuning) choose(key string, names []string, timed, sample problem) (string, error) {
	if t.device.Hollow() {
		return names[0], nil
	}
	r := trial{t: t, key: key, timed: timed, sample: sample}
	defer r.free()
	name, err := t.fastest(key, names, r.run)
	if err != nil && !errors.Is(err, engine.ErrAbandon) && !slices.Contains(names, "plain") {
		return t.fastest(key, []string{"plain"}, r.run) // slow, but right
	}
	return name, err
}

// run times a candidate on the problem; the first time it compares its result first.
func (r *trial) run(name string) (time.Duration, error) {
	if r.reference == nil && r.failed == nil {
		if err := r.setUp(); err != nil {
			r.failed = fmt.Errorf("%w: %w", engine.ErrAbandon, err)
		}
	}
	if r.failed != nil {
		return 0, r.failed
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
		var took time.Duration
		if s, took, err = r.repeated(name); err != nil {
			return 0, err
		}
		r.runs[name] = s
		return took, nil
	}
	return r.timedRun(s, r.repeats)
}

// timedRun returns the time of the problem, of which s computes so many.
func (r *trial) timedRun(s *engine.Sequence, repeats int) (time.Duration, error) {
	start := time.Now()
	err := r.t.device.Run(s)
	return time.Since(start) / time.Duration(repeats), err
}

// repeated records a candidate's run and times it: it is compiled, and a run before has
// touched the memory, if the problem takes long enough to be timed once. The first one's
// time tells how often a fast device must compute it to be timed.
func (r *trial) repeated(name string) (*engine.Sequence, time.Duration, error) {
	for {
		s, err := r.recorded(name, &r.timed, max(r.repeats, 1))
		if err != nil {
			return nil, 0, err
		}
		if r.repeats < 2 {
			err = r.t.device.Run(s)
		}
		took := time.Duration(0)
		if err == nil {
			took, err = r.timedRun(s, max(r.repeats, 1))
		}
		if err != nil {
			s.Free()
			return nil, 0, err
		}
		if r.repeats > 0 {
			return s, took, nil
		}
		took = max(took, time.Microsecond)
		if r.repeats = int((leastRun + took - 1) / took); r.repeats == 1 {
			return s, took, nil
		}
		s.Free()
	}
}

// compute returns a candidate's result of the sample.
func (r *trial) compute(name string) ([]float32, error) {
	clear(r.sample.result.Floats())
	s, err := r.recorded(name, &r.sample, 1)
	if err != nil {
		return nil, err
	}
	defer s.Free()
	if err := r.t.device.Run(s); err != nil {
		return nil, err
	}
	return append([]float32(nil), r.sample.result.Floats()...), nil
}

func (r *trial) recorded(name string, p *problem, times int) (*engine.Sequence, error) {
	s := r.t.device.NewSequence("tuning")
	for range times {
		if err := p.record(name, s, p.operands(), p.result.Whole()); err != nil {
			s.Free()
			return nil, err
		}
	}
	if err := s.End(); err != nil {
		s.Free()
		return nil, err
	}
	return s, nil
}

func (p *problem) operands() [3]engine.Range {
	return [3]engine.Range{p.in[0].Whole(), p.in[1].Whole(), p.in[2].Whole()}
}

func (r *trial) setUp() error {
	if err := r.t.compileAhead(r.key); err != nil {
		return err
	}
	r.runs = map[string]*engine.Sequence{}
	if err := errors.Join(r.sample.allocate(r.t.device, true), r.timed.allocate(r.t.device, false)); err != nil {
		return err
	}
	values, err := r.compute("plain")
	if err != nil {
		return fmt.Errorf("the plain kernel: %w", err)
	}
	r.reference = values
	return nil
}

// noiseFloats is odd: no two rows of an operand that repeats so many are the same.
const noiseFloats = 1<<16 - 1

// allocate makes a problem's buffers and fills the operands with noise: a sample's
// where the host can read the result, else where the device works.
func (p *problem) allocate(d *engine.Device, sample bool) error {
	in, out := engine.Local, engine.Local
	if sample {
		in, out = engine.Upload, engine.Readback
	}
	for i, n := range p.sizes {
		var err error
		if p.in[i], err = d.NewBuffer("tuning operand", uint64(4*n), in); err != nil {
			return err
		}
	}
	var err error
	if p.result, err = d.NewBuffer("tuning result", uint64(4*p.out), out); err != nil {
		return err
	}
	noise, err := d.NewBuffer("noise", 4*noiseFloats, engine.Upload)
	if err != nil {
		return err
	}
	defer noise.Free()
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Floats() {
		noise.Floats()[i] = float32(random.NormFloat64())
	}
	return p.fill(d, noise)
}

func (p *problem) fill(d *engine.Device, noise *engine.Buffer) error {
	s := d.NewSequence("noise")
	defer s.Free()
	for _, b := range p.in {
		for at := uint64(0); at < b.Size(); at += noise.Size() {
			size := min(noise.Size(), b.Size()-at)
			s.Copy(b.Part(at, size), noise.Part(0, size))
		}
	}
	if p.prepare != nil {
		if err := p.prepare(s, p.operands()); err != nil {
			return err
		}
	}
	if err := s.End(); err != nil {
		return err
	}
	return d.Run(s)
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
