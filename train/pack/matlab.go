package pack

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Types of data elements and classes of arrays in MATLAB's level 5 MAT-files, which
// MathWorks documents.
const (
	miInt8       = 1
	miUint8      = 2
	miInt16      = 3
	miUint16     = 4
	miInt32      = 5
	miUint32     = 6
	miSingle     = 7
	miDouble     = 9
	miInt64      = 12
	miUint64     = 13
	miMatrix     = 14
	miCompressed = 15
	miUTF8       = 16

	mxStruct = 2
	mxChar   = 4
)

// matValue is a field of a struct: text, or numbers; neither of what is not read.
type matValue struct {
	text    string
	numbers []float64
}

var errMat = errors.New("it is no MAT-file of level 5, or damaged")

// matStruct reads the array of structs of that name from a MAT-file.
func matStruct(file []byte, name string) ([]map[string]matValue, error) {
	const header = 128
	if len(file) < header {
		return nil, errMat
	}
	m := mat{order: binary.LittleEndian}
	if string(file[126:128]) == "MI" {
		m.order = binary.BigEndian
	}
	for rest := file[header:]; len(rest) > 0; {
		kind, body, next, err := m.element(rest)
		if err != nil {
			return nil, err
		}
		rest = next
		if kind == miCompressed {
			z, err := zlib.NewReader(bytes.NewReader(body))
			if err != nil {
				return nil, err
			}
			inside, err := io.ReadAll(z)
			if err != nil {
				return nil, err
			}
			if kind, body, _, err = m.element(inside); err != nil {
				return nil, err
			}
		}
		if kind != miMatrix {
			continue
		}
		a, err := m.array(body)
		if err != nil {
			return nil, err
		}
		if a.name == name && a.class == mxStruct {
			return m.structs(a)
		}
	}
	return nil, fmt.Errorf("it holds no table %q", name)
}

// mat reads data elements.
type mat struct{ order binary.ByteOrder }

// element splits the first data element off.
func (m mat) element(b []byte) (kind uint32, body, rest []byte, err error) {
	if len(b) < 8 {
		return 0, nil, nil, errMat
	}
	kind = m.order.Uint32(b)
	if small := kind >> 16; small != 0 { // of up to four bytes, in the tag itself
		if small > 4 {
			return 0, nil, nil, errMat
		}
		return kind & 0xffff, b[4 : 4+small], b[8:], nil
	}
	n := uint64(m.order.Uint32(b[4:]))
	end := 8 + n
	if end > uint64(len(b)) {
		return 0, nil, nil, errMat
	}
	padded := (end + 7) &^ 7
	if kind == miCompressed {
		padded = end
	}
	return kind, b[8:end], b[min(padded, uint64(len(b))):], nil
}

// matArray is an array without its content.
type matArray struct {
	class byte
	count int // of its elements
	name  string
	rest  []byte
}

func (m mat) array(b []byte) (a matArray, err error) {
	if len(b) == 0 { // an empty array may have no body at all
		return a, nil
	}
	_, flags, b, err := m.element(b)
	if err != nil || len(flags) < 8 {
		return a, errMat
	}
	a.class = byte(m.order.Uint32(flags))
	kind, dims, b, err := m.element(b)
	if err != nil || kind != miInt32 {
		return a, errMat
	}
	a.count = 1
	for ; len(dims) >= 4; dims = dims[4:] {
		n := int(m.order.Uint32(dims))
		if n < 0 || n > 1<<24 || a.count*n > 1<<24 {
			return a, errMat
		}
		a.count *= n
	}
	_, name, rest, err := m.element(b)
	a.name, a.rest = string(name), rest
	return a, err
}

// structs reads an array of structs: the fields of one behind those of the other.
func (m mat) structs(a matArray) ([]map[string]matValue, error) {
	_, length, b, err := m.element(a.rest)
	if err != nil || len(length) != 4 {
		return nil, errMat
	}
	_, text, b, err := m.element(b)
	each := int(m.order.Uint32(length))
	if err != nil || each < 1 {
		return nil, errMat
	}
	var fields []string
	for name := range slices.Chunk(text, each) {
		fields = append(fields, strings.TrimRight(string(name), "\x00"))
	}
	var out []map[string]matValue
	for range a.count {
		row := map[string]matValue{}
		for _, field := range fields {
			_, body, next, err := m.element(b)
			if err != nil {
				return nil, err
			}
			b = next
			if row[field], err = m.value(body); err != nil {
				return nil, err
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// value reads text or numbers.
func (m mat) value(b []byte) (v matValue, err error) {
	a, err := m.array(b)
	if err != nil || a.count == 0 || a.class < mxChar { // cells, structs and objects are not needed
		return v, err
	}
	kind, body, _, err := m.element(a.rest)
	if err != nil {
		return v, err
	}
	if a.class == mxChar && (kind == miUTF8 || kind == miInt8 || kind == miUint8) {
		return matValue{text: string(body)}, nil
	}
	numbers := m.numbers(kind, body)
	if a.class != mxChar {
		return matValue{numbers: numbers}, nil
	}
	var text strings.Builder
	for _, n := range numbers {
		text.WriteRune(rune(n))
	}
	return matValue{text: text.String()}, nil
}

// numbers reads numbers of a type.
func (m mat) numbers(kind uint32, b []byte) (out []float64) {
	widths := map[uint32]int{miInt8: 1, miUint8: 1, miInt16: 2, miUint16: 2, miInt32: 4, miUint32: 4, miSingle: 4, miDouble: 8, miInt64: 8, miUint64: 8}
	width := widths[kind]
	if width == 0 {
		return nil
	}
	for ; len(b) >= width; b = b[width:] {
		var v float64
		switch kind {
		case miInt8:
			v = float64(int8(b[0]))
		case miUint8:
			v = float64(b[0])
		case miInt16:
			v = float64(int16(m.order.Uint16(b)))
		case miUint16:
			v = float64(m.order.Uint16(b))
		case miInt32:
			v = float64(int32(m.order.Uint32(b)))
		case miUint32:
			v = float64(m.order.Uint32(b))
		case miSingle:
			v = float64(math.Float32frombits(m.order.Uint32(b)))
		case miDouble:
			v = math.Float64frombits(m.order.Uint64(b))
		case miInt64:
			v = float64(int64(m.order.Uint64(b)))
		case miUint64:
			v = float64(m.order.Uint64(b))
		}
		out = append(out, v)
	}
	return out
}
