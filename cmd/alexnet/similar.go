package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/engine"
	"alexnet/net"
	"alexnet/train"
	"alexnet/train/data"
	"alexnet/train/monitor"
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
  alexnet similar runs/mine holiday --index photographs --top 20`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return launch.Usagef("expected a RUN or CHECKPOINT and at least one IMAGE, got %d arguments", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return f.similar(c.Context(), args[0], args[1:]) },
	}
	f.gallery.flags(c, "")
	c.Flags().IntVar(&f.top, "top", similarTop, "list so many images for each")
	c.Flags().StringVar(&f.png, "png", "", "draw a sheet of the images and those similar to them to a `file`")
	c.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return c
}

func (f *similarFlags) similar(ctx context.Context, checkpoint string, paths []string) error {
	if f.top < 1 {
		return launch.Usagef("--top %d; expected at least 1", f.top)
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
	if err := print(os.Stdout, list, l.Classes); err != nil {
		return err
	}
	if alike := alikes(list); f.png != "" && len(alike) > 0 {
		sheet := figure.Similar(draw.NewFonts(), theme.Light, 1, alike, func(class int) string { return l.Classes[class] })
		if err := launch.WritePNG(f.png, sheet); err != nil {
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
	return nil
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

// gallery says which images to look for similar ones in, and by what.
type gallery struct {
	devices             []string
	folder, file, layer string
}

// flags adds a command's; what is written before their descriptions tells where they
// count.
func (g *gallery) flags(c *cobra.Command, when string) {
	c.Flags().StringVar(&g.folder, "index", "", when+"`folder` of the images to look in, at any depth (default: the run's training images)")
	c.Flags().StringVar(&g.file, "index-file", "", when+"safetensors `file` to keep what the network makes of them (default: in the run's folder)")
	c.Flags().StringVar(&g.layer, "layer", "", when+"compare what this layer makes of images (default: the last hidden one)")
	c.Flags().StringSliceVar(&g.devices, "devices", nil, when+"devices by name, type or UUID prefix, or a number of them")
}

// find finds the images of the gallery that are most similar to others.
func (g *gallery) find(ctx context.Context, l *train.Loaded, config *train.Config, images data.Set, top int, pictures bool) ([]train.Similar, error) {
	features, err := train.FeaturesOf(config.Net, g.layer)
	if err != nil {
		return nil, err
	}
	set, err := train.OpenGallery(config, l, g.folder)
	if err != nil {
		return nil, err
	}
	devices, err := launch.OpenDevices(g.devices, config.Net.Columns)
	if err != nil {
		return nil, err
	}
	defer launch.CloseDevices(devices)
	bar := newBar(os.Stderr)
	defer bar.clear()
	path := g.file
	if path == "" {
		path = train.IndexPath(l, set, features)
	}
	x := train.OpenIndex(path, l, set, features)
	most := images.Len()
	if x == nil {
		most = max(most, set.Len())
	}
	n, err := predictor(ctx, l, config, devices, net.Options{Batch: most, Keep: true}, bar)
	if err != nil {
		return nil, err
	}
	k := train.Comparison{Features: features, Top: top, Pictures: pictures, OnRows: bar.images}
	list, err := k.Read(ctx, n, config, images)
	if err != nil {
		return nil, err
	}
	if x == nil {
		if x, err = makeIndex(ctx, path, l, set, features, n, config, bar); err != nil {
			return nil, err
		}
	}
	defer x.Close()
	fmt.Fprintf(os.Stderr, "%s, step %d: %s of %s images\n", l.Path, l.Step, features.Layer, monitor.Count(len(x.Images)))
	return list, k.Search(ctx, devices[0], x, list)
}

// makeIndex makes an index and tells before how large it will be.
func makeIndex(ctx context.Context, path string, l *train.Loaded, set *train.Gallery, f *train.Features, n *net.Net, c *train.Config, bar *bar) (*train.Index, error) {
	bar.message(fmt.Sprintf("%s makes %s numbers of each of %s images: %s in %s", f.Layer, monitor.Count(f.Width), monitor.Count(set.Len()),
		engine.Megabytes(uint64(4*f.Width)*uint64(set.Len())), path))
	x, err := train.MakeIndex(ctx, path, l, set, f, n, c, bar.images)
	if err == nil && len(x.Images) < set.Len() {
		bar.message(fmt.Sprintf("%d of the images cannot be read and are left out", set.Len()-len(x.Images)))
	}
	return x, err
}
