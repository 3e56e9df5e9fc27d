package ref

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// LRN's alpha is large in these nets, so that a wrong window shows.
var netCases = []struct {
	name    string
	columns int
	n, size int // images, pixels
	train   bool
	params  map[string]int // weights of each layer, counted by hand
	ops     []Op
}{
	{"two equal columns", 2, 2, 11, true,
		map[string]int{"conv1": 4 * 3 * 9, "conv2": 6 * 2 * 9, "conv3": 4 * 6 * 9, "fc4": 6 * 4 * 4, "fc5": 4 * 6},
		[]Op{
			ConvOp{Name: "conv1", Filters: 4, Kernel: 3, Stride: 2, Pad: 1},
			ActivationOp{Name: "relu1", Function: "relu"},
			LRNOp{Name: "norm1", Size: 3, K: 2, Alpha: 0.5, Beta: 0.75},
			PoolOp{Name: "pool1", Kernel: 3, Stride: 1},
			ConvOp{Name: "conv2", Filters: 6, Kernel: 3, Stride: 1, Pad: 1},
			ActivationOp{Name: "relu2", Function: "relu"},
			GatherOp{Name: "gather3"},
			ConvOp{Name: "conv3", Filters: 4, Kernel: 3, Stride: 1, Pad: 1},
			ActivationOp{Name: "relu3", Function: "relu"},
			PoolOp{Name: "pool3", Kernel: 2, Stride: 2},
			GatherOp{Name: "gather4"},
			DenseOp{Name: "fc4", Units: 6},
			ActivationOp{Name: "relu4", Function: "relu"},
			DropoutOp{Name: "drop4", Probability: 0.5},
			GatherOp{Name: "gather5"},
			DenseOp{Name: "fc5", Units: 4},
			SoftmaxOp{Name: "softmax"},
		}},
	{"odd dealings", 2, 2, 7, true,
		map[string]int{"conv1": 5 * 3 * 4, "conv2": (4*3 + 3*2) * 4, "fc3": (3*4 + 2*3) * 4, "fc4": 5 * 5},
		[]Op{
			ConvOp{Name: "conv1", Filters: 5, Kernel: 2, Stride: 1},
			ActivationOp{Name: "tanh1", Function: "tanh"},
			LRNOp{Name: "norm1", Size: 5, K: 1, Alpha: 0.3, Beta: 0.75},
			PoolOp{Name: "pool1", Average: true, Kernel: 3, Stride: 2},
			ConvOp{Name: "conv2", Filters: 7, Kernel: 2, Stride: 2, Pad: 1},
			ActivationOp{Name: "abstanh2", Function: "abstanh"},
			DenseOp{Name: "fc3", Units: 5},
			GatherOp{Name: "gather4"},
			LRNOp{Name: "norm3", Size: 3, K: 1, Alpha: 0.3, Beta: 0.5},
			ActivationOp{Name: "sigmoid3", Function: "sigmoid"},
			DropoutOp{Name: "drop3", Probability: 0.4},
			DenseOp{Name: "fc4", Units: 5},
			SoftmaxOp{Name: "softmax"},
		}},
	{"one column, testing", 1, 3, 5, false,
		map[string]int{"conv1": 3 * 3 * 9, "fc2": 4 * 3 * 4},
		[]Op{
			ConvOp{Name: "conv1", Filters: 3, Kernel: 3, Stride: 1},
			ActivationOp{Name: "relu1", Function: "relu"},
			PoolOp{Name: "pool1", Kernel: 2, Stride: 1},
			DropoutOp{Name: "drop1", Probability: 0.4},
			DenseOp{Name: "fc2", Units: 4},
			SoftmaxOp{Name: "softmax"},
		}},
}

// params draws the parameters of a case's layers.
func params(rng *rand.Rand, ops []Op, weights map[string]int) map[string][]float64 {
	out := map[string][]float64{}
	for _, op := range ops {
		units := 0
		switch op := op.(type) {
		case ConvOp:
			units = op.Filters
		case DenseOp:
			units = op.Units
		default:
			continue
		}
		out[op.LayerName()+".weight"] = normal(rng, weights[op.LayerName()])
		out[op.LayerName()+".bias"] = normal(rng, units)
	}
	return out
}

// halves drops every third unit.
func halves(units int) []bool {
	keep := make([]bool, units)
	for i := range keep {
		keep[i] = i%3 != 1
	}
	return keep
}

// kinks is on which side of every kink the last forward pass was: the signs in
// front of relu and abstanh, and the places of the maxima.
func kinks(n *Net) (sides []int) {
	for _, r := range n.tape {
		switch op := r.op.(type) {
		case ActivationOp:
			for _, v := range r.x.Data {
				side := 0
				if v > 0 {
					side = 1
				}
				if op.Function == "relu" || op.Function == "abstanh" {
					sides = append(sides, side)
				}
			}
		case PoolOp:
			if !op.Average {
				sides = append(sides, maxima(r.x, op.Kernel, op.Stride)...)
			}
		}
	}
	return sides
}

// Every parameter and every pixel; values within a step of a kink, where central
// differences mean nothing, are skipped and must be few.
func TestNetBackward(t *testing.T) {
	for i, c := range netCases {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(10, uint64(i)))
			net := &Net{Columns: c.columns, Ops: c.ops, Params: params(rng, c.ops, c.params)}
			x := random(rng, c.n, 3, c.size, c.size)
			labels := []int{3, 1, 0}[:c.n]
			masks := func(layer string) []bool {
				units := map[string]int{"drop4": 6, "drop3": 5}[layer]
				return halves(c.n * units)
			}
			net.Forward(x, c.train, masks)
			home := kinks(net)
			_, gradients := net.Backward(labels)
			gradients["input"] = net.InputGradient.Data

			crossed, checked := false, 0
			loss := func() float64 {
				net.Forward(x, c.train, masks)
				crossed = crossed || !slices.Equal(kinks(net), home)
				_, losses := SoftmaxLoss(net.tape[len(c.ops)-1].x, labels)
				return sum(losses) / float64(len(losses))
			}
			values := maps.Clone(net.Params)
			values["input"] = x.Data
			skipped := 0
			for _, name := range slices.Sorted(maps.Keys(values)) {
				if len(gradients[name]) != len(values[name]) {
					t.Fatalf("%s: %d gradients of %d values", name, len(gradients[name]), len(values[name]))
				}
				for j := range values[name] {
					crossed = false
					want := central(loss, values[name], j)
					checked++
					if crossed {
						skipped++
					} else if got := gradients[name][j]; !near(got, want, 1e-6) {
						t.Fatalf("%s: gradient %d is %.9g; central differences give %.9g", name, j, got, want)
					}
				}
			}
			if 50*skipped > checked {
				t.Errorf("%d of %d values lie at a kink; expected at most 2 %%", skipped, checked)
			}
		})
	}
}

// A layer's gradient is dL/d(output): summed over images and pixels it is the
// gradient of the bias that was added there.
func TestNetLayerGradients(t *testing.T) {
	c := netCases[0]
	rng := rand.New(rand.NewPCG(11, 0))
	net := &Net{Columns: c.columns, Ops: c.ops, Params: params(rng, c.ops, c.params)}
	p := net.Forward(random(rng, c.n, 3, c.size, c.size), true, func(string) []bool { return halves(12) })
	loss, gradients := net.Backward([]int{0, 2})
	for _, op := range c.ops[:len(c.ops)-1] {
		name := op.LayerName()
		g, y := net.Gradients[name], net.Activations[name]
		if g == nil || !g.SameShape(y) {
			t.Fatalf("%s: gradient %v of an output %v", name, g, y)
		}
		bias, ok := gradients[name+".bias"]
		if !ok {
			continue
		}
		sums := make([]float64, g.C)
		for n := range g.N {
			for i, v := range g.Image(n) {
				sums[i/(g.H*g.W)] += v
			}
		}
		checkValues(t, name, sums, bias, 1e-12)
	}
	if !near(loss, (net.Losses[0]+net.Losses[1])/2, 1e-15) {
		t.Errorf("loss %g is not the mean of %v", loss, net.Losses)
	}
	if net.Gradients["softmax"] != nil || p != net.Activations["softmax"] {
		t.Error("softmax: expected no gradient, and Forward to return the last output")
	}
}

// A change of the second column's first kernel reaches the second column alone
// until a gather (paper, section 3.2 and figure 2).
func TestNetColumns(t *testing.T) {
	for i, c := range netCases[:2] {
		rng := rand.New(rand.NewPCG(12, uint64(i)))
		net := &Net{Columns: c.columns, Ops: c.ops, Params: params(rng, c.ops, c.params)}
		x := random(rng, 1, 3, c.size, c.size)
		net.Forward(x, false, nil)
		before := net.Activations
		w := net.Params["conv1.weight"]
		w[len(w)-1] += 1 // of the last kernel
		net.Forward(x, false, nil)

		reader := []string{"conv3", "fc4"}[i] // the first layer that sees both columns
		expected := [2]bool{false, true}      // columns that have changed
		for _, op := range c.ops[:len(c.ops)-1] {
			name := op.LayerName()
			if name == reader {
				expected[0] = true
			}
			y, old := net.Activations[name], before[name]
			border := Deal(y.C, 2)[0] * y.H * y.W
			got := [2]bool{
				!slices.Equal(y.Data[:border], old.Data[:border]),
				!slices.Equal(y.Data[border:], old.Data[border:]),
			}
			if got != expected {
				t.Errorf("%s: layer %s: columns changed %v; expected %v", c.name, name, got, expected)
			}
		}
	}
}

// The net does what the functions do one after the other.
func TestNetForward(t *testing.T) {
	c := netCases[1]
	rng := rand.New(rand.NewPCG(13, 0))
	net := &Net{Columns: 2, Ops: c.ops, Params: params(rng, c.ops, c.params)}
	x := random(rng, 2, 3, 7, 7)
	keep := halves(10)
	got := net.Forward(x, true, func(layer string) []bool {
		if layer != "drop3" {
			t.Errorf("asked for a mask of layer %q", layer)
		}
		return keep
	})
	p := net.Params
	y := Conv(x, p["conv1.weight"], p["conv1.bias"], ConvShape{Filters: 5, Kernel: 2, Stride: 1, Groups: 1})
	y = AvgPool(LRN(Tanh(y), 2, 5, 1, 0.3, 0.75), 3, 2)
	y = Conv(y, p["conv2.weight"], p["conv2.bias"], ConvShape{Filters: 7, Kernel: 2, Stride: 2, Pad: 1, Groups: 2})
	y = Dense(AbsTanh(y), p["fc3.weight"], p["fc3.bias"], 2)
	checkValues(t, "fc3", net.Activations["fc3"].Data, y.Data, 0)
	y = Dropout(Sigmoid(LRN(y, 2, 3, 1, 0.3, 0.5)), keep)
	y = Softmax(Dense(y, p["fc4.weight"], p["fc4.bias"], 1))
	checkValues(t, "softmax", got.Data, y.Data, 0)
}

// A few steps of gradient descent lower the loss.
func TestNetLearns(t *testing.T) {
	c := netCases[1]
	rng := rand.New(rand.NewPCG(14, 0))
	net := &Net{Columns: 2, Ops: c.ops, Params: params(rng, c.ops, c.params)}
	velocity := map[string][]float64{}
	for name, w := range net.Params {
		velocity[name] = make([]float64, len(w))
	}
	x := random(rng, 2, 3, 7, 7)
	all := func(string) []bool { return slices.Repeat([]bool{true}, 10) }
	var losses []float64
	for range 60 {
		net.Forward(x, true, all)
		loss, gradients := net.Backward([]int{1, 4})
		losses = append(losses, loss)
		for name, w := range net.Params {
			Update(w, velocity[name], gradients[name], 0.1, 0.9, 0.0005)
		}
	}
	if first, last := losses[0], losses[len(losses)-1]; last > 0.1*first {
		t.Errorf("the loss went from %g to %g in 60 steps; expected less than a tenth", first, last)
	}
}

func TestNetMistakes(t *testing.T) {
	x := New(1, 1, 2, 2)
	dense := DenseOp{Name: "fc", Units: 2}
	fc := map[string][]float64{"fc.weight": make([]float64, 8), "fc.bias": make([]float64, 2)}
	forward := func(ops ...Op) func() {
		return func() { (&Net{Columns: 1, Ops: ops, Params: fc}).Forward(x, true, nil) }
	}
	for _, c := range []struct {
		name, sentence string
		run            func()
	}{
		{"no parameter", "the net has no parameter conv.weight", forward(ConvOp{Name: "conv", Filters: 1, Kernel: 1, Stride: 1})},
		{"two names", `two layers have the name "fc"`, forward(dense, dense)},
		{"no mask", `dropout layer "drop" has no mask`, forward(DropoutOp{Name: "drop"})},
		{"function", "unknown function step", forward(ActivationOp{Name: "f", Function: "step"})},
		{"units", "2 biases; expected one for each of 3 units", forward(DenseOp{Name: "fc", Units: 3})},
		{"no forward", "Backward needs a Forward", func() { (&Net{Columns: 1}).Backward(nil) }},
		{"no softmax", `it is "fc"`, func() {
			net := &Net{Columns: 1, Ops: []Op{dense}, Params: fc}
			net.Forward(x, false, nil)
			net.Backward([]int{0})
		}},
		{"no columns", "a net of 0 columns", func() { (&Net{}).Forward(x, false, nil) }},
	} {
		checkPanics(t, c.name, c.sentence, c.run)
	}
}
