package net

import (
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
)

// fastSpec has a folded first convolution, one of a column's own maps and one of
// gathered maps, all with r x r filters on the device. Its functions are smooth:
// at the edge of a ReLU, or where two values of a window are nearly the same, the
// least difference takes another turn.
func fastSpec(r int) Spec {
	return Spec{Columns: 2, Input: Shape{C: 3, H: 40, W: 37}, Dropout: true, Layers: []Layer{
		Conv{Name: "conv1", Filters: 20, Kernel: 3*r - 2, Stride: 3, Pad: 1, ParamOptions: options2(0.05, 0.1)}, Activation{Name: "tanh1", Function: Tanh},
		Conv{Name: "conv2", Filters: 18, Kernel: r, Stride: 1, Pad: r / 2, ParamOptions: options2(0.1, 0)}, Activation{Name: "tanh2", Function: Tanh},
		Gather{Name: "gather3"}, Conv{Name: "conv3", Filters: 50, Kernel: r, Stride: 1, Pad: 1, ParamOptions: options2(0.05, 0)}, Activation{Name: "tanh3", Function: Tanh},
		Pool{Name: "pool3", Average: true, Kernel: 3, Stride: 2},
		Gather{Name: "gather4"}, Dense{Name: "fc4", Units: 7, ParamOptions: options2(0.05, 0.1)}, Softmax{Name: "softmax"}}}
}

// Every family in all three directions, on more images than a chunk holds.
func TestFastConvolutionsAgainstTheReference(t *testing.T) { compareFamilies(t) }

// The transforms of GPUs, on any device.
func TestTransformsOfPairsAgainstTheReference(t *testing.T) {
	transformByVectors = false
	defer func() { transformByVectors = true }()
	compareFamilies(t)
}

func compareFamilies(t *testing.T) {
	t.Helper()
	for _, f := range families {
		t.Run(f.name(), func(t *testing.T) {
			devices := enginetest.Open(t, "1")
			if !devices[0].Supports(f.input.pairs.Needs) {
				t.Skip("the device has no 64-bit integers or buffer addresses")
			}
			o := Options{Batch: chunkImages + 3, form: f.name()}
			compareSteps(t, fastSpec(f.r), devices, o, o.Batch)
			n, err := Build(fastSpec(f.r), devices, Options{Batch: 4, Training: true, form: f.name()})
			if err != nil {
				t.Fatal(err)
			}
			for i, row := range n.Rows {
				if o, ok := n.places[0].ops[i].(*productOp); ok && !o.dense {
					if w := o.fast.forward; w != nil && transformByVectors == (w.transform.straight == nil) && runsStraight(devices[0]) {
						t.Errorf("%s: transforms by vectors: %v", row.Layer.LayerName(), !transformByVectors)
					}
					if o.fast.forward == nil || !o.fast.weight || o.x.grad != nil && o.fast.data == nil {
						t.Errorf("%s is not fast in every direction", row.Layer.LayerName())
					}
				}
			}
		})
	}
}

// Chunks that fit a small cache: several add to one sum of a weight gradient, and the last
// sum and its last chunk are smaller.
func TestChunksFitTheCache(t *testing.T) {
	d := straightDevice(t)
	defer func(bytes int) { cacheBytes = bytes }(cacheBytes)
	cacheBytes = 6 << 20
	layer := func(name string) Conv {
		return Conv{Name: name, Filters: 48, Kernel: 3, Stride: 1, Pad: 1, ParamOptions: options2(0.1, 0.1)}
	}
	spec := Spec{Columns: 1, Input: Shape{C: 3, H: 30, W: 26}, Layers: []Layer{
		layer("conv1"), Activation{Name: "tanh1", Function: Tanh}, layer("conv2"), Activation{Name: "tanh2", Function: Tanh},
		Pool{Name: "pool2", Average: true, Kernel: 3, Stride: 2},
		Dense{Name: "fc3", Units: 7, ParamOptions: options2(0.05, 0.1)}, Softmax{Name: "softmax"}}}
	o := Options{Batch: chunkImages + 11, Training: true, form: families[0].name()}
	n, err := Build(spec, []*engine.Device{d}, o)
	if err != nil {
		t.Fatal(err)
	}
	f := n.places[0].ops[2].(*productOp).fast
	if w := f.forward; w.together < 2 || w.sumsOf() != 2 || w.chunks()%w.together == 0 || w.images%w.chunk == 0 || f.data.chunk >= chunkImages {
		t.Errorf("%d chunks of %d of %d images forward, %d together; of %d for the data gradient", w.chunks(), w.chunk, w.images, w.together, f.data.chunk)
	}
	compareSteps(t, spec, []*engine.Device{d}, o, o.Batch)
}

// The columns' sums are the same on one device and on two, bit for bit.
func TestFastConvolutionsAnywhere(t *testing.T) {
	for _, f := range families {
		var first map[string][]float32
		for _, where := range []string{"1", "2"} {
			devices := enginetest.Open(t, where)
			if !devices[0].Supports(f.input.pairs.Needs) {
				t.Skip("the device has no 64-bit integers or buffer addresses")
			}
			n, err := Build(fastSpec(f.r), devices, Options{Batch: 5, Training: true, form: f.name()})
			if err != nil {
				t.Fatal(err)
			}
			if err := n.Initialize(3); err != nil {
				t.Fatal(err)
			}
			b := randomBatch(n.Spec, 5, n.Spec.Classes())
			b.Valid = 5
			for step := range 2 {
				if _, err := n.Train(b, Solver{Step: step, Seed: 1, Rate: 0.02, Momentum: 0.9}); err != nil {
					t.Fatal(err)
				}
			}
			values := map[string][]float32{}
			for _, p := range n.Params {
				if values[p.Name], err = n.Read(p, Value); err != nil {
					t.Fatal(err)
				}
				for i, v := range first[p.Name] {
					if v != values[p.Name][i] {
						t.Fatalf("%s: %s, value %d is %v on one device, %v on two", f.name(), p.Name, i, v, values[p.Name][i])
					}
				}
			}
			first = values
		}
	}
}

// A recipe's convolution = "direct" keeps transforms out, whatever is faster, and so
// does precision = "mixed".
func TestDirectConvolutions(t *testing.T) {
	for _, c := range [][2]string{{direct, "float32"}, {"auto", Mixed}} {
		spec := fastSpec(3)
		spec.Convolution, spec.Precision = c[0], c[1]
		n, err := Build(spec, enginetest.Open(t, "1"), Options{Batch: 4, Training: true, form: families[0].name()})
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range n.Rows {
			if o, ok := n.places[0].ops[i].(*productOp); ok && o.fast != (fast{}) {
				t.Errorf("%v: %s is not direct", c, row.Layer.LayerName())
			}
		}
	}
}
