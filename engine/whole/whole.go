// Package whole writes files that are there whole or not at all, whatever ends the
// process: under a temporary name in the folder where they will be, until they are
// complete.
package whole

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// pattern is that of temporary names.
const pattern = ".tmp-*"

// ErrDiskFull is why a file cannot be written where there is no room left.
var ErrDiskFull = errors.New("the disk is full; make room and try again")

// File is a file that is being written. Errors name the path that it will have.
type File struct {
	to    *os.File
	path  string
	place string // the path without links, which stay; "": it is a device or a pipe
}

// Create begins a file, which is no more than a temporary one until Commit. What is
// written to a device or a pipe, such as /dev/stdout, goes there at once.
func Create(path string) (*File, error) {
	f := &File{path: path, place: path}
	if through(path) {
		f.place = ""
		var err error
		f.to, err = os.OpenFile(path, os.O_WRONLY, 0)
		return f, f.error(err)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, f.error(syscall.EISDIR)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		f.place = real
	}
	to, err := os.CreateTemp(filepath.Dir(f.place), pattern)
	if err != nil {
		return nil, f.error(err)
	}
	f.to = to
	if err := to.Chmod(0o644); err != nil {
		f.Drop()
		return nil, f.error(err)
	}
	return f, nil
}

// through says whether a path is that of a device or a pipe, which keeps nothing.
func through(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&(os.ModeDevice|os.ModeNamedPipe) != 0
}

// Check says why a file cannot be written, before the work that it is to hold. It leaves
// all as it was; a pipe, of which a reader would see the end, is not tried.
func Check(path string) error {
	if through(path) {
		return nil
	}
	f, err := Create(path)
	if err != nil {
		return err
	}
	f.Drop()
	return nil
}

// Write and Seek make it an io.WriteSeeker.
func (f *File) Write(b []byte) (int, error) {
	n, err := f.to.Write(b)
	return n, f.error(err)
}

func (f *File) Seek(offset int64, whence int) (int64, error) {
	at, err := f.to.Seek(offset, whence)
	return at, f.error(err)
}

// Commit brings the file to the disk and gives it its name. What had that name is
// replaced; it stays if the error is not nil.
func (f *File) Commit() error {
	if err := f.to.Sync(); err != nil && f.place != "" {
		f.Drop()
		return f.error(err)
	}
	if err := f.CommitSoon(); err != nil || f.place == "" {
		return err
	}
	if dir, err := os.Open(filepath.Dir(f.place)); err == nil { // some cannot be synced
		dir.Sync()
		dir.Close()
	}
	return nil
}

// CommitSoon gives the file its name without waiting for the disk. A machine that loses
// its power may leave half of it.
func (f *File) CommitSoon() error {
	err := f.to.Close()
	if err == nil && f.place != "" {
		err = os.Rename(f.to.Name(), f.place)
	}
	if err != nil {
		f.Drop()
	}
	return f.error(err)
}

// Drop removes what was written. Behind Commit it does nothing.
func (f *File) Drop() {
	f.to.Close()
	if f.place != "" {
		os.Remove(f.to.Name()) // fails once it is renamed
	}
}

// error is why something failed, with the file's own name.
func (f *File) error(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", f.path, Cause(err))
}

// Cause is why a file cannot be read or written, without its path, for messages that name
// the file.
func Cause(err error) error {
	var path *os.PathError
	var link *os.LinkError
	switch {
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return ErrDiskFull
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// Write writes a file and brings it to the disk.
func Write(path string, write func(*File) error) error {
	return written(path, write, (*File).Commit)
}

// WriteSoon writes a file without waiting for the disk, as CommitSoon.
func WriteSoon(path string, write func(*File) error) error {
	return written(path, write, (*File).CommitSoon)
}

// WriteBytes writes a file of some bytes and brings it to the disk.
func WriteBytes(path string, b []byte) error {
	return Write(path, func(f *File) error {
		_, err := f.Write(b)
		return err
	})
}

// JSON is a value as indented text for people: what HTML would have escaped is as it is.
func JSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	err := e.Encode(v)
	return b.Bytes(), err
}

func written(path string, write func(*File) error, commit func(*File) error) error {
	f, err := Create(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		f.Drop()
		return err
	}
	return commit(f)
}

// Clean removes the temporary files that killed processes have left in a folder.
func Clean(dir string) {
	for _, name := range Glob(dir, pattern) {
		os.Remove(name)
	}
}

// Glob lists the files below a folder whose paths in it match a pattern of path.Match, which
// must be a good one. Unlike filepath.Glob it takes the folder's own path as it is, which a
// user may have named with brackets.
func Glob(dir, pattern string) []string {
	files, _ := fs.Glob(os.DirFS(filepath.Clean(dir)), pattern)
	for i, name := range files {
		files[i] = filepath.Join(dir, name)
	}
	return files
}
