package net

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"alexnet/engine"
	"alexnet/shaders"
)

// tuning chooses kernels for the places of one kind of device.
type tuning struct {
	tuner   *engine.Tuner
	device  *engine.Device
	choices map[string]string // what was chosen, for the run directory
	kind    string            // of device and kernels, in the keys of choices
	notify  func(key string) error

	form     string // that every convolution takes that can have it
	training bool   // weight gradients are needed, too
	ahead    bool   // compileAhead was called
}

func newTuning(d *engine.Device, n *Net) *tuning {
	hash := kernelsHash()
	t := &tuning{tuner: engine.OpenTuner(d.Info(), hash), device: d, choices: n.choices, kind: d.Info().Key() + "-" + hash + " ",
		notify: n.Options.Tuning, form: n.Options.form, training: n.Options.Training}
	if n.Spec.Convolution == direct {
		t.form = direct
	}
	for key, name := range n.Options.Choices {
		if problem, mine := strings.CutPrefix(key, t.kind); mine {
			t.tuner.Give(problem, name)
		}
	}
	return t
}

// ntKey and tnKey name a problem without its batch: the choice is made on a
// slice and holds for all.
func ntKey(p *shaders.ConvNTPush) string {
	return fmt.Sprintf("nt %dx%dx%d*%d k%dx%d s%d p%d d%d -> %dx%dx%d", p.InHeight, p.InWidth, p.InChannels, p.Sources,
		p.KernelHeight, p.KernelWidth, p.Stride, p.Pad, p.Dilation, p.OutHeight, p.OutWidth, p.OutChannels)
}

func tnKey(p *shaders.ConvTNPush) string {
	return fmt.Sprintf("tn %dx%dx%d*%d k%dx%d s%d p%d -> %dx%dx%d", p.InHeight, p.InWidth, p.InChannels, p.Sources,
		p.KernelHeight, p.KernelWidth, p.Stride, p.Pad, p.OutHeight, p.OutWidth, p.OutChannels)
}

// slice is a number of images that takes about 0.5 GFLOP, long enough to be
// timed, or a whole tile's worth where a map has one pixel.
func slice(batch, pixels uint32, perImage float64) uint32 {
	n := uint32(math.Max(1, 0.25e9/math.Max(perImage, 1)))
	if pixels < 32 {
		n = max(n, 32/pixels)
	}
	return min(n, batch)
}

// chooseNT picks a kernel for a forward pass or a data gradient, or for the z
// matrix products of a fast convolution.
func (t *tuning) chooseNT(p shaders.ConvNTPush, z int) (string, error) {
	macs := float64(p.OutHeight*p.OutWidth*p.OutChannels) * float64(p.Sources*p.KernelHeight*p.KernelWidth*p.InChannels)
	p.InverseDilation = shaders.Inverse(int(p.Dilation))
	if z == 1 {
		p.Batch = slice(p.Batch, p.OutHeight*p.OutWidth, macs)
	}
	block := p.Batch * p.InHeight * p.InWidth * p.InChannels
	p.XSource, p.XBlock, p.Groups = block, p.Sources*block, 1
	p.WBlock, p.YBlock, p.BiasBlock = p.OutChannels*p.Sources*p.KernelHeight*p.KernelWidth*p.InChannels, p.Batch*p.OutHeight*p.OutWidth*p.OutChannels, 0
	key := ntKey(&p) + batched(z)
	trial := trial{t: t, sizes: [3]int{z * int(p.XBlock), z * int(p.WBlock), int(p.OutChannels)}, out: z * int(p.YBlock)}
	defer trial.free()
	return t.choose(key, candidates(t.device, ntCandidates), &trial, func(name string, s *engine.Sequence, in [3]*engine.Buffer, out *engine.Buffer) error {
		k, err := newNT(t.device, name)
		if err != nil {
			return err
		}
		k.dispatch(s, name, p, z, in[0].Whole(), in[1].Whole(), in[2].Whole(), out.Whole())
		return nil
	})
}

// batched tells the z products of a fast convolution from a single sum.
func batched(z int) string {
	if z == 1 {
		return ""
	}
	return fmt.Sprintf(" * %d", z)
}

// chooseTN picks a kernel for a weight gradient, or with x as a matrix for the
// data gradient of a dense layer, or for the z products of a fast convolution.
func (t *tuning) chooseTN(p shaders.ConvTNPush, z int) (string, error) {
	macs := float64(p.OutHeight*p.OutWidth*p.OutChannels) * float64(p.Sources*p.KernelHeight*p.KernelWidth*p.InChannels)
	if z == 1 {
		p.Batch = slice(p.Batch, p.OutHeight*p.OutWidth, macs)
	}
	pixels := p.Batch * p.OutHeight * p.OutWidth
	p.XSource = p.Batch * p.InHeight * p.InWidth * p.InChannels
	p.XPixel, p.XBlock, p.XGroup, p.YBlock = p.InChannels, p.Sources*p.XSource, 0, pixels*p.OutChannels
	p.WBlock, p.WSplit = p.OutChannels*p.Sources*p.KernelHeight*p.KernelWidth*p.InChannels, 0
	p.Splits, p.SplitPixels, p.Groups, p.Rows = 1, pixels, 1, p.OutChannels
	key := tnKey(&p) + batched(z)
	trial := trial{t: t, sizes: [3]int{z * int(p.XBlock), z * int(p.YBlock), 8}, out: z * int(p.WBlock)}
	defer trial.free()
	var names []string
	for _, name := range candidates(t.device, tnCandidates) {
		if tnFits(name, int(p.InChannels)) {
			names = append(names, name)
		}
	}
	return t.choose(key, names, &trial, func(name string, s *engine.Sequence, in [3]*engine.Buffer, out *engine.Buffer) error {
		k, err := newTN(t.device, name)
		if err != nil {
			return err
		}
		k.dispatch(s, name, p, z, in[0].Whole(), in[1].Whole(), out.Whole())
		return nil
	})
}

// trial holds the operands on which candidates are compared and timed.
type trial struct {
	t       *tuning
	key     string // of the problem
	sizes   [3]int // floats of the operands
	out     int    // floats of the result
	in      [3]*engine.Buffer
	result  *engine.Buffer
	contest contest
}

type recordTrial func(name string, s *engine.Sequence, in [3]*engine.Buffer, out *engine.Buffer) error

func (t *tuning) choose(key string, names []string, trial *trial, record recordTrial) (string, error) {
	if t.device.Hollow() {
		return names[0], nil
	}
	trial.key = key
	return t.fastest(key, names, func(name string) (time.Duration, error) { return trial.run(name, record) })
}

// chooseForm chooses between direct and fast sums. What a net would take is
// reckoned with the form that takes most.
func (t *tuning) chooseForm(key string, names []string, try func(name string) (time.Duration, error)) (string, error) {
	if slices.Contains(names, t.form) {
		return t.form, nil
	}
	if t.device.Hollow() {
		if name := t.tuner.Known(key, names); name != "" {
			return name, nil
		}
		return names[len(names)-1], nil
	}
	return t.fastest(key, names, try)
}

// fastest asks the tuner and notes its choice.
func (t *tuning) fastest(key string, names []string, try func(name string) (time.Duration, error)) (string, error) {
	name, err := t.tuner.Choose(key, names, try)
	if err != nil {
		return "", fmt.Errorf("net: %w", err)
	}
	t.choices[t.kind+key] = name
	return name, nil
}

func (r *trial) setUp() error {
	if r.t.notify != nil {
		if err := r.t.notify(r.key); err != nil {
			return err
		}
	}
	r.t.compileAhead()
	r.contest = contest{device: r.t.device, plain: "plain"}
	random := rand.New(rand.NewPCG(1, 2))
	for i, n := range r.sizes {
		var err error
		if r.in[i], err = r.t.device.NewBuffer("tuning operand", uint64(4*n), engine.Upload); err != nil {
			return err
		}
		for j := range r.in[i].Floats() {
			r.in[i].Floats()[j] = float32(random.NormFloat64())
		}
	}
	var err error
	r.result, err = r.t.device.NewBuffer("tuning result", uint64(4*r.out), engine.Readback)
	return err
}

func (r *trial) free() {
	r.contest.free()
	for _, b := range append(r.in[:], r.result) {
		if b != nil {
			b.Free()
		}
	}
}

// run compares a candidate with the plain kernel the first time, and times it.
func (r *trial) run(name string, record recordTrial) (time.Duration, error) {
	if r.result == nil {
		if err := r.setUp(); err != nil {
			return 0, err
		}
	}
	return r.contest.run(name, func() (*engine.Sequence, error) {
		clear(r.result.Floats())
		s := r.t.device.NewSequence("tuning")
		if err := record(name, s, r.in, r.result); err != nil {
			return nil, err
		}
		return s, s.End()
	}, func() ([]float32, error) { return r.result.Floats(), nil })
}
