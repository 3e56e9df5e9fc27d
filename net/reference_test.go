package net

import (
	"maps"
	"math"
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
	"alexnet/net/ref"
)

// reference is spec in float64 with a network's present parameters.
func reference(t *testing.T, n *Net) *ref.Net {
	t.Helper()
	out := &ref.Net{Columns: n.Spec.Columns, Params: map[string][]float64{}}
	for _, l := range n.Spec.Layers {
		switch l := l.(type) {
		case Conv:
			out.Ops = append(out.Ops, ref.ConvOp{Name: l.Name, Filters: l.Filters, Kernel: l.Kernel, Stride: l.Stride, Pad: l.Pad})
		case Local:
			out.Ops = append(out.Ops, ref.LocalOp{Name: l.Name, Filters: l.Filters, Kernel: l.Kernel, Stride: l.Stride, Pad: l.Pad})
		case Dense:
			out.Ops = append(out.Ops, ref.DenseOp{Name: l.Name, Units: l.Units})
		case Activation:
			out.Ops = append(out.Ops, ref.ActivationOp{Name: l.Name, Function: string(l.Function)})
		case LRN:
			out.Ops = append(out.Ops, ref.LRNOp{Name: l.Name, Size: l.Size, K: l.K, Alpha: l.Alpha, Beta: l.Beta})
		case Pool:
			out.Ops = append(out.Ops, ref.PoolOp{Name: l.Name, Average: l.Average, Kernel: l.Kernel, Stride: l.Stride})
		case Gather:
			out.Ops = append(out.Ops, ref.GatherOp{Name: l.Name})
		case Dropout:
			if n.Spec.Dropout {
				out.Ops = append(out.Ops, ref.DropoutOp{Name: l.Name, Probability: l.Probability})
			}
		case Softmax:
			out.Ops = append(out.Ops, ref.SoftmaxOp{Name: l.Name})
		case Squares:
			out.Ops = append(out.Ops, ref.SquaresOp{Name: l.Name})
		}
	}
	for _, p := range n.Params {
		values, err := n.Read(p, Value)
		if err != nil {
			t.Fatal(err)
		}
		out.Params[p.Name] = widen(values)
	}
	return out
}

func widen(values []float32) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = float64(v)
	}
	return out
}

// mask is the dropout mask of a layer and step as dropout.comp draws it, in
// ref's order (n, c, h, w).
func mask(n *Net, images int, layer string, s Solver) []bool {
	for number, row := range n.Rows {
		d, ok := row.Layer.(Dropout)
		if !ok || d.Name != layer {
			continue
		}
		var keep []bool
		units := Deal(row.In.C, n.Spec.Columns)
		channels := pad8(units[0])
		for image := range images {
			for column, count := range units {
				for c := range count {
					for pixel := range row.In.H * row.In.W {
						e := (image*row.In.H*row.In.W+pixel)*channels + c
						words := ref.Philox([4]uint32{uint32(e / 4), uint32(s.Step), uint32(number), uint32(column)}, [2]uint32{uint32(s.Seed), uint32(s.Seed >> 32)})
						keep = append(keep, words[e%4]>>8 >= uint32(d.Probability*(1<<24)))
					}
				}
			}
		}
		return keep
	}
	panic("no layer " + layer)
}

// differs is the largest difference relative to the largest value.
func differs(got []float32, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	most, scale := 0.0, 1e-30
	for i, w := range want {
		most, scale = math.Max(most, math.Abs(float64(got[i])-w)), math.Max(scale, math.Abs(w))
		if got[i] != got[i] {
			return math.Inf(1)
		}
	}
	return most / scale
}

// within is the tolerance of float32 sums of some hundred products against
// float64; gradients pass through a dozen such layers, and an update is a small
// difference of parameters.
var within = map[string]float64{"loss": 2e-6, "logits": 5e-6, "gradient": 3e-5, "update": 2e-4}

// tolerance is within's, or for fast convolutions, whose points up to 2 and their
// powers cost a digit, ten times that.
func tolerance(n *Net, of string) float64 {
	if familyOf(n.Options.form) != nil {
		return 10 * within[of]
	}
	return within[of]
}

// compareSteps runs three steps on devices and in the reference, on the first
// valid images of a batch of o.Batch.
func compareSteps(t *testing.T, spec Spec, devices []*engine.Device, o Options, valid int) {
	t.Helper()
	o.Training = true
	n, err := Build(spec, devices, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Initialize(7); err != nil {
		t.Fatal(err)
	}
	want := reference(t, n)
	first, velocity := map[string][]float64{}, map[string][]float64{}
	for name, values := range want.Params {
		first[name], velocity[name] = append([]float64(nil), values...), make([]float64, len(values))
	}
	b := randomBatch(spec, o.Batch, spec.Classes())
	b.Valid = valid
	x := ref.From(valid, spec.Input.C, spec.Input.H, spec.Input.W, widen(b.Values[:valid*spec.Input.Count()]))
	labels := make([]int, min(valid, len(b.Labels)))
	for i := range labels {
		labels[i] = int(b.Labels[i])
	}
	if len(b.Targets) > 0 {
		b.Targets = b.Targets[:valid*spec.Classes()]
		want.Targets = ref.From(valid, spec.Classes(), 1, 1, widen(b.Targets))
	}
	for step := range 3 {
		s := Solver{Step: step, Seed: 1<<40 + 5, Rate: 0.02, Momentum: 0.9, Decay: 0.01}
		r, err := n.Train(b, s)
		if err != nil {
			t.Fatal(err)
		}
		want.Forward(x, true, func(layer string) []bool { return mask(n, valid, layer, s) })
		loss, gradients := want.Backward(labels)
		if d := math.Abs(r.Mean()/loss - 1); !(d < tolerance(n, "loss")*float64(step+1)) {
			t.Errorf("step %d: loss %v, reference %v", step, r.Mean(), loss)
		}
		if step == 0 {
			compareFirst(t, n, want, valid, gradients)
		}
		for _, p := range n.Params {
			o, _ := options(spec.Layers[p.Layer])
			rate, decay := o.Rate, o.Decay
			if p.Bias {
				rate, decay = o.BiasRate, o.BiasDecay
			}
			ref.Update(want.Params[p.Name], velocity[p.Name], gradients[p.Name], s.Rate*rate, s.Momentum, s.Decay*decay)
		}
	}
	for _, p := range n.Params {
		got, err := n.Read(p, Value)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got { // the updates
			got[i] -= float32(first[p.Name][i])
			want.Params[p.Name][i] -= first[p.Name][i]
		}
		if d := differs(got, want.Params[p.Name]); d > tolerance(n, "update") {
			t.Errorf("%s: its update after three steps differs by %.1e", p.Name, d)
		}
	}
}

// compareFirst compares logits and gradients of the first step.
func compareFirst(t *testing.T, n *Net, want *ref.Net, valid int, gradients map[string][]float64) {
	t.Helper()
	logits, err := n.Logits(valid)
	if err != nil {
		t.Fatal(err)
	}
	last := want.Ops[len(want.Ops)-2].LayerName()
	if d := differs(logits, want.Activations[last].Data); d > tolerance(n, "logits") {
		t.Errorf("logits differ by %.1e", d)
	}
	for _, p := range n.Params {
		got, err := n.Read(p, Gradient)
		if err != nil {
			t.Fatal(err)
		}
		if d := differs(got, gradients[p.Name]); d > tolerance(n, "gradient") {
			t.Errorf("gradient of %s differs by %.1e", p.Name, d)
		}
	}
}

// with changes a layer of small's table.
func with(spec Spec, changes map[string]Layer) Spec {
	layers := append([]Layer(nil), spec.Layers...)
	for i, l := range layers {
		if c, ok := changes[l.LayerName()]; ok {
			layers[i] = c
		}
	}
	spec.Layers = layers
	return spec
}

func options2(std, bias float64) ParamOptions {
	return ParamOptions{Std: std, Bias: bias, Rate: 0.5, BiasRate: 2, Decay: 3, BiasDecay: 0.5}
}

// variants are networks that together have every kind of layer, dealing, stride
// and window.
func variants() map[string]Spec {
	columns := func(n int) Spec { s := small(); s.Columns = n; return s }
	out := map[string]Spec{
		"two columns":   small(),
		"one column":    columns(1),
		"three columns": columns(3),
		"sigmoid and average pooling": with(small(), map[string]Layer{
			"relu1": Activation{Name: "relu1", Function: Sigmoid}, "pool1": Pool{Name: "pool1", Average: true, Kernel: 3, Stride: 2}}),
		"absolute tanh and separate windows": with(small(), map[string]Layer{
			"tanh2": Activation{Name: "tanh2", Function: AbsTanh}, "pool1": Pool{Name: "pool1", Kernel: 2, Stride: 2}}),
		"stride 2 in the middle": with(small(), map[string]Layer{
			"conv2": Conv{Name: "conv2", Filters: 17, Kernel: 3, Stride: 2, Pad: 1, ParamOptions: options2(0.1, 0.1)}}),
		"stride 3 in the middle, gathered": with(small(), map[string]Layer{
			"conv3": Conv{Name: "conv3", Filters: 9, Kernel: 3, Stride: 3, Pad: 2, ParamOptions: options2(0.1, 0)}}),
		"first layer of stride 1": with(small(), map[string]Layer{
			"conv1": Conv{Name: "conv1", Filters: 5, Kernel: 3, Stride: 1, ParamOptions: options2(0.2, 0)}}),
		"first layer of stride 3, kernel no multiple": with(small(), map[string]Layer{
			"conv1": Conv{Name: "conv1", Filters: 33, Kernel: 4, Stride: 3, Pad: 1, ParamOptions: options2(0.1, 0)}}),
		"wide window of normalisation": with(small(), map[string]Layer{
			"norm1": LRN{Name: "norm1", Size: 9, K: 1, Alpha: 0.1, Beta: 0.5}}),
		"dense layers of their own column": {Columns: 2, Input: Shape{C: 3, H: 9, W: 9}, Dropout: true, Layers: []Layer{
			Dense{Name: "fc1", Units: 21, ParamOptions: options2(0.1, 0)}, Activation{Name: "tanh1", Function: Tanh},
			Dropout{Name: "drop1", Probability: 0.3},
			Dense{Name: "fc2", Units: 13, ParamOptions: options2(0.2, 0)}, Activation{Name: "relu2", Function: ReLU},
			Gather{Name: "gather3"}, Dense{Name: "fc3", Units: 7, ParamOptions: options2(0.2, 0.1)}, Softmax{Name: "softmax"}}},
		"targets of an image": with(small(), map[string]Layer{"softmax": Squares{Name: "squares"}}),
		"features":            encoder(),
		"a stride over features": {Columns: 1, Input: Shape{C: 29, H: 1, W: 1}, Layers: []Layer{
			Conv{Name: "conv1", Filters: 9, Kernel: 1, Stride: 2, ParamOptions: options2(0.3, 0.1)}, Activation{Name: "relu1", Function: ReLU},
			Dense{Name: "fc2", Units: 5, ParamOptions: options2(0.3, 0)}, Softmax{Name: "softmax"}}},
	}
	maps.Copy(out, localVariants())
	return out
}

// encoder is a network of features that comes near targets through binary codes.
func encoder() Spec {
	return Spec{Columns: 2, Input: Shape{C: 11, H: 1, W: 1}, Layers: []Layer{
		Dense{Name: "fc1", Units: 9, ParamOptions: options2(0.5, 0.1)}, Activation{Name: "code", Function: Binary}, Gather{Name: "gather2"},
		Dense{Name: "fc2", Units: 13, ParamOptions: options2(0.3, 0)}, Squares{Name: "squares"}}}
}

func TestWholeNetsAgainstTheReference(t *testing.T) {
	for name, spec := range variants() {
		t.Run(name, func(t *testing.T) {
			compareSteps(t, spec, enginetest.Open(t, "1"), Options{Batch: 6}, 6)
		})
	}
}

func TestBatchesAgainstTheReference(t *testing.T) {
	t.Run("one image", func(t *testing.T) { compareSteps(t, small(), enginetest.Open(t, "1"), Options{Batch: 1}, 1) })
	t.Run("partial", func(t *testing.T) { compareSteps(t, small(), enginetest.Open(t, "2"), Options{Batch: 7}, 3) })
	t.Run("partial, of features", func(t *testing.T) { compareSteps(t, encoder(), enginetest.Open(t, "2"), Options{Batch: 7}, 3) })
	t.Run("no dropout", func(t *testing.T) {
		spec := small()
		spec.Dropout = false
		compareSteps(t, spec, enginetest.Open(t, "1"), Options{Batch: 4}, 4)
	})
}

// Two drivers of different kinds hold a column each, in both orders.
func TestTwoDriversAgainstTheReference(t *testing.T) {
	for _, words := range [][]string{{"lavapipe", "swiftshader"}, {"swiftshader", "lavapipe"}, {"swiftshader"}} {
		compareSteps(t, small(), enginetest.Open(t, words...), Options{Batch: 3}, 3)
	}
}
