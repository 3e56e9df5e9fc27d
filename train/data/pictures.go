package data

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Picture is an image file to look at, or one frame of an animated one.
type Picture struct {
	Path  string
	Frame int
	Delay time.Duration // how long it is shown in playing; 0: the file does not say
}

// Pictures lists the images that files and folders hold: of a folder the files that
// are images by their names, sorted as people count (frame2 before frame10), without
// those of folders inside it; of an animated GIF that is named itself its frames.
// Files that are named are listed whatever they hold: reading them says what is
// wrong. The error is a sentence for the user.
func Pictures(paths []string) ([]Picture, error) {
	var out []Picture
	for _, path := range paths {
		files, err := listed(path)
		if err != nil {
			return nil, err
		}
		if files[0] == path { // not a folder
			out = append(out, frames(path)...)
			continue
		}
		for _, f := range files {
			out = append(out, Picture{Path: f})
		}
	}
	return out, nil
}

// listed are the image files that a path names: a folder's, or itself.
func listed(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, &BadImageError{Path: path, Err: reason(err)}
	}
	if info.IsDir() {
		return imagesIn(path)
	}
	return []string{path}, nil
}

// frames are a file's; an image that stands still, or cannot be read, is one.
func frames(path string) []Picture {
	if strings.ToLower(filepath.Ext(path)) == ".gif" {
		if file, err := ReadFile(path); err == nil {
			if list, _ := delays(file); len(list) > 1 {
				out := make([]Picture, len(list))
				for i, d := range list {
					out[i] = Picture{Path: path, Frame: i, Delay: d}
				}
				return out
			}
		}
	}
	return []Picture{{Path: path}}
}

func imagesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, &BadImageError{Path: dir, Err: reason(err)}
	}
	var out []string
	for _, e := range entries {
		if !hidden(e.Name()) && slices.Contains(extensions, strings.ToLower(filepath.Ext(e.Name()))) && kind(dir, e).IsRegular() {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	if len(out) == 0 {
		return nil, &BadImageError{Path: dir, Err: fmt.Errorf("the folder holds no image (%s)", strings.Join(extensions, " "))}
	}
	slices.SortStableFunc(out, func(a, b string) int { return compareNatural(filepath.Base(a), filepath.Base(b)) })
	return out, nil
}

// reason is why a file cannot be read, without its name.
func reason(err error) error {
	if cause := (*fs.PathError)(nil); errors.As(err, &cause) {
		return cause.Err
	}
	return err
}

// compareNatural orders names as people do: digits count as numbers, and case only
// where all else is equal.
func compareNatural(a, b string) int {
	x, y := strings.ToLower(a), strings.ToLower(b)
	for x != "" && y != "" {
		n, m := digits(x), digits(y)
		if n > 0 && m > 0 {
			p, q := strings.TrimLeft(x[:n], "0"), strings.TrimLeft(y[:m], "0")
			if len(p) != len(q) {
				return len(p) - len(q)
			}
			if c := strings.Compare(p, q); c != 0 {
				return c
			}
			x, y = x[n:], y[m:]
			continue
		}
		if x[0] != y[0] {
			return int(x[0]) - int(y[0])
		}
		x, y = x[1:], y[1:]
	}
	if len(x) != len(y) {
		return len(x) - len(y)
	}
	return strings.Compare(a, b)
}

// digits is how many digits a text begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// Reader reads pictures one after the other and keeps the last, for who looks at one
// looks again, and its animation, for the next frame follows. It is not safe for
// concurrent use.
type Reader struct {
	picture   Picture
	stamp     stamp
	size      int
	pixels    []byte
	animation *animation
	of        string // the animation's file
	ofStamp   stamp
}

// stamp tells a file from what it was.
type stamp struct {
	bytes    int64
	modified time.Time
}

// Read is ReadImage for a picture.
func (r *Reader) Read(p Picture, size int, dst []byte) error {
	p.Delay = 0
	now := stamp{}
	if info, err := os.Stat(p.Path); err == nil {
		now = stamp{info.Size(), info.ModTime()}
	}
	if r.pixels != nil && r.picture == p && r.stamp == now && r.size == size {
		copy(dst, r.pixels)
		return nil
	}
	read := func() error { return ReadImage(p.Path, size, dst) }
	if p.Frame > 0 || r.animation != nil && r.of == p.Path {
		read = func() error { return r.frame(p, now, size, dst) }
	}
	if err := read(); err != nil {
		return err
	}
	r.picture, r.stamp, r.size, r.pixels = p, now, size, append(r.pixels[:0], dst...)
	return nil
}

// frame reads a frame of an animation.
func (r *Reader) frame(p Picture, now stamp, size int, dst []byte) (err error) {
	defer func() {
		if failed := recover(); failed != nil {
			err = fmt.Errorf("the decoder failed: %v", failed)
		}
		if err != nil {
			r.animation = nil
			err = &BadImageError{Path: p.Path, Err: err}
		}
	}()
	if r.animation == nil || r.of != p.Path || r.ofStamp != now {
		file, err := ReadFile(p.Path)
		if err != nil {
			return err
		}
		if r.animation, err = newAnimation(file); err != nil {
			return err
		}
		r.of, r.ofStamp = p.Path, now
	}
	canvas, err := r.animation.show(p.Frame)
	if err != nil {
		return err
	}
	RGB(dst, square(canvas, canvas.Rect.Dx(), canvas.Rect.Dy(), size))
	return nil
}
