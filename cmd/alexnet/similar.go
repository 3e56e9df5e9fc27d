package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/train"
	"alexnet/train/data"
	"alexnet/viewer/draw"
	"alexnet/viewer/figure"
	"alexnet/viewer/theme"
)

const (
	similarTop  = 6  // as in the paper's Figure 4
	similarMost = 50 // rows of a sheet, which is one picture in memory
)

type similarFlags struct {
	gallery
	top  int
	png  string
	json bool
}

func similarCommand() *cobra.Command {
	var f similarFlags
	c := &cobra.Command{
		Use:   "similar RUN|CHECKPOINT IMAGE...",
		Short: "Find the training images that are most similar to others",
		Long: `Find the training images that a network holds most similar to others, by the
Euclidean distance of what its last hidden layer makes of them (fc7 of alexnet). IMAGE
is a file, or a folder for all images in it.

The first time every training image goes through the network; what it makes of them is
kept in the run's folder.

--png draws a sheet as the paper's Figure 4, right: each image and, beside it, the
most similar ones.`,
		Example: `  alexnet similar runs/mine cat.jpg --png sheet.png
  alexnet similar runs/mine holiday --index photographs --top 20
  alexnet codes runs/mine --bits 256 && alexnet similar runs/mine cat.jpg --codes 256`,
		Args: networkAndImages,
		RunE: func(c *cobra.Command, args []string) error { return f.similar(c.Context(), args[0], args[1:]) },
	}
	f.gallery.flags(c, "")
	c.Flags().IntVar(&f.top, "top", similarTop, "list so many images for each")
	c.Flags().StringVar(&f.png, "png", "", "draw a sheet of the images and those similar to them to a `file`")
	c.Flags().BoolVar(&f.json, "json", false, "print JSON")
	c.Flags().IntVar(&f.codes, "codes", 0, "compare codes of so many `bits`, a multiple of 64 up to 1024, which alexnet codes has made")
	return c
}

func (f *similarFlags) similar(ctx context.Context, checkpoint string, paths []string) error {
	if f.top < 1 {
		return launch.Usagef("--top %d; expected at least 1", f.top)
	}
	if err := train.CheckBits(f.codes); f.codes != 0 && err != nil {
		return launch.Usagef("--codes: %v", err)
	}
	if err := pngOnly(map[string]string{"png": f.png}); err != nil {
		return err
	}
	l, config, err := openNetwork(checkpoint)
	if err != nil {
		return err
	}
	defer l.Close()
	images := data.OpenFiles(paths, config.Size, l.Classes)
	if f.png != "" && images.Len() > similarMost {
		return fmt.Errorf("--png draws at most %d images, and these are %d: name fewer, or leave it out", similarMost, images.Len())
	}
	list, err := f.find(ctx, l, config, images, f.top, f.png != "")
	if err != nil {
		return err
	}
	return f.show(l, list)
}

// show prints and draws what was found. The error says that some images cannot be read.
func (f *similarFlags) show(l *train.Loaded, list []train.Similar) error {
	print := printSimilar
	if f.json {
		print = printSimilarJSON
	}
	printed := print(os.Stdout, list, l.Classes)
	if alike := alikes(list); f.png != "" && len(alike) > 0 {
		sheet := figure.Similar{List: alike, Name: func(class int) string { return l.Classes[class] }}
		if err := launch.WritePNG(f.png, sheet.Draw(draw.NewFonts(), theme.Light, 1)); err != nil {
			return err
		}
	}
	bad := 0
	for _, s := range list {
		if s.Err != nil {
			bad++
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d images cannot be read", bad, len(list))
	}
	return printed
}

// alikes are the images that can be read, to be drawn.
func alikes(list []train.Similar) (out []figure.Alike) {
	for _, s := range list {
		if s.Err != nil {
			continue
		}
		a := figure.Alike{Seen: figure.Seen{Picture: s.Picture, Title: filepath.Base(s.Image), Label: s.Label}}
		for _, n := range s.Near {
			a.Near = append(a.Near, figure.Neighbour{Picture: n.Picture, Title: filepath.Base(n.Image), Label: n.Label})
		}
		out = append(out, a)
	}
	return out
}
