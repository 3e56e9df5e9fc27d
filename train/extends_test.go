package train

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"alexnet/assets"
	"alexnet/net"
)

// saveRecipes writes files into a folder and returns the path of the first.
func saveRecipes(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, files[i]), []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, files[0])
}

// layerList writes a table as "conv1:conv relu1:relu ...".
func layerList(c *Config) string {
	var out []string
	for _, l := range c.Net.Layers {
		out = append(out, l.LayerName()+":"+l.Kind())
	}
	return strings.Join(out, " ")
}

// What the paper compares its network with are a few lines each.
func TestExperimentsAreFewLines(t *testing.T) {
	layer := func(name string, lines ...string) string {
		return fmt.Sprintf("\n[[layer]]\nname = %q\n%s", name, strings.Join(lines, "\n"))
	}
	each := func(line string, names ...string) (out string) {
		for _, n := range names {
			out += layer(n, line)
		}
		return out
	}
	for name, c := range map[string]struct {
		text string
		has  func(c *Config, layers string) bool
	}{
		"saturating units": {each(`type = "abstanh"`, "relu1", "relu2", "relu3", "relu4", "relu5", "relu6", "relu7"), func(c *Config, layers string) bool {
			return strings.Count(layers, ":abstanh") == 7 && !strings.Contains(layers, ":relu")
		}},
		"no normalisation": {`remove = ["norm1", "norm2"]`, func(c *Config, layers string) bool {
			return !strings.Contains(layers, "lrn") && len(c.Net.Layers) == 25
		}},
		"pooling without overlap": {each("kernel = 2", "pool1", "pool2", "pool5"), func(c *Config, layers string) bool {
			return c.Net.Layers[3] == net.Pool{Name: "pool1", Kernel: 2, Stride: 2}
		}},
		"average pooling": {each(`type = "avgpool"`, "pool1", "pool2", "pool5"), func(c *Config, layers string) bool {
			return c.Net.Layers[3] == net.Pool{Name: "pool1", Kernel: 3, Stride: 2, Average: true}
		}},
		"no colours, dropout and decay": {"dropout = false\n[data]\ncolour = 0\n[solver]\ndecay = 0", func(c *Config, _ string) bool {
			return c.Colour == 0 && !c.Net.Dropout && c.Solver.Decay == 0 && c.Solver.Rate == 0.01 && c.Mirror
		}},
		"no third convolution": {`remove = ["conv3", "relu3"]`, func(c *Config, layers string) bool {
			return strings.Contains(layers, "pool2:maxpool gather3:gather conv4:conv")
		}},
		"one column with half the kernels": {"columns = 1\nremove = [\"gather3\", \"gather6\", \"gather7\", \"gather8\"]" + layer("conv1", "filters = 48") + layer("conv2", "filters = 128") + layer("conv3", "filters = 192") + layer("conv4", "filters = 192"), func(c *Config, layers string) bool {
			return c.Net.Columns == 1 && c.Net.Layers[4].(net.Conv).Filters == 128 && c.Net.Layers[4].(net.Conv).Bias == 1
		}},
		"normalisation behind pooling": {layer("norm1", `after = "pool1"`, "alpha = 0.001"), func(c *Config, layers string) bool {
			return strings.HasPrefix(layers, "conv1:conv relu1:relu pool1:maxpool norm1:lrn conv2") && c.Net.Layers[3].(net.LRN).Alpha == 0.001
		}},
		"another type with other keys": {layer("pool1", `type = "lrn"`), func(c *Config, layers string) bool {
			return strings.HasPrefix(layers, "conv1:conv relu1:relu norm1:lrn pool1:lrn conv2")
		}},
	} {
		config, err := LoadConfig(saveRecipes(t, "mine.toml", "name = \"mine\"\nextends = \"alexnet\"\n"+c.text), "data.batch=7")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !c.has(config, layerList(config)) || config.Name != "mine" || config.Batch != 7 {
			t.Errorf("%s: %s", name, config.Text())
		}
		again, err := DecodeConfig("again", config.Text(), nil)
		if err != nil || again.Text() != config.Text() || strings.Contains(config.Text(), "extends") {
			t.Errorf("%s: its text is not the whole recipe: %v", name, err)
		}
	}
}

// A recipe extends files beside it, which extend others.
func TestExtendsFiles(t *testing.T) {
	c, err := LoadConfig(saveRecipes(t,
		"third.toml", "extends = \"second.toml\"\n[solver]\nrate = 0.5\n[[layer]]\nname = \"extra\"\nstd = 0.7",
		"second.toml", "extends = \"demo.toml\"\nname = \"second\"\n[solver]\nrate = 0.4\nmomentum = 0.8\n[[layer]]\nname = \"extra\"\nafter = \"relu4\"\ntype = \"dense\"\nunits = 9"))
	if err != nil {
		t.Fatal(err)
	}
	if o := c.Net.Layers[14].(net.Dense); c.Name != "second" || c.Solver.Rate != 0.5 || c.Solver.Momentum != 0.8 || c.Solver.Warmup != 200 || o.Name != "extra" || o.Units != 9 || o.Std != 0.7 {
		t.Error(c.Text())
	}
}

// The two networks of Figure 1 differ in their units and rates only.
func TestFigure1Recipes(t *testing.T) {
	want := strings.NewReplacer("relu", "tanh", "\nrate = 0.01\n", "\nrate = 0.03\n").Replace(recipe(t, "cifar10-relu").Text())
	if got := recipe(t, "cifar10-tanh").Text(); got != want {
		t.Errorf("cifar10-tanh is\n%s\nwant\n%s", got, want)
	}
}

// The sixth convolution keeps the map of the last pooling layer, so that all of the
// network without it fits.
func TestSixthConvolution(t *testing.T) {
	shapes := func(name string) map[string]net.Row {
		rows, err := recipe(t, name).Net.Plan()
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]net.Row{}
		for _, r := range rows {
			out[r.Layer.LayerName()] = r
		}
		return out
	}
	with, without := shapes("alexnet-conv6"), shapes("alexnet")
	six := with["conv6"]
	if want := (net.Shape{C: 256, H: 6, W: 6}); six.In != want || six.Out != want || six.Weights != 256*128*3*3 || len(with) != len(without)+2 {
		t.Errorf("%+v", six)
	}
	for name, r := range without {
		if with[name] != r {
			t.Errorf("%s: %+v; without the sixth convolution %+v", name, with[name], r)
		}
	}
}

func TestExtendsErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"extends = \"alexnett\"", `mine.toml:1: extends: there is no recipe`},
		{"extends = 3", `mine.toml:1: extends: expected the name of a recipe, not 3`},
		{"extends = \"mine.toml\"", `mine.toml:1: extends: recipes extend each other in a circle`},
		{"\nextends = \"other.toml\"", `other.toml:1: extends: recipes extend each other in a circle`},
		{"extends = \"broken.toml\"", `broken.toml:2: unknown key "rat" in [solver] (did you mean "rate"?)`},
		{"extends = \"demo\"\nremove = \"norm1\"", `mine.toml:2: remove: expected a list of layers' names, not norm1`},
		{"extends = \"demo\"\nremove = [\"norm3\"]", `mine.toml:2: remove: no layer "norm3" (did you mean "norm1"?); there are conv1, `},
		{"extends = \"demo\"\n[[layer]]\nname = \"conv9\"\ntype = \"conv\"", `mine.toml:3: name: no layer "conv9" (did you mean "conv1"?)`},
		{"extends = \"demo\"\n[[layer]]\nname = \"conv9\"\ntype = \"conv\"", `a new one says where it goes: after = "..."`},
		{"extends = \"demo\"\n[[layer]]\nname = \"conv9\"\nafter = \"conv8\"", `mine.toml:4: after: no layer "conv8"`},
		{"extends = \"demo\"\n[[layer]]\nname = \"conv2\"\nafter = \"conv2\"", `mine.toml:4: after: no layer "conv2"`},
		{"extends = \"demo\"\n[[layer]]\nkernel = 3", `mine.toml:2: name: expected the name of a layer`},
		{"extends = \"demo\"\n[[layer]]\nname = \"conv2\"\nkernl = 3", `mine.toml:4: unknown key "kernl" in layer conv2 of type conv (did you mean "kernel"?)`},
		{"extends = \"demo\"\n[[layer]]\nname = \"conv2\"\n\ntype = \"con\"", `mine.toml:5: layer 5 (conv2) has type "con"`},
		{"extends = \"demo\"\n[solver]\nrate = \"x\"", `mine.toml:3: rate: expected a number, not x`},
		{"extend = \"demo\"", `mine.toml:1: unknown key "extend" in the recipe (did you mean "extends"?)`},
		{"remove = [\"norm1\"]", `mine.toml:1: remove: a recipe without extends`},
		{"extends = \"demo\"\n[sover]\nrate = 1", `mine.toml:2: unknown key "sover" in the recipe (did you mean "solver"?)`},
		{"extends = \"demo\"\nsolver = 1", `mine.toml:2: expected a section [solver]`},
	} {
		_, err := LoadConfig(saveRecipes(t, "mine.toml", c.text, "other.toml", "extends = \"mine.toml\"", "broken.toml", "extends = \"demo\"\nsolver = { rat = 1 }"))
		wants(t, err, c.want)
	}
	if text, err := assets.Recipes.ReadFile("alexnet-conv6.toml"); err != nil || !strings.Contains(string(text), "extends") {
		t.Error("no recipe of the program extends another:", err)
	}
}

// Lines on a recipe make what a recipe that extends it is; their errors name them.
func TestExtended(t *testing.T) {
	c, err := recipe(t, "demo", "solver.rate=0.5").Extended("mine", "remove = [\"norm1\"]\n[[layer]]\nname = \"relu1\"\ntype = \"tanh\"\n")
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != "mine" || c.Solver.Rate != 0.5 || c.Net.Layers[1].Kind() != "tanh" || c.Net.Layers[2].Kind() != "maxpool" {
		t.Errorf("%s", c.Text())
	}
	_, err = c.Extended("more", "[[layer]]\nname = \"relu\"\n")
	wants(t, err, "more:2", "relu1")
}

func TestLineage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.toml")
	if err := os.WriteFile(path, []byte("extends = \"alexnet-conv6\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := Lineage(path)
	if err != nil || !slices.Equal(got, []string{path, "alexnet-conv6", "alexnet"}) {
		t.Errorf("%v, %v", got, err)
	}
	_, err = Lineage("no-such")
	wants(t, err, "no-such", "demo")
}
