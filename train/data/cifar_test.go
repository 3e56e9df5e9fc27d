package data

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// cifarFiles are batches of n images: the pixel at (y, x) of image i of batch b
// has red x, green y and blue 10b+i, and the label is (b+i) % 10.
func cifarFiles(n int) map[string][]byte {
	files := map[string][]byte{}
	for b := range 6 {
		var file []byte
		for i := range n {
			file = append(file, byte((b+i)%10))
			for c := range 3 {
				for k := range 32 * 32 {
					file = append(file, byte([]int{k % 32, k / 32, 10*b + i}[c]))
				}
			}
		}
		files[fmt.Sprintf("data_batch_%d.bin", b+1)] = file
	}
	files["test_batch.bin"] = files["data_batch_6.bin"]
	delete(files, "data_batch_6.bin")
	return files
}

func saveAll(t *testing.T, dir string, files map[string][]byte) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, file := range files {
		if err := os.WriteFile(filepath.Join(dir, name), file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOpenCIFAR10(t *testing.T) {
	named := cifarFiles(3)
	named["batches.meta.txt"] = []byte("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n")
	parent := t.TempDir()
	saveAll(t, filepath.Join(parent, "cifar-10-batches-bin"), named)
	for dir, first := range map[string]string{saveAll(t, t.TempDir(), cifarFiles(3)): "airplane", parent: "a"} {
		train, test, err := OpenCIFAR10(dir)
		if err != nil {
			t.Fatal(err)
		}
		if train.Len() != 15 || test.Len() != 3 || train.Size() != 32 || test.Classes()[0] != first || len(train.Classes()) != 10 {
			t.Errorf("%d and %d images of %d pixels, classes %v", train.Len(), test.Len(), train.Size(), test.Classes())
		}
		same(t, "training labels", labels(train), []int{0, 1, 2, 1, 2, 3, 2, 3, 4, 3, 4, 5, 4, 5, 6})
		same(t, "test labels", labels(test), []int{5, 6, 7})
		if name := train.Name(4); name != "data_batch_2.bin image 1" {
			t.Errorf("image 4 is %s", name)
		}
		dst := bytes.Repeat([]byte{255}, 32*32*3)
		if err := train.Pixels(4, dst); err != nil {
			t.Fatal(err)
		}
		wantPixel(t, dst, 32, 7, 20, [3]byte{7, 20, 11}, 0)
		wantPixel(t, dst, 32, 31, 31, [3]byte{31, 31, 11}, 0)
	}
}

func TestOpenCIFAR10Errors(t *testing.T) {
	for _, c := range []struct {
		name, file string
		change     func(file []byte) []byte // nil: there is none
		want       string
	}{
		{"missing", "data_batch_4.bin", nil, "there is no "},
		{"missing test", "test_batch.bin", nil, "there is no "},
		{"cut", "data_batch_2.bin", func(f []byte) []byte { return f[:len(f)-1] }, "6145 bytes, not a multiple of 3073"},
		{"empty", "test_batch.bin", func(f []byte) []byte { return nil }, "0 bytes"},
		{"label", "data_batch_5.bin", func(f []byte) []byte { f[3073] = 10; return f }, "image 1 has label 10"},
		{"names", "batches.meta.txt", func([]byte) []byte { return []byte("cat dog") }, "2 class names, want 10"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := cifarFiles(2)
			if c.change == nil {
				delete(files, c.file)
			} else {
				files[c.file] = c.change(files[c.file])
			}
			_, _, err := OpenCIFAR10(saveAll(t, t.TempDir(), files))
			wantError(t, err, c.file, c.want)
		})
	}
}
