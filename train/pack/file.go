package pack

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"os"
	"path/filepath"
)

// newSuffix is what a file's name ends in until it is complete.
const newSuffix = ".new"

// file is a file that is being written, under a name of its own until it is complete.
type file struct {
	path string
	to   *os.File
	buf  *bufio.Writer
	hash hash.Hash
	size int64 // written
}

// written is a complete file.
type written struct {
	size int64
	hash string // SHA-256
}

func create(path string) (*file, error) {
	f, err := os.Create(path + newSuffix)
	if err != nil {
		return nil, err
	}
	return &file{path: path, to: f, buf: bufio.NewWriterSize(f, 1<<18), hash: sha256.New()}, nil
}

func (f *file) Write(b []byte) (int, error) {
	f.hash.Write(b)
	f.size += int64(len(b))
	return f.buf.Write(b)
}

// commit makes the file last and gives it its name.
func (f *file) commit() (written, error) {
	err := errors.Join(f.buf.Flush(), f.to.Sync(), f.to.Close())
	if err == nil {
		err = os.Rename(f.path+newSuffix, f.path)
	}
	if err != nil {
		return written{}, err
	}
	return written{f.size, hex.EncodeToString(f.hash.Sum(nil))}, syncFolder(filepath.Dir(f.path))
}

// drop removes what was written.
func (f *file) drop() {
	f.to.Close()
	os.Remove(f.path + newSuffix)
}

// writeFile writes a file at once, so that it is there as a whole or not at all.
func writeFile(path string, text []byte) (written, error) {
	f, err := create(path)
	if err != nil {
		return written{}, err
	}
	if _, err := f.Write(text); err != nil {
		f.drop()
		return written{}, err
	}
	return f.commit()
}

// syncFolder makes names in a folder last.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
