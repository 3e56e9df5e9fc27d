package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"alexnet/train"
	"alexnet/train/data"
	"alexnet/viewer"
)

// find says what files are that were dropped on the window, or whose path was typed: a
// run's folder, or images.
func find(named []string) (viewer.Found, error) {
	var paths []string
	for _, p := range named {
		paths = append(paths, home(p))
	}
	if len(paths) == 1 {
		if train.IsRun(paths[0]) {
			return viewer.Found{Run: paths[0]}, nil
		}
	}
	found := viewer.Found{}
	if info, err := os.Stat(paths[0]); err == nil && info.IsDir() && len(paths) == 1 {
		found.Folder = paths[0]
	}
	if err := odd(paths); err != nil {
		return found, err
	}
	list, err := data.Pictures(paths)
	if bad := (*data.BadImageError)(nil); errors.As(err, &bad) {
		return found, fmt.Errorf("%s cannot be opened: %w.", filepath.Base(bad.Path), bad.Err)
	}
	found.Name = filepath.Base(paths[0])
	if len(paths) > 1 {
		found.Name = fmt.Sprintf("%d files", len(paths))
	}
	for _, p := range list {
		found.Pictures = append(found.Pictures, viewer.Picture(p))
	}
	return found, nil
}

// odd finds what is no image among files whose names do not claim that they are: those
// that do are listed whatever they hold, and reading them says what is wrong. The error
// is a sentence for the user.
func odd(paths []string) error {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() || data.IsImage(path) {
			continue
		}
		file, err := data.ReadFile(path)
		if err == nil {
			_, _, err = data.Scaled(file, 1, false)
		}
		if err != nil {
			return fmt.Errorf("%s is no image. What can be opened is a JPEG, PNG, GIF, WebP, BMP or PPM file, a folder of them or the folder of a run.", filepath.Base(path))
		}
	}
	return nil
}
