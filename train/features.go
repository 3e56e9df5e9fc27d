package train

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"alexnet/net"
	"alexnet/train/data"
)

// Features are a layer's activations, which tell images apart better than their pixels
// do (Krizhevsky 2012, section 6.1).
type Features struct {
	Layer  string // as the recipe names it
	Width  int    // numbers of an image
	number int    // of the row in the table that makes them: the layer's, or its activation's
}

// FeaturesOf are those of a named layer behind its activation, or of "" what the last
// layer with weights sees, but for dropout: fc7 of the paper's network.
func FeaturesOf(spec net.Spec, layer string) (*Features, error) {
	rows, err := spec.Plan()
	if err != nil {
		return nil, err
	}
	number, names := -1, []string(nil)
	for i, row := range rows {
		switch row.Layer.(type) {
		case net.Gather, net.Softmax: // their columns share what they hold
			continue
		}
		if names = append(names, row.Layer.LayerName()); row.Layer.LayerName() == layer {
			number = i
		}
	}
	if layer == "" {
		number = lastHidden(rows)
	}
	switch {
	case number < 0 && layer == "":
		return nil, errors.New("train: the network has one layer with weights only, and none before it to compare images by")
	case number < 0:
		return nil, fmt.Errorf("train: the network has no layer %s to compare images by; it has %s", layer, strings.Join(names, ", "))
	}
	f := &Features{Layer: rows[number].Layer.LayerName(), Width: rows[number].Out.Count(), number: number}
	if _, is := rows[number].Layer.(net.Activation); is && layer == "" && rows[number-1].Weights > 0 {
		f.Layer = rows[number-1].Layer.LayerName()
	}
	if _, is := rows[number+1].Layer.(net.Activation); is && rows[number].Weights > 0 {
		f.number++
	}
	return f, nil
}

// lastHidden is the row whose output the last layer with weights sees, through dropout;
// -1: it sees the image.
func lastHidden(rows []net.Row) int {
	i := len(rows) - 1
	for i >= 0 && rows[i].Weights == 0 {
		i--
	}
	for i--; i >= 0; i-- {
		switch rows[i].Layer.(type) {
		case net.Gather, net.Dropout:
			continue
		}
		return i
	}
	return -1
}

// Extraction makes the features of a set's images, of their centres.
type Extraction struct {
	*Features
	// OnBad is called for each image that cannot be read, OnImages after each batch.
	// They may be nil.
	OnBad    func(image int, err error)
	OnImages func(done, total int)
}

// Run makes one pass over a set and calls each with every image that can be read, in
// order. The network must be built with Keep and have its weights and mean.
func (e *Extraction) Run(ctx context.Context, n *net.Net, c *Config, set data.Set, each func(image int, features []float32) error) error {
	var input net.Batch
	row := make([]float32, e.Width)
	images := pass{net: n, c: c, set: set, onBad: e.OnBad, onImages: e.OnImages}
	_, err := images.run(ctx, func(b *data.Batch) error {
		if err := n.TestTo(e.number, batch(b, &input)); err != nil {
			return err
		}
		out, err := n.Outputs(e.number, 0, b.Valid)
		if err != nil {
			return err
		}
		for i, image := range b.Index {
			joined := row[:0]
			for _, column := range out.Columns {
				width := len(column) / b.Valid
				joined = append(joined, column[i*width:(i+1)*width]...)
			}
			if !finite(joined) {
				return fmt.Errorf("train: %s of %s: %w", e.Layer, set.Name(image), ErrExploded)
			}
			if err := each(image, joined); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}
