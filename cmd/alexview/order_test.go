package main

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"alexnet/engine/enginetest"
	"alexnet/train"
	"alexnet/train/pack"
	"alexnet/viewer"
)

// photos makes a folder with a folder of so many images for each class.
func photos(t *testing.T, dir string, each int, classes ...string) string {
	t.Helper()
	for c, class := range classes {
		if err := os.MkdirAll(filepath.Join(dir, class), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range each {
			img := image.NewRGBA(image.Rect(0, 0, 80, 64))
			for at := range img.Pix {
				img.Pix[at] = uint8(at*(c+1) + i*37)
			}
			img.SetRGBA(0, 0, color.RGBA{uint8(c), uint8(i), 0, 255})
			f, err := os.Create(filepath.Join(dir, class, fmt.Sprintf("%d.png", i)))
			if err != nil {
				t.Fatal(err)
			}
			if err := png.Encode(f, img); err != nil {
				t.Fatal(err)
			}
			f.Close()
		}
	}
	return dir
}

// TestCheck: what cannot be trained is refused before it begins, in a sentence about
// the field that is to blame.
func TestCheck(t *testing.T) {
	enginetest.Open(t)
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	photos(t, at("pets"), 12, "cat", "dog", "hen")
	photos(t, at("one"), 4, "cat")
	photos(t, at("single"), 1, "cat", "dog")
	photos(t, at("empty"), 0, "cat", "dog")
	photos(t, at("own/train"), 6, "cat", "dog")
	photos(t, at("own/val"), 2, "cat", "dog")
	for name, size := range map[string]int{"pack": 64, "small": 32} {
		o := pack.Options{Sources: []string{at("pets")}, Split: "val=0.25", Size: size, Encoding: pack.JPEG, Quality: 90}
		if _, err := pack.Prepare(t.Context(), at(name), o); err != nil {
			t.Fatal(err)
		}
	}
	os.Mkdir(at("bare"), 0o755)
	os.WriteFile(at("file"), nil, 0o644)
	t.Chdir(dir)
	s := &sessions{shown: make(chan struct{})}
	close(s.shown)
	for _, c := range []struct {
		name        string
		order       viewer.Order
		field, want string // of the problem; without one, of what was found
	}{
		{"nothing yet", viewer.Order{}, "", ""},
		{"three classes", viewer.Order{Folder: at("pets"), Recipe: "demo"}, "", "36 images in 3 folders, one for each class"},
		{"val of its own", viewer.Order{Folder: at("own"), Recipe: "demo"}, "", "16 images in 2 classes, 4 of them to validate on"},
		{"a pack", viewer.Order{Folder: at("pack"), Recipe: "demo"}, "", "A pack of 36 images in 3 classes, 9 of them to validate on"},
		{"a pack of small images", viewer.Order{Folder: at("small"), Recipe: "demo"}, viewer.FolderField, "data.size = 64"},
		{"no folder", viewer.Order{Folder: at("none")}, viewer.FolderField, "There is no folder " + at("none") + "."},
		{"a file", viewer.Order{Folder: at("file")}, viewer.FolderField, "It is a file; name the folder"},
		{"no classes", viewer.Order{Folder: at("bare") + "/"}, viewer.FolderField, "It has no class folders; put the images"},
		{"one class", viewer.Order{Folder: at("one")}, viewer.FolderField, "has one class only, cat"},
		{"no images", viewer.Order{Folder: at("empty")}, viewer.FolderField, "The class folder cat holds no image"},
		{"no images, of a path from here", viewer.Order{Folder: "empty"}, viewer.FolderField, "The class folder cat holds no image"},
		{"no classes, from here", viewer.Order{Folder: "./bare"}, viewer.FolderField, "It has no class folders; put the images"},
		{"single images", viewer.Order{Folder: at("single")}, viewer.FolderField, "has one image only"},
		{"a large batch", viewer.Order{Folder: at("pets"), Recipe: "demo", Batch: 64}, viewer.BatchField, "There are 33 images to train on: take a batch of at most 33."},
		{"no recipe", viewer.Order{Folder: at("pets"), Recipe: "nonsense"}, viewer.RecipeField, "There is no recipe nonsense"},
		{"no device", viewer.Order{Folder: at("pets"), Recipe: "demo", Devices: []string{"abacus", "abacus"}}, viewer.DevicesField, `No device matches "abacus"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := s.check(c.order)
			if got.Field != c.field || (got.Problem != "") != (c.field != "") || (got.Begin != nil) != (c.field == "" && c.order.Folder != "") {
				t.Errorf("field %q, problem %q, begins %v", got.Field, got.Problem, got.Begin != nil)
			}
			if text := got.Problem + got.Found; !strings.Contains(text, c.want) {
				t.Errorf("it says %q, want %q", text, c.want)
			}
			if c.field == "" && (got.Order.Recipe == "" || len(got.Order.Devices) != 2 || got.Order.Batch == 0 || got.Order.Passes == 0 || len(got.Recipes) < 2) {
				t.Errorf("left open: %+v", got.Order)
			}
		})
	}
}

// TestCheckFits: the network has an output for each class, whatever the recipe.
func TestCheckFits(t *testing.T) {
	enginetest.Open(t)
	dir := photos(t, t.TempDir(), 12, "cat", "dog", "hen")
	for _, recipe := range []string{"demo", "alexnet"} {
		c := &order{Checked: viewer.Checked{Order: viewer.Order{Folder: dir, Recipe: recipe}}}
		if err := c.fill(); err != nil {
			t.Fatalf("%s: %v", recipe, err)
		}
		if n := c.config.Net.Classes(); n != 3 || c.config.Dir != dir || c.config.Set != "folder" {
			t.Errorf("%s: %d outputs, set %s of %s", recipe, n, c.config.Set, c.config.Dir)
		}
		if _, err := train.OpenSets(c.config, ""); err != nil {
			t.Errorf("%s: %v", recipe, err)
		}
		if c.Memory == "" || c.Length == "" {
			t.Errorf("%s: memory %q, length %q", recipe, c.Memory, c.Length)
		}
	}
	prepared := filepath.Join(t.TempDir(), "pack")
	if _, err := pack.Prepare(t.Context(), prepared, pack.Options{Sources: []string{dir}, Split: "val=0.25", Size: 64, Encoding: pack.JPEG, Quality: 90}); err != nil {
		t.Fatal(err)
	}
	packed := &order{Checked: viewer.Checked{Order: viewer.Order{Folder: prepared, Recipe: "demo"}}}
	if err := packed.fill(); err != nil {
		t.Fatal(err)
	}
	if sets, err := train.OpenSets(packed.config, ""); err != nil || packed.config.Net.Classes() != 3 || sets.Train.Len()+sets.Val.Len() != 36 {
		t.Errorf("a pack: %d outputs, %v", packed.config.Net.Classes(), err)
	}
	huge := &order{Checked: viewer.Checked{Order: viewer.Order{Folder: photos(t, t.TempDir(), 12, "cat", "dog"), Recipe: "alexnet"}}}
	if err := huge.fill(); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(huge.settings(), "data.batch=22") { // 12 of each class, but for the one that is set aside
		t.Errorf("the batch is not as small as the folder: %v", huge.settings())
	}
}

// TestPropose: a folder's recipe goes by how many images it has, and alexnet needs a card.
func TestPropose(t *testing.T) {
	for _, c := range []struct {
		images    int
		processor bool
		recipe    string
		why       string
	}{
		{0, false, "photos", "For fewer than 20,000 images."},
		{0, true, "photos", "A small network, which suits a processor."},
		{6412, false, "photos", "6,412 images are few for alexnet."},
		{6412, true, "photos", "6,412 images are few for alexnet."},
		{19999, false, "photos", "19,999 images are few for alexnet."},
		{20000, false, "alexnet", "The paper's, for 20,000 images are many."},
		{1281167, true, "photos", "alexnet takes a processor seconds a step."},
	} {
		if recipe, why := propose(c.images, c.processor); recipe != c.recipe || why != c.why {
			t.Errorf("%d images, on a processor %v: %s, %q", c.images, c.processor, recipe, why)
		}
	}
}

// TestCheckProposes: what the user leaves open is the program's to choose, with a reason,
// and what is chosen needs none.
func TestCheckProposes(t *testing.T) {
	enginetest.Open(t)
	dir := photos(t, t.TempDir(), 12, "cat", "dog", "hen")
	for _, c := range []struct{ chosen, recipe, why string }{
		{"", "photos", "36 images are few for alexnet."},
		{"photos", "photos", ""},
		{"demo", "demo", ""},
	} {
		o := &order{Checked: viewer.Checked{Order: viewer.Order{Folder: dir, Recipe: c.chosen}}}
		if err := o.fill(); err != nil {
			t.Fatal(err)
		}
		if o.Order.Recipe != c.recipe || o.Why != c.why || o.config.Name != c.recipe || !slices.ContainsFunc(o.Recipes, func(r viewer.Recipe) bool { return r.Name == c.recipe }) {
			t.Errorf("chosen %q: %s of %s, %q", c.chosen, o.Order.Recipe, o.config.Name, o.Why)
		}
	}
}

// TestCheckSchedules: a recipe that counts epochs keeps its schedule, over as many as there
// are; one that counts steps gets the plateau rule.
func TestCheckSchedules(t *testing.T) {
	enginetest.Open(t)
	dir := photos(t, t.TempDir(), 12, "cat", "dog", "hen")
	for _, c := range []struct {
		recipe   string
		passes   float64
		set      []string
		schedule string
		epochs   float64
		drops    []float64
		every    int
	}{
		{"photos", 0, nil, "step", 30, []float64{21, 27}, 0},
		{"photos", 10, nil, "step", 10, []float64{7, 9}, 0},
		{"photos", 0, []string{"solver.max_epochs=10"}, "step", 10, []float64{7, 9}, 0},
		{"photos", 10, []string{"solver.drop_epochs=[2]"}, "step", 10, []float64{2}, 0},
		{"photos", 0, []string{"solver.max_epochs=0", "solver.max_steps=40"}, "step", 0, []float64{21, 27}, 0},
		{"demo", 10, nil, "plateau", 10, []float64{}, 100},
		{"alexnet", 0, nil, "plateau", 90, []float64{}, 100},
	} {
		o := &order{Checked: viewer.Checked{Order: viewer.Order{Folder: dir, Recipe: c.recipe, Passes: c.passes, Set: c.set}}}
		if err := o.fill(); err != nil {
			t.Fatalf("%s, %v: %v", c.recipe, c.set, err)
		}
		s := o.config.Solver
		if s.Schedule != c.schedule || s.MaxEpochs != c.epochs || !slices.Equal(s.DropEpochs, c.drops) || o.config.Validate.Every != c.every {
			t.Errorf("%s, %g passes, %v: %s over %g epochs, drops behind %v, validated each %d steps", c.recipe, c.passes, c.set, s.Schedule, s.MaxEpochs, s.DropEpochs, o.config.Validate.Every)
		}
	}
}

// TestCheckWarmsUp: the warm-up leaves most of a short run to its full rate, but for what
// the user sets.
func TestCheckWarmsUp(t *testing.T) {
	enginetest.Open(t)
	dir := photos(t, t.TempDir(), 12, "cat", "dog", "hen") // 33 of them to train on
	for _, c := range []struct {
		passes float64
		set    []string
		want   int
	}{
		{60, nil, 6}, // of 62 steps
		{60, []string{"solver.warmup=30"}, 30},
		{60, []string{"solver.max_steps=41"}, 4},
		{5000, nil, 200},
	} {
		o := &order{Checked: viewer.Checked{Order: viewer.Order{Folder: dir, Recipe: "demo", Passes: c.passes, Set: c.set}}}
		if err := o.fill(); err != nil {
			t.Fatal(err)
		}
		if got := o.config.Solver.Warmup; got != c.want {
			t.Errorf("%g passes, %v: %d steps warm up of %s, want %d", c.passes, c.set, got, o.Length, c.want)
		}
		rows, err := o.Settings(c.set)
		if err != nil || !slices.ContainsFunc(rows, func(s viewer.Setting) bool { return s.Path == "solver.warmup" && s.Value == fmt.Sprint(c.want) }) {
			t.Errorf("%g passes, %v: the settings do not tell of it: %v", c.passes, c.set, err)
		}
	}
}
