package data

import (
	"fmt"
	"path/filepath"
	"strings"
)

// OpenTree lists the images in a folder and in those inside it, at any depth, named by
// their paths under it. The label of an image is the class whose name its folder has, and
// -1 where there is no such class.
func OpenTree(dir string, size int, classes []string) (Set, error) {
	if !isDir(dir) {
		return nil, fmt.Errorf("data: there is no folder %s", dir)
	}
	l := &Listing{Dir: dir}
	files, err := l.Images("")
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("data: %s holds no image (%s)", dir, strings.Join(extensions, " "))
	}
	out := newPhotos(dir, size, classes)
	for _, name := range files {
		out.add(folderClass(filepath.Join(dir, filepath.FromSlash(name)), classes), []string{name})
	}
	return out, nil
}
