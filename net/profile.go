package net

import (
	"time"
)

// Timing is the time of one command of a step, summed over the columns of a
// device and averaged over devices that run side by side.
type Timing struct {
	Layer     string
	Direction string // "forward", "data gradient", "weight gradient", "bias gradient", "backward", "update", "copy"
	Time      time.Duration
}

// Profile runs one step of training and returns the time of each layer and
// direction, in the order of the step. Commands do not overlap meanwhile, so the
// sum can exceed a step's time.
func (n *Net) Profile(b *Batch, s Solver) ([]Timing, error) {
	r := &recorder{n: n, name: "profile", profiling: true}
	phases, err := r.record(true)
	if err != nil {
		return nil, err
	}
	if r.profileError != nil {
		return nil, r.profileError
	}
	for range 2 { // the first run may compile
		if _, err := n.run(phases, b, s, 0); err != nil {
			return nil, err
		}
	}
	sums := map[[2]string]time.Duration{}
	var order [][2]string
	for _, p := range r.profiles {
		times, err := p.Read()
		if err != nil {
			return nil, err
		}
		for _, t := range times {
			key := n.split(t.Name)
			if _, seen := sums[key]; !seen {
				order = append(order, key)
			}
			sums[key] += t.Time / time.Duration(len(n.places))
		}
	}
	for _, ph := range phases {
		for _, q := range ph.sequences {
			q.Free()
		}
	}
	var out []Timing
	for _, k := range order {
		out = append(out, Timing{Layer: k[0], Direction: k[1], Time: sums[k]})
	}
	return out, nil
}

// split takes a command's name apart: "conv1 data gradient".
func (n *Net) split(name string) [2]string {
	layer, direction := name, "forward"
	for i, r := range name {
		if r == ' ' {
			layer, direction = name[:i], name[i+1:]
			break
		}
	}
	for _, p := range n.Params {
		if layer == p.Name {
			layer = n.Rows[p.Layer].Layer.LayerName()
		}
	}
	return [2]string{layer, direction}
}

// DeviceMemory is what the network's devices have in use, by device.
func (n *Net) DeviceMemory() map[string]uint64 {
	out := map[string]uint64{}
	for _, p := range n.places {
		out[p.device.Name()] = p.device.InUse()
	}
	return out
}

// Kernels returns the names of the kernels that a conv or dense layer runs
// forward and for its data and weight gradients, "" where it has none.
func (n *Net) Kernels(layer int) (forward, data, weight string) {
	if o, ok := n.places[0].ops[layer].(*productOp); ok {
		return described(o.names.form.forward, o.names.forward, o.fast.forward), described(o.names.form.data, o.names.data, o.fast.data),
			described(o.names.form.weight, o.names.weight, nil)
	}
	return "", "", ""
}

// described names a direct sum's tile, or a family with its products' tile.
func described(form, tile string, w *winograd) string {
	switch {
	case form == "":
		return tile
	case w == nil:
		return form
	}
	return form + ", " + w.product.name
}
