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
	transfers []transfer
	meanwhile []transfer
	watch     *watch // set while profiling
}

// watch is when, by the host's clock, the places of a phase and its transfers ran.
type watch struct {
	began, ended []time.Time // by place
	copied       []copied
}

// transfer is a range of a link's buffers that is brought over.
type transfer struct {
	link     *engine.Link
	at, size uint64
}

// whole are the transfers of all that links hold.
func whole(links []*engine.Link) []transfer {
	var out []transfer
	for _, l := range links {
		out = append(out, transfer{link: l, size: l.Out.Size()})
	}
	return out
}

// staged says whether the processor copies any of them.
func staged(list []transfer) bool {
	return slices.ContainsFunc(list, func(t transfer) bool { return t.link.Path == engine.Staging })
}

// copied is when a transfer was made.
type copied struct {
	transfer
	start, end time.Time
}

// recorder records the layers of all places side by side.
type recorder struct {
	n      *Net
	name   string
	rows   int // of the table that are recorded
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
func (r *recorder) cut(transfers []transfer) error {
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
	r := &recorder{n: n, name: "test", rows: len(n.Rows)}
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
	if err := r.ascend(); err != nil {
		return nil, err
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
		kernel, err := newSGD(p.device, r.n.Spec.mixed())
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
				kernel.update(r.open[k], w.Name+" update", push, p.step.Whole(), w.value.Part(at, size), w.grad.Part(at, size), w.velocity.Part(at, size), p.overflow.words.Whole())
			}
		}
	}
	return nil
}
