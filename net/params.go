package net

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"

	"alexnet/engine"
)

// What is one of the three arrays of a parameter.
type What int

// The arrays: the values, the last step's gradient, and the momentum.
const (
	Value What = iota
	Gradient
	Momentum
)

func (p *param) buffer(w What) *engine.Buffer {
	return []*engine.Buffer{p.value, p.grad, p.velocity}[w]
}

// Read returns an array of a parameter in the file's layout, from all devices. A
// frozen one has values only.
func (n *Net) Read(p *Param, w What) ([]float32, error) {
	n.mustRest()
	out := make([]float32, p.Count())
	for _, place := range n.places {
		for _, q := range place.params {
			if q.Param != p {
				continue
			}
			values, err := place.read(q.buffer(w).Whole())
			if err != nil {
				return nil, fmt.Errorf("net: read %s: %w", p.Name, err)
			}
			if w == Gradient {
				unscale(values, n.scaled)
			}
			q.unpack(values, out)
		}
	}
	return out, nil
}

// unscale divides gradients by the loss scale, a power of two.
func unscale(values []float32, scale float64) {
	if scale == 1 {
		return
	}
	for i := range values {
		values[i] /= float32(scale)
	}
}

// Write sets an array of a parameter, given in the file's layout, on all devices.
func (n *Net) Write(p *Param, w What, values []float32) error {
	n.mustRest()
	if len(values) != p.Count() {
		return fmt.Errorf("net: %s has %d values; expected %v = %d", p.Name, len(values), p.Shape, p.Count())
	}
	for _, place := range n.places {
		for _, q := range place.params {
			if q.Param != p {
				continue
			}
			packed := make([]float32, len(place.columns)*q.block)
			q.pack(values, packed)
			if err := place.write(q.buffer(w).Whole(), packed); err != nil {
				return fmt.Errorf("net: write %s: %w", p.Name, err)
			}
		}
	}
	return nil
}

// Initialize draws the weights from N(0, Std^2) and sets the biases, each
// parameter from a stream of its own (Krizhevsky 2012, section 5). The same seed
// gives the same values on any devices.
func (n *Net) Initialize(seed uint64) error {
	for _, p := range n.Params {
		o, _ := options(n.Spec.Layers[p.Layer])
		values := make([]float32, p.Count())
		name := fnv.New64a()
		name.Write([]byte(p.Name))
		random := rand.New(rand.NewPCG(seed, name.Sum64()))
		for i := range values {
			if values[i] = float32(o.Bias); !p.Bias {
				values[i] = float32(random.NormFloat64() * o.Std)
			}
		}
		if err := n.Write(p, Value, values); err != nil {
			return err
		}
		if n.Options.Training && !p.Frozen {
			if err := n.Write(p, Momentum, make([]float32, p.Count())); err != nil {
				return err
			}
		}
	}
	return nil
}

// NotFinite looks for the first NaN or Inf of the last step, in the order in
// which it was computed, and says where: "" if all is finite. Of a network built
// with neither Training nor Keep it knows the last layer's output only.
func (n *Net) NotFinite() (string, error) {
	n.mustRest()
	for i := range n.Rows {
		for _, p := range n.places {
			y := output(p.ops[i])
			if !y.room.stays {
				continue
			}
			values, err := p.read(y.all())
			if err != nil {
				return "", err
			}
			for b := range y.blocks { // without what pads them
				if bad(values[b*y.block():][:y.size()]) {
					return fmt.Sprintf("the output of layer %s", p.ops[i].layer()), nil
				}
			}
		}
	}
	for i := len(n.Params) - 1; i >= 0; i-- {
		for _, w := range []What{Gradient, Value} {
			if w == Gradient && (!n.Options.Training || n.Params[i].Frozen) {
				continue
			}
			values, err := n.Read(n.Params[i], w)
			if err != nil {
				return "", err
			}
			if bad(values) {
				return fmt.Sprintf("the %s %s of layer %s", n.Params[i].Name, []string{"value", "gradient"}[w], n.Rows[n.Params[i].Layer].Layer.LayerName()), nil
			}
		}
	}
	return "", nil
}

func bad(values []float32) bool {
	for _, v := range values {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return true
		}
	}
	return false
}
