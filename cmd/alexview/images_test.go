package main

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"alexnet/engine/enginetest"
	"alexnet/viewer/theme"
)

// disc is a red disc on grey, at an angle on a circle.
func disc(i, of int) *image.Paletted {
	img := image.NewPaletted(image.Rect(0, 0, 96, 64), color.Palette{color.Gray{90}, color.RGBA{230, 40, 40, 255}})
	at := image.Pt(28+40*i/of, 32)
	for y := range 64 {
		for x := range 96 {
			if d := image.Pt(x, y).Sub(at); d.X*d.X+d.Y*d.Y < 200 {
				img.SetColorIndex(x, y, 1)
			}
		}
	}
	return img
}

// film makes a folder of frames, one of them no image, and a GIF of the same.
func film(t *testing.T, n int) (folder, animation string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "film")
	animation = filepath.Join(t.TempDir(), "film.gif")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	g := &gif.GIF{}
	for i := range n {
		f, err := os.Create(filepath.Join(folder, fmt.Sprintf("frame%d.png", i+1)))
		if err == nil {
			err = png.Encode(f, disc(i, n))
			f.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		g.Image, g.Delay = append(g.Image, disc(i, n)), append(g.Delay, 10)
	}
	if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("frame%d.png", n+1)), []byte("no image"), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(animation)
	if err == nil {
		err = gif.EncodeAll(f, g)
		f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return folder, animation
}

// openPath opens images by the Activations page's drop-down, of which "Open …" is the
// last of so many lines.
func (s *screen) openPath(t *testing.T, path string, lines int) {
	t.Helper()
	s.do(t, "mousemove", "120", "146", "click", "1")
	wait(t, "the drop-down is open", func() bool { return s.pixel(t, 230, 180) == theme.Dark.Raised })
	s.do(t, "mousemove", "120", fmt.Sprint(160+28*lines-10), "click", "1")
	wait(t, "the question for a path", func() bool { return s.pixel(t, 720, 380) == theme.Dark.Surface })
	s.do(t, "type", "--delay", "5", path)
	s.do(t, "key", "Return")
}

// TestImagesWhileTraining looks at a folder of frames and at an animated GIF while
// the window trains, plays them, and goes on past a frame that is no image.
func TestImagesWhileTraining(t *testing.T) {
	enginetest.Open(t)
	folder, animation := film(t, 9)
	s := newScreen(t, 1440, 900)
	run := filepath.Join(t.TempDir(), "run")
	c, out := s.start(t, program(t), t.TempDir(), short(run, "100000")...)
	wait(t, "the window is there", func() bool { return s.pixel(t, 4, 4) == theme.Dark.Surface })
	logHas(t, run, `"step":10,`)
	s.do(t, "key", "2")
	photo := image.Rect(16, 176, 432, 592)
	wait(t, "maps", func() bool {
		return s.pixel(t, 440, 190) == theme.Dark.Column(0) || s.pixel(t, 457, 190) == theme.Dark.Column(0)
	})
	s.shoot(t, "images-validation")
	before := s.sum(t, photo)
	s.openPath(t, folder, 2)
	wait(t, "the first frame", func() bool { return s.sum(t, photo) != before })
	s.shoot(t, "images-folder")
	s.do(t, "key", "space")
	logHas(t, run, `"key":"pause"`)
	s.do(t, "key", "Return") // play
	seen := map[uint64]bool{}
	took := wait(t, "many frames", func() bool { seen[s.sum(t, photo)] = true; return len(seen) > 8 })
	t.Logf("%d pictures in %v while paused", len(seen), took)
	s.shoot(t, "images-film")
	s.do(t, "key", "Return")
	name := image.Rect(60, 134, 230, 158)
	before = s.sum(t, name)
	s.openPath(t, animation, 3)
	wait(t, "the GIF's name", func() bool { return s.sum(t, name) != before && s.pixel(t, 720, 380) != theme.Dark.Surface })
	s.do(t, "mousemove", "700", "500", "key", "Return")
	seen = map[uint64]bool{}
	wait(t, "the GIF's frames", func() bool { seen[s.sum(t, photo)] = true; return len(seen) > 4 })
	s.do(t, "key", "Return")
	s.shoot(t, "images-gif")
	s.openPath(t, filepath.Join(folder, "frame10.png"), 3)
	wait(t, "a sentence instead of maps", func() bool { return s.pixel(t, 457, 190) == theme.Dark.Background })
	s.shoot(t, "images-unreadable")
	s.openPath(t, filepath.Join(folder, "none.png"), 3)
	wait(t, "a sentence at the page's foot", func() bool { return s.pixel(t, 584, 782) == theme.Dark.Surface })
	s.shoot(t, "images-none")
	s.do(t, "key", "ctrl+q", "key", "s")
	if err := c.Wait(); err != nil || !strings.Contains(out.String(), "stopped; go on with") {
		t.Errorf("closed: %v, and it says %q", err, out)
	}
}

func TestFind(t *testing.T) {
	folder, animation := film(t, 3)
	readme, picture := filepath.Join(t.TempDir(), "README.md"), filepath.Join(t.TempDir(), "picture")
	frame, err := os.ReadFile(filepath.Join(folder, "frame1.png"))
	if err == nil {
		err = errors.Join(os.WriteFile(readme, []byte("# Read me"), 0o644), os.WriteFile(picture, frame, 0o644))
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		paths    []string
		run      bool
		title    string
		pictures int
		problem  string
	}{
		{"a folder", []string{folder}, false, "film", 4, ""},
		{"a GIF", []string{animation}, false, "film.gif", 3, ""},
		{"both", []string{folder, animation}, false, "2 files", 7, ""},
		{"a run", []string{makeRun(t, filepath.Join(t.TempDir(), "run"), 100)}, true, "", 0, ""},
		{"nothing", []string{filepath.Join(folder, "none")}, false, "", 0, "none cannot be opened: no such file or directory."},
		{"no image", []string{animation, readme}, false, "", 0, "README.md is no image. What can be opened"},
		{"an image without an extension", []string{picture}, false, "picture", 1, ""},
		{"no images", []string{t.TempDir()}, false, "", 0, "holds no image"},
	} {
		found, err := find(c.paths)
		info, _ := os.Stat(c.paths[0])
		if folder := info != nil && info.IsDir() && len(c.paths) == 1 && !c.run; (found.Folder == c.paths[0]) != folder {
			t.Errorf("%s: the folder is %q", c.name, found.Folder)
		}
		if (found.Run != "") != c.run || found.Name != c.title || len(found.Pictures) != c.pictures || (err != nil) != (c.problem != "") || err != nil && !strings.Contains(err.Error(), c.problem) {
			t.Errorf("%s: %+v, %v", c.name, found, err)
		}
	}
}
