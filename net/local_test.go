package net

import (
	"slices"
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
)

// localSpec is a two-column net whose local layers see their own column and all, with
// odd dealings, a stride and padding.
func localSpec() Spec {
	return Spec{Columns: 2, Input: Shape{C: 3, H: 14, W: 14}, Layers: []Layer{
		Conv{Name: "conv1", Filters: 13, Kernel: 3, Stride: 2, Pad: 1, ParamOptions: options2(0.2, 0.1)}, Activation{Name: "relu1", Function: ReLU},
		Local{Name: "local2", Filters: 11, Kernel: 3, Stride: 1, Pad: 1, ParamOptions: options2(0.1, 0.1)}, Activation{Name: "relu2", Function: ReLU},
		Gather{Name: "gather3"},
		Local{Name: "local3", Filters: 7, Kernel: 3, Stride: 2, Pad: 1, ParamOptions: options2(0.1, 0.1)}, Activation{Name: "tanh3", Function: Tanh},
		Local{Name: "local4", Filters: 18, Kernel: 4, Stride: 1, ParamOptions: options2(0.1, 0)}, Activation{Name: "relu4", Function: ReLU},
		Gather{Name: "gather5"}, Dense{Name: "fc5", Units: 5, ParamOptions: options2(0.1, 0)}, Softmax{Name: "softmax"},
	}}
}

// localVariants are nets of one column: the image's own local layer, wide ones as the
// 2012 code's, and one in which only it has weights.
func localVariants() map[string]Spec {
	one := func(input Shape, layers ...Layer) Spec {
		return Spec{Columns: 1, Input: input, Layers: append(layers, Softmax{Name: "softmax"})}
	}
	return map[string]Spec{
		"two columns": localSpec(),
		"of the image": one(Shape{C: 3, H: 9, W: 9},
			Local{Name: "local1", Filters: 6, Kernel: 4, Stride: 3, Pad: 2, ParamOptions: options2(0.2, 0)}, Pool{Name: "pool1", Kernel: 2, Stride: 1},
			Local{Name: "local2", Filters: 5, Kernel: 3, Stride: 1, ParamOptions: options2(0.2, 0)}),
		"wide": one(Shape{C: 3, H: 5, W: 5},
			Conv{Name: "conv1", Filters: 64, Kernel: 3, Stride: 1, Pad: 1, ParamOptions: options2(0.2, 0.1)}, Activation{Name: "relu1", Function: ReLU},
			Local{Name: "local2", Filters: 32, Kernel: 3, Stride: 1, Pad: 1, ParamOptions: options2(0.1, 0.1)}, Activation{Name: "relu2", Function: ReLU},
			Dense{Name: "fc3", Units: 5, ParamOptions: options2(0.1, 0)}),
	}
}

func TestLocalAgainstTheReference(t *testing.T) {
	for name, spec := range localVariants() {
		for _, driver := range drivers {
			t.Run(name+" "+driver, func(t *testing.T) { compareSteps(t, spec, enginetest.Open(t, driver), Options{Batch: 12}, 12) })
		}
	}
	t.Run("partial batch", func(t *testing.T) { compareSteps(t, localSpec(), enginetest.Open(t, "2"), Options{Batch: 7}, 3) })
	t.Run("one image", func(t *testing.T) { compareSteps(t, localSpec(), enginetest.Open(t, "1"), Options{Batch: 1}, 1) })
}

// One device with both columns and two with one each make the same bits.
func TestLocalPlacementInvariance(t *testing.T) {
	s := Solver{Rate: 0.01, Momentum: 0.9, Decay: 0.0005, Seed: 5}
	for _, precision := range []string{"float32", "mixed"} {
		spec := localSpec()
		spec.Precision = precision
		one, oneParams := train(t, spec, enginetest.Open(t, "1"), Options{Batch: 6}, 3, s)
		two, twoParams := train(t, spec, enginetest.Open(t, "2"), Options{Batch: 6, Paths: []engine.Path{engine.Paths[0]}}, 3, s)
		if !slices.Equal(one, two) {
			t.Errorf("%s: losses %v on one device, %v on two", precision, one, two)
		}
		same(t, "one and two devices", oneParams, twoParams, true)
	}
}
