package net

import (
	"math/rand/v2"
	"slices"
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
)

// small is a two-column net with every kind of layer, odd dealings and a folded
// first convolution.
func small() Spec {
	o := DefaultParamOptions
	o.Std = 0.1
	o.Bias = 0.1
	lrn := DefaultLRN
	lrn.Name, lrn.Alpha = "norm1", 0.01
	return Spec{Columns: 2, Input: Shape{C: 3, H: 23, W: 23}, Dropout: true, Layers: []Layer{
		Conv{Name: "conv1", Filters: 22, Kernel: 5, Stride: 2, Pad: 2, ParamOptions: o},
		Activation{Name: "relu1", Function: ReLU}, lrn,
		Pool{Name: "pool1", Kernel: 3, Stride: 2},
		Conv{Name: "conv2", Filters: 16, Kernel: 3, Stride: 1, Pad: 1, ParamOptions: o},
		Activation{Name: "tanh2", Function: Tanh},
		Gather{Name: "gather3"},
		Conv{Name: "conv3", Filters: 18, Kernel: 3, Stride: 1, Pad: 1, ParamOptions: o},
		Activation{Name: "relu3", Function: ReLU},
		Gather{Name: "gather4"},
		Dense{Name: "fc4", Units: 30, ParamOptions: o},
		Activation{Name: "relu4", Function: ReLU},
		Dropout{Name: "drop4", Probability: 0.5},
		Gather{Name: "gather5"},
		Dense{Name: "fc5", Units: 5, ParamOptions: o},
		Softmax{Name: "softmax"},
	}}
}

func randomBatch(spec Spec, n, classes int) *Batch {
	r := rand.New(rand.NewPCG(3, 4))
	b := &Batch{Values: make([]float32, n*spec.Input.Count()), Labels: make([]int32, n), Valid: n}
	for i := range b.Values {
		b.Values[i] = float32(r.NormFloat64())
	}
	for i := range b.Labels {
		b.Labels[i] = int32(r.IntN(classes))
	}
	if _, squares := spec.Layers[len(spec.Layers)-1].(Squares); squares {
		b.Labels, b.Targets = nil, make([]float32, n*classes)
		for i := range b.Targets {
			b.Targets[i] = float32(r.NormFloat64())
		}
	}
	return b
}

// train runs steps on one batch and returns the losses and all parameters.
func train(t *testing.T, spec Spec, devices []*engine.Device, o Options, steps int, s Solver) (losses []float64, params map[string][]float32) {
	t.Helper()
	o.Training = true
	n, err := Build(spec, devices, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Initialize(7); err != nil {
		t.Fatal(err)
	}
	b := randomBatch(spec, o.Batch, spec.Classes())
	for i := range steps {
		s.Step = i
		r, err := n.Train(b, s)
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, r.Mean())
	}
	params = map[string][]float32{}
	for _, p := range n.Params {
		if params[p.Name], err = n.Read(p, Value); err != nil {
			t.Fatal(err)
		}
	}
	return losses, params
}

func TestOverfitsOneBatch(t *testing.T) {
	losses, _ := train(t, small(), enginetest.Open(t), Options{Batch: 16}, 120, Solver{Rate: 0.05, Momentum: 0.9, NoDropout: true})
	t.Log(losses[0], losses[len(losses)-1])
	if last := losses[len(losses)-1]; last > 0.1 {
		t.Errorf("loss %.3f after 120 steps from %.3f", last, losses[0])
	}
}

// One device with both columns and two devices with one each, whichever way they
// exchange: the same bits.
func TestPlacementInvariance(t *testing.T) {
	s := Solver{Rate: 0.01, Momentum: 0.9, Decay: 0.0005, Seed: 5}
	one, oneParams := train(t, small(), enginetest.Open(t, "1"), Options{Batch: 6}, 3, s)
	for _, path := range engine.Paths {
		two, twoParams := train(t, small(), enginetest.Open(t, "2"), Options{Batch: 6, Paths: []engine.Path{path}}, 3, s)
		if !slices.Equal(one, two) {
			t.Errorf("%s: losses %v on one device, %v on two", path, one, two)
		}
		for name, a := range oneParams {
			if !slices.Equal(a, twoParams[name]) {
				t.Errorf("%s: %s differs between one device and two", path, name)
			}
		}
	}
}
