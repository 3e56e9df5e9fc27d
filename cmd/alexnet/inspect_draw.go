package main

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"

	"alexnet/cmd/internal/launch"
	"alexnet/train"
	"alexnet/train/data"
	"alexnet/viewer/draw"
	"alexnet/viewer/figure"
	"alexnet/viewer/theme"
)

// meanPicture draws a mean image (colour, y, x).
func meanPicture(mean []float32, size int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	plane := size * size
	level := func(v float32) uint8 { return uint8(math.Round(float64(min(max(v, 0), 255)))) }
	for i := range plane {
		img.SetRGBA(i%size, i/size, color.RGBA{level(mean[i]), level(mean[plane+i]), level(mean[2*plane+i]), 255})
	}
	return img
}

// drawSheet draws samples of each class of the first part, drawn by the seed, of classes
// spread over all where they are too many.
func (f *inspectFlags) drawSheet(r *inspected) error {
	set := r.sets[0]
	members := make([][]string, len(r.Classes)) // names, which lots are drawn by
	at := make([][]int, len(r.Classes))
	for i := range set.Len() {
		label := set.Label(i)
		members[label], at[label] = append(members[label], set.Name(i)), append(at[label], i)
	}
	each := min(f.each, max(1, sheetMost/len(r.Classes)))
	classes := min(len(r.Classes), sheetMost)
	var list []figure.Seen
	for k := range classes {
		label := k * len(r.Classes) / classes
		lots := data.Lots(members[label], f.seed)
		for _, lot := range lots[:min(each, len(lots))] {
			picture, err := pictureOf(set, at[label][lot])
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				continue
			}
			list = append(list, figure.Seen{Picture: picture, Label: label})
		}
	}
	if len(list) == 0 {
		return fmt.Errorf("%s: there is no image to draw", r.Path)
	}
	name := func(class int) string {
		if words := r.Classes[class].Words; words != "" {
			return words
		}
		return r.Classes[class].Class
	}
	sheet := figure.Sheet{List: list, Name: name}
	return launch.WritePNG(f.sheet, sheet.Draw(draw.NewFonts(), theme.Light, 1))
}

func pictureOf(set data.Set, i int) (*image.RGBA, error) {
	size := set.Size()
	pixels := make([]byte, 3*size*size)
	if err := set.Pixels(i, pixels); err != nil {
		return nil, err
	}
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	for at := range size * size {
		copy(img.Pix[4*at:], pixels[3*at:3*at+3])
		img.Pix[4*at+3] = 255
	}
	return img, nil
}

// augmentRows is the number of images of --augment.
const augmentRows = 8

// drawAugmented draws what training makes of images, a row for each.
func (f *inspectFlags) drawAugmented(ctx context.Context, dir string, bar *bar) error {
	c, err := train.LoadConfigFor(dir, f.recipe, f.set...)
	if err != nil {
		return err
	}
	sets, err := train.OpenTraining(c)
	if err != nil {
		return err
	}
	devices, err := launch.OpenDevices(f.devices, 1)
	if err != nil {
		return err
	}
	defer launch.CloseDevices(devices)
	a := train.Augmented{Images: augmentRows, Epochs: f.draws, OnImages: bar.images, Tuning: bar.tuning(ctx)}
	rows, err := a.Run(ctx, c, sets, devices)
	if err != nil {
		return err
	}
	return launch.WritePNG(f.augment, figure.Rows(draw.NewFonts(), theme.Light, augmentHeads(f.draws), rows))
}

// augmentHeads name the columns of --augment.
func augmentHeads(epochs int) []string {
	heads := []string{"centre"}
	for e := range epochs {
		heads = append(heads, fmt.Sprintf("epoch %d", e+1))
	}
	return heads
}
