package data

import (
	"path/filepath"
	"slices"
)

// files is a Set of image files that somebody names, wherever they lie.
type files struct {
	size     int
	classes  []string
	paths    []string
	labels   []int
	problems []error // of what is named and cannot be listed
}

// OpenFiles lists the images that files and folders hold, as Pictures does, but of an
// animated one the first frame alone. The label of an image is the class whose name
// its folder has, and -1 where there is no such class. What cannot be listed counts as an
// image that cannot be read.
func OpenFiles(paths []string, size int, classes []string) Set {
	f := &files{size: size, classes: classes}
	for _, path := range paths {
		list, err := listed(path)
		if err != nil {
			list = []string{path}
		}
		for _, name := range list {
			f.paths, f.problems, f.labels = append(f.paths, name), append(f.problems, err), append(f.labels, folderClass(name, classes))
		}
	}
	return f
}

// folderClass is the class that an image's folder is named after; -1: none.
func folderClass(path string, classes []string) int {
	whole, err := filepath.Abs(path)
	if err != nil {
		return -1
	}
	return slices.Index(classes, filepath.Base(filepath.Dir(whole)))
}

// Len, Size, Classes, Label, Name and Pixels make it a Set.
func (f *files) Len() int          { return len(f.paths) }
func (f *files) Size() int         { return f.size }
func (f *files) Classes() []string { return f.classes }
func (f *files) Label(i int) int   { return f.labels[i] }
func (f *files) Name(i int) string { return f.paths[i] }
func (f *files) Pixels(i int, dst []byte) error {
	if f.problems[i] != nil {
		return f.problems[i]
	}
	return ReadImage(f.paths[i], f.size, dst)
}
