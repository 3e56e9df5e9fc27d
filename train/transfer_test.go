package train

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"alexnet/net"
)

// values reads all parameters of a network.
func values(t *testing.T, n *net.Net) map[string][]float32 {
	t.Helper()
	out := map[string][]float32{}
	for _, p := range n.Params {
		var err error
		if out[p.Name], err = n.Read(p, net.Value); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// A network takes the layers that fit it, whole, and says which it does not take; the
// others keep what they have.
func TestReadWeights(t *testing.T) {
	first := run(t, tinyConfig(t, "solver.max_steps=2"), filepath.Join(t.TempDir(), "first"), false, devices(t, "1"))
	path := filepath.Join(first.Dir.Path, "checkpoints", checkpointName(2))
	want := values(t, first.Net)
	build := func(set ...string) *net.Net {
		c := tinyConfig(t, set...)
		n, err := net.Build(c.Net, devices(t, "2"), net.Options{Batch: 2})
		if err == nil {
			err = n.Initialize(9)
		}
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, c := range []struct {
		set     []string
		classes []string
		anew    []string // lines' beginnings
		unused  int
	}{
		{nil, nil, nil, 0},
		{nil, first.Sets.Train.Classes(), nil, 0},
		{nil, slices.Repeat([]string{"dog"}, 20), []string{"fc3.weight: of other classes there, ", "fc3.bias: of other classes there, "}, 0},
		{[]string{"layer.fc3.units=7"}, []string{"cat"}, []string{"fc3.weight: 20 x 24 there, 7 x 24 here: begins anew", "fc3.bias: 20 there, 7 here: begins anew"}, 0},
		{[]string{"layer.fc2.units=30"}, nil, []string{"fc2.weight: 24 x 144 there, 30 x 144 here", "fc2.bias: 24 there, 30", "fc3.weight: 20 x 24 there, 20 x 30", "fc3.bias: belongs to fc3.weight: begins anew"}, 0},
		{[]string{"columns=1", "layer.fc3.name=fc9"}, nil, []string{"fc9.weight: not there, 20 x 24 here: begins anew", "fc9.bias: not there, 20 here"}, 2},
	} {
		n := build(c.set...)
		before := values(t, n)
		took, err := ReadWeights(n, path, c.classes)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range took.Anew {
			if i >= len(c.anew) || !strings.HasPrefix(line, c.anew[i]) {
				t.Errorf("%v: it says %q; want %q", c.set, took.Anew, c.anew)
			}
		}
		if len(took.Anew) != len(c.anew) || took.Taken != len(n.Params)-len(c.anew) || len(took.Unused) != c.unused {
			t.Errorf("%v: %+v", c.set, took)
		}
		for name, got := range values(t, n) {
			from := want[name]
			if slices.ContainsFunc(took.Anew, func(line string) bool { return strings.HasPrefix(line, name+": ") }) {
				from = before[name]
			}
			if !slices.Equal(got, from) {
				t.Errorf("%v: %s is another than expected", c.set, name)
			}
		}
	}
	// What an export for PyTorch has multiplied by dropout's factor, 0.5, is undone.
	l, err := LoadCheckpoint(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	exported, n := filepath.Join(t.TempDir(), "w.safetensors"), build()
	if err := l.Export(exported, true); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadWeights(n, exported, nil); err != nil {
		t.Fatal(err)
	}
	for name, got := range values(t, n) {
		if !slices.Equal(got, want[name]) {
			t.Errorf("exported for PyTorch: %s is another than expected", name)
		}
	}
	_, err = ReadWeights(build("layer.conv1.filters=18", "layer.fc2.units=30"), path, nil)
	wants(t, err, "nothing in", "fits the network", "conv1.weight: 16 x 3 x 8 x 8 there, 18 x 3 x 8 x 8 here")
}

// A run begins with the parameters of another, named by its folder, with the mean of
// its own images; its frozen layers stay as they were, without momentum. It goes on with
// one of them unfrozen.
func TestFineTune(t *testing.T) {
	first := run(t, tinyConfig(t, "solver.max_steps=2", "layer.fc2.units=26"), filepath.Join(t.TempDir(), "first"), false, devices(t, "1"))
	want := values(t, first.Net)
	c := tinyConfig(t, "solver.max_steps=4", "data.train_images=24", "layer.conv1.frozen=true", "layer.fc3.rate=10")
	dir := filepath.Join(t.TempDir(), "second")
	sets, err := OpenSets(c, "")
	if err != nil {
		t.Fatal(err)
	}
	var messages []string
	o := StartOptions{Run: dir, Weights: first.Dir.Path, OnMessage: func(m string) { messages = append(messages, m) }}
	tr, err := Start(context.Background(), c, sets, devices(t, "2"), o)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if err := tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(messages, "\n"); !strings.Contains(all, "2 of 6 parameters come from "+filepath.Join(first.Dir.Path, "checkpoints")) || !strings.Contains(all, "fc2.weight: 26 x 144 there, 24 x 144 here: begins anew") {
		t.Errorf("it said %s", all)
	}
	if slices.Equal(tr.colours.Mean, first.colours.Mean) {
		t.Error("the mean is that of the other run's images")
	}
	if !slices.Equal(values(t, tr.Net)["conv1.weight"], want["conv1.weight"]) {
		t.Error("a frozen layer changed")
	}
	if l, err := LoadCheckpoint(filepath.Join(dir, "checkpoints", checkpointName(4))); err != nil || l.file.Shape("momentum.conv1.weight") != nil || l.file.Shape("momentum.fc2.weight") == nil {
		t.Errorf("%v: it keeps momentum of %v", err, l.file.Names())
	}
	c, _, err = ResumeConfig(dir, "", []string{"solver.max_steps=6", "layer.conv1.frozen=false", "layer.fc2.frozen=true"})
	if err != nil {
		t.Fatal(err)
	}
	tr.Close()
	before := values(t, tr.Net)
	after := values(t, run(t, c, dir, true, devices(t, "1")).Net)
	if slices.Equal(after["conv1.weight"], before["conv1.weight"]) || !slices.Equal(after["fc2.weight"], before["fc2.weight"]) || slices.Equal(after["fc3.bias"], before["fc3.bias"]) {
		t.Error("what is frozen now is not what it goes on with")
	}
}
