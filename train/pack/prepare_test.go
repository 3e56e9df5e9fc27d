package pack

import (
	"context"
	"errors"
	"image"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"alexnet/train/data"
)

// Images come as they are: a PNG of another name, grey, one row high, and some that are
// none. What can be read is what the decoder makes of it, in raw packs to the bit.
func TestPrepare(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 20, 12))
	for i := range grey.Pix {
		grey.Pix[i] = uint8(i)
	}
	dir := folder(t, map[string][]byte{
		"cat/a.jpg": photo(t, 1, 30, 20), "cat/b.JPEG": encoded(t, noise(2, 9, 9), asPNG), "cat/c.jpg": []byte("no image"), "cat/notes.txt": []byte("x"),
		"dog/in/d.jpg": encoded(t, grey, asJPEG), "dog/e.jpg": photo(t, 3, 50, 1), "dog/f.jpg": photo(t, 4, 30, 20)[:200], "dog/tab\there.jpg": photo(t, 5, 8, 8),
		"dog/empty.jpg": nil,
	})
	for _, encoding := range []string{JPEG, Raw} {
		o := options(dir)
		o.Encoding, o.Split = encoding, "none"
		p := made(t, o)
		set := part(t, p, Train, 8)
		names, labels := list(set)
		if want := []string{"cat/a.jpg", "cat/b.JPEG", "dog/e.jpg", "dog/in/d.jpg", "dog/tab\there.jpg"}; !slices.Equal(names, want) || !slices.Equal(labels, []int{0, 0, 1, 1, 1}) {
			t.Errorf("%q, labels %v", names, labels)
		}
		if shape := set.Entry(2).Shape; shape != image.Pt(50, 1) || !slices.Equal(set.Classes(), []string{"cat", "dog"}) || p.Skipped() != 3 || p.Images() != 5 {
			t.Errorf("a row of %v, classes %v, %d of %d skipped", shape, set.Classes(), p.Skipped(), p.Images())
		}
		text, _ := os.ReadFile(p.SkippedFile())
		for _, want := range []string{"cat/c.jpg\tit is not a JPEG", "dog/empty.jpg\tthe file is empty", "dog/f.jpg\tunexpected EOF"} {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s: no %q in %q", skippedName, want, text)
			}
		}
		got, want := make([]byte, 3*8*8), make([]byte, 3*8*8)
		for i := range set.Len() {
			if err := errors.Join(set.Pixels(i, got), data.ReadImage(filepath.Join(dir, names[i]), 8, want)); err != nil {
				t.Fatal(err)
			}
			if encoding == Raw && !slices.Equal(got, want) {
				t.Errorf("the pixels of %s are others", names[i])
			}
		}
		stats, err := data.Statistics(context.Background(), set, nil)
		if err != nil {
			t.Fatal(err)
		}
		if kept, err := p.Stats(); err != nil || !reflect.DeepEqual(stats, kept) {
			t.Errorf("kept %v, %v; the pack's images have %v", kept, err, stats)
		}
		if err := p.Verify(context.Background(), nil); err != nil {
			t.Error(err)
		}
	}
}

// Whole images keep their shape, up to a bound; their centre is what is trained on.
func TestPrepareWhole(t *testing.T) {
	dir := folder(t, map[string][]byte{"a/1.jpg": photo(t, 1, 32, 16), "b/2.jpg": photo(t, 2, 16, 20), "b/3.jpg": photo(t, 3, 400, 2)})
	o := options(dir)
	o.Whole, o.Encoding, o.Split = true, Raw, "none"
	set := part(t, made(t, o), Train, 8)
	for i, want := range []image.Point{{16, 8}, {8, 10}, {8 * data.MaxAspect, 8}} {
		file, err := set.File(i)
		if err != nil {
			t.Fatal(err)
		}
		img, shape, err := data.Scaled(file, 8, true)
		if err != nil || shape != want || img.Rect.Size() != want {
			t.Errorf("image %d is %v, %v; want %v", i, shape, err, want)
		}
		pixels, centre := make([]byte, 3*8*8), make([]byte, 3*8*8)
		if err := errors.Join(set.Pixels(i, pixels), data.DecodeImage(file, 8, centre)); err != nil || !slices.Equal(pixels, centre) {
			t.Errorf("image %d: %v, or not its centre", i, err)
		}
	}
}

// A pack depends neither on the number of workers nor on how often and where it was
// stopped.
func TestPrepareGoesOn(t *testing.T) {
	files := photos(t, map[string]int{"ant": 50, "bee": 45, "cow": 41})
	for _, name := range []string{"ant/ant_004.JPEG", "bee/bee_030.JPEG", "cow/cow_040.JPEG"} {
		files[name] = files[name][:50]
	}
	o := options(folder(t, files))
	o.Split, o.Workers = "val=0.3,test=0.2", 1
	whole := made(t, o)
	if p := whole.Parts; p[Train].Images+p[Train].Skipped != 68 || p[Val].Images+p[Val].Skipped != 41 || p[Test].Images+p[Test].Skipped != 27 || whole.Skipped() != 3 || len(p[Train].Shards) != 3 {
		t.Fatalf("parts %+v", p)
	}
	dst := filepath.Join(t.TempDir(), "pack")
	stops := 0
	for stop := 5; ; stop += 20 { // behind so many images in all
		ctx, cancel := context.WithCancel(context.Background())
		o.Workers = 1 + stop%3
		o.OnProgress = func(p Progress) {
			if p.Done >= stop {
				cancel()
			}
		}
		p, err := Prepare(ctx, dst, o)
		cancel()
		if err == nil {
			if p.Images() != whole.Images() {
				t.Errorf("%d images", p.Images())
			}
			break
		}
		if stops++; !errors.Is(err, context.Canceled) || stops > 20 {
			t.Fatal(err)
		}
		if _, err := Open(dst); err == nil {
			t.Fatal("an unfinished pack was opened")
		}
		// What a killed process leaves: half of a file, and a shard of which the state
		// does not know.
		for _, name := range []string{".tmp-123", "val-00001.tar", "work/.tmp-4"} {
			if _, err := os.Stat(filepath.Join(dst, name)); err != nil {
				os.WriteFile(filepath.Join(dst, name), []byte("half"), 0o644)
			}
		}
	}
	if stops < 5 {
		t.Errorf("stopped %d times only", stops)
	}
	sameFiles(t, dst, whole.Dir())
}

// Tars hold the same images as folders: of tars, with paths, and a folder of tars.
func TestPrepareTars(t *testing.T) {
	files := photos(t, map[string]int{"ant": 7, "bee": 5, "cow": 9})
	want := made(t, options(folder(t, files)))
	names := slices.Sorted(maps.Keys(files))
	flat, tars := map[string][]byte{}, map[string][]byte{}
	for _, class := range []string{"ant", "bee", "cow"} {
		var members []string
		for _, name := range names {
			if inside, of := strings.CutPrefix(name, class+"/"); of {
				flat[inside] = files[name]
				members = append(members, inside)
			}
		}
		flat["./LICENSE"] = []byte("none")
		tars[class+".tar"] = tarred(t, flat, append([]string{"./LICENSE"}, members...))
	}
	inTar := append([]string{"MANIFEST.tsv"}, names...)
	files["MANIFEST.tsv"] = []byte("what is here")
	for what, source := range map[string]string{
		"a tar of tars":    write(t, tarred(t, tars, []string{"ant.tar", "bee.tar", "cow.tar"}), "train.tar"),
		"a tar":            write(t, tarred(t, files, inTar), "train.tar"),
		"a folder of tars": folder(t, tars),
	} {
		t.Run(what, func(t *testing.T) { sameFiles(t, made(t, options(source)).Dir(), want.Dir(), sourceName) })
	}
	for what, c := range map[string]struct {
		text []byte
		says string
	}{
		"cut":          {tarred(t, tars, []string{"ant.tar", "bee.tar"})[:2500], "too early"},
		"cut between":  {tarred(t, tars, []string{"ant.tar", "bee.tar"})[:512+len(tars["ant.tar"])], "train.tar ends too early"},
		"cut inside":   {tarred(t, map[string][]byte{"ant.tar": tars["ant.tar"], "bee.tar": tars["bee.tar"][:3000]}, []string{"ant.tar", "bee.tar"}), "bee.tar in "},
		"empty inside": {tarred(t, map[string][]byte{"ant.tar": tars["ant.tar"], "bee.tar": nil}, []string{"ant.tar", "bee.tar"}), "too early"},
		"compressed":   {[]byte("\x1f\x8b\x08\x00junk"), "compressed"},
		"an image":     {photo(t, 1, 90, 90), "train.tar is a JPEG image and no tar: name the folder"},
		"image inside": {tarred(t, map[string][]byte{"ant.tar": photo(t, 1, 90, 90)}, []string{"ant.tar"}), "ant.tar in "},
		"no tar":       {[]byte(strings.Repeat("x", 2000)), "is no tar"},
		"empty":        {tarred(t, nil, nil), "holds no images"},
		"one class":    {tarred(t, tars, []string{"ant.tar"}), "one class only"},
		"no class":     {tarred(t, flat, []string{"ant_000.JPEG"}), "--labels"},
	} {
		t.Run(what, func(t *testing.T) {
			dst := filepath.Join(t.TempDir(), "pack")
			_, err := Prepare(context.Background(), dst, options(write(t, c.text, "train.tar")))
			refused(t, err, c.says)
			if _, err := os.Stat(dst); err == nil {
				t.Error("the folder of a pack that did not begin stays")
			}
		})
	}
}

// Folders of parts and sources of their own make parts; one class that trains on nothing
// is refused.
func TestPrepareParts(t *testing.T) {
	dir := folder(t, map[string][]byte{
		"train/ant/1.jpg": photo(t, 1, 9, 9), "train/bee/2.jpg": photo(t, 2, 9, 9), "val/ant/3.jpg": photo(t, 3, 9, 9), "test/bee/4.jpg": photo(t, 4, 9, 9),
	})
	p := made(t, options(dir))
	for name, want := range map[string]string{Train: "train/ant/1.jpg", Val: "val/ant/3.jpg", Test: "test/bee/4.jpg"} {
		if s := part(t, p, name, 8); s.Name(0) != want || name != Train && s.Len() != 1 {
			t.Errorf("%s begins with %s", name, s.Name(0))
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "train", "cow"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := Prepare(context.Background(), filepath.Join(t.TempDir(), "pack"), options(dir))
	refused(t, err, "cow", "holds no image")
	os.Remove(filepath.Join(dir, "train", "cow"))
	o := options(filepath.Join(dir, "train"))
	o.Val, o.Test = filepath.Join(dir, "val"), filepath.Join(dir, "test")
	if q := made(t, o); q.Parts[Val].Images != 1 || q.Parts[Test].Images != 1 || q.Parts[Train].Images != 2 {
		t.Errorf("%+v", q.Parts)
	}
	o.Sources = []string{filepath.Join(dir, "val"), filepath.Join(dir, "test")}
	o.Val, o.Test = folder(t, map[string][]byte{"cow/1.jpg": photo(t, 1, 9, 9)}), ""
	_, err = Prepare(context.Background(), filepath.Join(t.TempDir(), "pack"), o)
	refused(t, err, "cow", "the images to train on")
}

// Parts have other names, too, as folders, in a tar and as tars in a folder.
func TestPartsByOtherNames(t *testing.T) {
	tars, all := map[string][]byte{}, map[string][]byte{}
	seed := uint64(0)
	for _, part := range []string{"Train", "validation", "Testing"} {
		files := map[string][]byte{}
		for _, class := range []string{"ant", "bee"} {
			seed++
			files[class+"/1.jpg"] = photo(t, seed, 9, 9)
			all[part+"/"+class+"/1.jpg"] = files[class+"/1.jpg"]
		}
		tars[part+".tar"] = tarred(t, files, slices.Sorted(maps.Keys(files)))
	}
	for what, source := range map[string]string{
		"folders": folder(t, all), "a tar": write(t, tarred(t, all, slices.Sorted(maps.Keys(all))), "photos.tar"), "tars": folder(t, tars),
	} {
		p := made(t, options(source))
		if !slices.Equal(p.Classes, []string{"ant", "bee"}) || p.Parts[Train].Images != 2 || p.Parts[Val].Images != 2 || p.Parts[Test].Images != 2 {
			t.Errorf("%s: classes %q, parts %+v", what, p.Classes, p.Parts)
		}
	}
	_, err := Prepare(context.Background(), filepath.Join(t.TempDir(), "pack"), options(write(t, tarred(t, tars, slices.Sorted(maps.Keys(tars))), "photos.tar")))
	refused(t, err, "photos.tar holds a tar for each part", "unpack it")
	for name, text := range all {
		all[strings.Replace(name, "Train", "training", 1)] = text
	}
	for _, source := range []string{folder(t, all), write(t, tarred(t, all, slices.Sorted(maps.Keys(all))), "photos.tar")} {
		_, err := Prepare(context.Background(), filepath.Join(t.TempDir(), "pack"), options(source))
		refused(t, err, source+" holds both Train and training")
	}
}

// What cannot be gone on with is refused with a sentence, and nothing is changed.
func TestPrepareRefuses(t *testing.T) {
	src := folder(t, photos(t, map[string]int{"ant": 30, "bee": 30}))
	o := options(src)
	p := made(t, o)
	var err error
	for _, inside := range []string{src, filepath.Join(src, "pack")} {
		_, err = Prepare(context.Background(), inside, o)
		refused(t, err, "lies in "+src)
	}
	_, err = Prepare(context.Background(), filepath.Join(t.TempDir(), "again"), options(p.Dir()))
	refused(t, err, "is a pack already")
	_, err = Prepare(context.Background(), folder(t, photos(t, map[string]int{"cow": 1})), o)
	refused(t, err, "holds cow", "another DST")

	dst := filepath.Join(t.TempDir(), "pack")
	begin := func(o Options) error {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		o.OnProgress = func(p Progress) {
			if p.Done >= 32 {
				cancel()
			}
		}
		_, err := Prepare(ctx, dst, o)
		return err
	}
	if err := begin(o); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	_, err = Open(dst)
	refused(t, err, "not finished")
	other := o
	other.Size = 9
	refused(t, begin(other), "another --size", "8 then, 9 now")
	other = o
	other.Sources = []string{folder(t, photos(t, map[string]int{"ant": 3, "bee": 3}))}
	refused(t, begin(other), "another source", src)
	w, err := openWork(dst, o.shard, must(o.settings()))
	if err != nil {
		t.Fatal(err)
	}
	refused(t, begin(o), "another process")
	w.close()
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// On a disk that fills up it stops, and goes on when there is room. It takes the right to
// mount a small one.
func TestPrepareOnFullDisk(t *testing.T) {
	o := options(folder(t, photos(t, map[string]int{"ant": 40, "bee": 40})))
	o.Size = 32
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=100k"); err != nil {
		t.Skip("cannot mount a small disk:", err)
	}
	defer syscall.Unmount(disk, 0)
	dst := filepath.Join(disk, "pack")
	_, err := Prepare(context.Background(), dst, o)
	refused(t, err, "train-0000", ".tar: the disk is full; make room and try again")
	if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=10m"); err != nil {
		t.Fatal(err)
	}
	if _, err := Prepare(context.Background(), dst, o); err != nil {
		t.Fatal(err)
	}
	sameFiles(t, dst, made(t, o).Dir())
}
