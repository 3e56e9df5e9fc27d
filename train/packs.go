package train

import (
	"fmt"
	"slices"

	"alexnet/train/data"
	"alexnet/train/pack"
)

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
	train, err := p.Part(pack.Train, c.Size)
	if err != nil {
		return nil, err
	}
	val, err := validation(p, c.Size)
	if err != nil {
		return nil, err
	}
	if train.Len() == 0 {
		return nil, fmt.Errorf("train: %s has no images to train on: it was prepared to test on", c.Dir)
	}
	if val.Len() == 0 {
		return nil, fmt.Errorf("train: %s has no images to validate on: prepare it again without --split none", c.Dir)
	}
	s := &Sets{Train: train, Val: val, Split: before.Split, Listed: true}
	if before.Split != nil {
		if now := slices.Sorted(slices.Values(names(val))); !slices.Equal(now, before.Split) {
			return nil, fmt.Errorf("train: the validation images of %s are not those that the run set aside from its folder: resume it with that folder", c.Dir)
		}
	}
	if c.Size == p.Size {
		if s.Stats, err = p.Stats(); err != nil {
			return nil, err
		}
	}
	return cached(s), nil
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
