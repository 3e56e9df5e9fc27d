package train

import (
	"fmt"
	"path/filepath"
	"slices"

	"alexnet/train/data"
)

// Test is a checkpoint with the images to test its network on.
type Test struct {
	*Loaded
	Config *Config
	Images data.Set
}

// OpenTest opens a checkpoint's validation images, or those of another folder or pack, or
// a part of either, with overrides of its recipe.
func OpenTest(l *Loaded, dir, part string, set ...string) (*Test, error) {
	own, err := l.Config()
	if err != nil {
		return nil, err
	}
	t := &Test{Loaded: l}
	if t.Config, err = l.ConfigFor(dir, set...); err != nil {
		return nil, err
	}
	t.Images, err = OpenTestSet(t.Config, l, t.Config.Dir != own.Dir, part)
	return t, err
}

// Same fails where the probabilities of two networks cannot be averaged: their classes
// or images are not the same.
func (t *Test) Same(as *Test) error {
	if !slices.Equal(t.Classes, as.Classes) {
		return fmt.Errorf("train: %s and %s cannot be averaged: their networks tell other classes apart, %d (%s) and %d (%s)",
			t.Path, as.Path, len(t.Classes), some(t.Classes), len(as.Classes), some(as.Classes))
	}
	same := t.Config.Set == as.Config.Set && filepath.Clean(t.Config.Dir) == filepath.Clean(as.Config.Dir) && t.Images.Len() == as.Images.Len()
	for i := 0; same && i < t.Images.Len(); i++ {
		same = t.Images.Name(i) == as.Images.Name(i) && t.Images.Label(i) == as.Images.Label(i)
	}
	if !same {
		return fmt.Errorf("train: %s and %s cannot be averaged: the images to test on are not the same, and one may have trained on the other's; name images that are new to both with --data", t.Path, as.Path)
	}
	return nil
}
