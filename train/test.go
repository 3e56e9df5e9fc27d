package train

import (
	"fmt"
	"path/filepath"
	"slices"

	"alexnet/train/data"
	"alexnet/train/pack"
)

// Test is a checkpoint with the images to test its network on.
type Test struct {
	*Loaded
	Config *Config
	Images data.Set
	Note   string // a sentence of what may be wrong with testing on these images; empty: nothing
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
	other := t.Config.Dir != own.Dir
	if t.Images, err = OpenTestSet(t.Config, l, other, part); err == nil && other && part != pack.Train && l.Run() != "" {
		t.Note, err = trainedOn(l, t.Images)
	}
	return t, err
}

// trainedOn says how many images are called as those that a checkpoint's run was trained on.
func trainedOn(l *Loaded, images data.Set) (note string, err error) {
	trained, err := trainedNames(l.Run())
	if err != nil {
		return "", err
	}
	n := 0
	for i := range images.Len() {
		if trained[images.Name(i)] {
			n++
		}
	}
	if n == 0 {
		return "", nil
	}
	return fmt.Sprintf("%d of the %d images to test on have names of images that %s was trained on: if they are the same images, its errors are too low", n, images.Len(), l.Run()), nil
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
