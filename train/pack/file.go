package pack

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"hash"

	"alexnet/engine/whole"
)

// file is a file of a pack that is being written.
type file struct {
	to   *whole.File
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
	f, err := whole.Create(path)
	if err != nil {
		return nil, err
	}
	return &file{to: f, buf: bufio.NewWriterSize(f, 1<<18), hash: sha256.New()}, nil
}

func (f *file) Write(b []byte) (int, error) {
	f.hash.Write(b)
	f.size += int64(len(b))
	return f.buf.Write(b)
}

// commit makes the file last and gives it its name.
func (f *file) commit() (written, error) {
	if err := f.buf.Flush(); err != nil {
		f.drop()
		return written{}, err
	}
	return written{f.size, hex.EncodeToString(f.hash.Sum(nil))}, f.to.Commit()
}

// drop removes what was written.
func (f *file) drop() { f.to.Drop() }

// writeFile writes a file at once.
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
