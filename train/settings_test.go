package train

import (
	"reflect"
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
		{Path: "name", Value: `"my"`}, {Path: "solver.rate", Value: "0.01"}, {Path: "data.dir", Value: `"/a=b [c]"`}, {Path: "layer.relu1.type", Value: `"tanh"`}, {Path: "layer.conv1.std", Value: "0.001"}, {Path: "solver.milestones", Value: "[7]"}, {Path: "snapshots.every", Value: "50"},
	} {
		if !slices.ContainsFunc(all, func(s Setting) bool { return s.Path == want.Path && s.Value == want.Value }) {
			t.Errorf("%v is not among the settings", want)
		}
	}
	if slices.ContainsFunc(all, func(s Setting) bool { return s.Path == "layer.conv1.name" }) {
		t.Error("a layer's name, by which its settings are found, can be set")
	}
}

// TestSettingsHelp: every key of every section and type of layer is told of in a sentence
// of one line, and of each recipe in its explained text, which is the same recipe.
func TestSettingsHelp(t *testing.T) {
	s := defaults()
	all := map[string]map[string]string{"the recipe": helpOf(s.head)}
	for name, part := range s.parts() {
		all[name] = helpOf(part)
	}
	for name, kind := range layerTypes {
		all[name] = helpOf(reflect.ValueOf(kind.make()).Elem().Interface())
		delete(all[name], "name")
		if len(all[name]["type"]) < len(name)+10 {
			t.Errorf("layers of type %s are not explained", name)
		}
	}
	for name, keys := range all {
		for key, help := range keys {
			if !strings.HasSuffix(help, ".") || len(help) > 120 {
				t.Errorf("%s of %s: %q", key, name, help)
			}
		}
	}
	for _, name := range assets.Names() {
		c := recipe(t, name)
		again, err := DecodeConfig(name, c.Explained(), nil)
		if err != nil || again.Text() != c.Text() {
			t.Errorf("%s: explained it is another: %v", name, err)
		}
		if n := strings.Count(c.Explained(), " # "+helpOf(c.Net.Layers[0])["kernel"]); n != 1 {
			t.Errorf("%s explains kernels %d times", name, n)
		}
	}
}
