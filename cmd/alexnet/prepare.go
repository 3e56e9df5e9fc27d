package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/train/monitor"
	"alexnet/train/pack"
)

func prepareCommand() *cobra.Command {
	var o pack.Options
	c := &cobra.Command{
		Use:   "prepare SRC... DST",
		Short: "Prepare images once for many runs: scaled, in shards, with their mean and colours",
		Long: `Prepare the images of SRC for training: scaled to one size, in the folder DST, which
--data takes wherever it takes a folder of images. SRC is a folder of images for each
class, or train, val and test (or Training, valid and the like) with such folders; a tar
of those; a tar with a tar of images for each class, as ILSVRC's, which is read in its
place; or a folder of a tar for each class, or of train.tar, val.tar and test.tar. What
cannot be read is skipped, and DST/skipped.txt says why.

Ctrl-C, or anything else, may stop it: the same command goes on, and its result is the
same to the byte. Where DST is finished and the images and settings are the same, it
does nothing.

--split sets aside images where the source has one part only. Without it a tenth of each
class validates. val=0.1,test=0.1 are shares of each class; val=FILE a list of names, as
CLASS/FILE, each of the image in every SRC that has it; half tests on half of each class,
which validates, too; none trains on all.

The images are JPEG of --quality, colours at half the resolution, or their pixels as they
are (--encoding raw, PPM). Shards are plain tars that WebDataset reads, too. Of --whole
images the centre is used here; of one more than 4 times as long as high (or as high as
long) the middle part of that shape is kept. Images are scaled by a triangle filter
(bilinear, widened against aliasing).`,
		Example: `  alexnet prepare photos packs/pets
  alexnet train alexnet --data packs/pets
  alexnet prepare ILSVRC2012_img_train.tar packs/ilsvrc --val ILSVRC2012_img_val.tar \
      --devkit ILSVRC2012_devkit_t12.tar.gz
  alexnet prepare ILSVRC2012_img_train.tar packs/ilsvrc --val ILSVRC2012_img_val.tar \
      --labels val.txt
  alexnet prepare fall2009 packs/fall2009 --split half`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return launch.Usagef("expected at least one SRC and DST, got %d arguments", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			o.Sources = args[:len(args)-1]
			return prepare(c.Context(), args[len(args)-1], o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Val, "val", "", "`source` of the validation images")
	f.StringVar(&o.Test, "test", "", "`source` of the test images")
	f.StringVar(&o.Labels, "labels", "", "`file` of the labels of images that lie in no folder of a class (of --val, if that is given): lines NAME LABEL from 0 on, or ILSVRC's ground truth")
	f.StringVar(&o.DevKit, "devkit", "", "ILSVRC's devkit, a .tar.gz or its `folder`: the ground truth, and the numbers and words of the classes")
	f.StringVar(&o.Classes, "classes", "", "`file` of the classes in label order, one a line, with words behind it (behind a tab where the name has spaces; default: sorted by name)")
	f.StringVar(&o.Split, "split", "", "what is set aside: val=0.1,test=0.1, val=FILE, half or none (default a tenth of each class)")
	f.Uint64Var(&o.Seed, "seed", 1, "seed of the split")
	f.IntVar(&o.Size, "size", 256, "shorter side in pixels")
	f.BoolVar(&o.Whole, "whole", false, "keep whole images, not their central squares")
	f.StringVar(&o.Encoding, "encoding", pack.JPEG, "jpeg or raw")
	f.IntVar(&o.Quality, "quality", 95, "of the JPEG files, 1 to 100")
	f.IntVar(&o.Workers, "jobs", 0, "images to work on at once (0: one on each core)")
	return c
}

func prepare(ctx context.Context, dst string, o pack.Options) error {
	if err := o.Check(); err != nil {
		return launch.UsageError{Err: err}
	}
	bar := newBar(os.Stderr)
	o.OnMessage, o.OnProgress = bar.message, bar.prepared
	start := time.Now()
	p, err := pack.Prepare(ctx, dst, o)
	bar.clear()
	if errors.Is(err, context.Canceled) {
		fmt.Fprintf(os.Stderr, "stopped; go on with the same command\n")
	}
	if err != nil {
		return err
	}
	return printPrepared(p, time.Since(start))
}

// printPrepared sums up a finished pack.
func printPrepared(p *pack.Pack, took time.Duration) error {
	var parts []string
	for _, name := range pack.Parts {
		if list, has := p.Parts[name]; has {
			parts = append(parts, fmt.Sprintf("%s %s", monitor.Count(list.Images), name))
		}
	}
	fmt.Printf("%s: %s images in %d classes", p.Dir(), strings.Join(parts, ", "), len(p.Classes))
	if took = took.Round(time.Second); took > 0 {
		fmt.Printf(", in %v", took)
	}
	fmt.Println()
	if p.Skipped() > 0 {
		fmt.Println(unread(p))
	}
	fmt.Printf("look at it: alexnet inspect %s\n", p.Dir())
	advice, err := p.Unvalidated()
	if advice != "" {
		fmt.Printf("it has no images to validate on, without which train refuses it: %s\n", advice)
	}
	return err
}

// unread says how many images of a pack could not be read, and where they are listed.
func unread(p *pack.Pack) string {
	if p.Skipped() == 1 {
		return "1 image could not be read: " + p.SkippedFile()
	}
	return fmt.Sprintf("%s images could not be read: %s", monitor.Count(p.Skipped()), p.SkippedFile())
}
