package net

import "slices"

// ascent is the state of a recording of the forward pass. Layers between two
// exchanges are a stretch. Where the batch can be divided, each half of it goes
// through a stretch by itself: the first half's maps travel while the second's are
// computed, and the second's while the first goes on behind the exchange.
type ascent struct {
	*recorder
	middle     int         // image where the batch is divided; 0: nowhere
	sent       []*delivery // and not received yet
	travelling []transfer  // while the open phase runs
}

// delivery is what places have sent each other of some images for a stretch.
type delivery struct {
	images
	stretch   int // its first layer
	gathers   []*gatherOp
	transfers []transfer
	state     deliveryState
}

type deliveryState int

// The states of a delivery: recorded in the open phase, made while the open phase
// runs, there.
const (
	leaving deliveryState = iota
	underway
	arrived
)

// ascend records the forward pass.
func (r *recorder) ascend() error {
	a := ascent{recorder: r, middle: r.n.middle()}
	for first := 0; first < r.rows; {
		end := min(r.rows, r.n.stretch(first))
		for _, b := range r.n.halves(first, end, a.middle) {
			if err := a.part(first, end, b); err != nil {
				return err
			}
		}
		first = end
	}
	return nil
}

// stretch returns the end of the layers behind first that need no exchange among
// them; first itself may begin with one.
func (n *Net) stretch(first int) int {
	end := first + 1
	for end < len(n.Rows) && n.gathersOf(end) == nil {
		end++
	}
	return end
}

// halves are the images that go through a stretch one after the other.
func (n *Net) halves(first, end, middle int) []images {
	if middle == 0 || !n.dividesAt(first, end, middle) {
		return []images{{0, n.Options.Batch}}
	}
	return []images{{0, middle}, {middle, n.Options.Batch - middle}}
}

// dividesAt says whether every layer of a stretch can divide the batch there.
func (n *Net) dividesAt(first, end, at int) bool {
	for _, p := range n.places {
		for _, o := range p.ops[first:end] {
			if !o.divides(at) {
				return false
			}
		}
	}
	return true
}

// middle is where the batch is divided: as near to its middle as the first stretch
// allows, 0 where that brings nothing. On processors it does not: their cores would
// have to make the copies meanwhile, too.
func (n *Net) middle() int {
	if len(n.places) == 1 || !n.Options.divide && slices.ContainsFunc(n.places, func(p *place) bool { return p.device.Info().CPU() }) {
		return 0
	}
	batch := n.Options.Batch
	for away := 0; away <= batch/4; away++ {
		for _, at := range []int{batch/2 - away, batch/2 + away} {
			if at > 0 && n.dividesAt(0, n.stretch(0), at) {
				return at
			}
		}
	}
	return 0
}

// part records a stretch for some images: what they need from other places, the
// layers, and what others need of them.
func (a *ascent) part(first, end int, b images) error {
	if err := a.receive(first, b); err != nil {
		return err
	}
	for i := first; i < end; i++ {
		for k, p := range a.n.places {
			p.ops[i].forward(a.open[k], b)
		}
	}
	if end == a.rows {
		return nil
	}
	d := &delivery{images: b, stretch: end, gathers: a.n.gathersOf(end)}
	for k, g := range d.gathers {
		d.transfers = append(d.transfers, g.send(a.open[k], b)...)
	}
	a.sent = append(a.sent, d)
	return nil
}

// receive records how what the other places have sent of some images comes in.
func (a *ascent) receive(stretch int, b images) error {
	needed := func(d *delivery) bool {
		return d.stretch == stretch && d.first < b.first+b.count && b.first < d.first+d.count
	}
	for slices.ContainsFunc(a.sent, func(d *delivery) bool {
		return needed(d) && d.state != arrived || d.state == leaving && staged(d.transfers)
	}) {
		if err := a.deliver(needed); err != nil {
			return err
		}
	}
	a.sent = slices.DeleteFunc(a.sent, func(d *delivery) bool {
		if !needed(d) {
			return false
		}
		for k, g := range d.gathers {
			g.receive(a.open[k], d.images)
		}
		return true
	})
	return nil
}

// deliver ends the open phase. What was sent in it and is needed at once is brought
// over then; what the processor can copy later travels beside the next phase.
func (a *ascent) deliver(needed func(*delivery) bool) error {
	var now, later []transfer
	for _, d := range a.sent {
		switch {
		case d.state == underway:
			d.state = arrived
		case d.state == leaving && (needed(d) || !staged(d.transfers)):
			now, d.state = append(now, d.transfers...), arrived
		case d.state == leaving:
			later, d.state = append(later, d.transfers...), underway
		}
	}
	if err := a.cut(now); err != nil {
		return err
	}
	a.phases[len(a.phases)-1].meanwhile, a.travelling = a.travelling, later
	return nil
}
