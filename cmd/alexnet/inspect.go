package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/train"
	"alexnet/train/data"
	"alexnet/train/pack"
)

type inspectFlags struct {
	sheet, mean     string
	augment, recipe string
	set, devices    []string
	each, draws     int
	seed            uint64
	classes, verify bool
	json            bool
}

func inspectCommand() *cobra.Command {
	var f inspectFlags
	c := &cobra.Command{
		Use:   "inspect PACK|FOLDER",
		Short: "Show what is in a pack or a folder of images: counts, sizes, mean, colours, samples",
		Long: `Show the images of a class, their sizes, the mean and the principal components of
colour of a pack, or of a folder of images, which has to be read for --mean.

--augment draws what a recipe makes of training images: a row for each image, with its
centre crop and then what the network sees of it in the first epochs, as crops,
mirrors and colours are drawn in training and as the kernel of the input makes them on
the device; the mean is added again.`,
		Example: `  alexnet inspect packs/pets --sheet sheet.png --mean mean.png
  alexnet inspect packs/pets --augment rows.png --recipe alexnet
  alexnet inspect packs/pets --verify`,
		Args: exactly(1, "a PACK or FOLDER"),
		RunE: func(c *cobra.Command, args []string) error { return f.inspect(c.Context(), args[0]) },
	}
	c.Flags().BoolVar(&f.classes, "classes", false, "list all classes, not the first ones only")
	c.Flags().StringVar(&f.sheet, "sheet", "", "draw samples of the classes to a PNG `file`")
	c.Flags().IntVar(&f.each, "each", 4, "samples of each class on the sheet, fewer of many classes")
	c.Flags().StringVar(&f.mean, "mean", "", "draw the mean image to a PNG `file`")
	c.Flags().StringVar(&f.augment, "augment", "", "draw what training makes of images to a PNG `file`")
	c.Flags().StringVar(&f.recipe, "recipe", "alexnet", "the recipe of --augment")
	c.Flags().IntVar(&f.draws, "draws", 7, "epochs of --augment")
	c.Flags().StringArrayVar(&f.set, "set", nil, "override a key of --recipe: `key=value`")
	c.Flags().StringSliceVar(&f.devices, "devices", nil, "devices of --augment by name, type or UUID prefix")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of the samples")
	c.Flags().BoolVar(&f.verify, "verify", false, "compare every file with its checksum")
	c.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return c
}

func (f *inspectFlags) inspect(ctx context.Context, dir string) error {
	switch {
	case f.each < 1 || f.each > sheetMost:
		return launch.Usagef("--each %d; expected 1 to %d", f.each, sheetMost)
	case f.draws < 1 || f.draws > 20:
		return launch.Usagef("--draws %d; expected 1 to 20", f.draws)
	}
	if err := pngOnly(map[string]string{"sheet": f.sheet, "mean": f.mean, "augment": f.augment}); err != nil {
		return err
	}
	r, err := look(dir)
	if err != nil {
		return err
	}
	bar := newBar(os.Stderr)
	if f.verify {
		if r.pack == nil {
			return fmt.Errorf("%s is a folder of images: there are no checksums to compare with", dir)
		}
		if err := r.pack.Verify(ctx, bar.bytes); err != nil {
			return err
		}
		r.Verified = true
	}
	if f.mean != "" && r.stats == nil {
		if err := r.measure(ctx, bar); err != nil {
			return err
		}
	}
	if f.mean != "" {
		if err := launch.WritePNG(f.mean, meanPicture(r.stats.Mean, r.Size)); err != nil {
			return err
		}
	}
	if f.sheet != "" {
		if err := f.drawSheet(r); err != nil {
			return err
		}
	}
	if f.augment != "" {
		if err := f.drawAugmented(ctx, dir, bar); err != nil {
			return err
		}
	}
	bar.clear()
	if f.json {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	return r.print(f.classes)
}

// measure looks through the training images of a folder.
func (r *inspected) measure(ctx context.Context, bar *bar) error {
	stats, err := data.Statistics(ctx, r.sets[0], bar.images)
	if err == nil {
		r.stats, r.Colour = stats, &stats.Colour
	}
	return err
}

// folderSize is what the images of a folder are scaled to, to be looked at.
const folderSize = 256

// look opens a pack or folder and counts.
func look(dir string) (*inspected, error) {
	if pack.Is(dir) {
		return lookPack(dir)
	}
	c, err := train.LoadConfigFor(dir, "alexnet")
	if err != nil {
		return nil, err
	}
	sets, err := train.OpenFolder(c, "")
	if err != nil {
		return nil, err
	}
	r := &inspected{Path: dir, Size: folderSize, Note: sets.Note, sets: []data.Set{sets.Train, sets.Val}, names: []string{pack.Train, pack.Val}}
	r.count(sets.Train.Classes(), nil)
	return r, nil
}

func lookPack(dir string) (*inspected, error) {
	p, err := pack.Open(dir)
	if err != nil {
		return nil, err
	}
	r := &inspected{Path: dir, Size: p.Size, Layout: &p.Layout, Skipped: p.Skipped(), Colour: p.Colour, pack: p}
	var entries []pack.Entry
	for _, name := range pack.Parts {
		list, has := p.Parts[name]
		if !has {
			continue
		}
		part, err := p.Part(name, p.Size)
		if err != nil {
			return nil, err
		}
		for i := range part.Len() {
			entries = append(entries, part.Entry(i))
		}
		for _, s := range list.Shards {
			r.Shards, r.Bytes = r.Shards+1, r.Bytes+s.Bytes
		}
		r.sets, r.names = append(r.sets, part), append(r.names, name)
	}
	if len(r.sets) == 0 {
		return nil, errors.New(dir + " has no images")
	}
	r.shapes(entries)
	if r.stats, err = p.Stats(); err != nil {
		return nil, err
	}
	r.count(p.Classes, p.Words)
	return r, nil
}
