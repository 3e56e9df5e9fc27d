package net

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"alexnet/engine"
	"alexnet/engine/enginetest"
)

// A candidate that computes something else is refused, be it the fastest: one that
// leaves out the padding, and one that writes nothing.
func TestTunerRefusesAWrongCandidate(t *testing.T) {
	for _, precision := range []string{"float32", Mixed} {
		t.Run(precision, func(t *testing.T) { refuseWrongCandidates(t, precision) })
	}
}

func refuseWrongCandidates(t *testing.T, precision string) {
	enginetest.ForgetChoices(t)
	d := enginetest.Open(t, "1")[0]
	n := &Net{choices: map[string]string{}, Spec: Spec{Precision: precision}}
	tune := newTuning(d, n)
	tune.ahead = true // one candidate is enough
	o := Spec{Columns: 1, Input: Shape{C: 3, H: 9, W: 9}, Layers: []Layer{
		Conv{Name: "conv1", Filters: 24, Kernel: 3, Stride: 1, Pad: 1, ParamOptions: options2(0.1, 0)},
		Dense{Name: "fc2", Units: 3, ParamOptions: options2(0.1, 0)}, Softmax{Name: "softmax"}}}
	built, err := Build(o, []*engine.Device{d}, Options{Batch: 4, form: direct})
	if err != nil {
		t.Fatal(err)
	}
	push := built.places[0].ops[0].(*productOp).forwardPush()
	right := tune.ntProblem(push, 1)
	sample := tune.ntProblem(sampleNT(push), 1)
	for _, p := range []*problem{&right, &sample} {
		plain := p.record
		p.record = func(name string, s *engine.Sequence, in [3]engine.Range, out engine.Range) error {
			switch name {
			case "idle":
				return nil
			case "unpadded":
				other := push
				other.Pad, other.Batch = 0, 1
				return tune.ntProblem(other, 1).record("plain", s, in, out)
			}
			return plain(name, s, in, out)
		}
	}
	name, err := tune.choose("problem", []string{"idle", "unpadded", "plain"}, right, sample)
	if err != nil || name != "plain" {
		t.Errorf("took %q, %v", name, err)
	}
	if name, err := tune.choose("another", []string{"idle", "unpadded"}, right, sample); err != nil || name != "plain" {
		t.Errorf("where no candidate is right it took %q, %v", name, err)
	}
}

// TestChoosingTellsTheLayer: who is told that kernels are compared knows of which layer of
// how many, and can end it.
func TestChoosingTellsTheLayer(t *testing.T) {
	enginetest.ForgetChoices(t)
	enough := errors.New("enough")
	var told []string
	_, err := Build(small(), enginetest.Open(t, "1"), Options{Batch: 1, form: direct, Tuning: func(c Choosing) error {
		if told = append(told, c.Layer+", "+c.String()); c.Number == 2 {
			return enough
		}
		return nil
	}})
	if want := []string{"conv1, layer 1 of 5", "conv2, layer 2 of 5"}; !errors.Is(err, enough) || !slices.Equal(slices.Compact(told), want) {
		t.Errorf("it ends with %v behind %q", err, told)
	}
}

// Who ends a choice is told of no time behind that, and nothing is begun that waits for a
// core. What was chosen before is told and remembered.
func TestEndingAChoice(t *testing.T) {
	enginetest.ForgetChoices(t)
	devices := enginetest.Open(t, "1")
	enough := errors.New("enough")
	var chosen map[string]string
	build := func(end func(problem string) bool) error {
		ended := ""
		chosen = map[string]string{}
		_, err := Build(small(), devices, Options{Batch: 1, Tuning: func(c Choosing) error {
			if ended != "" {
				t.Errorf("%s is begun behind the end", c.Problem)
			}
			if !end(c.Problem) {
				return nil
			}
			ended = c.Problem
			return enough
		}, Timed: func(problem, candidate string, _ time.Duration, err error) {
			if ended != "" {
				t.Errorf("%s: %s: %v behind the end", problem, candidate, err)
			}
		}, Chosen: func(problem, candidate string) {
			if ended != "" {
				t.Errorf("%s is chosen for %s behind the end", candidate, problem)
			}
			chosen[problem] = candidate
		}})
		return err
	}
	// A family of fast convolutions is tried by choosing its products' kernels.
	if err := build(func(problem string) bool { return strings.Contains(problem, " * ") }); err != nil && !errors.Is(err, enough) {
		t.Error(err)
	}
	err := build(func(string) bool { return len(chosen) > 0 })
	if !errors.Is(err, enough) || len(chosen) == 0 {
		t.Errorf("%v behind the choices %v", err, chosen)
	}
	tune := newTuning(devices[0], &Net{})
	for problem, candidate := range chosen {
		if known := tune.tuner.Known(problem, []string{candidate}); known != candidate {
			t.Errorf("%s: %q is remembered, want %q", problem, known, candidate)
		}
	}
	tune.notify = func(string) error { return enough }
	err = tune.compile("problem", []compilation{{1, func(*engine.Device) error { t.Error("a compilation was begun"); return nil }}})
	if !errors.Is(err, enough) {
		t.Error(err)
	}
}

// A sample is as cheap as its plain kernel must be, with every edge of the problem.
func TestSamples(t *testing.T) {
	spec := fastSpec(5)
	spec.Convolution = direct
	n, err := Build(spec, enginetest.Open(t, "1"), Options{Batch: 300, Training: true})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n.Rows {
		o, ok := n.places[0].ops[i].(*productOp)
		if !ok {
			continue
		}
		p, q := sampleNT(o.forwardPush()), sampleTN(o.weightPush())
		if pixels := p.Batch * p.OutHeight * p.OutWidth; pixels < 100 || p.Batch > 200 || p.KernelHeight != uint32(o.kernelHeight) || p.Sources != o.forwardPush().Sources {
			t.Errorf("%s forward: %+v", o.name, p)
		}
		if q.SplitPixels > samplePixels || q.SplitPixels < 100 || q.OutChannels > sampleKernels {
			t.Errorf("%s weight gradient: %+v", o.name, q)
		}
	}
}

// What is timed, sums of several columns at once and in runs, is what its candidates agree
// on, too, and not only the sample that they are compared on.
func TestTimedProblemsAgree(t *testing.T) {
	d := enginetest.Open(t, "1")[0]
	built, err := Build(small(), []*engine.Device{d}, Options{Batch: 6, Training: true, form: direct})
	if err != nil {
		t.Fatal(err)
	}
	tune := newTuning(d, built)
	o := built.places[0].ops[0].(*productOp)
	nt, tn := o.forwardPush(), o.weightPush()
	tn.Splits = 2
	tn.SplitPixels = uint32(pad8(o.y.pixels() / 2))
	for what, c := range map[string]struct {
		names []string
		of    problem
	}{
		"forward":         {candidates(d, tune.nt()), tune.ntProblem(nt, 2)},
		"weight gradient": {tune.tnCandidates(&tn), tune.tnProblem(tn, 2, tune.gatherers(tn, tileSums{}))},
	} {
		r := trial{t: tune, key: what, timed: c.of, sample: c.of}
		if err := r.setUp(); err != nil {
			t.Fatal(err)
		}
		for i, half := 0, len(r.reference)/2; i < half; i += half / 7 {
			if r.reference[i] == 0 && r.reference[half+i] == 0 || r.reference[i] == r.reference[half+i] {
				t.Errorf("%s: value %d is %g in both sums", what, i, r.reference[i])
			}
		}
		for _, name := range c.names {
			values, err := r.compute(name)
			if err == nil {
				err = agree(values, r.reference, tune.tolerance())
			}
			if err != nil {
				t.Errorf("%s: %s: %v", what, name, err)
			}
		}
		r.free()
	}
}
