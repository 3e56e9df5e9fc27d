package data

import (
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree makes a folder of files; those that are named like images hold one, a
// path that ends in a slash is a folder.
func tree(t *testing.T, paths ...string) string {
	t.Helper()
	dir := t.TempDir()
	file := encoded(t, plain(6, 4, color.NRGBA{10, 20, 30, 255}), png.Encode)
	for _, p := range paths {
		path := filepath.Join(dir, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(p, "/") {
			if err := os.MkdirAll(path, 0o755); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(path, file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func names(s Set) (out []string) {
	for i := range s.Len() {
		out = append(out, s.Name(i))
	}
	return out
}

func labels(s Set) (out []int) {
	for i := range s.Len() {
		out = append(out, s.Label(i))
	}
	return out
}

// same compares lists by what they print as.
func same[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestOpenFolderWithValidation(t *testing.T) {
	for _, v := range []string{"val", "test"} {
		dir := tree(t, "train/dog/b.JPG", "train/dog/a.png", "train/cat/inside/c.webp", "train/cat/d.bmp", "train/cat/e.jpeg", "train/ant/f.gif",
			"train/cat/readme.txt", "train/cat/.hidden.jpg", "train/.git/x/y.jpg", "train/list.csv", "notes/x.jpg",
			v+"/dog/z.jpg", v+"/cat/y.jpg", v+"/cat/labels.tsv")
		f, err := OpenFolder(dir, FolderOptions{Size: 4, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "classes", f.Train.Classes(), []string{"ant", "cat", "dog"})
		same(t, "training", names(f.Train), []string{"train/ant/f.gif", "train/cat/d.bmp", "train/cat/e.jpeg", "train/cat/inside/c.webp", "train/dog/a.png", "train/dog/b.JPG"})
		same(t, "training labels", labels(f.Train), []int{0, 1, 1, 1, 2, 2})
		same(t, "validation", names(f.Val), []string{v + "/cat/y.jpg", v + "/dog/z.jpg"})
		same(t, "validation labels", labels(f.Val), []int{1, 2})
		if f.Split != nil || f.Note != "" || f.Ignored != 3 || f.Train.Size() != 4 {
			t.Errorf("split %v, note %q, %d ignored, size %d", f.Split, f.Note, f.Ignored, f.Train.Size())
		}
		for i := range f.Train.Len() { // PNGs all, whatever their names say
			dst := make([]byte, 4*4*3)
			if err := f.Train.Pixels(i, dst); err != nil {
				t.Error(err)
			}
			wantPixel(t, dst, 4, 1, 1, [3]byte{10, 20, 30}, 0)
		}
	}
}

func TestOpenFolderLayouts(t *testing.T) {
	for _, c := range []struct {
		name    string
		paths   []string
		classes []string
	}{
		{"plain", []string{"b/1.jpg", "b/2.jpg", "a/1.jpg", "a/2.jpg"}, []string{"a", "b"}},
		{"train alone", []string{"train/b/1.jpg", "train/b/2.jpg", "train/a/1.jpg"}, []string{"a", "b"}},
		{"train is a class", []string{"train/1.jpg", "train/2.jpg", "plane/1.jpg"}, []string{"plane", "train"}},
		{"hidden beside train", []string{"train/b/1.jpg", "train/b/2.jpg", "train/a/1.jpg", ".cache/1.jpg", "__MACOSX/1.jpg"}, []string{"a", "b"}},
		{"val before test", []string{"train/b/1.jpg", "train/a/1.jpg", "val/a/1.jpg", "test/c/1.jpg"}, []string{"a", "b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := OpenFolder(tree(t, c.paths...), FolderOptions{Size: 4})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "classes", f.Train.Classes(), c.classes)
		})
	}
}

func TestOpenFolderFollowsLinks(t *testing.T) {
	dir := tree(t, "a/1.jpg", "a/2.jpg", "b/1.jpg", "elsewhere/c.jpg", "elsewhere/c/3.jpg")
	classes := tree(t)
	for link, to := range map[string]string{"a": "a", "b": "b", "linked": "elsewhere"} {
		if err := os.Symlink(filepath.Join(dir, to), filepath.Join(classes, link)); err != nil {
			t.Skip(err)
		}
	}
	os.Symlink(filepath.Join(dir, "b/1.jpg"), filepath.Join(dir, "a/0.jpg"))
	os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "a/dangling.jpg"))
	os.Symlink(classes, filepath.Join(dir, "b/circle")) // would never end
	f, err := OpenFolder(classes, FolderOptions{Size: 4, Split: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "images", names(f.Train), []string{"a/0.jpg", "a/1.jpg", "a/2.jpg", "b/1.jpg", "linked/c/3.jpg", "linked/c.jpg"})
	if f.Ignored != 2 {
		t.Errorf("%d ignored", f.Ignored)
	}
	if err := f.Train.Pixels(0, make([]byte, 4*4*3)); err != nil {
		t.Error(err)
	}
}

func TestOpenFolderClassOrder(t *testing.T) {
	dir := tree(t, "train/a/1.jpg", "train/b/1.jpg", "val/a/2.jpg", "val/b/2.jpg")
	f, err := OpenFolder(dir, FolderOptions{Size: 4, Classes: []string{"b", "a"}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "training", names(f.Train), []string{"train/b/1.jpg", "train/a/1.jpg"})
	same(t, "labels", labels(f.Val), []int{0, 1})
	same(t, "validation", names(f.Val), []string{"val/b/2.jpg", "val/a/2.jpg"})
}

func TestOpenFolderErrors(t *testing.T) {
	pair := []string{"train/a/1.jpg", "train/b/1.jpg"}
	with := func(more ...string) []string { return append(slices.Clone(pair), more...) }
	for _, c := range []struct {
		name  string
		paths []string
		o     FolderOptions
		want  []string // in the error
	}{
		{"no classes", []string{"1.jpg", "2.jpg"}, FolderOptions{}, []string{"no class folders", "folder of its own"}},
		{"nothing", nil, FolderOptions{}, []string{"no class folders"}},
		{"one class", []string{"cat/1.jpg", "cat/2.jpg"}, FolderOptions{}, []string{"one class only, cat", "at least two"}},
		{"names in Latin-1", []string{"caf\xe9/1.jpg", "caf\xe8/1.jpg"}, FolderOptions{}, []string{`holds a class whose name "caf\xe8"`, "UTF-8: rename it"}},
		{"a name of two lines", []string{"a\nb/1.jpg", "c/1.jpg"}, FolderOptions{}, []string{`holds a class whose name "a\nb"`, "one line"}},
		{"empty class", []string{"cat/1.jpg", "dog/"}, FolderOptions{}, []string{"dog holds no image", "remove the folder"}},
		{"class of other files", []string{"cat/1.jpg", "dog/1.heic"}, FolderOptions{}, []string{"dog holds no image"}},
		{"unknown class in val", with("val/c/1.jpg"), FolderOptions{}, []string{filepath.Join("val", "c"), "without training images"}},
		{"no images in val", with("val/a/"), FolderOptions{}, []string{"val holds no images"}},
		{"missing class", with(), FolderOptions{Classes: []string{"a", "b", "c"}}, []string{"no folder of the class c"}},
		{"unknown class", with(), FolderOptions{Classes: []string{"a"}}, []string{"a folder b", "not among"}},
		{"one image each", with(), FolderOptions{}, []string{"one image only", "none for validation"}},
		{"split beside val", with("val/a/1.jpg"), FolderOptions{Split: []string{"a/1.jpg"}}, []string{"folder val", "start a new run"}},
		{"split image gone", with("train/a/2.jpg"), FolderOptions{Split: []string{"train/a/3.jpg"}}, []string{"no file train/a/3.jpg", "start a new run"}},
		{"split of a whole class", with("train/a/2.jpg"), FolderOptions{Split: []string{"train/b/1.jpg"}}, []string{"class b", "start a new run"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.Size = 4
			_, err := OpenFolder(tree(t, c.paths...), c.o)
			wantError(t, err, c.want...)
		})
	}
	dir := tree(t, "a/1.jpg")
	_, err := OpenFolder(filepath.Join(dir, "none"), FolderOptions{Size: 4})
	wantError(t, err, "no folder", filepath.Join(dir, "none"))
	_, err = OpenFolder(filepath.Join(dir, "a", "1.jpg"), FolderOptions{Size: 4})
	wantError(t, err, "is a file")
	_, err = OpenFolder(dir, FolderOptions{})
	wantError(t, err, "size is at least 1")
}

func wantError(t *testing.T, err error, want ...string) {
	t.Helper()
	for _, w := range want {
		if err == nil || !strings.HasPrefix(err.Error(), "data: ") || !strings.Contains(err.Error(), w) {
			t.Errorf("error %v, want %q", err, w)
		}
	}
}

// Links that are not followed are told apart from files that are no images, and a class of
// such links alone is refused with the first.
func TestListingOfLinks(t *testing.T) {
	dir := tree(t, "a/1.jpg", "a/notes.txt", "far/2.jpg", "b/in/")
	for link, to := range map[string]string{"a/gone.jpg": "/nowhere/gone.jpg", "a/far": filepath.Join(dir, "far"), "c": "/nowhere/c", "b/in/x.png": "/nowhere/x.png", "a/notes": "notes.txt"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip(err)
		}
	}
	l := &Listing{Dir: dir}
	classes, err := l.Classes("")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "classes", classes, []string{"a", "b", "far"})
	if _, err := l.Images("a"); err != nil {
		t.Fatal(err)
	}
	same(t, "links", l.Links, []LeftOut{
		{"c", "the link leads nowhere: /nowhere/c"},
		{"a/far", "a link to a folder, which is followed only where it is the folder of a class"},
		{"a/gone.jpg", "the link leads nowhere: /nowhere/gone.jpg"},
	})
	if l.Ignored != 2 {
		t.Errorf("%d files are no images, want notes.txt and the link to it", l.Ignored)
	}
	_, err = OpenFolder(dir, FolderOptions{Size: 4})
	wantError(t, err, "b holds no image", "b/in/x.png is left out: the link leads nowhere: /nowhere/x.png")
}
