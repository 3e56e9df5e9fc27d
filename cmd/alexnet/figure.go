package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/engine/whole"
	"alexnet/train"
	"alexnet/train/data"
	"alexnet/viewer/draw"
	"alexnet/viewer/figure"
	"alexnet/viewer/print"
)

type figureFlags struct {
	out        string
	validation bool
	at, every  float64
	images     []string
	crops      int
	similar    bool
	gallery    // devices, too
}

// figures are the paper's, with the flags that each has beside --out.
var figures = map[string]struct {
	flags []string
	many  bool // of several runs
	draw  func(f *figureFlags, ctx context.Context, runs []string) (*print.Page, error)
}{
	"1": {[]string{"validation", "at", "every"}, true, (*figureFlags).errors},
	"2": {nil, false, (*figureFlags).network},
	"3": {nil, false, (*figureFlags).kernels},
	"4": {[]string{"images", "crops", "devices", "similar", "index", "index-file", "layer"}, false, (*figureFlags).predictions},
}

func figureCommand() *cobra.Command {
	var f figureFlags
	c := &cobra.Command{
		Use:   "figure 1|2|3|4 RUN... --out FILE.png|FILE.svg",
		Short: "Draw a figure of the paper from runs, to be printed",
		Long: `Draw a figure of the paper from runs, black on white, at 300 dpi or as SVG.

  1  the training error of runs against epochs, the first solid, the others dashed
  2  the network of a RUN or RECIPE
  3  the kernels of the first layer of a RUN or CHECKPOINT
  4  images and what a RUN or CHECKPOINT takes them for; with --similar also the
     training images most similar to five of them, as alexnet similar finds them`,
		Example: `  alexnet figure 1 runs/relu runs/tanh --at 25 --out relu.svg
  alexnet figure 4 runs/mine --images cat.jpg,dog.jpg --similar --out mine.png`,
		Args: func(c *cobra.Command, args []string) error { return f.check(c, args) },
		RunE: func(c *cobra.Command, args []string) error { return f.make(c.Context(), args[0], args[1:]) },
	}
	c.Flags().StringVar(&f.out, "out", "", "`file` to write, .png or .svg")
	c.Flags().BoolVar(&f.validation, "validation", false, "1: show the error of validations instead")
	c.Flags().Float64Var(&f.at, "at", 0, "1: mark an error in `percent`, and tell the epoch at which each run first reaches it")
	c.Flags().Float64Var(&f.every, "every", 0, "1: average the training error over so many `epochs` (default 1, or a 20th of a shorter run)")
	c.Flags().StringSliceVar(&f.images, "images", nil, "4: image files or folders (default: eight of the run's validation images)")
	c.Flags().IntVar(&f.crops, "crops", 1, "4: 1 or 10, as of predict")
	c.Flags().BoolVar(&f.similar, "similar", false, "4: draw the right half, too")
	f.gallery.flags(c, "4: ")
	return c
}

// check finds what the command line has wrong.
func (f *figureFlags) check(c *cobra.Command, args []string) error {
	if len(args) < 2 {
		return launch.Usagef("expected the number of a figure and a RUN, got %d arguments", len(args))
	}
	one, known := figures[args[0]]
	if !known {
		return launch.Usagef("unknown figure %q; expected 1, 2, 3 or 4", args[0])
	}
	for _, other := range figures {
		for _, name := range other.flags {
			if c.Flags().Changed(name) && !slices.Contains(one.flags, name) {
				return launch.Usagef("figure %s has no --%s", args[0], name)
			}
		}
	}
	switch runs := args[1:]; {
	case !one.many && len(runs) > 1:
		return launch.Usagef("figure %s is of one run, and these are %d", args[0], len(runs))
	case len(runs) > print.MostCurves:
		return launch.Usagef("figure 1 can tell %d runs apart, and these are %d", print.MostCurves, len(runs))
	case !f.similar && (f.folder != "" || f.file != "" || f.layer != ""):
		return launch.Usagef("--index, --index-file and --layer are of the right half of figure 4: add --similar")
	case f.out == "":
		return launch.Usagef("--out is missing: name the file to write, .png or .svg")
	case writers[extension(f.out)] == nil:
		return launch.Usagef("--out %s; expected a name that ends in .png or .svg", f.out)
	case c.Flags().Changed("at") && !(f.at > 0 && f.at < 100):
		return launch.Usagef("--at %g; expected a percentage between 0 and 100", f.at)
	case c.Flags().Changed("every") && !(f.every > 0):
		return launch.Usagef("--every %g; expected more than 0", f.every)
	case c.Flags().Changed("every") && f.validation:
		return launch.Usagef("--every averages training errors, and --validation shows none: give one of them")
	}
	return checkCrops(f.crops)
}

func extension(path string) string { return strings.ToLower(filepath.Ext(path)) }

// pngOnly refuses the names of other kinds of pictures for what is drawn as PNG. paths are
// by their flags; "": not asked for.
func pngOnly(paths map[string]string) error {
	for flag, path := range paths {
		if ending := extension(path); ending != "" && ending != ".png" {
			return launch.Usagef("--%s %s; expected a .png file", flag, path)
		}
	}
	return nil
}

// writers write a page by a file's extension.
var writers = map[string]func(*print.Page, io.Writer) error{".png": (*print.Page).PNG, ".svg": (*print.Page).SVG}

func (f *figureFlags) make(ctx context.Context, figure string, runs []string) error {
	page, err := figures[figure].draw(f, ctx, runs)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := writers[extension(f.out)](page, &b); err != nil {
		return err
	}
	if err := whole.WriteBytes(f.out, b.Bytes()); err != nil {
		return err
	}
	fmt.Printf("figure %s: %s\n", figure, f.out)
	return nil
}

// network draws Figure 2.
func (f *figureFlags) network(_ context.Context, runs []string) (*print.Page, error) {
	recipe := runs[0]
	if info, err := os.Stat(recipe); err == nil && info.IsDir() {
		recipe = filepath.Join(recipe, "recipe.toml")
	}
	config, err := train.LoadConfig(recipe)
	if err != nil {
		return nil, err
	}
	network := train.Blocks(config)
	if network == nil || len(network.Blocks) == 0 {
		return nil, fmt.Errorf("the network of %s has no layers with weights, which are what figure 2 shows", runs[0])
	}
	return print.Network(draw.NewFonts(), network), nil
}

// kernels draws Figure 3.
func (f *figureFlags) kernels(_ context.Context, runs []string) (*print.Page, error) {
	l, config, err := openNetwork(runs[0])
	if err != nil {
		return nil, err
	}
	defer l.Close()
	k, err := l.FirstKernels(config)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return nil, fmt.Errorf("the network of %s does not begin with a convolution of three colours, whose kernels figure 3 shows", runs[0])
	}
	fmt.Printf("%s, step %d, %d kernels\n", l.Path, l.Step, k.Count())
	return print.Kernels(draw.NewFonts(), k), nil
}

const (
	sheetImages = 8 // that Figure 4 shows where none are named
	similarRows = 5 // in its right half
)

// predictions draws Figure 4.
func (f *figureFlags) predictions(ctx context.Context, runs []string) (*print.Page, error) {
	l, config, err := openNetwork(runs[0])
	if err != nil {
		return nil, err
	}
	defer l.Close()
	images := data.OpenFiles(f.images, config.Size, l.Classes)
	if len(f.images) == 0 {
		if images, err = train.OpenTestSet(config, l, false, ""); err != nil {
			return nil, fmt.Errorf("%w; or name images with --images", err)
		}
		images = data.Spread(images, sheetImages) // folders come class by class
	}
	if images.Len() > sheetMost {
		return nil, fmt.Errorf("figure 4 shows at most %d images, and these are %d: name fewer", sheetMost, images.Len())
	}
	list, err := predicted(ctx, train.Prediction{TenCrops: f.crops == 10, Top: sheetTop, Pictures: true}, l, config, f.devices, images)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if p.Err != nil {
			fmt.Fprintf(os.Stderr, "warning: %s cannot be read and is left out: %s\n", p.Image, whyUnreadable(p.Err))
		}
	}
	seen := readable(list)
	if len(seen) == 0 {
		return nil, errors.New("none of the images can be read")
	}
	fmt.Printf("%s, step %d, %d images\n", l.Path, l.Step, len(seen))
	var similar []figure.Alike
	if f.similar {
		list, err := f.find(ctx, l, config, data.Spread(images, similarRows), similarTop, true)
		if err != nil {
			return nil, err
		}
		similar = alikes(list)
	}
	return print.Predictions(draw.NewFonts(), seen, similar, func(class int) string { return l.Classes[class] }), nil
}
