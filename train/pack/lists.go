package pack

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// listWriter writes a list of images that are to be prepared.
type listWriter struct {
	file   *file
	line   []byte
	images int
}

func newList(path string) (*listWriter, error) {
	f, err := create(path)
	return &listWriter{file: f}, err
}

func (w *listWriter) write(o origin) error {
	w.line = fmt.Appendf(w.line[:0], "%d\t%d\t%d\t%d\t%s\n", o.archive, o.offset, o.length, o.class, escape(o.name))
	w.images++
	_, err := w.file.Write(w.line)
	return err
}

// listReader reads a list.
type listReader struct {
	file *os.File
	in   *bufio.Reader
}

func openList(path string) (*listReader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return &listReader{f, bufio.NewReaderSize(f, 1<<16)}, nil
}

// next returns the next image; io.EOF behind the last.
func (r *listReader) next() (o origin, err error) {
	line, err := r.in.ReadString('\n')
	if err != nil {
		if line != "" {
			err = io.ErrUnexpectedEOF
		}
		return o, err
	}
	f := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 5)
	if len(f) != 5 {
		return o, errors.New("a line of the list of images is damaged")
	}
	var numbers [4]int64
	for i := range numbers {
		n, bad := strconv.ParseInt(f[i], 10, 64)
		err = errors.Join(err, bad)
		numbers[i] = n
	}
	return origin{archive: int(numbers[0]), offset: numbers[1], length: numbers[2], class: int(numbers[3]), name: unescape(f[4])}, err
}

func (r *listReader) close() { r.file.Close() }

// each calls do for each image of a list, in order.
func each(path string, do func(origin) error) error {
	r, err := openList(path)
	if err != nil {
		return err
	}
	defer r.close()
	for {
		o, err := r.next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = do(o)
		}
		if err != nil {
			return err
		}
	}
}
