package ref

// Op is one row of a Net's table: ConvOp, DenseOp, ActivationOp, LRNOp, PoolOp,
// GatherOp, DropoutOp or SoftmaxOp.
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

// DenseOp is Dense with the parameters Name.weight and Name.bias.
type DenseOp struct {
	Name  string
	Units int // over all columns
}

// ActivationOp is ReLU, Tanh, Sigmoid or AbsTanh.
type ActivationOp struct {
	Name     string
	Function string // "relu", "tanh", "sigmoid" or "abstanh"
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

// GatherOp lets the next conv or dense layer see the channels of all columns.
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

// LayerName is Name.
func (o ConvOp) LayerName() string { return o.Name }

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
