package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/engine"
	"alexnet/net"
	"alexnet/train"
	"alexnet/train/data"
	"alexnet/train/monitor"
	"alexnet/viewer/theme"
)

// gallery says which images to look for similar ones in, and by what.
type gallery struct {
	devices             []string
	folder, file, layer string
	codes               int // bits; 0: by the features themselves
}

// flags adds a command's; when tells where they count.
func (g *gallery) flags(c *cobra.Command, when string) {
	c.Flags().StringVar(&g.folder, "index", "", when+"`folder` of the images to look in, at any depth, or a pack, in whose training images (default: the run's)")
	c.Flags().StringVar(&g.file, "index-file", "", when+"safetensors `file` to keep what the network makes of them (default: in the run's folder)")
	c.Flags().StringVar(&g.layer, "layer", "", when+"compare what this layer makes of images (default: the last hidden one)")
	c.Flags().StringSliceVar(&g.devices, "devices", nil, when+"devices by name, type or UUID prefix, or a number of them")
}

// hall is an opened gallery.
type hall struct {
	l        *train.Loaded
	config   *train.Config
	features *train.Features
	set      *train.Gallery
	path     string       // of the index
	index    *train.Index // nil: not there, or of something else
	devices  []*engine.Device
	bar      *bar
}

func (g *gallery) open(l *train.Loaded, config *train.Config) (*hall, error) {
	h := &hall{l: l, config: config, path: g.file, bar: newBar(os.Stderr)}
	var err error
	if h.features, err = train.FeaturesOf(config.Net, g.layer); err != nil {
		return nil, err
	}
	if h.set, err = train.OpenGallery(config, l, g.folder); err != nil {
		return nil, err
	}
	if h.path == "" {
		h.path = train.IndexPath(l, h.set, h.features)
	}
	h.index = train.OpenIndex(h.path, l, h.set, h.features)
	h.devices, err = launch.OpenDevices(g.devices, config.Net.Columns)
	return h, err
}

func (h *hall) close() {
	h.bar.clear()
	launch.CloseDevices(h.devices)
	if h.index != nil {
		h.index.Close()
	}
}

// network makes the network to see so many images.
func (h *hall) network(ctx context.Context, images int) (*net.Net, error) {
	return predictor(ctx, h.l, h.config, h.devices, net.Options{Batch: images, Keep: true}, h.bar)
}

// makeIndex makes the index, unless it is there, and tells before how large it will be.
func (h *hall) makeIndex(ctx context.Context, n *net.Net) error {
	if h.index != nil {
		return nil
	}
	h.bar.message(fmt.Sprintf("%s makes %s numbers of each of %s images: %s in %s", h.features.Layer, monitor.Count(h.features.Width), monitor.Count(h.set.Len()),
		theme.Memory(4*int64(h.features.Width)*int64(h.set.Len())), h.path))
	var err error
	if h.index, err = train.MakeIndex(ctx, h.path, h.l, h.set, h.features, n, h.config, h.bar.images); err != nil {
		return err
	}
	if bad := h.set.Len() - len(h.index.Images); bad > 0 {
		h.bar.message(fmt.Sprintf("%d of the images cannot be read and are left out", bad))
	}
	return nil
}

// find finds the images of the gallery that are most similar to others.
func (g *gallery) find(ctx context.Context, l *train.Loaded, config *train.Config, images data.Set, top int, pictures bool) ([]train.Similar, error) {
	h, err := g.open(l, config)
	if err != nil {
		return nil, err
	}
	defer h.close()
	most := images.Len()
	if h.index == nil && g.codes == 0 {
		most = max(most, h.set.Len())
	}
	n, err := h.network(ctx, most)
	if err != nil {
		return nil, err
	}
	k := train.Comparison{Features: h.features, Top: top, Pictures: pictures, OnRows: h.bar.images}
	list, err := k.Read(ctx, n, config, images)
	if err != nil {
		return nil, err
	}
	if g.codes > 0 {
		return list, g.findByCodes(ctx, h, &k, list)
	}
	if err := h.makeIndex(ctx, n); err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "%s, step %d: %s of %s images\n", l.Path, l.Step, h.features.Layer, monitor.Count(len(h.index.Images)))
	return list, k.Search(ctx, h.devices[0], h.index, list)
}

func (g *gallery) findByCodes(ctx context.Context, h *hall, k *train.Comparison, list []train.Similar) error {
	codes, coder, err := train.OpenCodes(train.CodesPath(h.path, g.codes), h.l, h.set, h.features, h.devices[0], h.bar.tuning(ctx))
	if errors.Is(err, train.ErrNoCodes) {
		return fmt.Errorf("codes of %d bits: %w; make them first, which trains a small network on what %s makes of the images: alexnet codes %s --bits %d%s", g.codes, err, h.features.Layer, h.l.Path, g.codes, g.given())
	}
	if err != nil {
		return err
	}
	h.bar.message(fmt.Sprintf("%s, step %d: codes of %d bits of %s images; %s", h.l.Path, h.l.Step, g.codes, monitor.Count(len(codes.Images)), recallText(codes.Recall)))
	return k.SearchCodes(coder, codes, list)
}

// given are the flags that say which images are compared by what, as the user gave them.
func (g *gallery) given() (flags string) {
	for _, f := range [][2]string{{"index", g.folder}, {"index-file", g.file}, {"layer", g.layer}} {
		if f[1] != "" {
			flags += " --" + f[0] + " " + f[1]
		}
	}
	return flags
}

func recallText(r train.Recall) string {
	return fmt.Sprintf("of the 10 images nearest by distance %.0f %% are among the first 10 by codes and %.0f %% among the first 100 (of %d images)", 100*r.At10, 100*r.At100, r.Images)
}
