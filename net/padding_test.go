package net

import (
	"errors"
	"strings"
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
)

// Lanes that pad channels are zero in every tensor, gradient and parameter, so
// that kernels can read them as if they were channels.
func TestPaddingStaysZero(t *testing.T) {
	for name, spec := range variants() {
		t.Run(name, func(t *testing.T) {
			n, err := Build(spec, enginetest.Open(t, "1"), Options{Batch: 3, Training: true, apart: true})
			if err != nil {
				t.Fatal(err)
			}
			if err := n.Initialize(7); err != nil {
				t.Fatal(err)
			}
			b := randomBatch(spec, 3, spec.Classes())
			for step := range 3 {
				if _, err := n.Train(b, Solver{Step: step, Rate: 0.02, Momentum: 0.9, Decay: 0.01}); err != nil {
					t.Fatal(err)
				}
			}
			for _, o := range n.places[0].ops {
				paddingIsZero(t, o.layer(), output(o))
				if g := output(o).grad; g != nil && g.room.first > 0 { // nobody makes the softmax's own
					paddingIsZero(t, o.layer()+" gradient", g)
				}
			}
			for _, p := range n.places[0].params {
				for _, w := range []What{Value, Gradient, Momentum} {
					parameterPaddingIsZero(t, p, w)
				}
			}
		})
	}
}

// paddingIsZero looks at the lanes of a tensor of one place that holds every
// column; a gathered gradient has a row of blocks for each reader.
func paddingIsZero(t *testing.T, name string, x *tensor) {
	t.Helper()
	values, err := (&place{device: x.room.buffer.Device()}).read(x.all())
	if err != nil {
		t.Fatal(err)
	}
	for block := range x.blocks {
		units := x.units[block%len(x.units)]
		for i := range x.size() {
			if i%x.channels >= units && values[block*x.block()+i] != 0 {
				t.Fatalf("%s: block %d, channel %d of %d is %v", name, block, i%x.channels, units, values[block*x.block()+i])
			}
		}
	}
}

func parameterPaddingIsZero(t *testing.T, p *param, w What) {
	t.Helper()
	values, err := p.place.read(p.buffer(w).Whole())
	if err != nil {
		t.Fatal(err)
	}
	for l, j := range p.place.columns {
		p.index(j, func(_, device int) { values[l*p.block+device] = 0 })
	}
	for i, v := range values {
		if v != 0 {
			t.Fatalf("%s, array %d: word %d pads and is %v", p.Name, w, i, v)
		}
	}
}

// A device whose kernels see 1 MiB at a time computes the same bits: dispatches
// are cut by column. What one column needs in one range cannot be cut and is an
// error that names the layer.
func TestSmallStorageRange(t *testing.T) {
	o := DefaultParamOptions
	o.Std = 0.05
	spec := Spec{Columns: 2, Input: Shape{C: 3, H: 32, W: 32}, Layers: []Layer{
		Conv{Name: "conv1", Filters: 48, Kernel: 5, Stride: 1, Pad: 2, ParamOptions: o}, Activation{Name: "relu1", Function: ReLU},
		Pool{Name: "pool1", Kernel: 3, Stride: 2}, Gather{Name: "gather2"},
		Dense{Name: "fc2", Units: 32, ParamOptions: o}, Activation{Name: "relu2", Function: ReLU}, Gather{Name: "gather3"},
		Dense{Name: "fc3", Units: 5, ParamOptions: o}, Softmax{Name: "softmax"},
	}}
	s := Solver{Rate: 0.01, Momentum: 0.9, Decay: 0.0005}
	_, want := train(t, spec, enginetest.Open(t, "1"), Options{Batch: 8, form: direct}, 2, s)
	_, got := train(t, spec, enginetest.OpenWith(t, engine.Options{StorageRange: 1 << 20}, "1"), Options{Batch: 8, form: direct}, 2, s)
	for name, values := range want {
		for i, v := range values {
			if got[name][i] != v {
				t.Fatalf("%s[%d] is %v within 1 MiB, %v without a limit", name, i, got[name][i], v)
			}
		}
	}
	// What one column needs at once is not cut.
	_, err := Build(spec, enginetest.OpenWith(t, engine.Options{StorageRange: 1 << 20}, "1"), Options{Batch: 64, Training: true})
	if !errors.Is(err, engine.ErrRange) || !strings.Contains(err.Error(), "buffer image") || !strings.Contains(err.Error(), "--set data.batch=") {
		t.Errorf("a batch of 64 within 1 MiB: %v", err)
	}
}
