package data

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// validationShare of each class is split off where there is no validation folder.
const validationShare = 0.1

// split divides the images into training and validation.
func (f *Folder) split(all *photos, o FolderOptions) error {
	chosen := map[string]bool{}
	if o.Split == nil {
		for _, name := range drawValidation(all, o.Seed) {
			chosen[name] = true
		}
		if len(chosen) == 0 {
			return fmt.Errorf("data: every class in %s has one image only, which leaves none for validation; add images, or a folder val beside a folder train", all.dir)
		}
	}
	for _, name := range o.Split {
		chosen[name] = true
	}
	train, val := newPhotos(all.dir, o.Size, all.classes), newPhotos(all.dir, o.Size, all.classes)
	f.Split = []string{}
	for i, name := range all.paths {
		part := train
		if chosen[name] {
			part = val
			f.Split = append(f.Split, name)
			delete(chosen, name)
		}
		part.add(all.Label(i), []string{name})
	}
	for _, name := range o.Split {
		if chosen[name] {
			return fmt.Errorf("data: %s has no file %s, a validation image of the earlier run; restore it or start a new run", all.dir, name)
		}
	}
	count := make([]int, len(all.classes))
	for _, label := range train.labels {
		count[label]++
	}
	for label, class := range all.classes {
		if count[label] == 0 {
			return fmt.Errorf("data: all images of the class %s in %s are validation images of the earlier run; add others or start a new run", class, all.dir)
		}
	}
	slices.Sort(f.Split)
	f.Train, f.Val = train, val
	if o.Split == nil {
		f.Note = fmt.Sprintf("%s has no validation folder: %d of its %d images, a tenth of each class, are set aside for validation (seed %d).",
			all.dir, val.Len(), all.Len(), o.Seed)
	}
	return nil
}

// drawValidation draws a tenth of each class, at least one image where the class has
// two. It takes the images whose names hash lowest with the seed: images added
// later leave most of the others where they are.
func drawValidation(all *photos, seed uint64) []string {
	type ticket struct {
		hash uint64
		name string
	}
	classes := make([][]ticket, len(all.classes))
	for i, name := range all.paths {
		h := sha256.Sum256(append(binary.LittleEndian.AppendUint64(nil, seed), name...))
		label := all.Label(i)
		classes[label] = append(classes[label], ticket{binary.LittleEndian.Uint64(h[:]), name})
	}
	var drawn []string
	for _, tickets := range classes {
		slices.SortFunc(tickets, func(a, b ticket) int {
			return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.name, b.name))
		})
		n := int(math.Round(validationShare * float64(len(tickets))))
		n = min(max(n, 1), len(tickets)-1)
		for _, t := range tickets[:n] {
			drawn = append(drawn, t.name)
		}
	}
	return drawn
}
