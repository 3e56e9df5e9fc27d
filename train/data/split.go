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
		var alone []string
		for label, class := range all.classes {
			if count[label] == 1 && !slices.Contains(val.labels, int32(label)) {
				alone = append(alone, class)
			}
		}
		if sentence := Alone(alone); sentence != "" {
			f.Note += " " + sentence + "."
		}
	}
	return nil
}

// Alone is a sentence on classes that have one image each; empty if there are none.
func Alone(classes []string) string {
	switch len(classes) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("The class %s has one image only, which is trained on, and none for validation", classes[0])
	}
	return fmt.Sprintf("%d classes, such as %s, have one image only, which is trained on, and none for validation", len(classes), classes[0])
}

// drawValidation draws a tenth of each class, at least one image where the class has
// two.
func drawValidation(all *photos, seed uint64) []string {
	classes := make([][]string, len(all.classes))
	for i, name := range all.paths {
		label := all.Label(i)
		classes[label] = append(classes[label], name)
	}
	var drawn []string
	for _, names := range classes {
		for _, i := range Lots(names, seed)[:Tenth(len(names))] {
			drawn = append(drawn, names[i])
		}
	}
	return drawn
}

// Tenth is how many of the n images of a class validate where nothing else is said.
func Tenth(n int) int {
	return min(max(int(math.Round(validationShare*float64(n))), 1), max(n-1, 0))
}

// Lots is an order of a class's images that draws from it: by their names' hashes with
// the seed, so that images added later leave most of the others where they are.
func Lots(names []string, seed uint64) []int {
	hashes, order := make([]uint64, len(names)), make([]int, len(names))
	for i, name := range names {
		h := sha256.Sum256(append(binary.LittleEndian.AppendUint64(nil, seed), name...))
		hashes[i], order[i] = binary.LittleEndian.Uint64(h[:]), i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(hashes[a], hashes[b]), cmp.Compare(names[a], names[b]))
	})
	return order
}
