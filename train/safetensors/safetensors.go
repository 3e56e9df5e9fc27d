// Package safetensors reads and writes the safetensors format: a header in JSON
// that names each tensor's type, shape and place, then the data.
package safetensors

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"sort"
	"strings"
)

// Tensor is a named array; exactly one of Floats, Ints and Bytes is set.
type Tensor struct {
	Name   string
	Shape  []int
	Floats []float32 // "F32"
	Half   bool      // Floats are rounded to float16: "F16"
	Ints   []int64   // "I64"
	Bytes  []uint8   // "U8"
}

// Size is the bytes that a tensor's data take.
func (t *Tensor) Size() int64 {
	width := int64(4)
	if t.Half {
		width = 2
	}
	return 8*int64(len(t.Ints)) + width*int64(len(t.Floats)) + int64(len(t.Bytes))
}

// File is an opened file. Tensors are read on demand.
type File struct {
	Metadata map[string]string
	file     *os.File
	path     string
	data     int64 // where the data section begins
	entries  map[string]entry
}

type entry struct {
	Type    string   `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

const maxHeader = 100 << 20 // the format's own limit

func (t *Tensor) entry(at int64) entry {
	kind := "F32"
	switch {
	case t.Ints != nil:
		kind = "I64"
	case t.Bytes != nil:
		kind = "U8"
	case t.Half:
		kind = "F16"
	}
	return entry{kind, t.Shape, [2]int64{at, at + t.Size()}}
}

// Write writes tensors sorted by type and name, so that equal contents give equal
// files.
func Write(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	sorted := Sorted(tensors)
	list := newEntries()
	for _, t := range sorted {
		list.add(t.Name, t.entry(list.at))
	}
	text, err := list.text(metadata)
	if err != nil {
		return err
	}
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	out := bufio.NewWriterSize(w, 1<<20)
	binary.Write(out, binary.LittleEndian, uint64(len(text)))
	out.Write(text)
	if err := WriteData(out, sorted); err != nil {
		return err
	}
	return out.Flush()
}

// entries are those of a header.
type entries struct {
	of map[string]any
	at int64 // where the next tensor's data begin
}

func newEntries() *entries { return &entries{of: map[string]any{}} }

func (e *entries) add(name string, one entry) {
	if one.Shape == nil {
		one.Shape = []int{}
	}
	e.of[name] = one
	e.at = one.Offsets[1]
}

// text is the header in JSON.
func (e *entries) text(metadata map[string]string) ([]byte, error) {
	if len(metadata) > 0 {
		e.of["__metadata__"] = metadata
	}
	text, err := json.Marshal(e.of)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	return text, nil
}

// Sorted is the order of tensors in a file: the widest types first, so that all
// stay aligned, then by name.
func Sorted(tensors []Tensor) []Tensor {
	sorted := append([]Tensor(nil), tensors...)
	width := func(t Tensor) int64 { e := t.entry(0); return widths[e.Type] }
	sort.Slice(sorted, func(i, j int) bool {
		a, b := sorted[i], sorted[j]
		if width(a) != width(b) {
			return width(a) > width(b)
		}
		return a.Name < b.Name
	})
	return sorted
}

// WriteData writes the data section of tensors in their order.
func WriteData(w io.Writer, tensors []Tensor) error {
	buffer := make([]byte, 0, 1<<16)
	for _, t := range tensors {
		for _, v := range t.Ints {
			buffer = binary.LittleEndian.AppendUint64(buffer, uint64(v))
			if err := flush(w, &buffer); err != nil {
				return err
			}
		}
		for _, v := range t.Floats {
			if t.Half {
				buffer = binary.LittleEndian.AppendUint16(buffer, toHalf(v))
			} else {
				buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(v))
			}
			if err := flush(w, &buffer); err != nil {
				return err
			}
		}
		for _, v := range t.Bytes {
			buffer = append(buffer, v)
			if err := flush(w, &buffer); err != nil {
				return err
			}
		}
	}
	_, err := w.Write(buffer)
	return err
}

func flush(w io.Writer, buffer *[]byte) error {
	if len(*buffer) < 1<<16-8 {
		return nil
	}
	_, err := w.Write(*buffer)
	*buffer = (*buffer)[:0]
	return err
}

// Open reads and checks a file's header.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	out := &File{file: f, path: path}
	if err := out.readHeader(); err != nil {
		f.Close()
		return nil, fmt.Errorf("safetensors: %s: %w", path, err)
	}
	return out, nil
}

func (f *File) readHeader() error {
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	var length uint64
	if err := binary.Read(f.file, binary.LittleEndian, &length); err != nil {
		return fmt.Errorf("no header: %w", err)
	}
	if length > maxHeader {
		return errors.New("it is not a safetensors file, as checkpoints and what alexnet export writes are")
	}
	if int64(length)+8 > info.Size() {
		return fmt.Errorf("not a safetensors file, or truncated: it begins with a header of %d bytes and has %d in all", length, info.Size())
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(f.file, text); err != nil {
		return err
	}
	raw := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &raw); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	f.data, f.entries = int64(length)+8, map[string]entry{}
	for name, value := range raw {
		if name == "__metadata__" {
			if err := json.Unmarshal(value, &f.Metadata); err != nil {
				return fmt.Errorf("metadata: %w", err)
			}
			continue
		}
		var e entry
		if err := json.Unmarshal(value, &e); err != nil {
			return fmt.Errorf("tensor %s: %w", name, err)
		}
		if err := e.check(info.Size() - f.data); err != nil {
			return fmt.Errorf("tensor %s: %w", name, err)
		}
		f.entries[name] = e
	}
	return nil
}

// widths are the bytes of a value of the common types.
var widths = map[string]int64{"F32": 4, "I64": 8, "F64": 8, "I32": 4, "F16": 2, "BF16": 2, "U8": 1, "I8": 1, "BOOL": 1}

// check compares a tensor's size with its shape and the file. One of another type has the
// size that the header gives it, as nobody may ask for it.
func (e *entry) check(room int64) error {
	width, known := widths[e.Type]
	want := max(1, width)
	for _, d := range e.Shape {
		if d < 0 || (d > 0 && want > math.MaxInt64/int64(d)) {
			return fmt.Errorf("impossible shape %v", e.Shape)
		}
		want *= int64(d)
	}
	from, to := e.Offsets[0], e.Offsets[1]
	if from < 0 || to < from || known && to-from != want {
		return fmt.Errorf("shape %v needs %d bytes; the header gives it %d to %d", e.Shape, want, from, to)
	}
	if to > room {
		return fmt.Errorf("its data end at byte %d of %d: the file is truncated", to, room)
	}
	return nil
}

// Close closes the file.
func (f *File) Close() error { return f.file.Close() }

// Names lists the tensors in alphabetical order.
func (f *File) Names() []string {
	var out []string
	for n := range f.entries {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Shape is a tensor's shape, nil if there is none of that name.
func (f *File) Shape(name string) []int { return f.entries[name].Shape }

// Data reads the whole data section, for a hash.
func (f *File) Data() io.Reader { return io.NewSectionReader(f.file, f.data, math.MaxInt64-f.data) }

func (f *File) bytes(name string, kinds ...string) ([]byte, error) {
	e, ok := f.entries[name]
	if !ok {
		return nil, fmt.Errorf("safetensors: %s: no tensor %q; there are %v", f.path, name, f.Names())
	}
	if !slices.Contains(kinds, e.Type) {
		return nil, fmt.Errorf("safetensors: %s: tensor %s has type %s; expected %s", f.path, name, e.Type, strings.Join(kinds, " or "))
	}
	out := make([]byte, e.Offsets[1]-e.Offsets[0])
	if _, err := f.file.ReadAt(out, f.data+e.Offsets[0]); err != nil {
		return nil, fmt.Errorf("safetensors: %s: tensor %s: %w", f.path, name, err)
	}
	return out, nil
}

// floatTypes read a value of each type that Floats reads.
var floatTypes = map[string]func(raw []byte) float32{
	"F32":  func(raw []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(raw)) },
	"F16":  func(raw []byte) float32 { return fromHalf(binary.LittleEndian.Uint16(raw)) },
	"BF16": func(raw []byte) float32 { return math.Float32frombits(uint32(binary.LittleEndian.Uint16(raw)) << 16) },
	"F64":  func(raw []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(raw))) },
}

// Floats reads a tensor of type F32, F16, BF16 or F64.
func (f *File) Floats(name string) ([]float32, error) {
	raw, err := f.bytes(name, "F32", "F16", "BF16", "F64")
	if err != nil {
		return nil, err
	}
	kind := f.entries[name].Type
	value, width := floatTypes[kind], int(widths[kind])
	out := make([]float32, len(raw)/width)
	for i := range out {
		out[i] = value(raw[i*width:])
	}
	return out, nil
}

// Ints reads a tensor of type I64.
func (f *File) Ints(name string) ([]int64, error) {
	raw, err := f.bytes(name, "I64")
	if err != nil {
		return nil, err
	}
	out := make([]int64, len(raw)/8)
	for i := range out {
		out[i] = int64(binary.LittleEndian.Uint64(raw[8*i:]))
	}
	return out, nil
}

// Bytes reads a tensor of type U8.
func (f *File) Bytes(name string) ([]uint8, error) { return f.bytes(name, "U8") }
