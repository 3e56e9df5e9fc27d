package safetensors

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func example() []Tensor {
	return []Tensor{
		{Name: "b", Shape: []int{2, 3}, Floats: []float32{1, -2, 3.5, 0, 1e-30, 6}},
		{Name: "a", Shape: []int{}, Floats: []float32{7}},
		{Name: "labels", Shape: []int{2}, Ints: []int64{-1, 1 << 40}},
		{Name: "none", Shape: []int{0, 4}, Floats: []float32{}},
		{Name: "half", Shape: []int{3}, Floats: []float32{0.5, -2048, 0}, Half: true},
		{Name: "pixels", Shape: []int{1, 5}, Bytes: []uint8{0, 1, 255, 128, 7}},
	}
}

func encode(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, example(), map[string]string{"format": "pt", "note": "ü"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(t *testing.T, text []byte) (*File, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.safetensors")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err == nil {
		t.Cleanup(func() { f.Close() })
	}
	return f, err
}

func TestRoundTrip(t *testing.T) {
	f, err := open(t, encode(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range example() {
		if !reflect.DeepEqual(f.Shape(want.Name), want.Shape) {
			t.Errorf("%s has shape %v", want.Name, f.Shape(want.Name))
		}
		if want.Ints != nil {
			if got, err := f.Ints(want.Name); err != nil || !reflect.DeepEqual(got, want.Ints) {
				t.Errorf("%s: %v %v", want.Name, got, err)
			}
			continue
		}
		if want.Bytes != nil {
			if got, err := f.Bytes(want.Name); err != nil || !reflect.DeepEqual(got, want.Bytes) {
				t.Errorf("%s: %v %v", want.Name, got, err)
			}
			continue
		}
		if got, err := f.Floats(want.Name); err != nil || !reflect.DeepEqual(got, want.Floats) {
			t.Errorf("%s: %v %v", want.Name, got, err)
		}
	}
	if f.Metadata["note"] != "ü" || strings.Join(f.Names(), " ") != "a b half labels none pixels" {
		t.Error(f.Metadata, f.Names())
	}
	if _, err := f.Floats("labels"); err == nil || !strings.Contains(err.Error(), "I64") {
		t.Error(err)
	}
	if _, err := f.Floats("missing"); err == nil || !strings.Contains(err.Error(), "labels") {
		t.Error(err)
	}
}

func TestEqualContentsGiveEqualFiles(t *testing.T) {
	a := encode(t)
	list := example()
	list[0], list[2] = list[2], list[0]
	var b bytes.Buffer
	if err := Write(&b, list, map[string]string{"note": "ü", "format": "pt"}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b.Bytes()) {
		t.Error("the order of tensors changes the file")
	}
	if n := binary.LittleEndian.Uint64(a); n%8 != 0 {
		t.Errorf("a header of %d bytes leaves data unaligned", n)
	}
}

// header makes a file of a header's text and eight bytes of data.
func header(text string) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	return append(append(out, text...), make([]byte, 8)...)
}

// Every damaged file is a sentence that names it.
func TestDamagedFiles(t *testing.T) {
	whole := encode(t)
	for name, text := range map[string][]byte{
		"empty":                   nil,
		"half a length":           whole[:5],
		"huge length":             append(bytes.Repeat([]byte{0xFF}, 8), whole[8:]...),
		"truncated header":        whole[:40],
		"truncated data":          whole[:len(whole)-1],
		"not JSON":                header(`{"a"`),
		"not an object":           header(`[1]`),
		"other type, truncated":   header(`{"a":{"dtype":"U16","shape":[5],"data_offsets":[0,10]}}`),
		"other type, overflows":   header(`{"a":{"dtype":"U16","shape":[4611686018427387904,8],"data_offsets":[0,8]}}`),
		"size is not its shape's": header(`{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`),
		"negative shape":          header(`{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}`),
		"shape overflows":         header(`{"a":{"dtype":"F32","shape":[4611686018427387904,8],"data_offsets":[0,8]}}`),
		"offsets reversed":        header(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}`),
		"negative offset":         header(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}`),
		"metadata numbers":        header(`{"__metadata__":{"a":1}}`),
	} {
		if _, err := open(t, text); err == nil {
			t.Errorf("%s: no error", name)
		} else if !strings.Contains(err.Error(), "x.safetensors") {
			t.Errorf("%s: %v does not name the file", name, err)
		}
	}
}

// Numbers of other programs' types become float32; a type that is not read matters only to
// who reads it.
func TestOtherTypes(t *testing.T) {
	text := `{"brain":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]},"double":{"dtype":"F64","shape":[2],"data_offsets":[8,24]},` +
		`"counts":{"dtype":"U16","shape":[3],"data_offsets":[24,30]},"tiny":{"dtype":"F4","shape":[4],"data_offsets":[30,32]}}`
	file := append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...)
	for _, bits := range []uint16{0x3fc0, 0xc000, 0x7f80, 0x0001} {
		file = binary.LittleEndian.AppendUint16(file, bits)
	}
	for _, v := range []float64{1.0 / 3, -1e10} {
		file = binary.LittleEndian.AppendUint64(file, math.Float64bits(v))
	}
	f, err := open(t, append(file, make([]byte, 8)...))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]float32{
		"brain":  {1.5, -2, float32(math.Inf(1)), math.Float32frombits(1 << 16)},
		"double": {1.0 / 3, -1e10},
	} {
		if got, err := f.Floats(name); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v, want %v", name, err, got, want)
		}
	}
	for name, kind := range map[string]string{"counts": "U16", "tiny": "F4"} {
		_, err := f.Floats(name)
		if err == nil || !strings.Contains(err.Error(), "tensor "+name+" has type "+kind+"; expected F32 or F16 or BF16 or F64") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	var b bytes.Buffer
	Write(&b, example(), nil)
	f.Add(b.Bytes())
	f.Add(header(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := open(t, text)
		if err != nil {
			return
		}
		for _, name := range file.Names() {
			file.Floats(name)
			file.Ints(name)
			file.Bytes(name)
		}
	})
}
