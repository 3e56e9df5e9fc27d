package pack

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A tar has the classes of the folder that it was made of, whatever it calls the folders
// above, and leaves out what the folder would.
func TestTarsAreAsTheirFolders(t *testing.T) {
	files := photos(t, map[string]int{"ant": 3, "bee": 4})
	files["ant/2019/summer/a.jpg"] = photo(t, 90, 9, 9)
	files["bee/.thumbnails/b.jpg"] = photo(t, 91, 9, 9)
	files["__MACOSX/ant/c.jpg"] = photo(t, 92, 9, 9)
	files["readme.txt"] = []byte("x")
	parted := map[string][]byte{}
	for name, text := range files {
		parted["train/"+name] = text
	}
	parted["val/ant/d.jpg"], parted["later/cow/e.jpg"] = photo(t, 93, 9, 9), photo(t, 94, 9, 9)
	for what, files := range map[string]map[string][]byte{"classes": files, "parts": parted} {
		want := made(t, options(folder(t, files)))
		for _, above := range []string{"", "./", "/srv/my/photos/", "../photos/"} {
			in := map[string][]byte{}
			for name, text := range files {
				in[above+name] = text
			}
			p := made(t, options(write(t, tarred(t, in, slices.Sorted(maps.Keys(in))), "photos.tar")))
			if !slices.Equal(p.Classes, want.Classes) || p.Images() != want.Images() || p.Parts[Val].Images != want.Parts[Val].Images {
				t.Errorf("%s under %q: %d images of %q, %d validate; want %d of %q, %d", what, above, p.Images(), p.Classes, p.Parts[Val].Images, want.Images(), want.Classes, want.Parts[Val].Images)
			}
		}
	}
	// One class in each tar.
	o := options()
	for _, class := range []string{"ant", "bee"} {
		in := map[string][]byte{"photos/" + class + "/1.jpg": photo(t, 1, 9, 9), "photos/" + class + "/deep/2.jpg": photo(t, 2, 9, 9)}
		o.Sources = append(o.Sources, write(t, tarred(t, in, slices.Sorted(maps.Keys(in))), class+".tar"))
	}
	if p := made(t, o); !slices.Equal(p.Classes, []string{"ant", "bee"}) || p.Images() != 4 {
		t.Errorf("%d images of %q", p.Images(), p.Classes)
	}
}

// A class is dealt as one, wherever its images lie in the sources.
func TestSplitOfMixedClasses(t *testing.T) {
	files := photos(t, map[string]int{"ant": 20, "bee": 20})
	sorted := slices.Sorted(maps.Keys(files))
	mixed := slices.Clone(sorted)
	slices.SortFunc(mixed, func(a, b string) int { return strings.Compare(a[4:]+a, b[4:]+b) }) // by turns
	half := func(names []string) string { return write(t, tarred(t, files, names), "some.tar") }
	want, _ := list(part(t, made(t, options(half(sorted))), Val, 8))
	o := options(half(mixed[:9]), half(mixed[9:]))
	var said []string
	o.OnMessage = func(text string) { said = append(said, text) }
	got, _ := list(part(t, made(t, o), Val, 8))
	slices.Sort(got)
	if !slices.Equal(got, want) || len(want) != 4 || len(said) > 0 {
		t.Errorf("%q validate, and it says %q; in order %q", got, said, want)
	}
	o = options(half(sorted))
	names := write(t, []byte(sorted[3]+"\n"), "names.txt")
	o.Split = "val=" + names + ",test=" + names
	_, err := Prepare(context.Background(), filepath.Join(t.TempDir(), "pack"), o)
	refused(t, err, sorted[3], "both lists")
}

// Labels count where no place tells the class.
func TestLabelsAndPlaces(t *testing.T) {
	meta, err := os.ReadFile("testdata/meta.mat")
	if err != nil {
		t.Fatal(err)
	}
	kit := folder(t, map[string][]byte{"data/meta.mat": meta, "data/" + truthFile: []byte("1\n1\n1\n")})
	files := photos(t, map[string]int{"n00000001": 3, "n00000002": 3, "n00000003": 3})
	sources := map[string]string{"a tar": write(t, tarred(t, files, slices.Sorted(maps.Keys(files))), "train.tar"), "a folder": folder(t, files)}
	for what, source := range sources {
		o := options(source)
		o.DevKit = kit
		var said []string
		o.OnMessage = func(text string) { said = append(said, text) }
		set := part(t, made(t, o), Train, 8)
		for i := range set.Len() {
			if class := set.Classes()[set.Label(i)]; !strings.HasPrefix(set.Name(i), class) {
				t.Errorf("%s: %s is %s", what, set.Name(i), class)
			}
		}
		if len(said) > 0 {
			t.Errorf("%s: it says %q", what, said)
		}
		o.Val = source // which is in folders of classes
		if p := made(t, o); p.Parts[Val].Images != 9 {
			t.Errorf("%s: %d images validate", what, p.Parts[Val].Images)
		}
	}
	// Paths tell files of one name apart.
	o := options(sources["a folder"])
	o.Val = folder(t, map[string][]byte{"x/1.jpg": photo(t, 1, 9, 9), "y/1.jpg": photo(t, 2, 9, 9), "2.jpg": photo(t, 3, 9, 9)})
	o.Labels = write(t, []byte("x/1.jpg 0\n./y/1.jpg 1\nz/2.jpg 2\n"), "labels.txt")
	if set := part(t, made(t, o), Val, 8); set.Name(0) != "x/1.jpg" || set.Label(0) != 0 || set.Label(1) != 1 || set.Label(2) != 2 {
		t.Errorf("%q has label %d, then %d and %d", set.Name(0), set.Label(0), set.Label(1), set.Label(2))
	}
	for text, says := range map[string]string{"x/1.jpg 0\nw/1.jpg 1\n2.jpg 2\n": "none of y/1.jpg", "2.jpg 0\n2.jpg 1\n": `"2.jpg 1": it has the label 0`} {
		o.Labels = write(t, []byte(text), "labels.txt")
		_, err = Prepare(context.Background(), filepath.Join(t.TempDir(), "pack"), o)
		refused(t, err, says)
	}
}

// Images beside the folders of classes are counted as such, and where they were to
// validate, that is refused.
func TestImagesBesideClasses(t *testing.T) {
	files := photos(t, map[string]int{"ant": 3, "bee": 3})
	files["loose.jpg"], files["more.png"], files["readme.txt"] = photo(t, 1, 9, 9), photo(t, 2, 9, 9), []byte("x")
	o := options(folder(t, files))
	var said []string
	o.OnMessage = func(text string) { said = append(said, text) }
	made(t, o)
	if want := []string{"1 file is no image by its name and is left out", "2 images lie beside the folders of classes and are left out"}; !slices.Equal(said, want) {
		t.Errorf("it says %q", said)
	}
	flat := map[string][]byte{"val/1.jpg": photo(t, 1, 9, 9)}
	for name, text := range files {
		flat["train/"+name] = text
	}
	_, err := Prepare(context.Background(), filepath.Join(t.TempDir(), "pack"), options(folder(t, flat)))
	refused(t, err, "val holds images and no folders of classes", "--val", "--labels")
}

// Preparing goes on from another directory, and not with another tar in the place of one.
func TestGoesOnElsewhere(t *testing.T) {
	files := photos(t, map[string]int{"ant": 50, "bee": 50})
	names := slices.Sorted(maps.Keys(files))
	root := folder(t, map[string][]byte{"in/ant.tar": tarred(t, files, names[:50]), "in/bee.tar": tarred(t, files, names[50:]), "sub/x": nil})
	want := made(t, options(filepath.Join(root, "in")))
	begin := func(source, dst string) error {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		o := options(source)
		o.OnProgress = func(p Progress) {
			if p.Done >= 32 {
				cancel()
			}
		}
		_, err := Prepare(ctx, dst, o)
		return err
	}
	t.Chdir(root)
	for _, dst := range []string{"one", "two"} {
		if err := begin("in", dst); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	t.Chdir("sub")
	if _, err := Prepare(context.Background(), "../one", options("../in")); err != nil {
		t.Fatal(err)
	}
	sameFiles(t, "../one", want.Dir())
	if err := os.Chtimes("../in/bee.tar", time.Unix(1, 0), time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	_, err := Prepare(context.Background(), "../two", options("../in"))
	refused(t, err, "bee.tar has changed since its images were listed", "../two")
}

// Where no image can be read nothing stays behind, so that the same command can be tried
// again.
func TestNoneCanBeRead(t *testing.T) {
	src := folder(t, map[string][]byte{"ant/1.jpg": []byte("no image"), "bee/1.jpg": []byte("no image")})
	dst := filepath.Join(t.TempDir(), "pack")
	_, err := Prepare(context.Background(), dst, options(src))
	refused(t, err, "none of the 2 images can be read; ant/1.jpg: ")
	if _, err := os.Stat(dst); err == nil {
		t.Error("the folder stays")
	}
	for _, class := range []string{"ant", "bee"} {
		os.WriteFile(filepath.Join(src, class, "1.jpg"), photo(t, 1, 9, 9), 0o644)
	}
	if _, err := Prepare(context.Background(), dst, options(src)); err != nil {
		t.Error(err)
	}
}

// A disk or a network that fails ends the preparing; a file that is broken is left out.
func TestItsOwn(t *testing.T) {
	for err, want := range map[error]bool{
		&fs.PathError{Op: "read", Err: syscall.EIO}: false, syscall.ESTALE: false, fmt.Errorf("x: %w", syscall.EMFILE): false, errNoSuchImage: false,
		&fs.PathError{Op: "open", Err: syscall.EACCES}: true, errors.New("the file is empty"): true,
	} {
		if itsOwn(err) != want {
			t.Errorf("%v: %v, want %v", err, !want, want)
		}
	}
}

// Links that lead nowhere are named as that, and listed with what was skipped.
func TestLinksThatLeadNowhere(t *testing.T) {
	for what, dir := range map[string]string{
		"classes": folder(t, photos(t, map[string]int{"ant": 3, "bee": 4})),
		"parts":   folder(t, map[string][]byte{"train/ant/1.jpg": photo(t, 1, 9, 9), "train/bee/2.jpg": photo(t, 2, 9, 9), "val/bee/3.jpg": photo(t, 3, 9, 9)}),
	} {
		class := "ant"
		if what == "parts" {
			class = "train/ant"
		}
		for _, link := range []string{class + "/gone.jpg", "wasp"} {
			if err := os.Symlink("/nowhere", filepath.Join(dir, link)); err != nil {
				t.Skip(err)
			}
		}
		o := options(dir)
		var said []string
		o.OnMessage = func(text string) { said = append(said, text) }
		p := made(t, o)
		if len(said) != 1 || !strings.HasPrefix(said[0], "2 links are left out and listed in "+p.SkippedFile()+", the first: ") || !strings.HasSuffix(said[0], " (the link leads nowhere: /nowhere)") {
			t.Errorf("%s: said %q", what, said)
		}
		text, _ := os.ReadFile(p.SkippedFile())
		for _, name := range []string{class + "/gone.jpg", "wasp"} {
			if !strings.Contains(string(text), name+"\tthe link leads nowhere: /nowhere\n") {
				t.Errorf("%s: %s is not in %q", what, name, text)
			}
		}
		if p.Skipped() != 0 {
			t.Errorf("%s: %d images skipped", what, p.Skipped())
		}
	}
}

// Links in a tar, symbolic and hard ones, are no images and no tars, and are listed.
func TestLinksInTars(t *testing.T) {
	files := map[string][]byte{"ant/1.jpg": photo(t, 1, 9, 9), "bee/2.jpg": photo(t, 2, 9, 9)}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []tar.Header{
		{Typeflag: tar.TypeReg, Name: "ant/1.jpg"}, {Typeflag: tar.TypeLink, Name: "ant/hard.jpg", Linkname: "ant/1.jpg"},
		{Typeflag: tar.TypeSymlink, Name: "bee/soft.jpg", Linkname: "2.jpg"}, {Typeflag: tar.TypeSymlink, Name: "cow.tar", Linkname: "dog.tar"},
		{Typeflag: tar.TypeSymlink, Name: "bee/.hidden.jpg", Linkname: "2.jpg"}, {Typeflag: tar.TypeReg, Name: "bee/2.jpg"},
	} {
		h.Mode, h.Size = 0o600, int64(len(files[h.Name]))
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(files[h.Name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	p := made(t, options(write(t, b.Bytes(), "all.tar")))
	if names, _ := list(part(t, p, Train, 8)); len(names) != 2 {
		t.Errorf("images: %q", names)
	}
	text, err := os.ReadFile(p.SkippedFile())
	for _, link := range []string{"ant/hard.jpg\t", "bee/soft.jpg\t", "cow.tar\t"} {
		if n := strings.Count(string(text), link+"a link in a tar, which is not followed; it leads to "); n != 1 {
			t.Errorf("%q is listed %d times (%v) in\n%s", link, n, err, text)
		}
	}
	if strings.Contains(string(text), "hidden") {
		t.Errorf("hidden ones are listed:\n%s", text)
	}
}
