package net

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"alexnet/engine/enginetest"
)

// In training a family is chosen for the forward pass and the weight gradient
// together, and refused if either of them, or the bias gradient, is wrong.
func TestFamiliesAreChosenForBoth(t *testing.T) {
	enginetest.ForgetChoices(t)
	devices := enginetest.Open(t, "1")
	if !devices[0].Supports(families[0].input.pairs.Needs) {
		t.Skip("the device has no 64-bit integers or buffer addresses")
	}
	for _, training := range []bool{false, true} {
		n, err := Build(fastSpec(3), devices, Options{Batch: 4, Training: training})
		if err != nil {
			t.Fatal(err)
		}
		chosen := func(direction string) bool {
			return slices.ContainsFunc(slices.Collect(maps.Keys(n.choices)), func(key string) bool { return strings.Contains(key, direction+" nt ") })
		}
		if !chosen("forward") || chosen("both") != training {
			t.Errorf("training %v: chose %v", training, n.choices)
		}
		if !training {
			continue
		}
		o := n.places[0].ops[0].(*productOp)
		name := o.forms(o.kernelHeight)[1]
		r := &rehearsal{t: o.place.tuning, device: devices[0], of: o, images: 4, training: true}
		defer r.free()
		run := func(name string) error {
			_, err := r.run("both", name)
			return err
		}
		if err := run(direct); err != nil {
			t.Fatal(err)
		}
		c := r.contests["both"]
		for i, made := range []string{"output", "weight gradient", "bias gradient"} {
			reference := c.reference[i]
			c.reference[i] = slices.Clone(reference)
			c.reference[i][0] += 1e3 // out of reach
			if err := run(name); err == nil {
				t.Errorf("a wrong %s was not refused", made)
			}
			c.reference[i] = reference
			c.runs[name].Free()
			delete(c.runs, name)
		}
		if err := errors.Join(run(name), run(name+forwardOnly)); err != nil {
			t.Error(err)
		}
	}
}

// TestFormsOfMaps: a family that makes far more products for a map than another is not
// tried for it, and every one is where a form is asked for.
func TestFormsOfMaps(t *testing.T) {
	devices := enginetest.Open(t, "1")
	if !devices[0].Supports(families[0].input.pairs.Needs) {
		t.Skip("the device has no 64-bit integers or buffer addresses")
	}
	for size, want := range map[int][]string{
		3: {direct, "winograd 3x5"}, 13: {direct, "winograd 3x5", "winograd 4x5"}, 27: {direct, "winograd 4x5"}, // 81 tiles of 49 products, 49 of 64
	} {
		spec := Spec{Columns: 1, Input: Shape{C: 3, H: size, W: size}, Layers: []Layer{
			Conv{Name: "conv1", Filters: 8, Kernel: 5, Stride: 1, Pad: 2, ParamOptions: options2(0.1, 0)},
			Dense{Name: "fc2", Units: 3, ParamOptions: options2(0.1, 0)}, Softmax{Name: "softmax"}}}
		n, err := Build(spec, devices, Options{Batch: 1, form: direct})
		if err != nil {
			t.Fatal(err)
		}
		o := n.places[0].ops[0].(*productOp)
		if got := o.forms(5); size == 27 && len(got) != 3 {
			t.Errorf("where a form is asked for: %q", got)
		}
		o.place.tuning.form = ""
		if got := o.forms(5); !slices.Equal(got, want) {
			t.Errorf("%dx%d: %q, expected %q", size, size, got, want)
		}
	}
}
