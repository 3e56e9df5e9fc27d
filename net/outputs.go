package net

import "fmt"

// Outputs are what a layer made of some images of the last step.
type Outputs struct {
	H, W int
	// Columns are the values of each column, (image, unit, y, x).
	Columns [][]float32
}

// Outputs reads what a layer, counted as in Rows, made of so many images of the last
// step, from the first on. A ReLU behind a layer is computed in its place. The network must be
// built with Training or Keep, and the layer must not be a Gather or the Softmax:
// their columns share what they hold.
func (n *Net) Outputs(layer, first, images int) (*Outputs, error) {
	n.mustRest()
	first = min(first, n.Options.Batch)
	images = min(images, n.Options.Batch-first)
	out := &Outputs{Columns: make([][]float32, n.Spec.Columns)}
	for _, p := range n.places {
		y := output(p.ops[layer])
		if !y.room.stays || y.shared || y.blocks != len(p.columns) {
			return nil, fmt.Errorf("net: the outputs of layer %s are not kept by column", p.ops[layer].layer())
		}
		out.H, out.W = y.h, y.w
		for block, column := range p.columns {
			values, err := p.read(y.room.floats(block*y.block()+first*y.image(), images*y.image()))
			if err != nil {
				return nil, fmt.Errorf("net: read the outputs of layer %s: %w", p.ops[layer].layer(), err)
			}
			out.Columns[column] = y.unpack(values, images, y.units[column])
		}
	}
	return out, nil
}

// unpack turns (image, y, x, padded channel) into (image, unit, y, x).
func (t *tensor) unpack(values []float32, images, units int) []float32 {
	plane := t.h * t.w
	out := make([]float32, images*units*plane)
	for i := range images {
		for at := range plane {
			from := values[i*t.image()+at*t.channels:]
			for k := range units {
				out[(i*units+k)*plane+at] = from[k]
			}
		}
	}
	return out
}
