package net

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
	"alexnet/net/ref"
	"alexnet/shaders"
)

// eachDriver runs a test on every driver.
func eachDriver(t *testing.T, f func(t *testing.T, w *workbench)) {
	for _, driver := range enginetest.Drivers(t) {
		t.Run(driver, func(t *testing.T) {
			w := &workbench{t: t, device: enginetest.Open(t, driver)[0]}
			defer w.free()
			f(t, w)
		})
	}
}

// kernel compiles a shader or fails the test.
func kernel[P, C any](w *workbench, s shaders.Shader[P, C], c C) *engine.Kernel[P] {
	w.t.Helper()
	k, err := engine.NewKernel(w.device, s, c)
	if err != nil {
		w.t.Fatal(err)
	}
	return k
}

// random is a tensor of normal values, with some exact zeros and tiny values.
func random(n, c, h, w int) *ref.Tensor {
	r := rand.New(rand.NewPCG(uint64(c), uint64(h*w+n)))
	x := ref.New(n, c, h, w)
	for i := range x.Data {
		x.Data[i] = float64(float32(r.NormFloat64()))
		switch i % 7 {
		case 3:
			x.Data[i] = 0
		case 5:
			x.Data[i] = float64(float32(x.Data[i] * 1e-6))
		}
	}
	return x
}

// packed lays one column's tensor out; places maps the layout back to its values.
func packed(x *ref.Tensor) []float32 { return packMaps(x, 1, x.N*x.H*x.W*pad8(x.C)) }

func places(x *ref.Tensor) map[int]float64 {
	out := map[int]float64{}
	eachMap(x, 1, func(i, _, pixel, c int) { out[pixel*pad8(x.C)+c] = x.Data[i] })
	return out
}

// shapes are maps with 1 to 9 channels of a column and 1x1 maps among them.
var shapes = [][4]int{{1, 1, 1, 1}, {3, 2, 1, 1}, {2, 3, 4, 5}, {1, 5, 7, 7}, {2, 8, 3, 3}, {2, 9, 5, 4}, {1, 48, 6, 6}}

func TestActivationsAgainstTheReference(t *testing.T) {
	type pair struct {
		forward  func(x *ref.Tensor) *ref.Tensor
		backward func(x, dy *ref.Tensor) *ref.Tensor
	}
	functions := map[Function]pair{ReLU: {ref.ReLU, ref.ReLUBackward}, Tanh: {ref.Tanh, ref.TanhBackward},
		Sigmoid: {ref.Sigmoid, ref.SigmoidBackward}, AbsTanh: {ref.AbsTanh, ref.AbsTanhBackward}, Binary: {ref.Binary, ref.BinaryBackward}}
	eachDriver(t, func(t *testing.T, w *workbench) {
		for name, f := range functions {
			number := functionNumber[name]
			apply := kernel(w, shaders.Activation, shaders.ActivationConstants{Function: number})
			for _, s := range bothVariants(w, shaders.ActivationGrad, shaders.ActivationGradAddress.Module) {
				differ := kernel(w, s, shaders.ActivationGradConstants{Function: number})
				for _, shape := range shapes {
					x, dy := random(shape[0], shape[1], shape[2], shape[3]), random(shape[0], shape[1], shape[2], shape[3])
					count := len(packed(x))
					gx, gy, gg := w.in(packed(x)), w.out(count), w.inout(packed(dy))
					w.run(string(name), func(s *engine.Sequence) {
						apply.Dispatch(s, "forward", engine.Linear(count/4), shaders.ActivationPush{Count: uint32(count), Channels: uint32(pad8(x.C)), Units: uint32(x.C)}, gx.all(), gy.all())
						differActivation(differ, s, "backward", count, gx.all(), gy.all(), gg.all())
					})
					w.check(fmt.Sprint(name, shape), gy.values(), places(f.forward(x)))
					w.check(fmt.Sprint(name, shape, " gradient"), gg.values(), places(f.backward(x, dy)))
					w.free()
				}
			}
		}
	})
}

// Near zero tanh must keep its digits, which software drivers' own loses, and
// reach 1 without passing it.
func TestTanhIsExact(t *testing.T) {
	const count = 256
	eachDriver(t, func(t *testing.T, w *workbench) {
		apply := kernel(w, shaders.Activation, shaders.ActivationConstants{Function: functionNumber[Tanh]})
		x := make([]float32, count)
		for i := range x {
			x[i] = float32(100*math.Pow(10, -float64(i)/25)) * float32(1-i%2*2) // 100 to 1e-8
		}
		gx, gy := w.in(x), w.out(len(x))
		w.run("tanh", func(s *engine.Sequence) {
			apply.Dispatch(s, "forward", engine.Linear(count/4), shaders.ActivationPush{Count: count, Channels: count, Units: count}, gx.all(), gy.all())
		})
		for i, got := range gy.values() {
			want := math.Tanh(float64(x[i]))
			if math.Abs(float64(got)/want-1) > 5e-7 || math.Abs(float64(got)) > 1 {
				t.Errorf("tanh(%g) = %g; expected %g", x[i], got, want)
			}
		}
	})
}

func TestLRNAgainstTheReference(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *workbench) {
		for _, size := range []int{1, 3, 5, 9} {
			for _, shape := range append(shapes, [4]int{1, 32, 7, 5}) {
				applies, differs := w.lrns(LRN{Size: size, Beta: 0.75}, pad8(shape[1]))
				for i, apply := range applies {
					differ := differs[i]
					x, dy := random(shape[0], shape[1], shape[2], shape[3]), random(shape[0], shape[1], shape[2], shape[3])
					const k, alpha, beta = 2, 0.3, 0.75
					count := len(packed(x))
					push := shaders.LRNPush{Count: uint32(count), Channels: uint32(pad8(x.C)), K: k, Alpha: alpha, Beta: beta}
					gx, gy, gg, gdx, gdr := w.in(packed(x)), w.out(count), w.in(packed(dy)), w.out(count), w.out(count)
					w.run("lrn", func(s *engine.Sequence) {
						apply.apply(s, "forward", push, gx.all(), gy.all())
						differ.differ(s, "backward", push, gx.all(), gg.all(), gdx.all())
						push.Relu = 1
						differ.differ(s, "backward with ReLU", push, gx.all(), gg.all(), gdr.all())
					})
					dx := ref.LRNBackward(x, dy, 1, size, k, alpha, beta)
					w.check(fmt.Sprint("size ", size, shape), gy.values(), places(ref.LRN(x, 1, size, k, alpha, beta)))
					w.check(fmt.Sprint("size ", size, shape, " gradient"), gdx.values(), places(dx))
					w.check(fmt.Sprint("size ", size, shape, " gradient with ReLU"), gdr.values(), places(ref.ReLUBackward(x, dx)))
					w.free()
				}
			}
		}
	})
}

// lrns are both variants of the normalisation and its gradient, and what a device takes.
func (w *workbench) lrns(l LRN, channels int) (applies, differs []*lrnKernel) {
	w.t.Helper()
	must := func(k *lrnKernel, err error) *lrnKernel {
		if err != nil {
			w.t.Fatal(err)
		}
		return k
	}
	for _, of := range bothVariants(w, shaders.LRN, shaders.LRNAddress.Module) {
		applies = append(applies, must(plainLRN(w.device, l, of)))
	}
	for _, of := range bothVariants(w, shaders.LRNGrad, shaders.LRNGradAddress.Module) {
		differs = append(differs, must(plainLRN(w.device, l, shaders.Shader[shaders.LRNPush, shaders.LRNConstants]{Module: of.Module})))
	}
	return append(applies, must(newLRNKernel(w.device, l, false, channels))), append(differs, must(newLRNKernel(w.device, l, true, channels)))
}

// Windows overlap, touch and leave rows out; rounding to halves makes ties, whose
// gradient goes to the first maximum in row order.
func TestPoolingAgainstTheReference(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *workbench) {
		for _, kind := range []struct{ average, relu bool }{{false, false}, {false, true}, {true, false}} {
			backward := bothVariants(w, shaders.PoolGrad, shaders.PoolGradAddress.Module)
			for i, forward := range bothVariants(w, shaders.Pool, shaders.PoolAddress.Module) {
				for _, window := range [][2]int{{1, 1}, {2, 2}, {3, 2}, {3, 3}, {4, 1}, {5, 3}} {
					constants := poolConstants(Pool{Average: kind.average, Kernel: window[0], Stride: window[1]}, kind.relu)
					apply, differ := kernel(w, forward, constants), kernel(w, backward[i], poolGradConstants(constants))
					for _, shape := range [][4]int{{1, 1, 5, 5}, {2, 3, 7, 6}, {2, 9, 9, 13}, {1, 16, 27, 27}} {
						x := random(shape[0], shape[1], shape[2], shape[3])
						for i := range x.Data {
							x.Data[i] = math.Round(2*x.Data[i]) / 2
						}
						if kind.relu {
							x = ref.ReLU(x)
						}
						w.pool(x, constants, apply, differ)
					}
				}
			}
		}
	})
}

func (w *workbench) pool(x *ref.Tensor, c shaders.PoolConstants, apply, differ *engine.Kernel[shaders.PoolPush]) {
	w.t.Helper()
	defer w.free()
	size, stride := int(c.Kernel), int(c.Stride)
	y := ref.MaxPool(x, size, stride)
	if c.Average {
		y = ref.AvgPool(x, size, stride)
	}
	dy := random(y.N, y.C, y.H, y.W)
	push := shaders.PoolPush{Images: uint32(x.N), Channels: uint32(pad8(x.C)), InHeight: uint32(x.H), InWidth: uint32(x.W),
		OutHeight: uint32(y.H), OutWidth: uint32(y.W)}
	in, out := len(packed(x)), len(packed(y))
	gx, gy, ga, gg, gdx := w.in(packed(x)), w.out(out), w.out(out), w.in(packed(dy)), w.out(in)
	w.run("pool", func(s *engine.Sequence) {
		applyPool(apply, s, "forward", push, gx.all(), gy.all(), ga.all())
		differPool(differ, s, "backward", push, poolBlock(uint32(stride)), gg.all(), ga.all(), gdx.all())
	})
	dx := ref.MaxPoolBackward(x, dy, size, stride)
	if c.Average {
		dx = ref.AvgPoolBackward(x, dy, size, stride)
	}
	if c.Relu {
		dx = ref.ReLUBackward(x, dx)
	}
	name := fmt.Sprintf("%+v of %v", c, x)
	w.check(name, gy.values(), places(y))
	w.check(name+" gradient", gdx.values(), places(dx))
}

func TestSumOfReadersAgainstOrder(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *workbench) {
		sum, masked := kernel(w, shaders.Sum, shaders.SumConstants{}), kernel(w, shaders.Sum, shaders.SumConstants{Relu: true})
		const count, readers = 72, 3
		row := []int{2, 0, 1} // of each reading column
		rows := uint32(0)
		for j, r := range row {
			rows |= uint32(r) << (4 * j)
		}
		block := padBlock(count)
		x := make([]float32, readers*readers*block)
		r := rand.New(rand.NewPCG(1, 1))
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		output := ref.ReLU(random(1, count, 1, 1))
		gx, gy, gr, gm := w.in(x), w.out(count), w.out(count), w.in(packed(output))
		push := shaders.SumPush{Count: count, Readers: readers, Rows: rows, XRow: uint32(readers * block), XSource: uint32(block), Source: 1}
		w.run("sum", func(s *engine.Sequence) {
			sum.Dispatch(s, "sum", engine.Linear(count/4), push, gx.all(), gy.all(), gx.all())
			masked.Dispatch(s, "sum with ReLU", engine.Linear(count/4), push, gx.all(), gr.all(), gm.all())
		})
		for i, got := range gy.values() {
			var want float32
			for j := range readers {
				want += x[(row[j]*readers+1)*block+i]
			}
			if got != want {
				t.Fatalf("value %d is %v; expected %v, in the order of the columns", i, got, want)
			}
			if output.Data[i] == 0 {
				want = 0
			}
			if got := gr.values()[i]; got != want {
				t.Fatalf("value %d behind a ReLU's %v is %v; expected %v", i, output.Data[i], got, want)
			}
		}
	})
}

func TestBiasGradientAgainstTheReference(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *workbench) {
		for _, sh := range append(bothVariants(w, shaders.BiasGrad, shaders.BiasGradAddress.Module), shaders.BiasGradShared) {
			sum, err := makePixelSum(w.device, sh)
			if err != nil {
				t.Fatal(err)
			}
			for _, shape := range append(shapes, [4]int{2, 140, 3, 5}) {
				for _, runs := range []int{1, 2, 3} {
					const columns = 2
					dy := random(shape[0], columns*shape[1], shape[2], shape[3])
					pixels, channels := dy.N*dy.H*dy.W, pad8(shape[1])
					block := pixels * channels
					each := (pixels + runs - 1) / runs
					runs = (pixels + each - 1) / each
					// Neither begins at its buffer's first float.
					gy, gp, gb := w.in(append(make([]float32, 8), packMaps(dy, columns, block)...)), w.inout(make([]float32, 16+columns*runs*channels)), w.out(columns*channels)
					w.run("bias", func(s *engine.Sequence) {
						sum.add(s, "runs", columns, shaders.BiasGradPush{Pixels: uint32(pixels), Channels: uint32(channels), Runs: uint32(runs), RunPixels: uint32(each),
							YFirst: 8, BFirst: 16, YBlock: uint32(block), BBlock: uint32(runs * channels)}, gy.all(), gp.all())
						sum.add(s, "bias", columns, shaders.BiasGradPush{Pixels: uint32(runs), Channels: uint32(channels), Runs: 1, RunPixels: uint32(runs),
							YFirst: 16, YBlock: uint32(runs * channels), BBlock: uint32(channels)}, gp.all(), gb.all())
					})
					want := map[int]float64{}
					eachMap(dy, columns, func(i, column, _, c int) { want[column*channels+c] += dy.Data[i] })
					w.check(fmt.Sprint(shape, runs), gb.values(), want)
					w.free()
				}
			}
		}
	})
}

// bothVariants are the kernels of a computation that a device can run.
func bothVariants[Push, Constants any](w *workbench, plain shaders.Shader[Push, Constants], address *shaders.Module) []shaders.Shader[Push, Constants] {
	out := []shaders.Shader[Push, Constants]{plain}
	if w.device.Supports(address.Needs) {
		out = append(out, shaders.Shader[Push, Constants]{Module: address})
	}
	return out
}
