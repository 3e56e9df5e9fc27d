package train

import (
	"context"
	"fmt"
	"image"
	"slices"

	"alexnet/engine"
	"alexnet/net"
	"alexnet/net/nearest"
	"alexnet/train/data"
)

// Similar is an image with those of an index that are most similar to it (Krizhevsky
// 2012, Figure 4, right).
type Similar struct {
	Image   string      // its name in the set
	Label   int         // -1: not known
	Picture *image.RGBA // nil: not kept, or not readable
	Near    []Neighbour // the nearest first
	Err     error       // why it cannot be read

	features []float32
}

// Neighbour is an image of an index.
type Neighbour struct {
	Image    string
	Label    int
	Distance float64     // Euclidean, of the features, or Hamming, of the codes
	Picture  *image.RGBA // nil: not kept
}

// Comparison asks which images of an index are most similar to others.
type Comparison struct {
	*Features
	Top      int  // neighbours of each image
	Pictures bool // keep the images and their neighbours themselves
	// OnImages is called after each batch of images, OnRows as the index is searched.
	// They may be nil.
	OnImages, OnRows func(done, total int)
}

// Read makes the features of images, of which one at least can be read. The network must be built with Keep and have its
// weights and mean.
func (k *Comparison) Read(ctx context.Context, n *net.Net, c *Config, set data.Set) ([]Similar, error) {
	out := make([]Similar, set.Len())
	for i := range out {
		out[i] = Similar{Image: set.Name(i), Label: set.Label(i)}
	}
	e := Extraction{Features: k.Features, OnImages: k.OnImages, OnBad: func(image int, err error) { out[image].Err = err }}
	err := e.Run(ctx, n, c, set, func(image int, features []float32) error {
		out[image].features = append([]float32(nil), features...)
		if k.Pictures {
			out[image].Picture = picture(set, image)
		}
		return nil
	})
	if err == nil && !slices.ContainsFunc(out, func(s Similar) bool { return s.Err == nil }) {
		err = fmt.Errorf("train: none of the images can be read: %w", out[0].Err)
	}
	return out, err
}

// Search fills in the neighbours of the images that could be read.
func (k *Comparison) Search(ctx context.Context, d *engine.Device, x *Index, list []Similar) error {
	var queries []float32
	var of []int
	for i, s := range list {
		if s.Err == nil {
			queries, of = append(queries, s.features...), append(of, i)
		}
	}
	near, err := nearest.Search(ctx, d, x.Table(), queries, k.Top, k.OnRows)
	if err != nil {
		return err
	}
	for i, rows := range near {
		list[of[i]].Near = x.neighbours(rows, k.Pictures)
	}
	return nil
}

// SearchCodes is Search by codes, of which the coder makes the images'.
func (k *Comparison) SearchCodes(c *Coder, codes *Codes, list []Similar) error {
	for i := range list {
		if list[i].Err != nil {
			continue
		}
		code, err := c.Encode(list[i].features)
		if err != nil {
			return err
		}
		list[i].Near = codes.neighbours(codes.Nearest(code, k.Top), k.Pictures)
	}
	return nil
}

func (r *Rows) neighbours(rows []nearest.Row, pictures bool) (out []Neighbour) {
	for _, row := range rows {
		out = append(out, r.neighbour(row.Index, row.Distance, pictures))
	}
	return out
}

// neighbour is the image of a row.
func (r *Rows) neighbour(row int, distance float64, pictures bool) Neighbour {
	g, image := r.Gallery, r.Images[row]
	out := Neighbour{Image: g.Name(image), Label: g.Label(image), Distance: distance}
	if pictures {
		out.Picture = picture(g, image)
	}
	return out
}

// picture is an image of a set; black if it cannot be read any more.
func picture(set data.Set, number int) *image.RGBA {
	pixels := make([]byte, set.Size()*set.Size()*3)
	if set.Pixels(number, pixels) != nil {
		clear(pixels)
	}
	return cut(pixels, set.Size(), 0, set.Size())
}
