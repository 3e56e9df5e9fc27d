package ref

// Net is a network as a table of layers, run in the order of the table.
type Net struct {
	// Columns is the number of columns that the units of every layer are dealt
	// to (paper, section 3.2).
	Columns int
	// Ops is the table; Backward needs a SoftmaxOp as the last one.
	Ops []Op
	// Params holds each conv and dense layer's weights and biases over all
	// columns, in the layouts of Conv and Dense, under the names
	// "conv1.weight", "conv1.bias".
	Params map[string][]float64

	// Activations holds every layer's output by the layer's name, after Forward.
	// A softmax layer's are probabilities.
	Activations map[string]*Tensor
	// Gradients holds dL/dy of every layer's output y by the layer's name, after
	// Backward; a softmax layer has none.
	Gradients map[string]*Tensor
	// InputGradient is dL/dx of the images, after Backward.
	InputGradient *Tensor
	// Losses holds the loss of each image, after Backward.
	Losses []float64

	tape   []*record
	labels []int
	grads  map[string][]float64 // of Params
}

// record is one layer of a forward pass.
type record struct {
	op     Op
	groups int // of channels that the layer keeps apart
	x, y   *Tensor
	keep   []bool // a dropout layer's mask; nil: no unit is dropped in this pass
}

// Forward runs x (N, C, H, W) through the table and returns the last layer's
// output. In training masks gives every dropout layer's mask of units to keep,
// (N, C, H, W) of the layer's input; otherwise the layer is in test mode and
// masks is not called.
//
// A conv or dense layer sees all columns if it is the first one or if a gather
// stands between it and the conv or dense layer before; otherwise its own column
// only.
func (n *Net) Forward(x *Tensor, train bool, masks func(layer string) []bool) *Tensor {
	check(n.Columns >= 1, "a net of %d columns; expected at least 1", n.Columns)
	n.Activations, n.Gradients, n.InputGradient, n.Losses = map[string]*Tensor{}, nil, nil, nil
	n.tape = nil
	gathered := true // the next conv or dense layer sees all columns
	dealt := 1       // columns that the channels are dealt to; the image's are not
	for _, op := range n.Ops {
		name := op.LayerName()
		check(n.Activations[name] == nil, "two layers have the name %q", name)
		r := &record{op: op, groups: dealt, x: x}
		switch op.(type) {
		case ConvOp, DenseOp:
			r.groups = n.Columns
			if gathered {
				r.groups = 1
			}
			gathered, dealt = false, n.Columns
		case GatherOp:
			gathered = true
		case DropoutOp:
			if train {
				check(masks != nil, "dropout layer %q has no mask", name)
				r.keep = masks(name)
				check(len(r.keep) == len(x.Data), "dropout layer %q: a mask of %d units; expected %d", name, len(r.keep), len(x.Data))
			}
		}
		r.y = op.forward(n, r)
		n.Activations[name] = r.y
		n.tape = append(n.tape, r)
		x = r.y
	}
	return x
}

// Backward differentiates the mean loss over the batch of the last Forward. It
// returns that loss and its gradients by the parameters' names.
func (n *Net) Backward(labels []int) (loss float64, gradients map[string][]float64) {
	check(len(n.tape) > 0, "Backward needs a Forward before it")
	last := n.tape[len(n.tape)-1]
	_, ok := last.op.(SoftmaxOp)
	check(ok, "Backward needs softmax as the last layer; it is %q", last.op.LayerName())
	n.labels, n.grads, n.Gradients = labels, map[string][]float64{}, map[string]*Tensor{}

	_, n.Losses = SoftmaxLoss(last.x, labels)
	for _, l := range n.Losses {
		loss += l / float64(len(labels))
	}
	var dy *Tensor
	for i := len(n.tape) - 1; i >= 0; i-- {
		r := n.tape[i]
		if dy != nil {
			n.Gradients[r.op.LayerName()] = dy
		}
		dy = r.op.backward(n, r, dy)
	}
	n.InputGradient = dy
	return loss, n.grads
}

// param is a layer's weights or biases.
func (n *Net) param(layer, what string) []float64 {
	p, ok := n.Params[layer+"."+what]
	check(ok, "the net has no parameter %s.%s", layer, what)
	return p
}
