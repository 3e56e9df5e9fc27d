package train

import (
	"fmt"
	"slices"

	"alexnet/train/data"
	"alexnet/train/pack"
)

// OpenTraining opens the images of a folder or pack that a run by the recipe trains on.
func OpenTraining(c *Config) (*Sets, error) {
	if !pack.Is(c.Dir) {
		return OpenFolder(c, "")
	}
	p, err := pack.Open(c.Dir)
	if err != nil {
		return nil, err
	}
	return packTraining(c, p)
}

// packTraining opens a pack's images to train on. Val is nil.
func packTraining(c *Config, p *pack.Pack) (*Sets, error) {
	train, err := p.Part(pack.Train, c.Size)
	if err != nil {
		return nil, err
	}
	if train.Len() == 0 {
		return nil, fmt.Errorf("train: %s has no images to train on: it was prepared to test on", c.Dir)
	}
	s := &Sets{Train: train, Listed: true, Packed: true}
	if c.Size == p.Size {
		s.Stats, err = p.Stats()
	}
	return s, err
}

// openImages opens the training images of a pack (the first part that it has, if it was
// prepared to test on), or all in a folder and in those inside it. The label of an image whose class is not among these is
// -1.
func openImages(dir string, size int, classes []string) (data.Set, error) {
	if !pack.Is(dir) {
		return data.OpenTree(dir, size, classes)
	}
	p, err := pack.Open(dir)
	if err != nil {
		return nil, err
	}
	for _, name := range pack.Parts {
		if p.Parts[name].Images > 0 {
			part, err := p.Part(name, size)
			if err != nil {
				return nil, err
			}
			return part.Among(classes), nil
		}
	}
	return nil, fmt.Errorf("train: %s has no images", dir)
}

// openPack opens a pack to train on, which must have what an earlier run had, if there
// is one.
func openPack(c *Config, before data.FolderOptions) (*Sets, error) {
	p, err := pack.Open(c.Dir)
	if err != nil {
		return nil, err
	}
	if before.Classes != nil && !slices.Equal(before.Classes, p.Classes) {
		return nil, fmt.Errorf("train: the classes of %s are not those of the run, %d (%s) now and %d (%s) before", c.Dir, len(p.Classes), some(p.Classes), len(before.Classes), some(before.Classes))
	}
	s, err := packTraining(c, p)
	if err != nil {
		return nil, err
	}
	val, err := validation(p, c.Size)
	if err != nil {
		return nil, err
	}
	if val.Len() == 0 {
		advice, err := p.Unvalidated()
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("train: %s has no images to validate on: %s", c.Dir, advice)
	}
	s.Val, s.Split = val, before.Split
	if before.Split != nil {
		if now := slices.Sorted(slices.Values(names(val))); !slices.Equal(now, before.Split) {
			return nil, fmt.Errorf("train: the validation images of %s are not those that the run set aside from its folder: resume it with that folder", c.Dir)
		}
	}
	return s, nil
}

// validation are the images of a pack to validate on: those of the part val, or of test
// if there are none.
func validation(p *pack.Pack, size int) (*pack.Part, error) {
	val, err := p.Part(pack.Val, size)
	if err == nil && val.Len() == 0 {
		val, err = p.Part(pack.Test, size)
	}
	return val, err
}

// openTestPack opens the part of a pack to test on; "": val, or test if there is none, or
// all there is.
func openTestPack(c *Config, classes []string, part string) (data.Set, error) {
	p, err := pack.Open(c.Dir)
	if err != nil {
		return nil, err
	}
	parts := []string{pack.Val, pack.Test, pack.Train}
	if part != "" {
		parts = []string{part}
	}
	for _, name := range parts {
		if p.Parts[name].Images == 0 {
			continue
		}
		set, err := p.Part(name, c.Size)
		if err != nil {
			return nil, err
		}
		return set.Ordered(classes)
	}
	return nil, fmt.Errorf("train: %s has no images of the part %s", c.Dir, part)
}
