package net

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
	"alexnet/net/ref"
	"alexnet/shaders"
)

// productCase is a convolution, or a dense layer where the map and kernel are
// 1x1, as a kernel sees it: channels of each source, padded to multiples of 8
// with zeros by the test.
type productCase struct {
	name                 string
	batch, height, width int
	channels             int // of a source
	sources              int // 1: one column's own input
	kernels              int
	kernel, stride, pad  int
	splits               int // of the weight gradient
	bias, relu           bool
}

// productCases hold batches, maps and channels that are multiples of no tile.
var productCases = []productCase{
	{name: "one pixel", batch: 1, height: 1, width: 1, channels: 1, sources: 1, kernels: 1, kernel: 1, stride: 1, splits: 1},
	{name: "dense", batch: 5, height: 1, width: 1, channels: 37, sources: 1, kernels: 11, kernel: 1, stride: 1, splits: 1, bias: true},
	{name: "dense gathered", batch: 33, height: 1, width: 1, channels: 24, sources: 3, kernels: 70, kernel: 1, stride: 1, splits: 1, bias: true, relu: true},
	{name: "3x3", batch: 2, height: 7, width: 5, channels: 9, sources: 1, kernels: 13, kernel: 3, stride: 1, pad: 1, splits: 2, bias: true, relu: true},
	{name: "3x3 gathered", batch: 3, height: 6, width: 6, channels: 3, sources: 2, kernels: 25, kernel: 3, stride: 1, pad: 1, splits: 3, bias: true},
	{name: "5x5 of a small map", batch: 1, height: 4, width: 6, channels: 8, sources: 1, kernels: 16, kernel: 5, stride: 1, pad: 2, splits: 1},
	{name: "stride 2", batch: 2, height: 9, width: 8, channels: 5, sources: 1, kernels: 6, kernel: 3, stride: 2, pad: 0, splits: 2, bias: true},
	{name: "stride 3, pad 2", batch: 2, height: 10, width: 7, channels: 4, sources: 2, kernels: 7, kernel: 4, stride: 3, pad: 2, splits: 1, relu: true},
	{name: "stride 4", batch: 1, height: 13, width: 13, channels: 3, sources: 1, kernels: 24, kernel: 4, stride: 4, pad: 0, splits: 1},
	{name: "many pixels", batch: 2, height: 17, width: 19, channels: 16, sources: 1, kernels: 40, kernel: 2, stride: 1, pad: 1, splits: 5, bias: true},
	{name: "channels 2", batch: 2, height: 3, width: 3, channels: 2, sources: 1, kernels: 2, kernel: 2, stride: 1, splits: 1},
	{name: "channels 6", batch: 2, height: 3, width: 3, channels: 6, sources: 1, kernels: 3, kernel: 3, stride: 1, splits: 1},
	{name: "channels 7", batch: 2, height: 3, width: 3, channels: 7, sources: 1, kernels: 4, kernel: 1, stride: 1, splits: 1},
	{name: "wide", batch: 2, height: 3, width: 3, channels: 96, sources: 1, kernels: 130, kernel: 3, stride: 1, pad: 1, splits: 1, bias: true, relu: true},
}

func (c *productCase) outHeight() int { return (c.height+2*c.pad-c.kernel)/c.stride + 1 }
func (c *productCase) outWidth() int  { return (c.width+2*c.pad-c.kernel)/c.stride + 1 }
func (c *productCase) padded() int    { return pad8(c.channels) }
func (c *productCase) units() int     { return pad8(c.kernels) }
func (c *productCase) row() int       { return c.sources * c.kernel * c.kernel * c.padded() }
func (c *productCase) xBlock() int    { return padBlock(c.batch * c.height * c.width * c.padded()) }
func (c *productCase) yBlock() int    { return c.batch * c.outHeight() * c.outWidth() * c.units() }
func (c *productCase) shape() ref.ConvShape {
	return ref.ConvShape{Filters: c.kernels, Kernel: c.kernel, Stride: c.stride, Pad: c.pad, Groups: 1}
}

// operands are random values of a case in the reference's layouts.
func (c *productCase) operands() (x, dy *ref.Tensor, w, b []float64) {
	r := rand.New(rand.NewPCG(uint64(c.kernels), uint64(c.height)))
	fill := func(values []float64) {
		for i := range values {
			values[i] = float64(float32(r.NormFloat64()))
		}
	}
	x, dy = ref.New(c.batch, c.sources*c.channels, c.height, c.width), ref.New(c.batch, c.kernels, c.outHeight(), c.outWidth())
	w, b = make([]float64, c.kernels*c.sources*c.channels*c.kernel*c.kernel), make([]float64, c.kernels)
	fill(x.Data)
	fill(dy.Data)
	fill(w)
	fill(b)
	return x, dy, w, b
}

// packMaps lays a tensor out as (source, n, h, w, c) with padded channels.
func packMaps(x *ref.Tensor, sources int, block int) []float32 {
	channels := x.C / sources
	padded := pad8(channels)
	out := make([]float32, sources*block)
	eachMap(x, sources, func(i, source, pixel, c int) { out[source*block+pixel*padded+c] = float32(x.Data[i]) })
	return out
}

// eachMap calls f with every value's place in x, source, pixel and channel.
func eachMap(x *ref.Tensor, sources int, f func(i, source, pixel, c int)) {
	channels := x.C / sources
	for n := range x.N {
		for c := range x.C {
			for h := range x.H {
				for w := range x.W {
					f(x.Index(n, c, h, w), c/channels, (n*x.H+h)*x.W+w, c%channels)
				}
			}
		}
	}
}

// packWeights lays (k, c, r, s) out as (k, source, r, s, c), padded.
func (c *productCase) packWeights(w []float64) []float32 {
	out := make([]float32, c.units()*c.row())
	c.eachWeight(func(file, device int) { out[device] = float32(w[file]) })
	return out
}

func (c *productCase) eachWeight(f func(file, device int)) {
	file := 0
	for k := range c.kernels {
		for channel := range c.sources * c.channels {
			for r := range c.kernel {
				for s := range c.kernel {
					source := channel / c.channels
					f(file, k*c.row()+((source*c.kernel+r)*c.kernel+s)*c.padded()+channel%c.channels)
					file++
				}
			}
		}
	}
}

// check compares values that lie at places with a reference, and wants zeros
// elsewhere: the padding. tolerance is relative to the largest value: the error
// of a float32 sum of up to some thousand products.
func (w *workbench) check(name string, got []float32, want map[int]float64) {
	w.t.Helper()
	list, expected := make([]float32, len(got)), make([]float64, len(got))
	copy(list, got)
	for i, v := range want {
		expected[i] = v
	}
	if d := differs(list, expected); d > 3e-6 {
		w.t.Errorf("%s differs from the reference by %.1e", name, d)
	}
}

// runnable lists the candidates that a device can run, also those that are left
// out because they are slow there.
func runnable(d *engine.Device, all []string) []string {
	var out []string
	for _, name := range all {
		if runs(d, name) {
			out = append(out, name)
		}
	}
	return out
}

func TestProductsAgainstTheReference(t *testing.T) {
	testProducts(t, false, ntCandidates, tnCandidates, runnable)
}

// testProducts compares what some of the candidates compute in all directions, in
// mixed precision with operands rounded to float16.
func testProducts(t *testing.T, mixed bool, nt, tn []string, some func(d *engine.Device, all []string) []string) {
	for _, driver := range enginetest.Drivers(t) {
		d := enginetest.Open(t, driver)[0]
		for _, c := range productCases {
			x, dy, weights, biases := c.operands()
			for _, name := range some(d, nt) {
				t.Run(fmt.Sprintf("%s/%s/nt %s", driver, c.name, name), func(t *testing.T) {
					w := &workbench{t: t, device: d, half: mixed}
					defer w.free()
					w.forward(&c, name, x, weights, biases)
					w.free()
					w.dataGradient(&c, name, false, x, dy, weights)
					w.free()
					w.dataGradient(&c, name, true, x, dy, weights)
				})
			}
			for _, name := range some(d, tn) {
				if !tnFits(name, c.padded()) {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/tn %s", driver, c.name, name), func(t *testing.T) {
					w := &workbench{t: t, device: d, half: mixed}
					defer w.free()
					w.weightGradient(&c, name, x, dy, weights)
				})
			}
		}
	}
}

func (w *workbench) forward(c *productCase, name string, x *ref.Tensor, weights, biases []float64) {
	w.t.Helper()
	k, err := newNT(w.device, name, w.half, false)
	if err != nil {
		w.t.Fatal(err)
	}
	k.bias, k.relu = c.bias, c.relu
	bias := make([]float32, c.units())
	for i, b := range biases {
		bias[i] = float32(b)
	}
	gx, gw, gb, gy := w.in(packMaps(x, c.sources, c.xBlock())), w.in(c.packWeights(weights)), w.in(bias), w.out(c.yBlock())
	w.run(name, func(s *engine.Sequence) {
		k.dispatch(s, name, shaders.ConvNTPush{
			Batch: uint32(c.batch), InHeight: uint32(c.height), InWidth: uint32(c.width), InChannels: uint32(c.padded()),
			OutHeight: uint32(c.outHeight()), OutWidth: uint32(c.outWidth()), OutChannels: uint32(c.units()),
			KernelHeight: uint32(c.kernel), KernelWidth: uint32(c.kernel), Stride: uint32(c.stride), Pad: uint32(c.pad), Dilation: 1,
			Sources: uint32(c.sources), Groups: 1, XSource: uint32(c.xBlock()),
		}, 1, gx.all(), gw.all(), gb.all(), gy.all())
	})
	if !c.bias {
		biases = make([]float64, len(biases))
	}
	y := ref.Conv(w.tensor(x), w.list(weights), biases, c.shape())
	if c.relu {
		y = ref.ReLU(y)
	}
	want := map[int]float64{}
	eachMap(y, 1, func(i, _, pixel, k int) { want[pixel*c.units()+k] = y.Data[i] })
	w.check("forward", gy.values(), want)
}

// dataGradient rotates the weights and convolves the output's gradient; masked, x is
// what a ReLU has made, and the gradient that of its input.
func (w *workbench) dataGradient(c *productCase, name string, masked bool, x, dy *ref.Tensor, weights []float64) {
	w.t.Helper()
	k, err := newNT(w.device, name, w.half, masked)
	if err != nil {
		w.t.Fatal(err)
	}
	rotate, err := engine.NewKernel(w.device, shaders.Rotate, shaders.None{})
	if err != nil {
		w.t.Fatal(err)
	}
	count := c.row() * c.units()
	gy, gw, gr, gx := w.in(packMaps(dy, 1, c.yBlock())), w.in(c.packWeights(weights)), w.out(count), w.out(c.sources*c.xBlock())
	third := gw
	if masked {
		third = w.in(packMaps(x, c.sources, c.xBlock()))
	}
	w.run(name, func(s *engine.Sequence) {
		rotate.Dispatch(s, name, engine.Linear(count), shaders.RotatePush{
			Kernels: uint32(c.units()), Padded: uint32(c.units()), Sources: uint32(c.sources),
			Height: uint32(c.kernel), Width: uint32(c.kernel), Channels: uint32(c.padded()), WBlock: uint32(c.units() * c.row()), WtBlock: uint32(count),
		}, gw.all(), gr.all())
		k.dispatch(s, name, shaders.ConvNTPush{
			Batch: uint32(c.batch), InHeight: uint32(c.outHeight()), InWidth: uint32(c.outWidth()), InChannels: uint32(c.units()),
			OutHeight: uint32(c.height), OutWidth: uint32(c.width), OutChannels: uint32(c.padded()),
			KernelHeight: uint32(c.kernel), KernelWidth: uint32(c.kernel), Stride: 1, Pad: uint32(c.kernel - 1 - c.pad), Dilation: uint32(c.stride),
			Sources: 1, Groups: uint32(c.sources), WBlock: uint32(count / c.sources), YBlock: uint32(c.xBlock()),
		}, c.sources, gy.all(), gr.all(), third.all(), gx.all())
	})
	dx, _, _ := ref.ConvBackward(x, w.list(weights), w.tensor(dy), c.shape())
	if masked {
		dx = ref.ReLUBackward(x, dx)
	}
	want := map[int]float64{}
	eachMap(dx, c.sources, func(i, source, pixel, channel int) { want[source*c.xBlock()+pixel*c.padded()+channel] = dx.Data[i] })
	got := gx.values()
	for source := range c.sources { // what pads a block stays as it was
		for i := c.batch * c.height * c.width * c.padded(); i < c.xBlock(); i++ {
			if got[source*c.xBlock()+i] != -12345 {
				w.t.Fatalf("data gradient: word %d behind source %d was written", i, source)
			}
			want[source*c.xBlock()+i] = -12345
		}
	}
	w.check("data gradient", unpadded(got, want), clean(want))
}

// unpadded and clean leave out the words between blocks.
func unpadded(got []float32, want map[int]float64) []float32 {
	out := append([]float32(nil), got...)
	for i, v := range want {
		if v == -12345 {
			out[i] = 0
		}
	}
	return out
}

func clean(want map[int]float64) map[int]float64 {
	for i, v := range want {
		if v == -12345 {
			delete(want, i)
		}
	}
	return want
}

// weightGradient sums in runs and reduces them.
func (w *workbench) weightGradient(c *productCase, name string, x, dy *ref.Tensor, weights []float64) {
	w.t.Helper()
	k, err := newTN(w.device, name, w.half)
	if err != nil {
		w.t.Fatal(err)
	}
	reduce, err := engine.NewKernel(w.device, shaders.Reduce, shaders.None{})
	if err != nil {
		w.t.Fatal(err)
	}
	count, pixels := c.units()*c.row(), c.batch*c.outHeight()*c.outWidth()
	run := pad8((pixels + c.splits - 1) / c.splits)
	splits := (pixels + run - 1) / run
	gx, gy, gp, gw := w.in(packMaps(x, c.sources, c.xBlock())), w.in(packMaps(dy, 1, c.yBlock())), w.out(splits*count), w.out(count)
	w.run(name, func(s *engine.Sequence) {
		k.dispatch(s, name, shaders.ConvTNPush{
			Batch: uint32(c.batch), InHeight: uint32(c.height), InWidth: uint32(c.width), InChannels: uint32(c.padded()),
			OutHeight: uint32(c.outHeight()), OutWidth: uint32(c.outWidth()), OutChannels: uint32(c.units()),
			KernelHeight: uint32(c.kernel), KernelWidth: uint32(c.kernel), Stride: uint32(c.stride), Pad: uint32(c.pad),
			Sources: uint32(c.sources), Rows: uint32(c.units()), Splits: uint32(splits), SplitPixels: uint32(run), Groups: 1,
			XSource: uint32(c.xBlock()), XPixel: uint32(c.padded()), WSplit: uint32(count),
		}, 1, gx.all(), gy.all(), gp.all())
		reduce.Dispatch(s, name, engine.Linear(count/4), shaders.ReducePush{Count: uint32(count), Splits: uint32(splits), XSplit: uint32(count)}, gp.all(), gw.all())
	})
	_, dw, _ := ref.ConvBackward(w.tensor(x), weights, w.tensor(dy), c.shape())
	want := map[int]float64{}
	c.eachWeight(func(file, device int) { want[device] = dw[file] })
	w.check("weight gradient", gw.values(), want)
}
