package train

import (
	"slices"
	"strings"
	"testing"

	"alexnet/assets"
)

// Every key of every recipe is listed, and each can be set by its path to what it is.
func TestSettings(t *testing.T) {
	for _, name := range assets.Names() {
		c := recipe(t, name)
		all := c.Settings()
		var set []string
		for _, s := range all {
			set = append(set, s.Path+"="+s.Value)
		}
		again := recipe(t, name, set...)
		if again.Text() != c.Text() || !slices.Equal(again.Settings(), all) {
			t.Errorf("%s: its settings make another recipe", name)
		}
		if keys := strings.Count(c.Text(), " = "); len(all) != keys-len(c.Net.Layers) {
			t.Errorf("%s: %d settings of %d keys in %d layers", name, len(all), keys, len(c.Net.Layers))
		}
	}
}

func TestSettingsAreWhatIsSet(t *testing.T) {
	all := recipe(t, "demo", "solver.rate=0.010", `data.dir="/a=b [c]"`, "data.set=folder", "layer.relu1.type=tanh", "solver.milestones=[7]", "name=my").Settings()
	for _, want := range []Setting{
		{"name", `"my"`}, {"solver.rate", "0.01"}, {"data.dir", `"/a=b [c]"`}, {"layer.relu1.type", `"tanh"`}, {"layer.conv1.std", "0.001"}, {"solver.milestones", "[7]"}, {"snapshots.every", "50"},
	} {
		if !slices.Contains(all, want) {
			t.Errorf("%v is not among the settings", want)
		}
	}
	if slices.ContainsFunc(all, func(s Setting) bool { return s.Path == "layer.conv1.name" }) {
		t.Error("a layer's name, by which its settings are found, can be set")
	}
}
