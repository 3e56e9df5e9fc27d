package net

import "alexnet/engine"

// descend records backward and update. A layer's update comes behind the backward
// pass of the layers down to the next with weights: neither waits for the other, so
// that a device may run both at once, and no exchange waits for it. In mixed precision
// all updates wait until every gradient is known to be finite. It ends with the lowest
// layer that trains.
func (r *recorder) descend() error {
	d := descent{recorder: r, lowest: lowestTrained(r.n.Rows)}
	for i := len(r.n.Rows) - 1; i >= d.lowest; i-- {
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
	lowest int   // layer that trains
	due    []int // layers to update as soon as that holds up nothing
}

func (d *descent) layer(i int) error {
	r := d.recorder
	if i > d.lowest && r.weighted(i) != nil && r.n.gathersOf(i-1) != nil {
		return nil // recorded with the exchange of what it makes
	}
	gathers := r.n.gathersOf(i)
	if gathers == nil {
		for k, p := range r.n.places {
			p.ops[i].backward(r.open[k])
		}
		return d.settle(i)
	}
	if _, last := r.n.places[0].ops[i].(lossLayer); last {
		return nil // every place made its own columns' gradient
	}
	return d.exchange(i, gathers)
}

// exchange records the backward pass of a gather and of the layer that reads it.
// That layer's weights need nothing from other places: it makes their gradients
// while its input's travel.
func (d *descent) exchange(i int, gathers []*gatherOp) error {
	r := d.recorder
	reader := r.weighted(i + 1)
	for k, o := range reader {
		o.dataGradients(r.open[k])
	}
	var links []*engine.Link
	for k, g := range gathers {
		g.sendGradient(r.open[k])
		links = append(links, g.links(g.outGrad)...)
	}
	if err := r.cut(whole(links)); err != nil {
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
	if row := d.n.Rows[i]; row.Weights == 0 || row.Frozen {
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

// weighted returns the ops of layer i if it has weights.
func (r *recorder) weighted(i int) []weighted {
	var out []weighted
	for _, p := range r.n.places {
		if o, ok := p.ops[i].(weighted); ok {
			out = append(out, o)
		}
	}
	return out
}

// cutMeanwhile ends a phase that runs while the processor copies what the places
// sent in the one before. Paths without such copies need no cut.
func (r *recorder) cutMeanwhile() error {
	before := &r.phases[len(r.phases)-1]
	if !staged(before.transfers) {
		return nil
	}
	list := before.transfers
	before.transfers = nil
	if err := r.cut(nil); err != nil {
		return err
	}
	r.phases[len(r.phases)-1].meanwhile = list
	return nil
}
