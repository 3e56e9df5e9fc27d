package net

import (
	"fmt"
	"math"

	"alexnet/engine"
	"alexnet/shaders"
)

// LossScale is the state of loss scaling in mixed precision. Gradients are multiplied
// by Scale, because float16 has nothing between 0 and 6e-8, and divided by it in the
// update. A step whose scaled gradients overflow updates nothing and halves Scale;
// growthSteps good ones double it. It is always a power of two: scaling rounds nothing.
type LossScale struct {
	Scale float64 `json:"scale"`
	Good  int     `json:"good"` // steps since Scale changed
}

const (
	firstScale  = 1 << 16
	leastScale  = 1
	mostScale   = 1 << 24
	growthSteps = 2000
)

// Least says whether Scale cannot be halved any more: gradients that overflow here
// are not finite at all.
func (l LossScale) Least() bool { return l.Scale <= leastScale }

// after is the state behind a step.
func (l LossScale) after(overflow bool) LossScale {
	switch {
	case overflow:
		return LossScale{Scale: max(l.Scale/2, leastScale)}
	case l.Good+1 < growthSteps:
		return LossScale{Scale: l.Scale, Good: l.Good + 1}
	}
	return LossScale{Scale: min(l.Scale*2, mostScale)}
}

// LossScale is the state before the next step; its scale is 1 in float32.
func (n *Net) LossScale() LossScale { return n.scaling }

// SetLossScale continues from a state of LossScale.
func (n *Net) SetLossScale(l LossScale) error {
	if !n.Spec.mixed() {
		return nil
	}
	if fraction, _ := math.Frexp(l.Scale); fraction != 0.5 || l.Scale < leastScale || l.Scale > mostScale || l.Good < 0 {
		return fmt.Errorf("net: loss scale %g after %d steps; expected a power of two from %d to %d", l.Scale, l.Good, leastScale, mostScale)
	}
	n.scaling = l
	return nil
}

// TrainUnskipped is Train that repeats a step whose gradients overflow in mixed
// precision with ever lower scales. Its result is Skipped if the least overflows, too.
func (n *Net) TrainUnskipped(b *Batch, s Solver) (Result, error) {
	for {
		r, err := n.Train(b, s)
		if err != nil || !r.Skipped || (LossScale{Scale: r.Scale}).Least() {
			return r, err
		}
	}
}

// rescale notes in a step's result what became of its gradients.
func (n *Net) rescale(r *Result) {
	n.scaled = n.scaling.Scale
	r.Scale = n.scaled
	if n.Spec.mixed() {
		r.Skipped = r.overflow
		n.scaling = n.scaling.after(r.overflow)
	}
}

// overflow is where a place keeps what it and the others found of their gradients.
type overflow struct {
	words   *engine.Buffer // one of each place
	out, in []*engine.Link // to and from the others, by place; nil: itself
}

// makeOverflow makes every place's words, and the links between them.
func (n *Net) makeOverflow() error {
	for _, p := range n.places {
		var err error
		if p.overflow.words, err = p.device.NewBuffer("overflow", 4*shaders.OverflowWords, engine.Local); err != nil {
			return err
		}
		if err := p.zero(p.overflow.words); err != nil {
			return err
		}
		p.overflow.out, p.overflow.in = make([]*engine.Link, len(n.places)), make([]*engine.Link, len(n.places))
	}
	if !n.Spec.mixed() || !n.Options.Training {
		return nil
	}
	for _, a := range n.places {
		for _, b := range n.places {
			if a == b {
				continue
			}
			l, err := engine.NewLink("overflow", a.device, b.device, 256, b.paths...)
			if err != nil {
				return fmt.Errorf("net: %w", err)
			}
			a.overflow.out[b.index], b.overflow.in[a.index] = l, l
		}
	}
	return nil
}

// word is the range of a place's word.
func (o *overflow) word(place int) engine.Range { return o.words.Part(uint64(4*place), 4) }

// clearOverflow records the beginning of a step.
func (r *recorder) clearOverflow() {
	if r.n.Spec.mixed() {
		for k, p := range r.n.places {
			r.open[k].Zero(p.overflow.words.Whole())
		}
	}
}

// findOverflow records the search through all gradients. Places tell each other, so
// that all of them update or none.
func (r *recorder) findOverflow() error {
	if !r.n.Spec.mixed() {
		return nil
	}
	for k, p := range r.n.places {
		kernel, err := engine.NewKernel(p.device, shaders.Finite, shaders.None{})
		if err != nil {
			return err
		}
		for _, w := range p.params {
			if w.Frozen {
				continue
			}
			for i := range p.columns {
				kernel.Dispatch(r.open[k], w.Name+" check", engine.Linear(w.block/4), shaders.FinitePush{Count: uint32(w.block), Place: uint32(p.index)},
					w.gradients(span{i, 1}), p.overflow.words.Whole())
			}
		}
	}
	if err := r.exchangeOverflow(); err != nil {
		return err
	}
	first := r.n.places[0]
	o := first.lossOp()
	r.open[0].Copy(o.sent.Part(o.results.Size(), 4*shaders.OverflowWords), first.overflow.words.Whole())
	return nil
}

func (r *recorder) exchangeOverflow() error {
	if len(r.n.places) == 1 {
		return nil
	}
	var links []*engine.Link
	for k, p := range r.n.places {
		for _, l := range p.overflow.out {
			if l != nil {
				r.open[k].Copy(l.Out.Part(0, 4), p.overflow.word(p.index))
				links = append(links, l)
			}
		}
	}
	if err := r.cut(whole(links)); err != nil {
		return err
	}
	for k, p := range r.n.places {
		for from, l := range p.overflow.in {
			if l != nil {
				r.open[k].Copy(p.overflow.word(from), l.In.Part(0, 4))
			}
		}
	}
	return nil
}
