package train

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"alexnet/net"
	"alexnet/train/data"
	"alexnet/train/pack"
)

// Sets are the images of a run.
type Sets struct {
	Train, Val data.Set
	// Split are the validation images that were set aside from the training
	// folder; nil if there is a set of its own.
	Split []string
	// Listed says that the images are files, which may come and go.
	Listed bool
	// Packed says that they were prepared (package pack).
	Packed bool
	// Stats are those of the training images where they are known; else nil.
	Stats *data.Stats
	// Note is a sentence for the user, or empty.
	Note string

	run  string // the directory of the run that continues, or empty
	hash string // fingerprint
}

// memoryForImages bounds what is kept of decoded photographs, in bytes.
const memoryForImages = 4 << 30

// OpenSets opens what a recipe's [data] section names, to train on. run, if not empty, is
// the directory of a run that continues: its classes and validation images are taken.
func OpenSets(c *Config, run string) (*Sets, error) {
	s, err := openSets(c, run)
	if err != nil || !s.Listed {
		return s, err
	}
	// Training decodes images in every epoch, and others read them once.
	s.Train, s.Val = data.Cached(s.Train, memoryForImages*3/4), data.Cached(s.Val, memoryForImages/4)
	return s, nil
}

// openSets is OpenSets to read the images once: none is kept in memory.
func openSets(c *Config, run string) (*Sets, error) {
	s, err := namedSets(c, run)
	if err != nil {
		return nil, err
	}
	s.run = run
	if s.Train.Size() != c.Size {
		return nil, fmt.Errorf("train: the images of set %s are %dx%d; the recipe says data.size = %d", c.Set, s.Train.Size(), s.Train.Size(), c.Size)
	}
	return s, checkClasses(c, s.Train)
}

func namedSets(c *Config, run string) (*Sets, error) {
	switch c.Set {
	case "generated":
		return &Sets{Train: data.NewGenerated(1, c.TrainImages), Val: data.NewGenerated(2, c.ValImages)}, nil
	case "cifar10":
		if c.Dir == "" {
			return nil, errors.New("train: the recipe needs CIFAR-10's binary files (data_batch_1.bin, ..., test_batch.bin): name their folder with --data")
		}
		train, test, err := data.OpenCIFAR10(c.Dir)
		return &Sets{Train: train, Val: test}, err
	}
	return OpenFolder(c, run)
}

// OpenFolder opens the folder of images or the pack of a recipe, of however many
// classes, to look into. run is as in OpenSets.
func OpenFolder(c *Config, run string) (*Sets, error) {
	if c.Dir == "" {
		return nil, errors.New("train: the recipe needs a folder of images: name it with --data")
	}
	o := data.FolderOptions{Size: c.Size, Seed: c.Seed}
	if run != "" {
		var err error
		if o.Classes, err = readLines(run, "classes.txt"); err != nil {
			return nil, err
		}
		if o.Split, err = readLines(run, "validation.txt"); err != nil {
			return nil, err
		}
	}
	if pack.Is(c.Dir) {
		return openPack(c, o)
	}
	f, err := data.OpenFolder(c.Dir, o)
	if err != nil {
		return nil, err
	}
	return &Sets{Train: f.Train, Val: f.Val, Split: f.Split, Listed: true, Note: f.Note}, nil
}

func checkClasses(c *Config, set data.Set) error {
	if classes, outputs := len(set.Classes()), c.Net.Classes(); classes != outputs {
		return fmt.Errorf("train: the images have %d classes and the network %d outputs: give the last layer %d with --set %s", classes, outputs, classes, c.ForClasses(classes))
	}
	return nil
}

// LoadConfigForClasses is LoadConfigFor, and gives the network an output for each class of
// the folder or pack, unless an override says how many it has. The note says so where the
// recipe had others; otherwise it is empty.
func LoadConfigForClasses(dir, path string, set ...string) (c *Config, note string, err error) {
	if c, err = LoadConfigFor(dir, path, set...); err != nil || c.Set != "folder" || c.Dir == "" {
		return c, "", err
	}
	classes, err := folderClasses(c.Dir)
	if err != nil || c.Net.Classes() == classes {
		return c, "", err
	}
	outputs := c.ForClasses(classes)
	key, _, _ := strings.Cut(outputs, "=")
	for _, s := range set {
		if own, _, _ := strings.Cut(s, "="); strings.TrimSpace(own) == key {
			return c, "", nil // and OpenSets tells what is wrong with it
		}
	}
	note = fmt.Sprintf("The images have %d classes: %s (%d in the recipe).", classes, outputs, c.Net.Classes())
	c, err = LoadConfigFor(dir, path, append(slices.Clip(set), outputs)...)
	return c, note, err
}

// folderClasses is the number of classes of a folder of images or a pack.
func folderClasses(dir string) (int, error) {
	if pack.Is(dir) {
		p, err := pack.Open(dir)
		if err != nil {
			return 0, err
		}
		return len(p.Classes), nil
	}
	classes, err := data.FolderClasses(dir)
	return len(classes), err
}

// ForClasses is the override that gives the recipe's network an output for each of
// so many classes.
func (c *Config) ForClasses(classes int) string {
	key := "layer.NAME.units"
	for _, l := range c.Net.Layers { // the last that has outputs counts
		switch l := l.(type) {
		case net.Dense:
			key = "layer." + l.Name + ".units"
		case net.Conv:
			key = "layer." + l.Name + ".filters"
		case net.Local:
			key = "layer." + l.Name + ".filters"
		}
	}
	return fmt.Sprintf("%s=%d", key, classes)
}

// OpenTestSet opens the images to test a checkpoint's network on: the validation
// images of its run, wherever their folder is now, or with other those of another folder or
// pack, by the names of the checkpoint's classes. part, if not empty, is "val", "test" or "train", the part to test
// on; of its run's folder "train" are the images that were not set aside.
func OpenTestSet(c *Config, l *Loaded, other bool, part string) (data.Set, error) {
	if part == pack.Test && c.Set != "folder" {
		return nil, fmt.Errorf("train: the images of set %s have no part test", c.Set)
	}
	set, err := testSet(c, l, other, part)
	if err != nil {
		return nil, err
	}
	return data.Cached(set, memoryForImages), nil // several networks may be tested on them
}

func testSet(c *Config, l *Loaded, other bool, part string) (data.Set, error) {
	if c.Set == "folder" && (other || part == pack.Test) {
		if pack.Is(c.Dir) {
			return openTestPack(c, l.Classes, part)
		}
		if own := ownElsewhere(c, l); own != nil && part != pack.Test {
			return own.part(part), nil
		}
		return data.OpenTestFolder(c.Dir, c.Size, l.Classes, part)
	}
	s, err := openSets(c, l.Run())
	if err != nil {
		return nil, err
	}
	// Without its run's folder a checkpoint does not know which images were set aside.
	if l.Run() == "" && s.fingerprint() != l.Fingerprint {
		return nil, fmt.Errorf("train: %s lies outside of its run, and the images in %s are not those of its training: name images to test on with --data", l.Path, c.Dir)
	}
	return s.part(part), nil
}

// part are the images that train, or else those that were set aside.
func (s *Sets) part(name string) data.Set {
	if name == pack.Train {
		return s.Train
	}
	return s.Val
}

// ownElsewhere are the images of a checkpoint's run where a folder that was named holds
// these, moved or copied: of them the run knows which it has set aside. nil: it does not.
func ownElsewhere(c *Config, l *Loaded) *Sets {
	if l.Run() == "" {
		return nil
	}
	if split, err := readLines(l.Run(), "validation.txt"); err != nil || split == nil {
		return nil
	}
	s, err := openSets(c, l.Run())
	if err != nil || s.fingerprint() != l.Fingerprint {
		return nil
	}
	return s
}

// fingerprint identifies the training images.
func (s *Sets) fingerprint() string {
	if s.hash == "" {
		s.hash = data.Fingerprint(s.Train)
	}
	return s.hash
}

// match fails where a run cannot go on from a checkpoint by a recipe: what it had counted,
// or measured in its images, would be of others.
func (s *Sets) match(l *Loaded, c *Config) error {
	before, err := l.Config()
	if err != nil {
		return err
	}
	began := func(format string, values ...any) error {
		return fmt.Errorf("train: %s of %s: leave it as it is, or start a new run with --weights", fmt.Sprintf(format, values...), l.Path)
	}
	was, now := before.Data, c.Data
	switch {
	case was.Size != now.Size:
		return began("data.size = %d, but it is %d in the run", now.Size, was.Size)
	case was.Mean != now.Mean || was.MeanFile != now.MeanFile:
		return began("data.mean = %q (mean_file = %q), but it is %q (%q) in the run", now.Mean, now.MeanFile, was.Mean, was.MeanFile)
	case now.Colour > 0 && l.Components == [3][3]float64{}:
		return began("data.colour = %g, but the images' colours were not measured in the run", now.Colour)
	case now.Colour > 0 && (was.ColourScale != now.ColourScale || was.ColourFile != now.ColourFile):
		return began("data.colour_scale = %q (colour_file = %q), but it is %q (%q) in the run", now.ColourScale, now.ColourFile, was.ColourScale, was.ColourFile)
	case l.Cursor != uint64(l.Step*c.Batch) && (c.Solver.MaxEpochs > 0 || c.Solver.Schedule == "step" && len(c.Solver.DropEpochs) > 0):
		return fmt.Errorf("train: data.batch = %d, but the run of %s has trained %d images in %d steps: its epochs can no longer be told by steps. Leave the batch as it was, or give max_steps in place of max_epochs (--set solver.max_epochs=0 --set solver.max_steps=N), and milestones in place of drop_epochs",
			c.Batch, l.Path, l.Cursor, l.Step)
	}
	if s.fingerprint() == l.Fingerprint {
		return nil
	}
	return fmt.Errorf("train: the training images are not those of %s: %s; restore them or start a new run", l.Path, s.difference(l))
}

// names lists a set's images.
func names(s data.Set) []string {
	out := make([]string, s.Len())
	for i := range out {
		out[i] = s.Name(i)
	}
	return out
}

// trainedNames are the names of the images that a run was trained on; nil: it does not say.
func trainedNames(run string) (map[string]bool, error) {
	list, err := readLines(run, "images.txt")
	if err != nil || list == nil {
		return nil, err
	}
	out := make(map[string]bool, len(list))
	for _, name := range list {
		out[name] = true
	}
	return out, nil
}

// difference says how the images differ from those of a checkpoint's run.
func (s *Sets) difference(l *Loaded) string {
	old, err := trainedNames(s.run)
	if err != nil || old == nil {
		return fmt.Sprintf("%d images in %d classes now", s.Train.Len(), len(s.Train.Classes()))
	}
	var added []string
	for _, name := range names(s.Train) {
		if !old[name] {
			added = append(added, name)
		}
		delete(old, name)
	}
	gone := sorted(old)
	switch {
	case len(gone) > 0 && len(added) > 0:
		return fmt.Sprintf("%d are gone (%s) and %d are new (%s)", len(gone), some(gone), len(added), some(added))
	case len(gone) > 0:
		return fmt.Sprintf("%d are gone (%s)", len(gone), some(gone))
	case len(added) > 0:
		return fmt.Sprintf("%d are new (%s)", len(added), some(added))
	}
	return "their order or classes have changed"
}

// some shows the first names of a list.
func some(list []string) string {
	if len(list) > 3 {
		return fmt.Sprintf("%s, %s, %s, ...", list[0], list[1], list[2])
	}
	out := list[0]
	for _, name := range list[1:] {
		out += ", " + name
	}
	return out
}

// batch turns a loaded batch into a network's.
func batch(b *data.Batch, into *net.Batch) *net.Batch {
	into.Pixels, into.Labels, into.Valid = b.Pixels, b.Labels, b.Valid
	into.Crops = into.Crops[:0]
	for _, c := range b.Crops {
		into.Crops = append(into.Crops, net.Crop(c))
	}
	return into
}
