package safetensors

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// rowsHeader is what a file that is written row by row keeps free for its header, which
// only its end tells.
const rowsHeader = 64<<10 - 8

// RowWriter writes a file whose first tensor, of type F32, grows row by row, as it may
// not fit in memory.
type RowWriter struct {
	file  io.WriteSeeker
	out   *bufio.Writer
	name  string
	shape []int // of a row
	width int   // its values
	rows  int
	bytes []byte // of a row
}

// NewRowWriter begins a file with a tensor (row, ...) of rows of a shape.
func NewRowWriter(file io.WriteSeeker, name string, shape ...int) (*RowWriter, error) {
	w := &RowWriter{file: file, out: bufio.NewWriterSize(file, 1<<20), name: name, shape: shape, width: 1}
	for _, n := range shape {
		w.width *= n
	}
	_, err := w.out.Write(make([]byte, 8+rowsHeader))
	return w, err
}

// Add writes one more row.
func (w *RowWriter) Add(row []float32) error {
	if len(row) != w.width {
		panic(fmt.Sprintf("safetensors: a row of %d values in tensor %s, whose rows have %d", len(row), w.name, w.width))
	}
	w.bytes = w.bytes[:0]
	for _, v := range row {
		w.bytes = binary.LittleEndian.AppendUint32(w.bytes, math.Float32bits(v))
	}
	w.rows++
	_, err := w.out.Write(w.bytes)
	return err
}

// Finish writes other tensors behind the rows, and the header.
func (w *RowWriter) Finish(others []Tensor, metadata map[string]string) error {
	list, sorted := newEntries(), Sorted(others)
	list.add(w.name, entry{"F32", append([]int{w.rows}, w.shape...), [2]int64{0, 4 * int64(w.rows) * int64(w.width)}})
	for _, t := range sorted {
		list.add(t.Name, t.entry(list.at))
	}
	text, err := list.text(metadata)
	if err != nil {
		return err
	}
	if len(text) > rowsHeader {
		return fmt.Errorf("safetensors: a header of %d bytes; there is room for %d", len(text), rowsHeader)
	}
	if err := WriteData(w.out, sorted); err != nil {
		return err
	}
	if err := w.out.Flush(); err != nil {
		return err
	}
	if _, err := w.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	head := binary.LittleEndian.AppendUint64(nil, rowsHeader)
	head = append(head, text...)
	head = append(head, bytes.Repeat([]byte{' '}, rowsHeader-len(text))...)
	_, err = w.file.Write(head)
	return err
}

// FloatsAt reads a part of a tensor of type F32 from its first-th value on.
func (f *File) FloatsAt(name string, first int, dst []float32) error {
	e, ok := f.entries[name]
	from := e.Offsets[0] + 4*int64(first)
	if !ok || e.Type != "F32" || first < 0 || from+4*int64(len(dst)) > e.Offsets[1] {
		return fmt.Errorf("safetensors: %s: tensor %s of type %q and shape %v has no values %d to %d", f.path, name, e.Type, e.Shape, first, first+len(dst))
	}
	const part = 1 << 18 // values
	raw := make([]byte, 4*min(part, len(dst)))
	for at := 0; at < len(dst); at += part {
		some := dst[at:min(at+part, len(dst))]
		if _, err := f.file.ReadAt(raw[:4*len(some)], f.data+from+4*int64(at)); err != nil {
			return fmt.Errorf("safetensors: %s: tensor %s: %w", f.path, name, err)
		}
		for i := range some {
			some[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
	}
	return nil
}
