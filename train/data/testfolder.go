package data

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// OpenTestFolder lists photographs to test a trained network on: those of the folder
// part in dir, val, test or train; without part those of dir/val, of dir/test if there is no
// val, or of dir itself, one folder for each class. classes are the network's, in label
// order; not all need be there, but others are an error.
func OpenTestFolder(dir string, size int, classes []string, part string) (Set, error) {
	if !isDir(dir) {
		return nil, fmt.Errorf("data: there is no folder %s; name one that holds a folder for each class", dir)
	}
	l := &Listing{Dir: dir}
	inside, err := l.tested(part, classes)
	if err != nil {
		return nil, err
	}
	names, err := l.Classes(inside)
	if err != nil {
		return nil, err
	}
	out := newPhotos(dir, size, classes)
	for _, name := range names {
		label := slices.Index(classes, name)
		if label < 0 {
			return nil, fmt.Errorf("data: %s is not among the network's %d classes (%s); rename or remove it", l.under(inside, name), len(classes), first5(classes))
		}
		files, err := l.Images(path.Join(inside, name))
		if err != nil {
			return nil, err
		}
		out.add(label, files)
	}
	if out.Len() == 0 {
		return nil, fmt.Errorf("data: %s holds no image in a folder named after a class (%s)", l.under(inside), first5(classes))
	}
	return out, nil
}

// tested is the folder to test on: that of the part, or without one that of val or test that
// is there and no class, or all.
func (l *Listing) tested(part string, classes []string) (string, error) {
	names, err := l.Classes("")
	if err != nil {
		return "", err
	}
	parts, err := partsAmong(l.Dir, names)
	if part != "" {
		if err == nil && parts[part] == "" {
			err = fmt.Errorf("data: %s has no folder %s to test on", l.Dir, part)
		}
		return parts[part], err
	}
	for _, name := range []string{parts["val"], parts["test"]} {
		if name != "" && !slices.Contains(classes, name) {
			return name, err
		}
	}
	return "", nil
}

func first5(names []string) string {
	if len(names) > 5 {
		return strings.Join(names[:5], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}
