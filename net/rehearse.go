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

// forwardOnly behind a family's name: fast forward, and the weight gradient direct.
const forwardOnly = " forward"

// chooseForms decides for each direction of a convolution between the direct sum
// and the families of fast ones, on a copy of the layer with few images. A family can
// make the weight gradient only of what it has transformed for the forward pass: in
// training the two are timed together, "both", as a family that is no faster forward
// may be twice as fast in the gradient. A net that is given the choices, to test what
// was trained, goes forward as in training, and so does a layer that is frozen later.
func (o *productOp) chooseForms(training bool) error {
	t := o.place.tuning
	names := o.forms(o.kernelHeight)
	if len(names) == 1 {
		return nil
	}
	r := &rehearsal{t: t, device: o.place.device, of: o, images: o.rehearsalImages(), training: training}
	defer r.free()
	push := o.forwardPush()
	key := sized(ntShape(&push), uint32(r.images), uint32(r.images))
	choose := func(direction string, names []string) (string, error) {
		return t.chooseForm(direction+" "+key, names, func(name string) (time.Duration, error) { return r.run(direction, name) })
	}
	if !training {
		name, err := choose("forward", names)
		if err != nil {
			return err
		}
		return o.goForward(familyOf(name))
	}
	both := names[:1:1]
	for _, name := range names[1:] {
		both = append(both, name+forwardOnly, name)
	}
	name, err := choose("both", both)
	if err != nil {
		return err
	}
	f := familyOf(strings.TrimSuffix(name, forwardOnly))
	if _, noted := t.choices[t.kind+"both "+key]; noted {
		t.choices[t.kind+"forward "+key] = strings.TrimSuffix(name, forwardOnly)
	}
	if err := o.goForward(f); err != nil {
		return err
	}
	if o.fast.weight = o.weight.grad != nil && f != nil && name == f.name(); o.fast.weight {
		o.names.form.weight = name
		if err := o.fast.forward.makeGradient(o.place.device, t); err != nil {
			return err
		}
	}
	if o.x.grad == nil {
		return nil
	}
	if name, err = choose("data", names); err != nil {
		return err
	}
	if f = familyOf(name); f == nil {
		return nil
	}
	o.names.form.data = name
	o.fast.data = o.newData(f)
	return o.fast.data.makeForward(o.place.device, t, o.x.masked)
}

// goForward makes the kernels of a family's forward pass; nil: direct.
func (o *productOp) goForward(f *family) error {
	if f == nil {
		return nil
	}
	o.names.form.forward = f.name()
	o.fast.forward = o.newForward(f)
	return o.fast.forward.makeForward(o.place.device, o.place.tuning, false)
}

// farMore is how many times the products of another family one may make to be tried.
const farMore = 1.25

// forms lists what a convolution can be: direct, and the families of its filter
// if the device runs them, but for those that make far more products than another.
func (o *productOp) forms(filter int) []string {
	names := []string{direct}
	if o.dense || o.stride != 1 || o.kernelWidth != filter || !o.place.device.Supports(shaders.WinogradInput53.Needs) {
		return names
	}
	work, least := map[string]int{}, math.MaxInt
	for _, f := range families {
		if f.r == filter && o.y.h >= f.m && o.y.w >= f.m && o.holds(&f) {
			names = append(names, f.name())
			work[f.name()] = f.products() * o.newForward(&f).tiles(1)
			least = min(least, work[f.name()])
		}
	}
	if o.place.tuning.form != "" { // it may be any
		return names
	}
	return slices.DeleteFunc(names, func(name string) bool { return float64(work[name]) > farMore*float64(least) })
}

// holds says whether the device's kernels can see what a family needs in one range.
func (o *productOp) holds(f *family) bool {
	forward, data := o.newForward(f), o.newData(f)
	floats := max(o.x.blocks*o.x.block(), o.x.blocks*forward.mapBlock(), forward.productBlock(), forward.sumsOf()*forward.filterBlock(),
		data.mapBlock(), data.productBlock(), o.sources*data.filterBlock())
	return uint64(4*floats) <= o.place.device.StorageRange()
}

// rehearsalImages is enough work for a timing, and tiles enough for a kernel's: of a slice
// of a batch whole chunks, as the batch is made of.
func (o *productOp) rehearsalImages() int {
	p := o.forwardPush()
	macs := float64(p.OutHeight*p.OutWidth*p.OutChannels) * float64(p.Sources*p.KernelHeight*p.KernelWidth*p.InChannels)
	n := o.place.tuning.slice(p.Batch, p.OutHeight*p.OutWidth, macs)
	if n < p.Batch {
		n -= n % chunkImages
	}
	return int(min(p.Batch, max(chunkImages, n)))
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
			return 0, fmt.Errorf("%w: %w", engine.ErrAbandon, err)
		}
	}
	c := r.contests[direction]
	if c == nil {
		c = &contest{device: r.device, plain: direct}
		r.contests[direction] = c
	}
	return c.run(name, func() (*engine.Sequence, error) { return r.record(direction, name) },
		func() ([][]float32, error) { return r.results(direction) })
}

// results reads what a direction makes.
func (r *rehearsal) results(direction string) ([][]float32, error) {
	o := r.op
	made := []engine.Range{o.y.all()}
	switch direction {
	case "both":
		made = append(made, o.weight.grad.Whole(), o.bias.grad.Whole())
	case "data":
		made[0] = o.x.grad.all()
	}
	var out [][]float32
	for _, m := range made {
		values, err := o.place.read(m)
		if err != nil {
			return nil, err
		}
		out = append(out, values)
	}
	return out, nil
}

// record makes the copy's kernels of a form and records the direction.
func (r *rehearsal) record(direction, name string) (*engine.Sequence, error) {
	o, f := r.op, familyOf(strings.TrimSuffix(name, forwardOnly))
	o.fast = fast{}
	if f != nil {
		if err := r.makeFast(direction, f, name == f.name()); err != nil {
			return nil, err
		}
	}
	if err := o.needFast(); err != nil {
		return nil, err
	}
	if direction == "both" {
		if err := o.needBiasRuns(); err != nil {
			return nil, err
		}
	}
	s := r.device.NewSequence("tuning")
	if direction == "data" {
		o.dataGradients(s)
		return s, s.End()
	}
	o.forward(s, images{0, o.x.n})
	if direction == "both" {
		o.parameterGradients(s)
	}
	return s, s.End()
}

// makeFast makes the copy's kernels of a family.
func (r *rehearsal) makeFast(direction string, f *family, whole bool) error {
	o := r.op
	if direction == "data" {
		o.fast.data = o.newData(f)
		return o.fast.data.makeForward(r.device, r.t, o.x.masked)
	}
	o.fast.weight = direction == "both" && whole
	o.fast.forward = o.newForward(f)
	if err := o.fast.forward.makeForward(r.device, r.t, false); err != nil || !o.fast.weight {
		return err
	}
	return o.fast.forward.makeGradient(r.device, r.t)
}

// setUp copies the layer with random operands.
func (r *rehearsal) setUp() error {
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
	return r.t.compileStraight(o.name, r.choices())
}

// choices are those of the products of all families.
func (r *rehearsal) choices() (list []choice) {
	o := r.op
	for _, name := range o.forms(o.kernelHeight)[1:] {
		w := o.newForward(familyOf(name))
		p := w.productPush(w.chunk)
		list = append(list, r.t.productsChoice(&p, w.productsOf()))
		if !r.training {
			continue
		}
		q := w.gatherPush(w.chunk)
		list = append(list, r.t.gatherChoice(&q, w.chunkSums(), w.products()))
		if r.of.x.grad != nil {
			w := o.newData(familyOf(name))
			p := w.productPush(w.chunk)
			list = append(list, r.t.productsChoice(&p, w.productsOf()))
		}
	}
	return list
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
