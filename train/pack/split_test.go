package pack

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"alexnet/train/data"
)

func TestSplit(t *testing.T) {
	src := folder(t, photos(t, map[string]int{"ant": 1, "bee": 2, "cow": 15}))
	names := write(t, []byte("cow/cow_001.JPEG\n./bee/bee_000.JPEG\n"), "names.txt")
	for split, want := range map[string][3]int{
		"": {15, 3, 0}, "none": {18, 0, 0}, "half": {9, 0, 9}, "val=0.2,test=0.4": {8, 4, 6}, "val=1": {0, 18, 0},
		"val=" + names: {16, 2, 0}, "test=" + names + ",val=0.2": {13, 3, 2},
	} {
		o := options(src)
		o.Split = split
		p := made(t, o)
		if got := [3]int{p.Parts[Train].Images, p.Parts[Val].Images, p.Parts[Test].Images}; got != want {
			t.Errorf("--split %q: %v, want %v", split, got, want)
		}
		if split == "val=1" {
			if stats, err := p.Stats(); stats != nil || err != nil {
				t.Errorf("statistics of no image: %v, %v", stats, err)
			}
		}
	}
	// Where nothing is said, the same images validate as of the folder itself.
	f, err := data.OpenFolder(src, data.FolderOptions{Size: 8, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := list(part(t, made(t, options(src)), Val, 8)); !slices.Equal(got, f.Split) {
		t.Errorf("%q validate, of the folder %q", got, f.Split)
	}
	// A class of one image has none to validate on, which is said.
	lone := options(folder(t, photos(t, map[string]int{"ant": 12, "bee": 1, "cow": 1, "dog": 2})))
	var said []string
	lone.OnMessage = func(text string) { said = append(said, text) }
	if p := made(t, lone); p.Parts[Val].Images != 2 || len(said) != 1 || said[0] != "2 classes, such as bee, have one image only, which is trained on, and none for validation" {
		t.Errorf("%d validate, said %q", p.Parts[Val].Images, said)
	}
	// Another seed draws others.
	o := options(src)
	o.Split = "half"
	a, _ := list(part(t, made(t, o), Test, 8))
	o.Seed = 2
	if b, _ := list(part(t, made(t, o), Test, 8)); slices.Equal(a, b) {
		t.Error("another seed makes the same split")
	}
}

// A name in a list is of an image of each source that has one. Of two of a name, which may
// be the same, one must not train while the other validates.
func TestSplitOfSameNames(t *testing.T) {
	files := photos(t, map[string]int{"ant": 3, "bee": 3})
	o := options(folder(t, files), folder(t, files))
	o.Split = "val=" + write(t, []byte("ant/ant_001.JPEG\nbee/bee_002.JPEG\n"), "names.txt")
	p := made(t, o)
	if names, _ := list(part(t, p, Val, 8)); !slices.Equal(names, []string{"ant/ant_001.JPEG", "bee/bee_002.JPEG", "ant/ant_001.JPEG", "bee/bee_002.JPEG"}) {
		t.Errorf("%q validate", names)
	}
	if n := p.Parts[Train].Images; n != 8 {
		t.Errorf("%d images train", n)
	}
}

func TestSplitRefuses(t *testing.T) {
	src := folder(t, map[string][]byte{"train/a/1.jpg": photo(t, 1, 8, 8), "train/b/2.jpg": photo(t, 1, 8, 8), "val/b/2.jpg": photo(t, 1, 8, 8)})
	lone := options(folder(t, photos(t, map[string]int{"ant": 1, "bee": 1})))
	lone.Split = "half"
	_, err := Prepare(context.Background(), filepath.Join(t.TempDir(), "pack"), lone)
	refused(t, err, "--split half leaves no image for test", "--test SOURCE")
	names := write(t, []byte("train/b/2.jpg\na/9.jpg\n"), "names.txt")
	for split, says := range map[string]string{
		"third": "expected", "val=2": "between 0 and 1", "val=0.7,test=0.7": "more than 1", "train=0.5": "expected", "val=nothing.txt": "nothing.txt",
		"val=0.5": "already", "test=" + names: "pack: 1 of the images that " + names + " names for test are not there, such as a/9.jpg",
	} {
		o := options(src)
		o.Split = split
		_, err := Prepare(context.Background(), filepath.Join(t.TempDir(), "pack"), o)
		refused(t, err, says)
	}
}

// A pack that cannot be validated says how it can, in words that work.
func TestUnvalidated(t *testing.T) {
	src := folder(t, photos(t, map[string]int{"ant": 1, "bee": 4}))
	lone := folder(t, photos(t, map[string]int{"ant": 1, "bee": 1}))
	advice := func(o Options) string {
		t.Helper()
		text, err := made(t, o).Unvalidated()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	o := options(src)
	for split, want := range map[string]bool{"": false, "half": false, "val=1": false, "val=0.1": false, "none": true} {
		if o.Split = split; (advice(o) != "") != want {
			t.Errorf("--split %q: %q", split, advice(o))
		}
	}
	o.Split = "none"
	if got := advice(o); !strings.Contains(got, "--split val=0.1") || !strings.Contains(got, "--val SOURCE") {
		t.Error(got)
	}
	o = options(lone)
	if got := advice(o); !strings.HasPrefix(got, "each class has one image only") || strings.Contains(got, "--split") || !strings.Contains(got, "--val SOURCE") {
		t.Error(got)
	}
	if o.Val = src; advice(o) != "" {
		t.Error("with --val it has none")
	}
}
