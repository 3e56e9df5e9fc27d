package pack

import (
	"maps"
	"slices"
	"strings"

	"alexnet/train/data"
)

// classTree tells the classes of images in a tar by their folders, as the folder would
// that the tar was made of: classes lie below what all images have in common, or below
// train, val and test there. Folders that hold images are added, then it settles.
type classTree struct {
	common []string        // folders that all images lie in
	seen   map[string]bool // folders that hold images, by their paths

	level   int               // at which of an image's folders classes, or parts, are
	parts   map[string]string // they are parts, whose folders these are, and classes below; nil
	classes bool              // there are several, so that images elsewhere are of none
}

// add adds a folder that holds an image.
func (t *classTree) add(dir string) {
	if t.seen[dir] {
		return
	}
	in := folders(dir)
	if t.seen == nil {
		t.seen, t.common = map[string]bool{}, in
	}
	t.seen[dir] = true
	n := 0
	for n < min(len(in), len(t.common)) && in[n] == t.common[n] {
		n++
	}
	t.common = t.common[:n]
}

// settle finds the level of classes. Where all images lie in one folder, or in it and one
// inside, that folder is their class. The error names the tar.
func (t *classTree) settle(tar string) (err error) {
	tops := map[string]bool{}
	for dir := range t.seen {
		if in := folders(dir); len(in) > len(t.common) {
			tops[in[len(t.common)]] = true
		}
	}
	t.parts, err = data.FindParts(tar, slices.Sorted(maps.Keys(tops)))
	t.classes = t.parts != nil || len(tops) > 1
	t.level = len(t.common)
	if !t.classes {
		t.level--
	}
	return err
}

// place is the part and the class of the images in a folder; "": nothing tells it.
func (t *classTree) place(dir string) (part, class string) {
	in, level := folders(dir), t.level
	if t.parts != nil {
		for _, p := range Parts {
			if len(in) > level && in[level] == t.parts[p] {
				part = p
			}
		}
		if part == "" {
			return "", ""
		}
		level++
	}
	if level >= 0 && len(in) > level {
		class = in[level]
	}
	return part, class
}

// folders are those of a path; none of ".".
func folders(dir string) []string {
	if dir == "." {
		return nil
	}
	return strings.Split(dir, "/")
}
