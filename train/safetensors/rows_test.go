package safetensors

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestRows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rows.safetensors")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewRowWriter(file, "features", 3)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if err := w.Add([]float32{float32(i), -0.5, float32(10 * i)}); err != nil {
			t.Fatal(err)
		}
	}
	others := []Tensor{{Name: "names", Shape: []int{3}, Bytes: []uint8("a\nb")}, {Name: "images", Shape: []int{2}, Ints: []int64{4, -1}}}
	if err := w.Finish(others, map[string]string{"note": "ü"}); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := f.Floats("features")
	if err != nil || !reflect.DeepEqual(f.Shape("features"), []int{5, 3}) || len(all) != 15 || all[12] != 4 || all[14] != 40 {
		t.Errorf("%v: %v %v", err, f.Shape("features"), all)
	}
	part := make([]float32, 6)
	if err := f.FloatsAt("features", 6, part); err != nil || !reflect.DeepEqual(part, all[6:12]) {
		t.Errorf("%v: %v", err, part)
	}
	if names, err := f.Bytes("names"); err != nil || string(names) != "a\nb" || f.Metadata["note"] != "ü" {
		t.Errorf("%v: %q %v", err, names, f.Metadata)
	}
	if images, err := f.Ints("images"); err != nil || !reflect.DeepEqual(images, []int64{4, -1}) {
		t.Errorf("%v: %v", err, images)
	}
	for _, c := range []struct {
		name  string
		first int
	}{{"features", 10}, {"features", -1}, {"images", 0}, {"missing", 0}} {
		if err := f.FloatsAt(c.name, c.first, part); err == nil || !strings.Contains(err.Error(), c.name) {
			t.Errorf("values %d of %s: %v", c.first, c.name, err)
		}
	}
	if err := w.Finish(nil, map[string]string{"long": strings.Repeat("x", rowsHeader)}); err == nil {
		t.Error("a header that does not fit was written")
	}
}
