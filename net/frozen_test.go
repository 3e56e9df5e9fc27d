package net

import (
	"slices"
	"strings"
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
)

// freeze is a table with some layers frozen.
func freeze(s Spec, names ...string) Spec {
	s.Layers = slices.Clone(s.Layers)
	for i, l := range s.Layers {
		if !slices.Contains(names, l.LayerName()) {
			continue
		}
		switch l := l.(type) {
		case Conv:
			l.Frozen = true
			s.Layers[i] = l
		case Local:
			l.Frozen = true
			s.Layers[i] = l
		case Dense:
			l.Rate, l.BiasRate = 0, 0 // the same
			s.Layers[i] = l
		}
	}
	return s
}

// Frozen layers keep their values and the others make the step that they would have
// made, bit for bit, in both precisions, with fast convolutions, and on one device as on
// two. Nothing is computed for frozen layers, nor below the lowest that trains.
func TestFrozenLayers(t *testing.T) {
	for _, c := range []struct {
		spec   Spec
		form   string
		frozen []string
		lowest string
	}{
		{small(), "", []string{"conv1", "conv2", "conv3"}, "fc4"}, // behind a gather
		{fastSpec(3), families[0].name(), []string{"conv1", "conv3"}, "conv2"},
		{localSpec(), "", []string{"conv1", "local2", "fc5"}, "local3"},
		{mixedSpec(), "", []string{"conv1", "fc4"}, "conv2"},
	} {
		t.Run(c.spec.Precision+c.form+strings.Join(c.frozen, " "), func(t *testing.T) {
			o := Options{Batch: 6, Training: true, form: c.form}
			_, all := stepwise(t, c.spec, enginetest.Open(t, "1"), o)
			n, one := stepwise(t, freeze(c.spec, c.frozen...), enginetest.Open(t, "1"), o)
			_, two := stepwise(t, n.Spec, enginetest.Open(t, "2"), o)
			for name, values := range one[1] {
				layer, _, _ := strings.Cut(name, ".")
				want, is := all[1][name], "what a net that trains all of it makes in a step"
				if slices.Contains(c.frozen, layer) {
					want, is = one[0][name], "its first values"
				}
				if !slices.Equal(values, want) {
					t.Errorf("%s differs from %s", name, is)
				}
			}
			for i := range one {
				same(t, "one and two devices", one[i], two[i], true)
			}
			checkFrozenWork(t, n, c.frozen, c.lowest)
		})
	}
}

// stepwise trains a network and returns all parameters at first and after each of two
// steps.
func stepwise(t *testing.T, spec Spec, devices []*engine.Device, o Options) (*Net, [3]map[string][]float32) {
	t.Helper()
	n, err := Build(spec, devices, o)
	if err == nil {
		err = n.Initialize(7)
	}
	if err != nil {
		t.Fatal(err)
	}
	b := randomBatch(spec, o.Batch, spec.Classes())
	var out [3]map[string][]float32
	for i := range out {
		out[i] = map[string][]float32{}
		for _, p := range n.Params {
			if out[i][p.Name], err = n.Read(p, Value); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := n.Train(b, Solver{Step: i, Rate: 0.01, Momentum: 0.9, Decay: 0.0005, Seed: 5}); err != nil {
			t.Fatal(err)
		}
	}
	return n, out
}

// checkFrozenWork looks at what a step computes and what memory it has.
func checkFrozenWork(t *testing.T, n *Net, frozen []string, lowest string) {
	t.Helper()
	p, err := n.Profile(randomBatch(n.Spec, n.Options.Batch, n.Spec.Classes()), Solver{Rate: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	place := func(layer string) int {
		return slices.IndexFunc(n.Rows, func(r Row) bool { return r.Layer.LayerName() == layer })
	}
	first, did := place(lowest), map[string]bool{}
	for _, work := range p.Timings {
		did[work.Layer+" "+work.Direction] = true
		at := place(work.Layer)
		if at < 0 || work.Direction == "forward" {
			continue
		}
		if data := work.Direction == "data gradient"; at < first || at == first && data || slices.Contains(frozen, work.Layer) && !data {
			t.Errorf("a step computes %s %s", work.Layer, work.Direction)
		}
	}
	last := frozen[len(frozen)-1]
	if !did[lowest+" weight gradient"] || !did[lowest+" update"] || did[last+" data gradient"] != (place(last) > first) {
		t.Errorf("a step computes %v", did)
	}
	for _, q := range n.places[0].params {
		if is := slices.Contains(frozen, n.Rows[q.Layer].Layer.LayerName()); q.Frozen != is || is != (q.grad == nil) || is != (q.velocity == nil) {
			t.Errorf("%s: frozen %t, gradient %v, momentum %v", q.Name, q.Frozen, q.grad, q.velocity)
		}
	}
	if where, err := n.NotFinite(); where != "" || err != nil {
		t.Error(where, err)
	}
}

func TestNothingTrains(t *testing.T) {
	if _, err := freeze(small(), "conv1", "conv2", "conv3", "fc4", "fc5").Plan(); err == nil || !strings.Contains(err.Error(), "every layer is frozen") {
		t.Error(err)
	}
}
