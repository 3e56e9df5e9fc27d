package net

import (
	"slices"
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
	"alexnet/net/ref"
	"alexnet/shaders"
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
		"local, two columns": localSpec(),
		"local, of the image": one(Shape{C: 3, H: 9, W: 9},
			Local{Name: "local1", Filters: 6, Kernel: 4, Stride: 3, Pad: 2, ParamOptions: options2(0.2, 0)}, Pool{Name: "pool1", Kernel: 2, Stride: 1},
			Local{Name: "local2", Filters: 5, Kernel: 3, Stride: 1, ParamOptions: options2(0.2, 0)}),
		"local, wide": one(Shape{C: 3, H: 5, W: 5},
			Conv{Name: "conv1", Filters: 64, Kernel: 3, Stride: 1, Pad: 1, ParamOptions: options2(0.2, 0.1)}, Activation{Name: "relu1", Function: ReLU},
			Local{Name: "local2", Filters: 32, Kernel: 3, Stride: 1, Pad: 1, ParamOptions: options2(0.1, 0.1)}, Activation{Name: "relu2", Function: ReLU},
			Dense{Name: "fc3", Units: 5, ParamOptions: options2(0.1, 0)}),
	}
}

// TestWholeNetsAgainstTheReference has them on the first driver.
func TestLocalAgainstTheReference(t *testing.T) {
	for name, spec := range localVariants() {
		t.Run(name, func(t *testing.T) { compareSteps(t, spec, enginetest.Open(t, "swiftshader"), Options{Batch: 12}, 12) })
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

// Between guard words: patches are what a convolution with kernels of a single 1 sees,
// their adjoint its data gradient, and outputs come back by image with their biases.
func TestLocalKernelsAgainstTheReference(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *workbench) {
		patches, grad := bothVariants(w, shaders.LocalPatches, shaders.LocalPatchesAddress.Module), bothVariants(w, shaders.LocalPatchesGrad, shaders.LocalPatchesGradAddress.Module)
		for i, output := range bothVariants(w, shaders.LocalOutput, shaders.LocalOutputAddress.Module) {
			for _, c := range productCases {
				if c.channels <= 24 {
					w.patches(&c, kernel(w, patches[i], shaders.None{}), kernel(w, grad[i], shaders.LocalPatchesGradConstants{Masked: c.relu, Stride: uint32(c.stride)}))
					w.localOutput(&c, kernel(w, output, shaders.None{}))
				}
			}
		}
	})
}

func (c *productCase) localPush() shaders.LocalPush {
	return shaders.LocalPush{
		Batch: uint32(c.batch), Sources: uint32(c.sources), InHeight: uint32(c.height), InWidth: uint32(c.width), InChannels: uint32(c.padded()),
		OutHeight: uint32(c.outHeight()), OutWidth: uint32(c.outWidth()), OutChannels: uint32(c.units()),
		Kernel: uint32(c.kernel), Stride: uint32(c.stride), Pad: uint32(c.pad), XBlock: uint32(c.xBlock()), Relu: bit(c.relu),
	}
}

// patches compares the patches of a case's map, and the gradient that ones for all of
// them and their numbers would give it.
func (w *workbench) patches(c *productCase, gather, scatter *engine.Kernel[shaders.LocalPush]) {
	w.t.Helper()
	defer w.free()
	x, _, _, _ := c.operands()
	taps, row, positions := c.kernel*c.kernel, c.row(), c.outHeight()*c.outWidth()
	want, adjoint, dp := map[int]float64{}, x.Like(), make([]float32, positions*c.batch*row)
	for channel := range x.C { // one filter a tap
		shape := ref.ConvShape{Filters: taps, Kernel: c.kernel, Stride: c.stride, Pad: c.pad, Groups: 1}
		kernels := make([]float64, taps*x.C*taps)
		for tap := range taps {
			kernels[(tap*x.C+channel)*taps+tap] = 1
		}
		y := ref.Conv(x, kernels, make([]float64, taps), shape)
		dy := y.Like()
		for n := range y.N {
			for tap := range taps {
				for o := range positions {
					at := (o*c.batch+n)*row + (channel/c.channels*taps+tap)*c.padded() + channel%c.channels
					want[at] = y.At(n, tap, o/y.W, o%y.W)
					dp[at] = float32(at%31) - 15
					dy.Set(n, tap, o/y.W, o%y.W, float64(dp[at]))
				}
			}
		}
		dx, _, _ := ref.ConvBackward(x, kernels, dy, shape)
		for i, v := range dx.Data {
			if !c.relu || x.Data[i] > 0 {
				adjoint.Data[i] += v
			}
		}
	}
	size := c.batch * c.height * c.width * c.padded()
	packed := packMaps(x, c.sources, c.xBlock())
	gx, gp, gdp, gdx := w.in(packed), w.out(len(dp)), w.in(dp), w.out(len(packed))
	w.run(c.name, func(s *engine.Sequence) {
		s.Zero(gdx.all())
		moveLocal(gather, s, "patches", c.localPush(), uint32(c.padded()), positions*c.batch*taps*c.padded(), c.sources, gx.all(), gp.all())
		moveLocal(scatter, s, "adjoint", c.localPush(), uint32(c.padded()), size, c.sources, gdp.all(), gdx.all(), gx.all())
	})
	w.check(c.name+" patches", gp.values(), want)
	wantX := map[int]float64{}
	eachMap(adjoint, c.sources, func(i, source, pixel, ch int) { wantX[source*c.xBlock()+pixel*c.padded()+ch] = adjoint.Data[i] })
	w.check(c.name+" adjoint", gdx.values(), wantX)
}

// localOutput compares an output with values by output pixel and their biases.
func (w *workbench) localOutput(c *productCase, finish *engine.Kernel[shaders.LocalPush]) {
	w.t.Helper()
	defer w.free()
	k, positions := c.units(), c.outHeight()*c.outWidth()
	q, b, want := make([]float32, c.yBlock()), make([]float32, positions*k), map[int]float64{}
	for i := range b {
		b[i] = float32(i%7) - 3
	}
	for i := range q {
		q[i] = float32(i%23) / 4
		o, n := i/k/c.batch, i/k%c.batch
		v := float64(q[i] + b[o*k+i%k])
		if c.relu {
			v = max(v, 0)
		}
		want[(n*positions+o)*k+i%k] = v
	}
	gq, gb, gy := w.in(q), w.in(b), w.out(len(q))
	w.run(c.name, func(s *engine.Sequence) {
		moveLocal(finish, s, "output", c.localPush(), uint32(k), len(q), 1, gq.all(), gy.all(), gb.all())
	})
	w.check(c.name+" output", gy.values(), want)
}
