package ref

// Net is a network as a table of layers, run in the order of the table.
type Net struct {
	// Columns is the number of columns that the units of every layer are dealt
	// to (paper, section 3.2).
	Columns int
	// Ops is the table; Backward needs a SoftmaxOp or a SquaresOp as the last one.
	Ops []Op
	// Targets are what a SquaresOp's inputs should be, (N, units, 1, 1).
	Targets *Tensor
	// Params holds each conv, local and dense layer's weights and biases over all
	// columns, in the layouts of Conv, Local and Dense, under the names
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
// A layer with weights (conv, local or dense) sees all columns if it is the first
// one or if a gather stands between it and the one before; otherwise its own column
// only.
func (n *Net) Forward(x *Tensor, train bool, masks func(layer string) []bool) *Tensor {
	check(n.Columns >= 1, "a net of %d columns; expected at least 1", n.Columns)
	n.Activations, n.Gradients, n.InputGradient, n.Losses = map[string]*Tensor{}, nil, nil, nil
	n.tape = nil
	gathered := true // the next layer with weights sees all columns
	dealt := 1       // columns that the channels are dealt to; the image's are not
	for _, op := range n.Ops {
		name := op.LayerName()
		check(n.Activations[name] == nil, "two layers have the name %q", name)
		r := &record{op: op, groups: dealt, x: x}
		switch op.(type) {
		case ConvOp, LocalOp, DenseOp:
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

// Backward differentiates the mean loss over the batch of the last Forward; labels are
// those of a SoftmaxOp. It returns that loss and its gradients by the parameters' names.
func (n *Net) Backward(labels []int) (loss float64, gradients map[string][]float64) {
	check(len(n.tape) > 0, "Backward needs a Forward before it")
	last := n.tape[len(n.tape)-1]
	n.labels, n.grads, n.Gradients = labels, map[string][]float64{}, map[string]*Tensor{}
	switch last.op.(type) {
	case SoftmaxOp:
		_, n.Losses = SoftmaxLoss(last.x, labels)
	case SquaresOp:
		n.Losses = SquaresLoss(last.x, n.Targets)
	default:
		check(false, "Backward needs softmax or squares as the last layer; it is %q", last.op.LayerName())
	}
	for _, l := range n.Losses {
		loss += l / float64(len(n.Losses))
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

// Op is one row of a Net's table: ConvOp, LocalOp, DenseOp, ActivationOp, LRNOp, PoolOp,
// GatherOp, DropoutOp, SoftmaxOp or SquaresOp.
type Op interface {
	// LayerName is the name under which parameters, activations and gradients
	// are kept.
	LayerName() string
	// forward is y of r.x.
	forward(n *Net, r *record) *Tensor
	// backward is dL/dx of dL/dy; gradients of parameters go to n.grads.
	backward(n *Net, r *record, dy *Tensor) *Tensor
}

// ConvOp is Conv with the parameters Name.weight and Name.bias.
type ConvOp struct {
	Name                         string
	Filters, Kernel, Stride, Pad int // as in ConvShape
}

// LocalOp is Local with the parameters Name.weight and Name.bias.
type LocalOp struct {
	Name                         string
	Filters, Kernel, Stride, Pad int // as in ConvShape
}

// DenseOp is Dense with the parameters Name.weight and Name.bias.
type DenseOp struct {
	Name  string
	Units int // over all columns
}

// ActivationOp is ReLU, Tanh, Sigmoid, AbsTanh or Binary.
type ActivationOp struct {
	Name     string
	Function string // "relu", "tanh", "sigmoid", "abstanh" or "binary"
}

// LRNOp is LRN inside each column.
type LRNOp struct {
	Name           string
	Size           int
	K, Alpha, Beta float64
}

// PoolOp is MaxPool, or AvgPool if Average.
type PoolOp struct {
	Name           string
	Average        bool
	Kernel, Stride int
}

// GatherOp lets the next layer with weights see the channels of all columns.
// Tensors hold those side by side anyway, so its output is its input.
type GatherOp struct {
	Name string
}

// DropoutOp is Dropout in training, with the mask that is given to Net.Forward,
// and DropoutTest otherwise.
type DropoutOp struct {
	Name        string
	Probability float64
}

// SoftmaxOp is Softmax, and SoftmaxLoss with its gradient in Net.Backward.
type SoftmaxOp struct {
	Name string
}

// SquaresOp lets its input through, and is SquaresLoss with its gradient in Net.Backward.
type SquaresOp struct {
	Name string
}

// LayerName is Name.
func (o ConvOp) LayerName() string { return o.Name }

// LayerName is Name.
func (o LocalOp) LayerName() string { return o.Name }

// LayerName is Name.
func (o DenseOp) LayerName() string { return o.Name }

// LayerName is Name.
func (o ActivationOp) LayerName() string { return o.Name }

// LayerName is Name.
func (o LRNOp) LayerName() string { return o.Name }

// LayerName is Name.
func (o PoolOp) LayerName() string { return o.Name }

// LayerName is Name.
func (o GatherOp) LayerName() string { return o.Name }

// LayerName is Name.
func (o DropoutOp) LayerName() string { return o.Name }

// LayerName is Name.
func (o SoftmaxOp) LayerName() string { return o.Name }

// LayerName is Name.
func (o SquaresOp) LayerName() string { return o.Name }

func (o ConvOp) shape(r *record) ConvShape {
	return ConvShape{Filters: o.Filters, Kernel: o.Kernel, Stride: o.Stride, Pad: o.Pad, Groups: r.groups}
}

func (o ConvOp) forward(n *Net, r *record) *Tensor {
	return Conv(r.x, n.param(o.Name, "weight"), n.param(o.Name, "bias"), o.shape(r))
}

func (o ConvOp) backward(n *Net, r *record, dy *Tensor) *Tensor {
	dx, dw, db := ConvBackward(r.x, n.param(o.Name, "weight"), dy, o.shape(r))
	n.grads[o.Name+".weight"], n.grads[o.Name+".bias"] = dw, db
	return dx
}

func (o LocalOp) shape(r *record) ConvShape {
	return ConvShape{Filters: o.Filters, Kernel: o.Kernel, Stride: o.Stride, Pad: o.Pad, Groups: r.groups}
}

func (o LocalOp) forward(n *Net, r *record) *Tensor {
	return Local(r.x, n.param(o.Name, "weight"), n.param(o.Name, "bias"), o.shape(r))
}

func (o LocalOp) backward(n *Net, r *record, dy *Tensor) *Tensor {
	dx, dw, db := LocalBackward(r.x, n.param(o.Name, "weight"), dy, o.shape(r))
	n.grads[o.Name+".weight"], n.grads[o.Name+".bias"] = dw, db
	return dx
}

func (o DenseOp) forward(n *Net, r *record) *Tensor {
	b := n.param(o.Name, "bias")
	check(len(b) == o.Units, "dense layer %q: %d biases; expected one for each of %d units", o.Name, len(b), o.Units)
	return Dense(r.x, n.param(o.Name, "weight"), b, r.groups)
}

func (o DenseOp) backward(n *Net, r *record, dy *Tensor) *Tensor {
	dx, dw, db := DenseBackward(r.x, n.param(o.Name, "weight"), dy, r.groups)
	n.grads[o.Name+".weight"], n.grads[o.Name+".bias"] = dw, db
	return dx
}

func (o ActivationOp) forward(_ *Net, r *record) *Tensor {
	switch o.Function {
	case "relu":
		return ReLU(r.x)
	case "tanh":
		return Tanh(r.x)
	case "sigmoid":
		return Sigmoid(r.x)
	case "abstanh":
		return AbsTanh(r.x)
	case "binary":
		return Binary(r.x)
	}
	panic("ref: layer " + o.Name + ": unknown function " + o.Function)
}

func (o ActivationOp) backward(_ *Net, r *record, dy *Tensor) *Tensor {
	switch o.Function {
	case "relu":
		return ReLUBackward(r.x, dy)
	case "tanh":
		return TanhBackward(r.x, dy)
	case "sigmoid":
		return SigmoidBackward(r.x, dy)
	case "abstanh":
		return AbsTanhBackward(r.x, dy)
	case "binary":
		return BinaryBackward(r.x, dy)
	}
	panic("ref: layer " + o.Name + ": unknown function " + o.Function)
}

func (o LRNOp) forward(_ *Net, r *record) *Tensor {
	return LRN(r.x, r.groups, o.Size, o.K, o.Alpha, o.Beta)
}

func (o LRNOp) backward(_ *Net, r *record, dy *Tensor) *Tensor {
	return LRNBackward(r.x, dy, r.groups, o.Size, o.K, o.Alpha, o.Beta)
}

func (o PoolOp) forward(_ *Net, r *record) *Tensor {
	if o.Average {
		return AvgPool(r.x, o.Kernel, o.Stride)
	}
	return MaxPool(r.x, o.Kernel, o.Stride)
}

func (o PoolOp) backward(_ *Net, r *record, dy *Tensor) *Tensor {
	if o.Average {
		return AvgPoolBackward(r.x, dy, o.Kernel, o.Stride)
	}
	return MaxPoolBackward(r.x, dy, o.Kernel, o.Stride)
}

func (o GatherOp) forward(_ *Net, r *record) *Tensor              { return r.x }
func (o GatherOp) backward(_ *Net, _ *record, dy *Tensor) *Tensor { return dy }

func (o DropoutOp) forward(_ *Net, r *record) *Tensor {
	if r.keep == nil {
		return DropoutTest(r.x, o.Probability)
	}
	return Dropout(r.x, r.keep)
}

func (o DropoutOp) backward(_ *Net, r *record, dy *Tensor) *Tensor {
	if r.keep == nil {
		return DropoutTestBackward(dy, o.Probability)
	}
	return DropoutBackward(dy, r.keep)
}

func (o SoftmaxOp) forward(_ *Net, r *record) *Tensor { return Softmax(r.x) }
func (o SoftmaxOp) backward(n *Net, r *record, _ *Tensor) *Tensor {
	return SoftmaxLossBackward(r.y, n.labels)
}

func (o SquaresOp) forward(_ *Net, r *record) *Tensor { return r.x }
func (o SquaresOp) backward(n *Net, r *record, _ *Tensor) *Tensor {
	return SquaresLossBackward(r.x, n.Targets)
}
