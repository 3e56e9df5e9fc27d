package train

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"alexnet/train/data"
	"alexnet/train/pack"
)

// packOf prepares the images of a folder as they are, 64x64.
func packOf(t *testing.T, dir, split string) string {
	t.Helper()
	dst := filepath.Join(t.TempDir(), "pack")
	if _, err := pack.Prepare(context.Background(), dst, pack.Options{Sources: []string{dir}, Split: split, Seed: 1, Size: 64, Encoding: pack.Raw, Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return dst
}

func opened(t *testing.T, dir string, set ...string) (*Config, *Sets) {
	t.Helper()
	c := tinyConfig(t, append([]string{"data.set=folder", "data.dir=" + dir, "layer.fc3.units=2"}, set...)...)
	s, err := OpenSets(c, "")
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

// A pack takes the place of the folder that it was made of: the same images train and
// validate, with the same mean and colours, which need no pass.
func TestPackInPlaceOfAFolder(t *testing.T) {
	dir := t.TempDir()
	saveFolder(t, dir)
	packed := packOf(t, dir, "")
	c, own := opened(t, dir)
	of, sets := opened(t, packed)
	if sets.fingerprint() != own.fingerprint() || !reflect.DeepEqual(names(sets.Val), names(own.Val)) || !sets.Listed || sets.Val.Len() != 4 {
		t.Errorf("%q train, of the folder %q; %q validate", names(sets.Train), names(own.Train), names(sets.Val))
	}
	a, b := make([]byte, 3*64*64), make([]byte, 3*64*64)
	for i := range own.Train.Len() {
		if err := own.Train.Pixels(i, a); err != nil {
			t.Fatal(err)
		}
		if err := sets.Train.Pixels(i, b); err != nil || !reflect.DeepEqual(a, b) {
			t.Fatalf("image %d: %v, or other pixels", i, err)
		}
	}
	want, err := measureColours(context.Background(), c, own, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := measureColours(context.Background(), of, sets, func(int, int) { t.Error("the images are looked through") })
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("other colours, or %v", err)
	}
	if c, err := LoadConfigFor(packed, "cifar10-relu"); err != nil || c.Set != "folder" || c.Dir != packed {
		t.Errorf("a recipe of other files takes a pack for %+v, %v", c, err)
	}
	// Of smaller images the mean is another.
	of, sets = opened(t, packed, "data.size=60")
	if sets.Stats != nil || sets.Train.Size() != 60 {
		t.Errorf("of size %d with statistics of size 64", sets.Train.Size())
	}
	_, err = OpenSets(tinyConfig(t, "data.set=folder", "data.dir="+packed, "layer.fc3.units=2", "data.size=70"), "")
	wants(t, err, "data.size = 70", "64")
	_, err = OpenSets(tinyConfig(t, "data.set=folder", "data.dir="+packOf(t, dir, "none"), "layer.fc3.units=2"), "")
	wants(t, err, "no images to validate on: remove it and prepare it again with --split val=0.1")
	_, err = OpenSets(tinyConfig(t, "data.set=folder", "data.dir="+packOf(t, dir, "val=1"), "layer.fc3.units=2"), "")
	wants(t, err, "no images to train on")
}

// A network gets an output for each class of a folder or a pack, whatever its recipe has,
// but not where the user has said how many.
func TestOutputsForTheClasses(t *testing.T) {
	dir := t.TempDir()
	saveFolder(t, dir)
	for _, from := range []string{dir, packOf(t, dir, "")} {
		c, note, err := LoadConfigForClasses(from, "demo")
		if err != nil || c.Net.Classes() != 2 || c.Dir != from {
			t.Fatalf("%s: %v", from, err)
		}
		if !strings.Contains(note, "2 classes: layer.fc5.units=2 (20 in the recipe)") {
			t.Errorf("it says %q", note)
		}
		if _, err := OpenSets(c, ""); err != nil {
			t.Error(err)
		}
		if _, note, err = LoadConfigForClasses(from, "demo", "layer.fc5.units=2"); err != nil || note != "" {
			t.Errorf("of as many as there are it says %q, %v", note, err)
		}
		if c, _, err = LoadConfigForClasses(from, "demo", "layer.fc5.units = 3"); err != nil || c.Net.Classes() != 3 {
			t.Errorf("it has changed what the user set: %v", err)
		}
		_, err = OpenSets(c, "")
		wants(t, err, "2 classes", "3 outputs")
	}
	if c, _, err := LoadConfigForClasses("", "demo"); err != nil || c.Net.Classes() != 20 {
		t.Errorf("of generated images: %v", err)
	}
	_, _, err := LoadConfigForClasses(filepath.Join(dir, "cat"), "demo")
	wants(t, err, "class folders")
}

// A run goes on from a pack with its own classes and, if it set images aside, with the
// same ones.
func TestPackOfARun(t *testing.T) {
	dir, run := t.TempDir(), t.TempDir()
	saveFolder(t, dir)
	c, _ := opened(t, packOf(t, dir, ""))
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(run, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("classes.txt", "cat\ndog\n")
	if _, err := OpenSets(c, run); err != nil {
		t.Error(err)
	}
	write("validation.txt", "cat/2.png\n")
	_, err := OpenSets(c, run)
	wants(t, err, "resume it with that folder")
	write("classes.txt", "dog\ncat\n")
	_, err = OpenSets(c, run)
	wants(t, err, "classes", "dog, cat")
}

// The part to test on is the one that is asked for, of packs and of folders.
func TestPartToTestOn(t *testing.T) {
	dir := t.TempDir()
	saveFolder(t, dir)
	parts := t.TempDir()
	for _, part := range []string{"train", "val", "test"} {
		if err := os.Symlink(dir, filepath.Join(parts, part)); err != nil {
			t.Fatal(err)
		}
	}
	packed := packOf(t, dir, "val=0.1,test=0.2")
	l := &Loaded{}
	l.Classes = []string{"dog", "cat"}
	for _, w := range []struct {
		dir, part string
		images    int
		first     string
	}{{packed, "", 4, "cat/"}, {packed, "val", 4, "cat/"}, {packed, "test", 8, "cat/"}, {packed, "train", 28, "cat/"}, {parts, "", 40, "val/cat/0.png"}, {parts, "test", 40, "test/cat/0.png"}, {parts, "train", 40, "train/cat/0.png"}} {
		c := tinyConfig(t, "data.set=folder", "data.dir="+w.dir, "layer.fc3.units=2")
		s, err := OpenTestSet(c, l, true, w.part)
		if err != nil {
			t.Fatal(err)
		}
		if s.Len() != w.images || s.Label(0) != 1 || s.Name(0)[:len(w.first)] != w.first {
			t.Errorf("%s of %s: %d images, the first is %s of class %d", w.part, w.dir, s.Len(), s.Name(0), s.Label(0))
		}
	}
	for _, w := range []string{packOf(t, dir, ""), dir} {
		_, err := OpenTestSet(tinyConfig(t, "data.set=folder", "data.dir="+w, "layer.fc3.units=2"), l, true, "test")
		wants(t, err, w, "test")
	}
	_, err := OpenTestSet(tinyConfig(t), l, false, "test")
	wants(t, err, "generated")
}

// What is shown of augmentation is what the loader draws: crops, mirrors and shifts of
// the first epochs, made by the device.
func TestAugmented(t *testing.T) {
	c := tinyConfig(t, "data.mean=image") // which is another at the mirror's places
	sets, err := OpenSets(c, "")
	if err != nil {
		t.Fatal(err)
	}
	list := devices(t, "1")
	rows, err := (&Augmented{Images: 3, Epochs: 2}).Run(context.Background(), c, sets, list)
	if err != nil {
		t.Fatal(err)
	}
	colours, err := measureColours(context.Background(), c, sets, nil)
	if err != nil {
		t.Fatal(err)
	}
	loader, err := data.NewLoader(sets.Train, data.LoaderOptions{Batch: 2 * sets.Train.Len(), Crop: c.Crop, Train: true, Seed: c.Seed,
		Augment: data.Augment{RandomCrop: c.RandomCrop, Mirror: c.Mirror, Colour: c.Colour, Components: colours.Components}})
	if err != nil {
		t.Fatal(err)
	}
	defer loader.Close()
	b, err := loader.Next(context.Background()) // both epochs
	if err != nil {
		t.Fatal(err)
	}
	mirrored := 0
	for i, row := range rows {
		image, shown := i*sets.Train.Len()/3, 0
		for k, index := range b.Index {
			if index != image {
				continue
			}
			shown++
			crop := b.Crops[k]
			if crop.Mirror {
				mirrored++
			}
			for at := 0; at < c.Crop*c.Crop; at += 37 {
				x, y := at%c.Crop, at/c.Crop
				from := x
				if crop.Mirror {
					from = c.Crop - 1 - x
				}
				pixel := b.Pixels[((k*c.Size+crop.Y+y)*c.Size+crop.X+from)*3:]
				for colour := range 3 {
					want := min(max(float64(pixel[colour])+float64(crop.Shift[colour]), 0), 255)
					if got := float64(row[shown].Pix[4*at+colour]); math.Abs(got-want) > 0.6 {
						t.Fatalf("image %d, epoch %d, (%d, %d), colour %d: %v, want %v", image, shown, x, y, colour, got, want)
					}
				}
			}
		}
		if shown != 2 || len(row) != 3 {
			t.Errorf("%d of %d draws", shown, len(row)-1)
		}
	}
	if mirrored == 0 || mirrored == 6 {
		t.Errorf("%d of 6 are mirrored: nothing is tested", mirrored)
	}
}
