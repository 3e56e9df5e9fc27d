package pack

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"

	"alexnet/engine/whole"
	"alexnet/train/data"
)

// Part is a data.Set of a pack's images. A damaged image is a *data.BadImageError.
type Part struct {
	pack    *Pack
	size    int
	classes []string
	entries []Entry
	ends    []int // of each shard's entries
	shards  []Shard
}

// Part reads the index of a part, for images of size x size: no larger than they were
// prepared; smaller ones are scaled down. A part that the pack does not have has no
// images.
func (p *Pack) Part(name string, size int) (*Part, error) {
	if size > p.Size {
		return nil, fmt.Errorf("pack: the images of %s are %d pixels high and wide and the recipe asks for data.size = %d: prepare them with --size %d, or set data.size to %d at most", p.dir, p.Size, size, size, p.Size)
	}
	out := &Part{pack: p, size: size, classes: p.Classes, shards: p.Parts[name].Shards, entries: make([]Entry, 0, p.Parts[name].Images)}
	for _, s := range out.shards {
		entries, err := p.Entries(s)
		if err != nil {
			return nil, err
		}
		out.entries = append(out.entries, entries...)
		out.ends = append(out.ends, len(out.entries))
	}
	if len(out.entries) != p.Parts[name].Images {
		return nil, fmt.Errorf("pack: the indexes of the part %s of %s name %d images and %s says %d: prepare the pack again", name, p.dir, len(out.entries), packName, p.Parts[name].Images)
	}
	return out, nil
}

// Ordered is the part with its classes in the order of a network's, all of which need
// not be there; one that the network does not know is an error.
func (p *Part) Ordered(classes []string) (*Part, error) {
	out := p.Among(classes)
	for i, e := range out.entries {
		if e.Label < 0 {
			return nil, fmt.Errorf("pack: the class %s of %s is not among the network's %d classes", p.classes[p.entries[i].Label], p.pack.dir, len(classes))
		}
	}
	return out, nil
}

// Among is the part with its classes in the order of a network's. The label of an image
// whose class the network does not know is -1.
func (p *Part) Among(classes []string) *Part {
	if slices.Equal(classes, p.classes) {
		return p
	}
	number := make(map[string]int, len(classes))
	for i, c := range classes {
		number[c] = i
	}
	out := *p
	out.classes, out.entries = classes, slices.Clone(p.entries)
	for i := range out.entries {
		e := &out.entries[i]
		label, known := number[p.classes[e.Label]]
		if !known {
			label = -1
		}
		e.Label = label
	}
	return &out
}

// Entry is image i's line of the index, with its label in Classes.
func (p *Part) Entry(i int) Entry { return p.entries[i] }

// Len, Size, Classes, Label, Name and Pixels make it a data.Set.
func (p *Part) Len() int          { return len(p.entries) }
func (p *Part) Size() int         { return p.size }
func (p *Part) Classes() []string { return p.classes }
func (p *Part) Label(i int) int   { return p.entries[i].Label }
func (p *Part) Name(i int) string { return p.entries[i].Name }
func (p *Part) Pixels(i int, dst []byte) error {
	file, err := p.File(i)
	if err == nil {
		err = data.DecodeImage(file, p.size, dst)
	}
	if err != nil {
		return &data.BadImageError{Path: fmt.Sprintf("%s in %s", p.entries[i].Name, p.tar(i)), Err: err}
	}
	return nil
}

// Stamp is the image's checksum, for data.Contents.
func (p *Part) Stamp(i int) string { return fmt.Sprintln(p.entries[i].Length, p.entries[i].CRC) }

// File is image i as it is stored, compared with its checksum.
func (p *Part) File(i int) ([]byte, error) {
	e := &p.entries[i]
	// Opened each time, for thousands of shards are more than a process may hold open.
	tar, err := os.Open(p.tar(i))
	if err != nil {
		return nil, whole.Cause(err)
	}
	defer tar.Close()
	file := make([]byte, e.Length)
	if _, err := tar.ReadAt(file, e.Offset); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("the shard is cut off")
		}
		return nil, whole.Cause(err)
	}
	if crc32.Checksum(file, castagnoli) != e.CRC {
		return nil, errors.New("it is not what was written (its checksum differs)")
	}
	return file, nil
}

// tar is the path of image i's shard.
func (p *Part) tar(i int) string {
	at, _ := slices.BinarySearch(p.ends, i+1)
	return p.pack.tar(p.shards[at])
}
