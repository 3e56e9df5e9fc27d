package net

// Spec is a network as a table of layers: the model of a recipe, free of any
// device. Build binds it to devices.
type Spec struct {
	// Columns is the number of columns the layers are split in: 2 in the paper
	// (section 3.2), 1 for an ordinary network. The units of every layer are
	// dealt to the columns as evenly as possible (5 classes are 3 + 2).
	Columns int
	// Input is the shape of one image as the first layer sees it: 3 colours of pixels,
	// or any number of channels of one pixel, which are features and no image.
	Input Shape
	// Dropout false turns every Dropout layer into the identity, in training
	// and in testing.
	Dropout bool
	// Convolution says how convolutions are summed: "auto" (or ""), in each
	// direction the fastest way that the device has, or "direct", without
	// Toom-Cook transforms, whose rounding errors are ten times larger.
	Convolution string
	// Precision is that of the products of conv, local and dense layers: "float32" (or ""),
	// or "mixed", whose operands are rounded to float16; their sums and all else
	// stay float32, gradients are scaled (LossScale), convolutions are direct.
	Precision string
	// Layers in forward order; the last one is Softmax or Squares.
	Layers []Layer
}

// Shape is the shape of one image's activations over all columns.
type Shape struct {
	C, H, W int // channels, height, width
}

// Count is the number of values: C*H*W.
func (s Shape) Count() int { return s.C * s.H * s.W }

// Layer is one row of a Spec's table: Conv, Local, Dense, Activation, LRN, Pool,
// Gather, Dropout, Softmax or Squares. Their fields are what a recipe sets, with its keys in
// toml tags and what they mean, for its users, in help tags.
type Layer interface {
	// LayerName is the name under which errors, logs and files know the layer.
	LayerName() string
	// Kind is the layer's type as a recipe writes it: "conv", "relu", ...
	Kind() string
}

// Conv is a convolution with a bias for each kernel. It sees its own column's
// channels only, or every column's if a Gather stands right before it. The
// first layer of every column sees the image.
type Conv struct {
	Name    string `toml:"name"`
	Filters int    `toml:"filters" help:"Kernels over all columns, each of which makes one map; 96 of the paper in conv1 (section 3.5)."`
	Kernel  int    `toml:"kernel" help:"Height and width of a kernel, pixels of its input; 11 of the paper in conv1 (section 3.5)."`
	Stride  int    `toml:"stride" help:"Pixels from one place of a kernel to the next; 4 of the paper in conv1 (section 3.5), 1 if not given."`
	Pad     int    `toml:"pad" help:"Pixels of zeros around the input; 0 if not given."`
	ParamOptions
}

// Local is a locally connected layer: a convolution whose every output pixel has kernels
// and biases of its own, as cuda-convnet's unshared local layers, of which the 2012
// code's best networks for CIFAR-10 have two. It sees what a Conv would.
type Local struct {
	Name    string `toml:"name"`
	Filters int    `toml:"filters" help:"Kernels of each output pixel over all columns, each of which makes one map."`
	Kernel  int    `toml:"kernel" help:"Height and width of a kernel, pixels of its input."`
	Stride  int    `toml:"stride" help:"Pixels from one place of a kernel to the next; 1 if not given."`
	Pad     int    `toml:"pad" help:"Pixels of zeros around the input; 0 if not given."`
	ParamOptions
}

// Dense is a fully connected layer. Like Conv it sees its own column, or all
// of them behind a Gather; inputs are flattened as (c, h, w) in files.
type Dense struct {
	Name  string `toml:"name"`
	Units int    `toml:"units" help:"Outputs over all columns; of the last layer as many as there are classes."`
	ParamOptions
}

// ParamOptions are the settings of a layer's weights and biases.
type ParamOptions struct {
	Std       float64 `toml:"std" help:"Standard deviation of the first weights, which are drawn from N(0, std²); 0.01 in the paper (section 5)."`
	Bias      float64 `toml:"bias" help:"First value of every bias; 1 of the paper in conv2, conv4, conv5 and the hidden dense layers (section 5), else 0."`
	Rate      float64 `toml:"rate" help:"Factor on solver.rate for the weights of this layer; 1 if not given."`
	BiasRate  float64 `toml:"bias_rate" help:"Factor on solver.rate for the biases of this layer; 1 if not given."`
	Decay     float64 `toml:"decay" help:"Factor on solver.decay for the weights of this layer; 1 if not given."`
	BiasDecay float64 `toml:"bias_decay" help:"Factor on solver.decay for the biases of this layer; 0 if not given."`
	// Frozen keeps weights and biases as they are, whatever their rates: nothing is
	// computed for them, and no gradient goes further down than the lowest layer that
	// trains. Both rates 0 mean the same.
	Frozen bool `toml:"frozen" help:"The layer stays as it is: nothing is computed to train it, nor below the lowest layer that trains."`
}

// fixed says whether a layer's parameters stay as they are.
func (o ParamOptions) fixed() bool { return o.Frozen || o.Rate == 0 && o.BiasRate == 0 }

// DefaultParamOptions are the values of settings that a recipe leaves out.
var DefaultParamOptions = ParamOptions{Std: 0.01, Rate: 1, BiasRate: 1, Decay: 1}

// Function is the formula of an Activation.
type Function string

// The activation functions. ReLU'(0) is 0.
const (
	ReLU    Function = "relu"    // max(x, 0)
	Tanh    Function = "tanh"    // tanh(x)
	Sigmoid Function = "sigmoid" // 1 / (1 + exp(-x))
	AbsTanh Function = "abstanh" // |tanh(x)| (Jarrett et al. 2009)
	// 1 where x > 0, otherwise 0: a sigmoid rounded. The gradient is the sigmoid's, as
	// if it were not (Krizhevsky and Hinton 2011).
	Binary Function = "binary"
)

// Activation applies a function to every value.
type Activation struct {
	Name     string   `toml:"name"`
	Function Function `toml:"-"`
}

// LRN is local response normalisation across adjacent kernel maps of one
// column (paper, section 3.3):
//
//	b_i = a_i / (K + Alpha * sum over |j-i| <= Size/2 of a_j^2)^Beta
//
// Alpha is not divided by Size (Caffe and PyTorch divide).
type LRN struct {
	Name  string  `toml:"name"`
	Size  int     `toml:"size" help:"Neighbouring maps that a value is normalised by, n in the paper: 5 (section 3.3); odd, at most 9."`
	K     float64 `toml:"k" help:"Constant of the normalisation, k in the paper: 2 (section 3.3)."`
	Alpha float64 `toml:"alpha" help:"Factor on the sum of squares, not divided by size; alpha in the paper: 1e-4 (section 3.3)."`
	Beta  float64 `toml:"beta" help:"Exponent of the normalisation, beta in the paper: 0.75 (section 3.3)."`
}

// DefaultLRN holds the paper's constants (section 3.3).
var DefaultLRN = LRN{Size: 5, K: 2, Alpha: 1e-4, Beta: 0.75}

// Pool is max or average pooling; windows overlap if Kernel > Stride (paper,
// section 3.4). Windows that do not fit are left out (floor). The gradient of
// a maximum goes to the first one in row order.
type Pool struct {
	Name    string `toml:"name"`
	Average bool   `toml:"-"` // "avgpool" instead of "maxpool"
	Kernel  int    `toml:"kernel" help:"Height and width of a window, pixels; 3 in the paper, z there (section 3.4)."`
	Stride  int    `toml:"stride" help:"Pixels from one window to the next; 2 in the paper, s there (section 3.4)."`
}

// Gather gives every column the maps of all columns: the places where the
// paper's two GPUs communicate. Its adjoint sums the gradients of all readers
// and scatters them back.
type Gather struct {
	Name string `toml:"name"`
}

// Dropout zeroes each value with Probability in training (no rescaling) and
// multiplies by 1-Probability in testing (paper, section 4.2).
type Dropout struct {
	Name        string  `toml:"name"`
	Probability float64 `toml:"probability" help:"Share of the values that a training step sets to 0; 0.5 in the paper (section 4.2)."`
}

// Softmax ends the table: softmax over the units of all columns with the
// multinomial logistic loss (natural logarithm, mean over the batch).
type Softmax struct {
	Name string `toml:"name"`
}

// Squares ends the table of a network that is not to tell classes but to come near
// targets, numbers for each of its units over all columns: the loss is half the sum of
// the squared differences, mean over the batch.
type Squares struct {
	Name string `toml:"name"`
}

func (l Conv) LayerName() string       { return l.Name }
func (l Local) LayerName() string      { return l.Name }
func (l Dense) LayerName() string      { return l.Name }
func (l Activation) LayerName() string { return l.Name }
func (l LRN) LayerName() string        { return l.Name }
func (l Pool) LayerName() string       { return l.Name }
func (l Gather) LayerName() string     { return l.Name }
func (l Dropout) LayerName() string    { return l.Name }
func (l Softmax) LayerName() string    { return l.Name }
func (l Squares) LayerName() string    { return l.Name }

func (l Conv) Kind() string       { return "conv" }
func (l Local) Kind() string      { return "local" }
func (l Dense) Kind() string      { return "dense" }
func (l Activation) Kind() string { return string(l.Function) }
func (l LRN) Kind() string        { return "lrn" }
func (l Pool) Kind() string {
	if l.Average {
		return "avgpool"
	}
	return "maxpool"
}
func (l Gather) Kind() string  { return "gather" }
func (l Dropout) Kind() string { return "dropout" }
func (l Softmax) Kind() string { return "softmax" }
func (l Squares) Kind() string { return "squares" }
