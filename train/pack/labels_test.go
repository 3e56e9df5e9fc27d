package pack

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// validation is ILSVRC's in small: a tar of images in some order, the labels of which are
// 0-based in sorted order of the classes or numbers of testdata/meta.mat (scipy.io wrote
// it), in which n00000003 is 1, n00000001 is 2 and n00000002 is 3.
func validation(t *testing.T) (training, source string, classes []string) {
	t.Helper()
	training = folder(t, photos(t, map[string]int{"n00000001": 2, "n00000002": 2, "n00000003": 2}))
	files := map[string][]byte{}
	for i, name := range []string{"ILSVRC2012_val_00000003.JPEG", "ILSVRC2012_val_00000001.JPEG", "ILSVRC2012_val_00000002.JPEG"} {
		files[name] = photo(t, uint64(50+i), 9, 9)
	}
	names := slices.Collect(maps.Keys(files))
	slices.SortFunc(names, func(a, b string) int { return -bytes.Compare([]byte(a), []byte(b)) })
	return training, write(t, tarred(t, files, names), "val.tar"), []string{"n00000003", "n00000001", "n00000002"} // of 1, 2, 3
}

func TestLabels(t *testing.T) {
	training, source, classes := validation(t)
	meta, err := os.ReadFile("testdata/meta.mat")
	if err != nil {
		t.Fatal(err)
	}
	truth := []byte("1\n2\n3\n")
	kit := map[string][]byte{"kit/data/meta.mat": meta, "kit/data/ILSVRC2012_validation_ground_truth.txt": truth, "kit/readme.txt": []byte("x")}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(tarred(t, kit, slices.Sorted(maps.Keys(kit))))
	z.Close()
	for what, change := range map[string]func(*Options){
		"0-based": func(o *Options) {
			o.Labels = write(t, []byte("ILSVRC2012_val_00000001.JPEG 2\nILSVRC2012_val_00000002.JPEG 0\nILSVRC2012_val_00000003.JPEG 1\n"), "val.txt")
		},
		"the devkit's folder": func(o *Options) { o.DevKit = folder(t, kit) },
		"the devkit":          func(o *Options) { o.DevKit = write(t, packed.Bytes(), "devkit.tar.gz") },
		"ground truth": func(o *Options) {
			o.DevKit = folder(t, map[string][]byte{"data/meta.mat": meta})
			o.Labels = write(t, truth, "truth.txt")
		},
	} {
		o := options(training)
		o.Val = source
		change(&o)
		p := made(t, o)
		set := part(t, p, Val, 8)
		for i := range set.Len() {
			if got, want := set.Classes()[set.Label(i)], classes[set.Name(i)[len("ILSVRC2012_val_0000000")]-'1']; got != want {
				t.Errorf("%s: %s is %s, want %s", what, set.Name(i), got, want)
			}
		}
		if set.Len() != 3 || (o.DevKit != "") != slices.Equal(p.Words, []string{"owl, night bird", "newt", "fox"}) {
			t.Errorf("%s: %d images, words %q", what, set.Len(), p.Words)
		}
	}
}

func TestLabelsRefused(t *testing.T) {
	training, source, _ := validation(t)
	for text, says := range map[string]string{
		"ILSVRC2012_val_00000001.JPEG 0\n": "has no label",
		"ILSVRC2012_val_00000001.JPEG 0\nILSVRC2012_val_00000002.JPEG 0\nILSVRC2012_val_00000003.JPEG 3\n": "3 classes",
		"1\n2\n3\n":       "--devkit",
		"a.JPEG zero x\n": "labels.txt:1",
	} {
		o := options(training)
		o.Val, o.Labels = source, write(t, []byte(text), "labels.txt")
		_, err := Prepare(context.Background(), filepath.Join(t.TempDir(), "pack"), o)
		refused(t, err, says)
	}
	o := options(source)
	o.Labels = write(t, []byte("ILSVRC2012_val_00000001.JPEG 0\n"), "labels.txt")
	_, err := Prepare(context.Background(), filepath.Join(t.TempDir(), "pack"), o)
	refused(t, err, "--classes")
}

// Labels of another number of images: of numbered ones none is missing, which cannot be;
// of named ones some may be, which is said.
func TestLabelsOfOthers(t *testing.T) {
	training, source, _ := validation(t)
	meta, err := os.ReadFile("testdata/meta.mat")
	if err != nil {
		t.Fatal(err)
	}
	for truth, says := range map[string]string{"1\n2\n": "labels of 2 images, none of ILSVRC2012_val_00000003.JPEG", "1\n2\n3\n1\n": "labels of 4 images, and the images are numbered up to 3"} {
		o := options(training)
		o.Val, o.DevKit = source, folder(t, map[string][]byte{"data/meta.mat": meta, "data/" + truthFile: []byte(truth)})
		_, err = Prepare(context.Background(), filepath.Join(t.TempDir(), "pack"), o)
		refused(t, err, truthFile, says)
	}
	o := options(training)
	o.Val, o.Labels = source, write(t, []byte("ILSVRC2012_val_00000001.JPEG 0\nILSVRC2012_val_00000002.JPEG 0\nILSVRC2012_val_00000003.JPEG 1\nILSVRC2012_val_00000004.JPEG 1\n"), "val.txt")
	var said []string
	o.OnMessage = func(text string) { said = append(said, text) }
	made(t, o)
	if len(said) != 1 || said[0] != o.Labels+" has labels of 4 images, and there are 3: see whether all images are there" {
		t.Errorf("said %q", said)
	}
}

// Classes in the order of a file, with their words.
func TestClassesFile(t *testing.T) {
	training, _, _ := validation(t)
	o := options(training)
	o.Classes = write(t, []byte("n00000002 newt\nn00000003 fox, red\nn00000001 owl\nn00000007 none yet\n"), "synset_words.txt")
	var said []string
	o.OnMessage = func(text string) { said = append(said, text) }
	p := made(t, o)
	if len(said) != 1 || said[0] != "1 of 4 classes have no images, such as n00000007" {
		t.Errorf("it says %q", said)
	}
	if want := []string{"n00000002", "n00000003", "n00000001", "n00000007"}; !slices.Equal(p.Classes, want) || p.Words[1] != "fox, red" {
		t.Errorf("%v, %q", p.Classes, p.Words)
	}
	set := part(t, p, Train, 8)
	if name := set.Name(0); name[:9] != "n00000001" || set.Label(0) != 2 {
		t.Errorf("%s has label %d", name, set.Label(0))
	}
	o.Classes = write(t, []byte("n00000002\nn00000003\n"), "synsets.txt")
	_, err := Prepare(context.Background(), filepath.Join(t.TempDir(), "pack"), o)
	refused(t, err, "n00000001", "synsets.txt")
}

func TestMatStruct(t *testing.T) {
	for _, name := range []string{"meta.mat", "meta-plain.mat"} {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := matStruct(file, "synsets")
		if err != nil || len(rows) != 4 {
			t.Fatalf("%s: %v, %v", name, rows, err)
		}
		for i, want := range []struct {
			id    float64
			wnid  string
			words string
		}{{1, "n00000003", "fox"}, {2, "n00000001", "owl, night bird"}, {3, "n00000002", "newt"}, {1001, "n00000009", "animal"}} {
			r := rows[i]
			if r["ILSVRC2012_ID"].numbers[0] != want.id || r["WNID"].text != want.wnid || r["words"].text != want.words || r["num_train_images"].numbers[0] != 1300 {
				t.Errorf("%s: row %d is %v", name, i, r)
			}
		}
		if _, err := matStruct(file, "animals"); err == nil {
			t.Error("a table that is not there was found")
		}
		for n := range file { // no cut file may panic
			matStruct(file[:n], "synsets")
		}
	}
}

// A shard is a tar that others read: an image and its label under one key.
func TestShardIsATar(t *testing.T) {
	p := made(t, options(folder(t, photos(t, map[string]int{"ant": 3, "bee": 3}))))
	text, err := os.ReadFile(filepath.Join(p.Dir(), "train-00000.tar"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for r := tar.NewReader(bytes.NewReader(text)); ; {
		h, err := r.Next()
		if err != nil {
			break
		}
		names = append(names, h.Name)
		if h.ModTime.Unix() != 0 || h.Mode != 0o644 || h.Uid != 0 || h.Uname != "" {
			t.Errorf("%s tells when or by whom it was written: %+v", h.Name, h)
		}
	}
	want := []string{"00000000.jpg", "00000000.cls", "00000001.jpg", "00000001.cls", "00000002.jpg", "00000002.cls", "00000003.jpg", "00000003.cls"}
	if !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
}
