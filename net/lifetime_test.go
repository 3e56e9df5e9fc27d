package net

import (
	"maps"
	"math"
	"slices"
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
)

// poison fills all shared memory with NaN: a step that reads what it has not
// written spoils its results.
func poison(t *testing.T, n *Net) {
	t.Helper()
	for _, p := range n.places {
		for _, b := range p.regions {
			values := make([]float32, b.Size()/4)
			for i := range values {
				values[i] = guardPattern
			}
			if err := p.write(b.Whole(), values); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// outcome trains three steps, with a test between two of them, and returns all that
// can be read of it. before is called before each.
func outcome(t *testing.T, n *Net, before func()) map[string][]float32 {
	t.Helper()
	if err := n.Initialize(7); err != nil {
		t.Fatal(err)
	}
	b := randomBatch(n.Spec, n.Options.Batch, n.Spec.Classes())
	out := map[string][]float32{}
	note := func(name string, values []float32, err error) {
		if err != nil {
			t.Fatal(err)
		}
		out[name] = append(out[name], values...)
	}
	for step := range 3 {
		before()
		_, err := n.Train(b, Solver{Step: step, Seed: 3, Rate: 0.02, Momentum: 0.9, Decay: 0.001})
		if step == 1 && err == nil {
			before()
			_, err = n.Test(b)
		}
		logits, failed := n.Logits(b.Valid)
		note("logits", logits, failed)
		probabilities, failed := n.Probabilities(b.Valid)
		note("probabilities", probabilities, failed)
		note("", nil, err)
	}
	for _, p := range n.Params {
		for w, name := range []string{"", " gradient", " momentum"} {
			values, err := n.Read(p, What(w))
			note(p.Name+name, values, err)
		}
	}
	return out
}

// firstDifference is the first name whose values differ, bit by bit; "" if none.
func firstDifference(got, want map[string][]float32) string {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		for i, v := range want[name] {
			if math.Float32bits(got[name][i]) != math.Float32bits(v) {
				return name
			}
		}
	}
	return ""
}

// sharingNet is a network with the form of its convolutions.
type sharingNet struct {
	spec Spec
	form string
}

// sharingNets together have every kind of room.
func sharingNets(t *testing.T) map[string]sharingNet {
	all, out := variants(), map[string]sharingNet{}
	for _, name := range []string{"two columns", "three columns", "sigmoid and average pooling", "absolute tanh and separate windows", "dense layers of their own column"} {
		out[name] = sharingNet{all[name], direct}
	}
	if enginetest.Open(t, "1")[0].Supports(families[0].input.pairs.Needs) {
		f := &families[0] // their rooms are alike
		out[f.name()] = sharingNet{fastSpec(f.r), f.name()}
	}
	return out
}

// Memory that rooms share, full of NaN before each step, changes no bit of the
// results of rooms apart, on one device and on two.
func TestSharingChangesNothing(t *testing.T) {
	for name, c := range sharingNets(t) {
		t.Run(name, func(t *testing.T) {
			o := Options{Batch: 5, Training: true, form: c.form, apart: true}
			if c.form != direct {
				o.Batch = chunkImages + 3
			}
			apart, err := Build(c.spec, enginetest.Open(t, "1"), o)
			if err != nil {
				t.Fatal(err)
			}
			want := outcome(t, apart, func() {})
			o.apart = false
			for _, where := range []string{"1", "2"} {
				n, err := Build(c.spec, enginetest.Open(t, where), o)
				if err != nil {
					t.Fatal(err)
				}
				got := outcome(t, n, func() { poison(t, n) })
				if differs := firstDifference(got, want); differs != "" {
					t.Errorf("%s devices: %s differs from that of rooms apart", where, differs)
				}
				if where == "1" && regionBytes(n) >= regionBytes(apart) {
					t.Errorf("%d bytes shared, %d apart", regionBytes(n), regionBytes(apart))
				}
			}
		})
	}
}

func regionBytes(n *Net) uint64 {
	total := uint64(0)
	for _, p := range n.places {
		for _, b := range p.regions {
			total += b.Size()
		}
	}
	return total
}

// rearrange gives a net's rooms other memory and records its steps anew.
func rearrange(t *testing.T, n *Net) {
	t.Helper()
	for _, p := range n.places {
		if err := p.giveMemory(); err != nil {
			t.Fatal(err)
		}
	}
	for _, in := range n.inputs {
		for i := range in.stages {
			in.stages[i].values, in.stages[i].fromValues = nil, nil // recorded anew with the next batch
		}
		if err := in.record(n); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if n.test, err = n.record(false); err != nil {
		t.Fatal(err)
	}
	if n.train, err = n.record(true); err != nil {
		t.Fatal(err)
	}
}

// What the test above looks for is there to be found: rooms whose lives are cut
// short give their memory away too early, and the results differ.
func TestShortLivesShow(t *testing.T) {
	n, err := Build(small(), enginetest.Open(t, "1"), Options{Batch: 5, Training: true, form: direct})
	if err != nil {
		t.Fatal(err)
	}
	want := outcome(t, n, func() { poison(t, n) })
	rooms := n.places[0].rooms
	found, tried := 0, 0
	for _, r := range rooms {
		if r.first == r.last || r.stays {
			continue
		}
		tried++
		last := r.last
		r.last = r.first
		rearrange(t, n)
		if firstDifference(outcome(t, n, func() { poison(t, n) }), want) != "" {
			found++
		}
		r.last = last
	}
	t.Logf("%d of %d short lives show", found, tried)
	least := tried / 4
	if !n.places[0].device.Info().CPU() {
		least = tried / 8 // 4 of 22 on an H200
	}
	if found < least { // not each room's memory is given away
		t.Errorf("only %d of %d short lives show", found, tried)
	}
	rearrange(t, n)
	if differs := firstDifference(outcome(t, n, func() { poison(t, n) }), want); differs != "" {
		t.Errorf("%s differs with lives as they were", differs)
	}
}

// Outputs are there after a step of a net that trains and of one that keeps them;
// of any other the logits are.
func TestOutputsStay(t *testing.T) {
	for _, where := range []string{"1", "2"} {
		var choices map[string]string
		build := func(o Options) *Net {
			o.Batch, o.Choices = 5, choices
			n, err := Build(small(), enginetest.Open(t, where), o)
			if err != nil {
				t.Fatal(err)
			}
			if err := n.Initialize(7); err != nil {
				t.Fatal(err)
			}
			poison(t, n)
			if _, err := n.Test(randomBatch(n.Spec, 5, 5)); err != nil {
				t.Fatal(err)
			}
			return n
		}
		trained := build(Options{Training: true, apart: true})
		choices = trained.Choices() // all go forward alike
		want := outputs(t, trained)
		for _, o := range []Options{{Training: true}, {Keep: true}, {apart: true}} {
			if differs := firstDifference(outputs(t, build(o)), want); differs != "" {
				t.Errorf("%+v: the output of %s is gone", o, differs)
			}
		}
		n := build(Options{})
		bad, err := n.NotFinite()
		if err != nil || bad != "" {
			t.Errorf("not finite: %q, %v", bad, err)
		}
	}
}

// outputs reads what each layer's units are after a step, on the first place.
func outputs(t *testing.T, n *Net) map[string][]float32 {
	t.Helper()
	out := map[string][]float32{}
	for _, o := range n.places[0].ops {
		y := output(o)
		values, err := n.places[0].read(y.all())
		if err != nil {
			t.Fatal(err)
		}
		for b := range y.blocks {
			out[o.layer()] = append(out[o.layer()], values[b*y.block():][:y.size()]...)
		}
	}
	return out
}

// A room that a step reads before it has written it cannot be shared, and is an
// error.
func TestReadBeforeWritten(t *testing.T) {
	d := enginetest.Open(t, "1")[0]
	p := &place{device: d}
	r, err := p.newRoom("nothing", 1024)
	if err != nil {
		t.Fatal(err)
	}
	b, err := d.NewBuffer("to", 1024, engine.Local)
	if err != nil {
		t.Fatal(err)
	}
	line := newTimeline(p.rooms)
	s := line.sketch(d, "sketch")
	s.Copy(b.Whole(), r.whole())
	if err := s.End(); err != nil {
		t.Fatal(err)
	}
	if line.err == nil {
		t.Error("a room is read that nobody has written")
	}
}
