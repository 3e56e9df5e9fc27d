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
	// Bytes are the least that a device has to move for it: what leastBytes says.
	// 0 where the layer does nothing of the kind, and for "copy".
	Bytes int64
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
		t := Timing{Layer: k[0], Direction: k[1], Time: sums[k]}
		if row, ok := n.row(t.Layer); ok {
			t.Bytes = leastBytes(row, t.Direction, n.Options.Batch, n.Spec.Columns, len(n.places))
		}
		out = append(out, t)
	}
	return out, nil
}

func (n *Net) row(layer string) (Row, bool) {
	for _, r := range n.Rows {
		if r.Layer.LayerName() == layer {
			return r, true
		}
	}
	return Row{}, false
}

const floatBytes = 4 // of an activation, a weight, a gradient

// leastBytes is what one of several devices has to move for a layer and direction
// of a batch if it reads every input once and writes every output once, without
// padding, partial sums and what caches lose. Devices share columns evenly; of a
// gathered input each reads all, and each of its columns makes a gradient of all.
func leastBytes(r Row, direction string, batch, columns, devices int) int64 {
	x, y := batch*r.In.Count(), batch*r.Out.Count()/devices // activations, or their gradients
	dx := x * columns / devices
	if _, gather := r.Layer.(Gather); !gather && !r.Gathered {
		x, dx = x/devices, x/devices
	}
	weights, biases := r.Weights/devices, r.Biases/devices
	return floatBytes * int64(leastFloats(r.Layer, direction, x, dx, y, weights, biases))
}

// leastFloats counts the values of each kernel's inputs and outputs.
func leastFloats(l Layer, direction string, x, dx, y, weights, biases int) int {
	switch direction {
	case "update":
		return 5 * (weights + biases) // gradient read; value and momentum read and written
	case "weight gradient":
		return x + y + weights
	case "data gradient":
		return y + weights + dx
	case "bias gradient":
		return y + biases
	}
	forward := direction == "forward"
	switch l := l.(type) {
	case Conv, Dense:
		if forward {
			return x + weights + biases + y
		}
	case Activation:
		if forward {
			return x + y
		}
		return 3 * x // output, its gradient, the input's
	case LRN:
		if forward {
			return 3 * x // the sum's power is kept for the way back
		}
		return 5 * x
	case Pool:
		if l.Average {
			return x + y
		}
		return x + 2*y // the places of the maxima, too
	case Dropout:
		return x + y
	case Softmax:
		return x + y // logits to their gradient; the probabilities are few
	case Gather:
		if !forward {
			return dx + y // gradients of all readers, added up
		}
	}
	return 0
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
		return o.names.forward, o.names.data, o.names.weight
	}
	return "", "", ""
}
