package pack

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"alexnet/train/data"
)

const tarExtension = ".tar"

// tarFile lists a tar in its place: of images, each in a folder named after its class
// or of the one class that is given, or of tars of images named after their classes.
func (l *lister) tarFile(name, part, class string) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	head := make([]byte, 6)
	f.ReadAt(head, 0)
	for _, magic := range []string{"\x1f\x8b", "BZh", "\xfd7zXZ", "\x28\xb5\x2f\xfd"} {
		if strings.HasPrefix(string(head), magic) {
			return fmt.Errorf("pack: %s is compressed, so that its images cannot be read in their places: unpack it to a .tar first (gunzip, bunzip2, unxz)", name)
		}
	}
	l.archives = append(l.archives, name)
	t := tarLister{lister: l, file: f, path: name, part: part}
	return t.entries(0, info.Size(), class, "")
}

// tarLister lists one tar.
type tarLister struct {
	*lister
	file *os.File
	path string
	part string
}

// entries lists what lies between two places of the file, which are a tar's. inside is
// the name of a tar within the tar.
func (t *tarLister) entries(from, to int64, class, inside string) error {
	section := io.NewSectionReader(t.file, from, to-from)
	r := tar.NewReader(section)
	for end := int64(0); ; {
		h, err := r.Next()
		at, bad := section.Seek(0, io.SeekCurrent)   // the reader has read up to the body
		if err == io.EOF && bad == nil && at > end { // a block of zeros
			return nil
		}
		if err == io.EOF { // it is cut off between two files
			err = io.ErrUnexpectedEOF
		}
		if err = errors.Join(err, bad); err != nil {
			return t.broken(inside, err)
		}
		end = behind(h, at)
		name := path.Clean(strings.TrimLeft(h.Name, "./"))
		switch {
		case h.Typeflag != tar.TypeReg || name == ".":
		case path.Ext(name) == tarExtension && inside == "" && class == "":
			err = t.entries(from+at, from+at+h.Size, strings.TrimSuffix(path.Base(name), tarExtension), path.Base(name))
		case !data.IsImage(path.Base(name)) || sparse(h):
			t.ignored++
		default:
			err = t.image(name, class, origin{archive: len(t.archives) - 1, offset: from + at, length: h.Size})
		}
		if err != nil {
			return err
		}
	}
}

// behind is where a tar goes on behind a file whose body begins at a place, at least.
func behind(h *tar.Header, body int64) int64 {
	const block = 512
	if h.Typeflag != tar.TypeReg || sparse(h) {
		return body
	}
	return body + (h.Size+block-1)/block*block
}

// image adds an image by its path in the tar.
func (t *tarLister) image(name, class string, o origin) error {
	part, folders := t.part, strings.Split(path.Dir(name), "/")
	o.name = name
	if n := len(folders); class != "" {
		o.name = class + "/" + path.Base(name)
	} else if folders[0] != "." {
		class = folders[n-1]
		if n > 1 && part == Train && slices.Contains(Parts, folders[n-2]) {
			part = folders[n-2]
		}
	}
	return t.add(part, class, o)
}

func (t *tarLister) broken(inside string, err error) error {
	where := t.path
	if inside != "" {
		where = inside + " in " + where
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("pack: %s ends too early: it was not copied or loaded to its end", where)
	}
	return fmt.Errorf("pack: %s is no tar, or damaged: %w", where, err)
}

// sparse says whether a file lies in the tar with holes.
func sparse(h *tar.Header) bool {
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}
