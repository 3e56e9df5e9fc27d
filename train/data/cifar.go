package data

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// cifarSize is the height and width of CIFAR-10's images, cifarRecord the bytes
// of one in a file: its label, then (colour, y, x).
const (
	cifarSize   = 32
	cifarRecord = 1 + 3*cifarSize*cifarSize
)

// cifarNames are the classes if there is no batches.meta.txt.
var cifarNames = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}

// cifar is a set in memory.
type cifar struct {
	classes []string
	files   []cifarFile
	count   int
}

type cifarFile struct {
	name    string
	first   int // index of its first image
	records []byte
}

// OpenCIFAR10 reads the binary version of CIFAR-10 (Krizhevsky 2009): 32 x 32
// colour images in data_batch_1.bin to data_batch_5.bin and test_batch.bin,
// which lie in dir or in dir/cifar-10-batches-bin. Both sets are held in memory,
// 184 MB. Errors name the file and say what to do.
func OpenCIFAR10(dir string) (train, test Set, err error) {
	if inside := filepath.Join(dir, "cifar-10-batches-bin"); isDir(inside) {
		dir = inside
	}
	classes, err := cifarClasses(filepath.Join(dir, "batches.meta.txt"))
	if err != nil {
		return nil, nil, err
	}
	a, b := &cifar{classes: classes}, &cifar{classes: classes}
	for i := range 5 {
		if err := a.read(dir, fmt.Sprintf("data_batch_%d.bin", i+1)); err != nil {
			return nil, nil, err
		}
	}
	if err := b.read(dir, "test_batch.bin"); err != nil {
		return nil, nil, err
	}
	return a, b, nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// cifarClasses reads one class name a line.
func cifarClasses(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return cifarNames, nil
	}
	if err != nil {
		return nil, fmt.Errorf("data: read CIFAR-10's class names: %w", err)
	}
	names := strings.Fields(string(text))
	if len(names) != len(cifarNames) {
		return nil, fmt.Errorf("data: %s has %d class names, want %d; restore it from CIFAR-10's archive or remove it", path, len(names), len(cifarNames))
	}
	return names, nil
}

// read appends a file to the set.
func (c *cifar) read(dir, name string) error {
	path := filepath.Join(dir, name)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("data: there is no %s; --data (data.dir in the recipe) names the folder of CIFAR-10's binary version (cifar-10-binary.tar.gz, unpacked)", path)
	}
	if err != nil {
		return fmt.Errorf("data: open CIFAR-10: %w", err)
	}
	size := info.Size()
	if !info.Mode().IsRegular() || size == 0 || size%cifarRecord != 0 {
		return fmt.Errorf("data: %s has %d bytes, not a multiple of %d; it is damaged or not of CIFAR-10's binary version: unpack cifar-10-binary.tar.gz again", path, size, cifarRecord)
	}
	records, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("data: read CIFAR-10: %w", err)
	}
	records = records[:len(records)/cifarRecord*cifarRecord]
	for i := 0; i < len(records); i += cifarRecord {
		if label := records[i]; int(label) >= len(cifarNames) {
			return fmt.Errorf("data: %s: image %d has label %d, the last class is %d; it is damaged or not CIFAR-10: unpack cifar-10-binary.tar.gz again", path, i/cifarRecord, label, len(cifarNames)-1)
		}
	}
	c.files = append(c.files, cifarFile{name, c.count, records})
	c.count += len(records) / cifarRecord
	return nil
}

// at finds the file of image i and the image's place in it.
func (c *cifar) at(i int) (file *cifarFile, record int) {
	f := len(c.files) - 1
	for c.files[f].first > i {
		f--
	}
	return &c.files[f], i - c.files[f].first
}

// Len, Size, Classes, Label, Name and Pixels make it a Set.
func (c *cifar) Len() int          { return c.count }
func (c *cifar) Size() int         { return cifarSize }
func (c *cifar) Classes() []string { return c.classes }

func (c *cifar) Label(i int) int {
	f, record := c.at(i)
	return int(f.records[record*cifarRecord])
}

func (c *cifar) Name(i int) string {
	f, record := c.at(i)
	return fmt.Sprintf("%s image %d", f.name, record)
}

func (c *cifar) Pixels(i int, dst []byte) error {
	const plane = cifarSize * cifarSize
	f, record := c.at(i)
	planes := f.records[record*cifarRecord+1 : (record+1)*cifarRecord]
	dst = dst[:3*plane]
	for k := range plane {
		dst[3*k], dst[3*k+1], dst[3*k+2] = planes[k], planes[plane+k], planes[2*plane+k]
	}
	return nil
}
