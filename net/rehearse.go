package net

import (
	"math/rand/v2"
	"time"

	"alexnet/engine"
	"alexnet/shaders"
)

// chooseForms decides for each direction of a convolution between the direct sum
// and the families of fast ones, on a copy of the layer with few images.
func (o *productOp) chooseForms(training bool) error {
	t := o.place.tuning
	names := o.forms(o.kernelHeight)
	if len(names) == 1 {
		return nil
	}
	r := &rehearsal{t: t, device: o.place.device, of: o, images: o.rehearsalImages(), training: training}
	defer r.free()
	push := o.forwardPush()
	key := ntKey(&push)
	choose := func(direction string, names []string) (*family, error) {
		name, err := t.chooseForm(direction+" "+key, names, func(name string) (time.Duration, error) { return r.run(direction, name) })
		return familyOf(name), err
	}
	f, err := choose("forward", names)
	if err != nil {
		return err
	}
	if f != nil {
		o.names.form.forward = f.name()
		o.fast.forward = o.newForward(f)
		if err := o.fast.forward.makeForward(o.place.device, t, false); err != nil {
			return err
		}
	}
	if training && f != nil {
		if f, err = choose("weight", []string{direct, f.name()}); err != nil {
			return err
		}
		if o.fast.weight = f != nil; f != nil {
			o.names.form.weight = f.name()
			if err := o.fast.forward.makeGradient(o.place.device, t); err != nil {
				return err
			}
		}
	}
	if training && o.x.grad != nil {
		if f, err = choose("data", names); err != nil {
			return err
		}
		if f != nil {
			o.names.form.data = f.name()
			o.fast.data = o.newData(f)
			return o.fast.data.makeForward(o.place.device, t, o.x.masked)
		}
	}
	return nil
}

// forms lists what a convolution can be: direct, and the families of its filter
// if the device runs them.
func (o *productOp) forms(filter int) []string {
	names := []string{direct}
	if o.dense || o.stride != 1 || o.kernelWidth != filter || !o.place.device.Supports(shaders.WinogradInput53.Needs) {
		return names
	}
	for _, f := range families {
		if f.r == filter && o.y.h >= f.m && o.y.w >= f.m && o.holds(&f) {
			names = append(names, f.name())
		}
	}
	return names
}

// holds says whether the device's kernels can see what a family needs in one range.
func (o *productOp) holds(f *family) bool {
	forward, data := o.newForward(f), o.newData(f)
	floats := max(o.x.blocks*forward.mapBlock(), forward.productBlock(), forward.chunks()*forward.filterBlock(),
		data.mapBlock(), data.productBlock(), o.sources*data.filterBlock())
	return uint64(4*floats) <= o.place.device.StorageRange()
}

// rehearsalImages is enough work for a timing, and tiles enough for a kernel's.
func (o *productOp) rehearsalImages() int {
	p := o.forwardPush()
	macs := float64(p.OutHeight*p.OutWidth*p.OutChannels) * float64(p.Sources*p.KernelHeight*p.KernelWidth*p.InChannels)
	return int(min(p.Batch, max(chunkImages, o.place.tuning.slice(p.Batch, p.OutHeight*p.OutWidth, macs))))
}

// rehearsal is a copy of a layer of one column with operands of its own.
type rehearsal struct {
	t        *tuning
	device   *engine.Device // that of the layer, whose kernels the copy uses
	of       *productOp
	images   int
	training bool

	op       *productOp
	place    *place              // of the copy
	buffers  []*engine.Buffer    // of its parameters
	contests map[string]*contest // by direction
}

// run times one form of a direction, after it has compared it with the direct one.
func (r *rehearsal) run(direction, name string) (time.Duration, error) {
	if r.op == nil {
		if err := r.setUp(); err != nil {
			return 0, err
		}
	}
	c := r.contests[direction]
	if c == nil {
		c = &contest{device: r.device, plain: direct}
		r.contests[direction] = c
	}
	return c.run(name, func() (*engine.Sequence, error) { return r.record(direction, name) },
		func() ([]float32, error) { return r.op.place.read(r.result(direction)) })
}

func (r *rehearsal) result(direction string) engine.Range {
	switch direction {
	case "forward":
		return r.op.y.all()
	case "weight":
		return r.op.weight.grad.Whole()
	}
	return r.op.x.grad.all()
}

// record makes the copy's kernels of a form and records the direction.
func (r *rehearsal) record(direction, name string) (*engine.Sequence, error) {
	o, f := r.op, familyOf(name)
	o.fast = fast{}
	if f != nil {
		var err error
		switch direction {
		case "data":
			o.fast.data = o.newData(f)
			err = o.fast.data.makeForward(r.device, r.t, o.x.masked)
		case "weight":
			o.fast.weight = true
			o.fast.forward = o.newForward(f)
			if err = o.fast.forward.makeForward(r.device, r.t, false); err == nil {
				err = o.fast.forward.makeGradient(r.device, r.t)
			}
		default:
			o.fast.forward = o.newForward(f)
			err = o.fast.forward.makeForward(r.device, r.t, false)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := o.needFast(); err != nil {
		return nil, err
	}
	if direction == "weight" {
		if err := o.needBiasRuns(); err != nil {
			return nil, err
		}
	}
	if direction == "weight" && f != nil { // the forward pass leaves its tiles
		s := r.device.NewSequence("tuning")
		defer s.Free()
		o.forward(s, images{0, o.x.n})
		if err := s.End(); err != nil {
			return nil, err
		}
		if err := r.device.Run(s); err != nil {
			return nil, err
		}
	}
	s := r.device.NewSequence("tuning")
	switch direction {
	case "forward":
		o.forward(s, images{0, o.x.n})
	case "weight":
		o.parameterGradients(s)
	default:
		o.dataGradients(s)
	}
	return s, s.End()
}

// setUp copies the layer with random operands.
func (r *rehearsal) setUp() error {
	if r.t.notify != nil {
		if err := r.t.notify(r.of.name); err != nil {
			return err
		}
	}
	o := *r.of
	r.contests = map[string]*contest{}
	o.place = &place{device: r.device, columns: []int{0}, tuning: r.t, alone: true}
	r.place = o.place
	like := func(t *tensor, blocks int) *tensor {
		c := *t
		c.n, c.blocks, c.grad = r.images, blocks, nil
		return &c
	}
	x, y := like(r.of.x, r.of.sources), like(r.of.y, 1)
	var err error
	if o.x, err = r.tensor(o.place, x); err != nil {
		return err
	}
	o.x.masked = r.of.x.masked
	if o.y, err = r.tensor(o.place, y); err != nil {
		return err
	}
	if r.training {
		if o.x.grad, err = r.tensor(o.place, x); err != nil {
			return err
		}
		if o.y.grad, err = r.tensor(o.place, y); err != nil {
			return err
		}
	}
	if o.weight, err = r.param(o.place, r.of.weight); err != nil {
		return err
	}
	if o.bias, err = r.param(o.place, r.of.bias); err != nil {
		return err
	}
	o.splits, o.splitPixels = cut(o.y.pixels(), o.weight.block)
	if r.training {
		if err := o.needPartial(); err != nil {
			return err
		}
	}
	r.op = &o
	return nil
}

func (r *rehearsal) tensor(p *place, like *tensor) (*tensor, error) {
	t, err := p.tensor("tuning operand", *like)
	if err != nil {
		return nil, err
	}
	return t, r.fill(p, t.all())
}

func (r *rehearsal) param(p *place, of *param) (*param, error) {
	out, err := p.newParam(of.Param, of.block, r.training)
	if err != nil {
		return nil, err
	}
	for _, b := range []*engine.Buffer{out.value, out.grad, out.velocity} {
		if b != nil {
			r.buffers = append(r.buffers, b)
		}
	}
	return out, r.fill(p, out.value.Whole())
}

func (r *rehearsal) fill(p *place, to engine.Range) error {
	random := rand.New(rand.NewPCG(1, to.Size))
	values := make([]float32, to.Size/4)
	for i := range values {
		values[i] = float32(random.NormFloat64())
	}
	return p.write(to, values)
}

func (r *rehearsal) free() {
	for _, c := range r.contests {
		c.free()
	}
	if r.place == nil {
		return
	}
	for _, room := range r.place.rooms {
		r.buffers = append(r.buffers, room.buffer)
	}
	for _, b := range r.buffers {
		b.Free()
	}
}
