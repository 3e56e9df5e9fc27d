package net

import (
	"time"

	"alexnet/engine"
	"alexnet/shaders"
)

// phase is what the places compute without each other: one sequence a place, and
// the transfers to make when all of them are done.
type phase struct {
	sequences []*engine.Sequence
	transfers []*engine.Link
	watch     *watch // set while profiling
}

// watch is when, by the host's clock, the places of a phase and its transfers ran.
type watch struct {
	began, ended []time.Time // by place
	transferred  []time.Time // before the first transfer and behind each
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
	var due []int
	for i := len(r.n.Rows) - 1; i >= 0; i-- {
		if err := r.backward(i); err != nil {
			return err
		}
		if r.n.Rows[i].Weights == 0 {
			continue
		}
		if !r.n.Spec.mixed() {
			if err := r.update(due); err != nil {
				return err
			}
			due = due[:0]
		}
		due = append(due, i)
	}
	if err := r.findOverflow(); err != nil {
		return err
	}
	return r.update(due)
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

func (r *recorder) backward(i int) error {
	if gathers := r.gathers(i); gathers != nil {
		if _, last := r.n.places[0].ops[i].(*softmaxOp); last {
			return nil // every place made its own columns' gradient
		}
		var links []*engine.Link
		for k, g := range gathers {
			g.sendGradient(r.open[k])
			links = append(links, g.links(g.outGrad)...)
		}
		if err := r.cut(links); err != nil {
			return err
		}
	}
	for k, p := range r.n.places {
		p.ops[i].backward(r.open[k])
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
