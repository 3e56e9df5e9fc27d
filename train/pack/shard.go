package pack

import (
	"archive/tar"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// shardWriter writes a shard and its index.
type shardWriter struct {
	name      string
	extension string // of its images
	tar       *file
	to        *tar.Writer
	index     []byte
	skipped   []byte // lines of skipped.txt
	images    int
	bad       int
}

func newShard(dir, name, encoding string) (*shardWriter, error) {
	f, err := create(filepath.Join(dir, name+tarExtension))
	if err != nil {
		return nil, err
	}
	s := &shardWriter{name: name, extension: ".jpg", tar: f, to: tar.NewWriter(f), index: []byte(indexHead)}
	if encoding == Raw {
		s.extension = ".ppm"
	}
	return s, nil
}

// add writes an image under the number that it has in its part. The entry lacks what
// follows from that.
func (s *shardWriter) add(number int, e Entry, image []byte) error {
	key := fmt.Sprintf("%08d", number)
	at, err := s.put(key+s.extension, image)
	if err == nil {
		_, err = s.put(key+".cls", strconv.AppendInt(nil, int64(e.Label), 10))
	}
	if err != nil {
		return err
	}
	e.Offset, e.Length, e.CRC = at, len(image), crc32.Checksum(image, castagnoli)
	s.index = e.appendLine(s.index)
	s.images++
	return nil
}

// put writes a file of the tar and returns where its bytes begin. Equal images make
// equal tars: nothing in them tells when or by whom they were written.
func (s *shardWriter) put(name string, body []byte) (int64, error) {
	head := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(body)), ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR}
	if err := s.to.WriteHeader(head); err != nil {
		return 0, err
	}
	at := s.tar.size
	_, err := s.to.Write(body)
	return at, err
}

// skip notes an image that cannot be read.
func (s *shardWriter) skip(name string, why error) {
	s.skipped = appendSkipped(s.skipped, name, why.Error())
	s.bad++
}

// appendSkipped appends a line of skipped.txt.
func appendSkipped(to []byte, name, why string) []byte {
	return fmt.Appendf(to, "%s\t%s\n", escape(name), escape(why))
}

// commit completes the files of the shard in the pack's folder and, in the folder of
// work, its list of what was skipped.
func (s *shardWriter) commit(dir string) (Shard, error) {
	if err := s.to.Close(); err != nil {
		return Shard{}, err
	}
	done, err := s.tar.commit()
	if err != nil {
		return Shard{}, err
	}
	index, err := writeFile(filepath.Join(dir, s.name+indexExtension), s.index)
	skipped := filepath.Join(dir, workName, s.name+".skipped")
	if err == nil && s.bad > 0 {
		_, err = writeFile(skipped, s.skipped)
	} else {
		os.Remove(skipped) // of a stopped try
	}
	return Shard{Name: s.name, Images: s.images, Bytes: done.size, Hash: done.hash, IndexHash: index.hash}, err
}

// drop removes what is written of a shard that is not completed.
func (s *shardWriter) drop() {
	if s != nil {
		s.tar.drop()
	}
}

var errNoSuchImage = errors.New("the file has gone since the images were listed")
