package pack

import (
	"archive/tar"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"alexnet/train/data"
)

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
	if class != "" {
		return t.entries(0, info.Size(), "", t.ofClass(class))
	}
	if err := t.look(info.Size()); err != nil {
		return err
	}
	if parts, err := data.FindParts(name, t.tars); parts != nil {
		return cmp.Or(err, fmt.Errorf("pack: %s holds a tar for each part, which are read in a folder only: unpack it and name the folder", name))
	}
	if err := t.tree.settle(name); err != nil {
		return err
	}
	return t.entries(0, info.Size(), "", t.entry)
}

// tarLister lists one tar.
type tarLister struct {
	*lister
	file *os.File
	path string
	part string
	tree classTree // of the folders, where they are the classes
	tars []string  // in it, where they are the classes
}

// entries calls do for the files and the links between two places of the file, which are
// a tar's. inside is the name of a tar within the tar.
func (t *tarLister) entries(from, to int64, inside string, do func(name string, at int64, h *tar.Header) error) error {
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
			return t.broken(inside, from, err)
		}
		end = behind(h, at)
		name := strings.TrimPrefix(path.Clean("/"+h.Name), "/")
		if h.Typeflag != tar.TypeReg && !isLink(h) || name == "" || data.Hidden(name) {
			continue
		}
		if err := do(name, from+at, h); err != nil {
			return err
		}
		if err := t.ctx.Err(); err != nil {
			return err
		}
	}
}

// look learns a tar's folders and the tars in it.
func (t *tarLister) look(size int64) error {
	return t.entries(0, size, "", func(name string, _ int64, h *tar.Header) error {
		if isImage(name, h) {
			t.tree.add(path.Dir(name))
		}
		if class, is := tarClass(name, h); is {
			t.tars = append(t.tars, class)
		}
		return nil
	})
}

// tarClass is the class of a tar in a tar.
func tarClass(name string, h *tar.Header) (string, bool) {
	class, is := strings.CutSuffix(path.Base(name), tarExtension)
	return class, is && !isLink(h)
}

// ofClass lists files of a tar of one class.
func (t *tarLister) ofClass(class string) func(name string, at int64, h *tar.Header) error {
	return func(name string, at int64, h *tar.Header) error {
		return t.image(name, t.part, class, class+"/"+path.Base(name), at, h)
	}
}

// entry lists a file of a tar whose folders, or the tars in it, are the classes.
func (t *tarLister) entry(name string, at int64, h *tar.Header) error {
	if class, is := tarClass(name, h); is {
		return t.entries(at, at+h.Size, path.Base(name), t.ofClass(class))
	}
	part, class := t.tree.place(path.Dir(name))
	if part == "" || t.part != Train {
		part = t.part
	}
	return t.image(name, part, class, name, at, h)
}

// image adds a file under the name that its image gets, if it is one.
func (t *tarLister) image(name, part, class, as string, at int64, h *tar.Header) error {
	switch {
	case isLink(h):
		t.links = append(t.links, data.LeftOut{Path: as, Why: "a link in a tar, which is not followed; it leads to " + h.Linkname})
	case !isImage(name, h):
		t.ignored++
	case class == "" && t.labels == nil && t.tree.classes:
		t.loose++
	default:
		return t.add(part, class, origin{archive: len(t.archives) - 1, offset: at, length: h.Size, name: as})
	}
	return nil
}

func isImage(name string, h *tar.Header) bool {
	return data.IsImage(path.Base(name)) && !isLink(h) && !sparse(h)
}

// isLink says whether an entry of a tar is another name of a file: a symbolic link, or a
// hard one, as tar keeps the second of two names.
func isLink(h *tar.Header) bool { return h.Typeflag == tar.TypeSymlink || h.Typeflag == tar.TypeLink }

// behind is where a tar goes on behind a file whose body begins at a place, at least.
func behind(h *tar.Header, body int64) int64 {
	const block = 512
	if h.Typeflag != tar.TypeReg || sparse(h) {
		return body
	}
	return body + (h.Size+block-1)/block*block
}

// broken is what is wrong with the tar that begins at a place of the file.
func (t *tarLister) broken(inside string, from int64, err error) error {
	where := t.path
	if inside != "" {
		where = inside + " in " + where
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("pack: %s ends too early: it was not copied or loaded to its end", where)
	}
	head := make([]byte, 12)
	t.file.ReadAt(head, from)
	if kind := data.FormatOf(head); kind != "" && errors.Is(err, tar.ErrHeader) {
		return fmt.Errorf("pack: %s is a %s image and no tar: name the folder that holds a folder of images for each class, or a tar of such", where, kind)
	}
	return fmt.Errorf("pack: %s is no tar, or damaged (%w): name folders of images or tars of them", where, err)
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
