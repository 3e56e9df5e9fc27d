package net

import (
	"slices"
	"time"

	"alexnet/engine"
	"alexnet/shaders"
)

// phase is what the places compute without each other: one sequence a place, the
// transfers to make when all of them are done, and those of the phase before that
// can be made meanwhile.
type phase struct {
	sequences []*engine.Sequence
	transfers []*engine.Link
	meanwhile []*engine.Link
	watch     *watch // set while profiling
}

// watch is when, by the host's clock, the places of a phase and its transfers ran.
type watch struct {
	began, ended []time.Time // by place
	copied       []copied
}

// copied is one transfer.
type copied struct {
	link       *engine.Link
	start, end time.Time
}

// recorder records the layers of all places side by side.
type recorder struct {
	n      *Net
	name   string
	open   []*engine.Sequence
	phases []phase

	timelines    []*timeline // of a sketch, by place
	profiling    bool
	profiles     []*engine.Profile
	profileError error
}

func (r *recorder) begin() {
	r.open = nil
	for i, p := range r.n.places {
		if r.timelines != nil {
			r.open = append(r.open, r.timelines[i].sketch(p.device, r.name))
			continue
		}
		s := p.device.NewSequence(r.name)
		if r.profiling && r.profileError == nil {
			profile, err := s.Profile()
			r.profiles, r.profileError = append(r.profiles, profile), err
		}
		r.open = append(r.open, s)
	}
}

// cut ends a phase behind which the places exchange data.
func (r *recorder) cut(transfers []*engine.Link) error {
	if err := r.finish(); err != nil {
		return err
	}
	r.phases[len(r.phases)-1].transfers = transfers
	r.begin()
	return nil
}

// cutMeanwhile ends a phase that runs while the processor copies what the places
// sent in the one before. Paths without such copies need no cut.
func (r *recorder) cutMeanwhile() error {
	before := &r.phases[len(r.phases)-1]
	if !slices.ContainsFunc(before.transfers, func(l *engine.Link) bool { return l.Path == engine.Staging }) {
		return nil
	}
	links := before.transfers
	before.transfers = nil
	if err := r.cut(nil); err != nil {
		return err
	}
	r.phases[len(r.phases)-1].meanwhile = links
	return nil
}

// finish ends the last phase.
func (r *recorder) finish() error {
	for _, s := range r.open {
		if err := s.End(); err != nil {
			return err
		}
	}
	r.phases = append(r.phases, phase{sequences: r.open})
	return nil
}

// record records a step: forward, and in training backward and update.
func (n *Net) record(training bool) ([]phase, error) {
	r := &recorder{n: n, name: "test"}
	if training {
		r.name = "train"
	}
	return r.record(training)
}

func (r *recorder) record(training bool) ([]phase, error) {
	r.begin()
	if training {
		r.clearOverflow()
	}
	for i := range r.n.Rows {
		if err := r.forward(i); err != nil {
			return nil, err
		}
	}
	if training {
		if err := r.descend(); err != nil {
			return nil, err
		}
	}
	if err := r.finish(); err != nil {
		return nil, err
	}
	return r.phases, nil
}

// descend records backward and update. A layer's update comes behind the backward
// pass of the layers down to the next with weights: neither waits for the other, so
// that a device may run both at once, and no exchange waits for it. In mixed precision
// all updates wait until every gradient is known to be finite.
func (r *recorder) descend() error {
	d := descent{recorder: r}
	for i := len(r.n.Rows) - 1; i >= 0; i-- {
		if err := d.layer(i); err != nil {
			return err
		}
	}
	if err := r.findOverflow(); err != nil {
		return err
	}
	return r.update(d.due)
}

// descent is the state of a recording of backward and update.
type descent struct {
	*recorder
	due []int // layers to update as soon as that holds up nothing
}

func (d *descent) layer(i int) error {
	r := d.recorder
	if i > 0 && r.products(i) != nil && r.gathers(i-1) != nil {
		return nil // recorded with the exchange of what it makes
	}
	gathers := r.gathers(i)
	if gathers == nil {
		for k, p := range r.n.places {
			p.ops[i].backward(r.open[k])
		}
		return d.settle(i)
	}
	if _, last := r.n.places[0].ops[i].(*softmaxOp); last {
		return nil // every place made its own columns' gradient
	}
	return d.exchange(i, gathers)
}

// exchange records the backward pass of a gather and of the layer that reads it.
// That layer's weights need nothing from other places: it makes their gradients
// while its input's travel.
func (d *descent) exchange(i int, gathers []*gatherOp) error {
	r := d.recorder
	reader := r.products(i + 1)
	for k, o := range reader {
		o.dataGradients(r.open[k])
	}
	var links []*engine.Link
	for k, g := range gathers {
		g.sendGradient(r.open[k])
		links = append(links, g.links(g.outGrad)...)
	}
	if err := r.cut(links); err != nil {
		return err
	}
	if reader != nil {
		for k, o := range reader {
			o.parameterGradients(r.open[k])
		}
		if err := d.settle(i + 1); err != nil {
			return err
		}
		if err := r.cutMeanwhile(); err != nil {
			return err
		}
	}
	for k, g := range gathers {
		g.backward(r.open[k])
	}
	return nil
}

// settle records the updates that are due, behind the gradients of layer i.
func (d *descent) settle(i int) error {
	if d.n.Rows[i].Weights == 0 {
		return nil
	}
	if !d.n.Spec.mixed() {
		if err := d.update(d.due); err != nil {
			return err
		}
		d.due = d.due[:0]
	}
	d.due = append(d.due, i)
	return nil
}

// products returns the ops of layer i if it is a conv or dense layer.
func (r *recorder) products(i int) []*productOp {
	var out []*productOp
	for _, p := range r.n.places {
		if o, ok := p.ops[i].(*productOp); ok {
			out = append(out, o)
		}
	}
	return out
}

// gathers returns the gathers of layer i if its places have to exchange data.
func (r *recorder) gathers(i int) []*gatherOp {
	var out []*gatherOp
	for _, p := range r.n.places {
		switch o := p.ops[i].(type) {
		case *gatherOp:
			out = append(out, o)
		case *softmaxOp:
			out = append(out, o.gatherOp)
		}
	}
	if len(r.n.places) == 1 {
		return nil
	}
	return out
}

func (r *recorder) forward(i int) error {
	if gathers := r.gathers(i); gathers != nil {
		var links []*engine.Link
		for k, g := range gathers {
			g.send(r.open[k])
			links = append(links, g.links(g.out)...)
		}
		if err := r.cut(links); err != nil {
			return err
		}
		for k, g := range gathers {
			g.receive(r.open[k])
		}
	}
	for k, p := range r.n.places {
		p.ops[i].forward(r.open[k])
	}
	return nil
}

// update records the solver's rule for the parameters of some layers.
func (r *recorder) update(layers []int) error {
	for _, layer := range layers {
		if err := r.updateLayer(layer); err != nil {
			return err
		}
	}
	return nil
}

func (r *recorder) updateLayer(layer int) error {
	for k, p := range r.n.places {
		kernel, err := engine.NewKernel(p.device, variant(p.device, shaders.SGD, shaders.SGDAddress.Module), shaders.SGDConstants{Checked: r.n.Spec.mixed()})
		if err != nil {
			return err
		}
		for _, w := range p.params {
			if w.Layer != layer {
				continue
			}
			for i := range p.columns {
				push := shaders.SGDPush{Count: uint32(w.block), Factor: uint32(w.Layer)}
				if w.Bias {
					push.Bias = 1
				}
				at, size := uint64(4*i*w.block), uint64(4*w.block)
				applySGD(kernel, r.open[k], w.Name+" update", push, p.step.Whole(), w.value.Part(at, size), w.grad.Part(at, size), w.velocity.Part(at, size), p.overflow.words.Whole())
			}
		}
	}
	return nil
}
