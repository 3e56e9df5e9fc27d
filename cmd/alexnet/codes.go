package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/train"
	"alexnet/train/monitor"
	"alexnet/viewer/theme"
)

// recallImages is how many images the recall of codes is measured with.
const recallImages = 200

type codesFlags struct {
	gallery
	set  []string
	bits int
}

func codesCommand() *cobra.Command {
	var f codesFlags
	c := &cobra.Command{
		Use:   "codes RUN|CHECKPOINT",
		Short: "Learn short binary codes of images, to find similar ones by",
		Long: `Train an auto-encoder on what a network's last hidden layer makes of the training
images (fc7 of alexnet) and keep the binary codes that it learns, for similar --codes:
128 bits an image instead of 16 KB, which are compared by their Hamming distance (the
outlook of the paper's section 6.1). It tells how many of the images nearest by distance
are nearest by codes, too.

--set overrides a key of the auto-encoder's recipe, assets/codes/codes.toml.`,
		Example: `  alexnet codes runs/mine --bits 256
  alexnet codes runs/mine --set solver.max_epochs=60 --set solver.rate=0.01`,
		Args: exactly(1, "a RUN or CHECKPOINT"),
		RunE: func(c *cobra.Command, args []string) error { return f.make(c.Context(), args[0]) },
	}
	f.gallery.flags(c, "")
	c.Flags().IntVar(&f.bits, "bits", 128, "of a code, a multiple of 64 up to 1024")
	c.Flags().StringArrayVar(&f.set, "set", nil, "override a key of the auto-encoder's recipe: `key=value`")
	return c
}

func (f *codesFlags) make(ctx context.Context, checkpoint string) error {
	if err := train.CheckBits(f.bits); err != nil {
		return launch.Usagef("--bits: %v", err)
	}
	l, config, err := openNetwork(checkpoint)
	if err != nil {
		return err
	}
	defer l.Close()
	h, err := f.open(l, config)
	if err != nil {
		return err
	}
	defer h.close()
	if h.index == nil {
		n, err := h.network(ctx, h.set.Len())
		if err != nil {
			return err
		}
		if err := h.makeIndex(ctx, n); err != nil {
			return err
		}
	}
	left := 1.0
	t := train.CoderTraining{Bits: f.bits, Set: f.set, Tuning: h.bar.tuning(ctx), OnProgress: h.bar.progress, OnTest: func(_ int, unexplained float64) { left = unexplained }}
	coder, err := t.Run(ctx, h.index, h.devices[0])
	if err != nil {
		return err
	}
	h.bar.clear()
	codes, err := train.MakeCodes(ctx, train.CodesPath(h.path, f.bits), coder, h.index, h.devices[0], recallImages, h.bar.images)
	if err != nil {
		return err
	}
	fmt.Printf("%s: codes of %d bits of %s images, %s, which explain %.0f %% of the variance of %s; %s\n", codes.Path, f.bits, monitor.Count(len(codes.Images)),
		theme.Memory(int64(f.bits/8*len(codes.Images))), 100*(1-left), h.features.Layer, recallText(codes.Recall))
	return nil
}
