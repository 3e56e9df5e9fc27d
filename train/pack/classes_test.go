package pack

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
)

// Names of classes may have spaces: where the sources have such a class, where lines begin
// alike, and before a tab.
func TestClassesWithSpaces(t *testing.T) {
	for text, want := range map[string]struct{ classes, words []string }{
		"golden retriever\nant\n":                         {[]string{"golden retriever", "ant"}, nil},
		"golden retriever\nant small, red\n":              {[]string{"golden retriever", "ant"}, []string{"", "small, red"}},
		"golden retriever\na dog\ngolden eagle\nant\n":    {[]string{"golden retriever", "a", "golden eagle", "ant"}, []string{"", "dog", "", ""}},
		"golden retriever\tlarge, friendly\nant\tred\r\n": {[]string{"golden retriever", "ant"}, []string{"large, friendly", "red"}},
	} {
		for _, tar := range []bool{false, true} {
			files := photos(t, map[string]int{"golden retriever": 2, "ant": 2})
			o := options(folder(t, files))
			if tar {
				o.Sources[0] = write(t, tarred(t, files, []string{"golden retriever/golden retriever_000.JPEG", "ant/ant_000.JPEG"}), "photos.tar")
			}
			o.Val = folder(t, map[string][]byte{"golden retriever/1.jpg": photo(t, 9, 9, 9)})
			o.Classes = write(t, []byte(text), "classes.txt")
			p := made(t, o)
			if !slices.Equal(p.Classes, want.classes) || !slices.Equal(p.Words, want.words) {
				t.Errorf("%q: classes %q, words %q", text, p.Classes, p.Words)
			}
			if set := part(t, p, Val, 8); set.Len() != 1 || set.Label(0) != 0 {
				t.Errorf("%q: %d images validate, the first of label %d", text, set.Len(), set.Label(0))
			}
		}
	}
	o := options(folder(t, photos(t, map[string]int{"golden retriever": 2, "golden": 2})))
	for text, says := range map[string]string{
		"golden retriever\nant\n": "classes golden and golden retriever, and a line golden retriever in ",
		"ant\nbee\nant\n":         "names the class ant twice",
		"golden eagle\nant\n":     "the class golden retriever of ",
	} {
		o.Classes = write(t, []byte(text), "classes.txt")
		_, err := Prepare(context.Background(), filepath.Join(t.TempDir(), "pack"), o)
		refused(t, err, says, o.Classes)
	}
}

// Names of files may have spaces in a list of labels.
func TestLabelsWithSpaces(t *testing.T) {
	o := options(folder(t, map[string][]byte{"a cat.jpg": photo(t, 1, 9, 9), "in the sun/dog.jpg": photo(t, 2, 9, 9), "IMG (3).jpg": photo(t, 3, 9, 9)}))
	o.Classes, o.Split = write(t, []byte("cat\ndog\n"), "classes.txt"), "none"
	o.Labels = write(t, []byte("a cat.jpg 0\r\nin the sun/dog.jpg\t1\nIMG (3).jpg  1\n"), "labels.txt")
	set := part(t, made(t, o), Train, 8)
	for i := range set.Len() {
		want := 1
		if set.Name(i) == "a cat.jpg" {
			want = 0
		}
		if set.Label(i) != want {
			t.Errorf("%s has label %d", set.Name(i), set.Label(i))
		}
	}
	for _, line := range []string{"a cat.jpg", "a cat.jpg zero", "0 a cat.jpg"} {
		o.Labels = write(t, []byte("IMG (3).jpg 1\n"+line+"\n"), "labels.txt")
		_, err := Prepare(context.Background(), filepath.Join(t.TempDir(), "pack"), o)
		refused(t, err, fmt.Sprintf("labels.txt:2: %q: expected NAME LABEL, the label a number", line))
	}
}

// Names that are not UTF-8 would be another in pack.json, and two of them the same.
func TestClassesNotInUTF8(t *testing.T) {
	files := map[string][]byte{"caf\xe8/1.jpg": photo(t, 1, 9, 9), "caf\xe9/2.jpg": photo(t, 2, 9, 9)}
	tars := map[string][]byte{"caf\xe8.tar": tarred(t, map[string][]byte{"1.jpg": photo(t, 1, 9, 9)}, []string{"1.jpg"})}
	for _, source := range []string{folder(t, files), write(t, tarred(t, files, []string{"caf\xe8/1.jpg", "caf\xe9/2.jpg"}), "photos.tar"), folder(t, tars)} {
		_, err := Prepare(context.Background(), filepath.Join(t.TempDir(), "pack"), options(source))
		refused(t, err, source, `holds a class whose name "caf\xe8"`, "UTF-8: rename it")
	}
	o := options(folder(t, photos(t, map[string]int{"ant": 2, "bee": 2})))
	o.Classes = write(t, []byte("ant\nbee caf\xe9\n"), "classes.txt")
	_, err := Prepare(context.Background(), filepath.Join(t.TempDir(), "pack"), o)
	refused(t, err, o.Classes+`: "bee caf\xe9" is not text in UTF-8`)
}
