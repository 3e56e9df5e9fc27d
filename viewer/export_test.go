package viewer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"alexnet/train/monitor"
)

// saved keeps what the app saves.
type saved struct {
	mu    sync.Mutex
	files map[string][]byte
	err   error // of those that have no room
	room  int
}

func (s *saved) save(run, name string, data []byte) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[name] = data
	if len(s.files) <= s.room {
		return "folder/" + run + "/" + name, nil
	}
	return "", s.err
}

// exporting runs an export and returns what was said.
func exporting(t *testing.T, snap *monitor.Snapshot, s *saved, do func(a *App)) string {
	t.Helper()
	a := New(Options{Save: s.save}, &fake{Board: monitor.NewBoard(snap)})
	do(a)
	for range 2000 {
		a.Update()
		if a.toast.text != "" {
			return a.toast.text
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("nothing was said in ten seconds")
	return ""
}

func TestExports(t *testing.T) {
	for i, e := range exports {
		t.Run(e.label, func(t *testing.T) {
			s := &saved{files: map[string][]byte{}, room: 4}
			snap := sample()
			snap.Points[0].Rate = math.Nextafter(0.00015, 1) // as 0.0015 * 0.1 is
			said := exporting(t, snap, s, func(a *App) {
				press(a, "E")
				for range i {
					press(a, "Down")
				}
				press(a, "Enter")
			})
			for name, data := range s.files {
				check(t, name, data)
			}
			want := map[int]int{1: 4}[i]
			if want == 0 {
				want = 1
			}
			if len(s.files) != want || !strings.Contains(said, "folder/imagenet-two-column/") {
				t.Errorf("%d files, want %d; it says %q", len(s.files), want, said)
			}
		})
	}
}

// One row of a menu is marked, by the pointer or by a key, which moved last; Enter takes it.
func TestMenuMarksOne(t *testing.T) {
	a := New(Options{Save: (&saved{}).save}, &fake{Board: monitor.NewBoard(sample())})
	press(a, "E")
	m, is := a.cover.(*menu)
	if !is || m.at != 1 {
		t.Fatalf("%T marks row %d at first", a.cover, m.at)
	}
	taken := -1
	m.choose = func(i int) { taken = i }
	h, _, _ := a.find("exports=" + exports[2].label)
	over := func(by float64) { a.Handle(Moved{h.rect.X + 9 + by, h.rect.Y + 9}); a.Draw() }
	over(0)
	pointed := a.Picture()
	if m.at != 3 {
		t.Errorf("the pointer is on row 3, and %d is marked", m.at)
	}
	if press(a, "Up"); m.at != 2 || same(pointed, a.Picture()) {
		t.Errorf("row %d is marked, want 2", m.at)
	}
	if over(1); !same(pointed, a.Picture()) {
		t.Error("the pointer moves, and the picture is not that of its row")
	}
	if press(a, "Enter"); taken != 2 || a.cover != nil {
		t.Errorf("row %d was taken, want the third", taken)
	}
}

// check reads a file back.
func check(t *testing.T, name string, data []byte) {
	t.Helper()
	switch {
	case strings.HasSuffix(name, ".gif"):
		if g, err := gif.DecodeAll(bytes.NewReader(data)); err != nil || len(g.Image) != 4 {
			t.Errorf("%s: %v", name, err)
		}
	case strings.HasSuffix(name, ".png"):
		if _, err := png.Decode(bytes.NewReader(data)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	case strings.HasSuffix(name, ".csv"):
		rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil || len(rows) != 1+1000+40 || rows[1][0] != "20" || rows[1][4] != "0.00015" || rows[len(rows)-1][8] == "" {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
		}
	case !strings.HasPrefix(string(data), "<svg"):
		t.Errorf("%s begins %q", name, data[:20])
	}
}

func TestPaletted(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for i := range 64 * 64 { // 4096 colours, of which grey most often
		c := color.RGBA{uint8(i % 64 * 4), uint8(i / 64 * 4), 77, 255}
		if i%3 == 0 {
			c = color.RGBA{128, 128, 128, 255}
		}
		img.SetRGBA(i%64, i/64, c)
	}
	p := paletted(img)
	if len(p.Palette) != 256 {
		t.Errorf("%d colours, want 256", len(p.Palette))
	}
	for i := range 64 * 64 {
		want, got := img.RGBAAt(i%64, i/64), p.At(i%64, i/64).(color.RGBA)
		limit := 40
		if i%3 == 0 {
			limit = 8
		}
		for _, d := range []int{int(want.R) - int(got.R), int(want.G) - int(got.G), int(want.B) - int(got.B)} {
			if d > limit || d < -limit {
				t.Fatalf("pixel %d is %v, want about %v", i, got, want)
			}
		}
	}
}

func TestExportFails(t *testing.T) {
	s := &saved{files: map[string][]byte{}, err: errors.New("the disk is full")}
	if said := exporting(t, sample(), s, (*App).savePicture); said != "Nothing was saved: the disk is full." {
		t.Errorf("it says %q", said)
	}
	some := &saved{files: map[string][]byte{}, err: errors.New("the disk is full"), room: 2}
	want := "Only 2 of 4 files were saved, the last as folder/imagenet-two-column/kernels-step-00005000.png: the disk is full."
	if said := exporting(t, sample(), some, func(a *App) { a.exportOne(1) }); said != want {
		t.Errorf("it says %q, want %q", said, want)
	}
	none := sample()
	none.Kernels = nil
	if said := exporting(t, none, s, func(a *App) { a.exportOne(0) }); said != "Nothing was saved: there are no kernels yet." {
		t.Errorf("it says %q", said)
	}
}
