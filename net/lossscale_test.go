package net

import (
	"fmt"
	"math"
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
	"alexnet/shaders"
)

// Gradients are read without the scale, and updates do not know it.
func TestLossScaleCancels(t *testing.T) {
	type outcome struct{ gradient, value []float32 }
	var all []outcome
	for _, scale := range []float64{1, 1 << 10} {
		n, err := Build(mixedSpec(), enginetest.Open(t, "1"), Options{Batch: 8, Training: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Initialize(7); err != nil {
			t.Fatal(err)
		}
		if err := n.SetLossScale(LossScale{Scale: scale}); err != nil {
			t.Fatal(err)
		}
		r, err := n.Train(randomBatch(n.Spec, 8, 5), Solver{Rate: 0.02, Seed: 3})
		if err != nil || r.Skipped || r.Scale != scale {
			t.Fatalf("%+v, %v", r, err)
		}
		p := n.Params[0]
		g, err := n.Read(p, Gradient)
		if err != nil {
			t.Fatal(err)
		}
		v, err := n.Read(p, Value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, outcome{g, v})
	}
	for _, c := range []struct {
		what string
		a, b []float32
	}{{"gradient", all[0].gradient, all[1].gradient}, {"value", all[0].value, all[1].value}} {
		if d := differs(c.b, widen(c.a)); d > 2e-3 || d == 0 {
			t.Errorf("%s: differs by %.1e between scales", c.what, d)
		}
	}
}

// Gradients that overflow update nothing, on any device, and halve the scale; the step
// behind trains again. Two devices agree with one, bit for bit.
func TestOverflowSkipsTheUpdate(t *testing.T) {
	var ends []map[string][]float32
	for _, devices := range []string{"1", "2"} {
		n, err := Build(mixedSpec(), enginetest.Open(t, devices), Options{Batch: 8, Training: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Initialize(7); err != nil {
			t.Fatal(err)
		}
		b := randomBatch(n.Spec, 8, 5)
		step := func(i int) (Result, map[string][]float32) {
			r, err := n.Train(b, Solver{Step: i, Rate: 0.02, Momentum: 0.9, Decay: 0.01, Seed: 3})
			if err != nil {
				t.Fatal(err)
			}
			params := map[string][]float32{}
			for _, p := range n.Params {
				for _, w := range []What{Value, Momentum} {
					if params[fmt.Sprint(p.Name, w)], err = n.Read(p, w); err != nil {
						t.Fatal(err)
					}
				}
			}
			return r, params
		}
		if err := n.SetLossScale(LossScale{Scale: 1 << 10, Good: 5}); err != nil {
			t.Fatal(err)
		}
		r, before := step(0)
		if want := (LossScale{1 << 10, 6}); r.Skipped || n.LossScale() != want {
			t.Fatalf("%s device(s): skipped %t, then %+v; expected %+v", devices, r.Skipped, n.LossScale(), want)
		}
		n.scaling.Scale = 1 << 40
		r, after := step(1)
		if want := (LossScale{Scale: 1 << 39}); !r.Skipped || n.LossScale() != want || math.IsInf(r.Mean(), 0) {
			t.Fatalf("%s device(s): skipped %t, loss %g, then %+v; expected %+v", devices, r.Skipped, r.Mean(), n.LossScale(), want)
		}
		same(t, devices+" device(s), overflow", before, after, true)
		for _, p := range n.places { // each knows of all
			words, err := p.read(p.overflow.words.Whole())
			if err != nil {
				t.Fatal(err)
			}
			for i, word := range words {
				if found := math.Float32bits(word) != 0; found != (i < len(n.places)) {
					t.Errorf("place %d: word %d says %t", p.index, i, found)
				}
			}
		}
		n.scaling.Scale = 1 << 10
		r, end := step(2)
		if r.Skipped {
			t.Fatalf("%s device(s): skipped at scale %g", devices, r.Scale)
		}
		same(t, devices+" device(s), next step", after, end, false)
		ends = append(ends, end)
	}
	same(t, "one and two devices", ends[0], ends[1], true)
}

func same(t *testing.T, what string, a, b map[string][]float32, want bool) {
	t.Helper()
	for name, values := range a {
		equal := true
		for i, v := range values {
			equal = equal && v == b[name][i]
		}
		if equal != want {
			t.Errorf("%s: %s is equal: %t", what, name, equal)
		}
	}
}

// The scale grows after enough good steps, within bounds.
func TestLossScaleGrows(t *testing.T) {
	for _, c := range []struct {
		from     LossScale
		overflow bool
		want     LossScale
	}{
		{LossScale{1 << 16, 0}, false, LossScale{1 << 16, 1}},
		{LossScale{1 << 16, growthSteps - 1}, false, LossScale{1 << 17, 0}},
		{LossScale{mostScale, growthSteps - 1}, false, LossScale{mostScale, 0}},
		{LossScale{1 << 16, 77}, true, LossScale{1 << 15, 0}},
		{LossScale{1, 0}, true, LossScale{1, 0}},
	} {
		if got := c.from.after(c.overflow); got != c.want {
			t.Errorf("%+v, overflow %t: %+v; expected %+v", c.from, c.overflow, got, c.want)
		}
	}
}

// What is infinite or no number sets the place's word, nothing else does.
func TestFindsOverflow(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *workbench) {
		find := kernel(w, shaders.Finite, shaders.None{})
		for _, bad := range []float32{0, 3e38, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN())} {
			for _, at := range []int{0, 77, 999} {
				values := make([]float32, 1000)
				values[at] = bad
				gg, words := w.in(values), w.inout(make([]float32, shaders.OverflowWords))
				w.run("finite", func(s *engine.Sequence) {
					find.Dispatch(s, "finite", engine.Groups{1, 1, 1}, shaders.FinitePush{Count: 1000, Place: 3}, gg.all(), words.all())
				})
				for i, v := range words.values() {
					want := i == 3 && bad-bad != 0
					if (math.Float32bits(v) != 0) != want {
						t.Errorf("%g at %d: word %d is %x", bad, at, i, math.Float32bits(v))
					}
				}
				w.free()
			}
		}
	})
}

// A word of any place keeps sgd from updating.
func TestSGDObeysOverflow(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *workbench) {
		for _, rule := range rulesOf(w, true) {
			for place := range shaders.OverflowWords + 1 { // the last: none
				words := make([]uint32, shaders.OverflowWords+1)
				words[place] = 1
				gs := w.in(stepBuffer(shaders.Step{Rate: 0.5, Scale: 4, Unscale: 0.25}, shaders.Factors{Rate: 1}))
				gw, gg, gv := w.inout(make([]float32, 16)), w.in([]float32{8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8}), w.inout(make([]float32, 16))
				overflow := w.in(asFloats(words[:shaders.OverflowWords]))
				w.run("sgd", func(s *engine.Sequence) {
					rule.update(s, "sgd", shaders.SGDPush{Count: 16}, gs.all(), gw.all(), gg.all(), gv.all(), overflow.all())
				})
				want := float32(0)
				if place == shaders.OverflowWords {
					want = -1 // 0.5 * 8 / 4
				}
				for i, v := range gw.values() {
					if v != want {
						t.Fatalf("word %d: value %d is %g; expected %g", place, i, v, want)
					}
				}
				w.free()
			}
		}
	})
}
