package train

import (
	"context"
	"image"
	"math"

	"alexnet/engine"
	"alexnet/net"
	"alexnet/train/data"
)

// Augmented shows what training makes of images (Krizhevsky 2012, section 4.1).
type Augmented struct {
	Images, Epochs int
	// OnImages is called while the training images are looked through for their mean,
	// Tuning as net.Options has it. They may be nil.
	OnImages func(done, total int)
	Tuning   func(net.Choosing) error
}

// Run returns a row for each image, of images spread over the training set: its centre
// crop, and then what a run by the recipe sees of it in its first epochs. Crops, mirrors
// and shifts are drawn as the loader draws them, and the network's input makes them on
// the device; the mean that is subtracted there is added again, to be looked at.
func (a *Augmented) Run(ctx context.Context, c *Config, sets *Sets, devices []*engine.Device) ([][]*image.RGBA, error) {
	colours, err := measureColours(ctx, c, sets, a.OnImages)
	if err != nil {
		return nil, err
	}
	n, err := a.build(c, colours, devices)
	if err != nil {
		return nil, err
	}
	set := data.Spread(sets.Train, a.Images)
	counters := a.counters(c, sets.Train.Len(), set.Len())
	augment := data.Augment{RandomCrop: c.RandomCrop, Mirror: c.Mirror, Colour: c.Colour, Components: colours.Components}
	var rows [][]*image.RGBA
	pixels := make([]byte, 3*c.Size*c.Size)
	for i := range set.Len() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := set.Pixels(i, pixels); err != nil {
			return nil, err
		}
		crops := []data.Crop{data.Centre(c.Size - c.Crop)}
		for _, counter := range counters[i] {
			crops = append(crops, augment.Draw(c.Seed, counter, c.Size-c.Crop))
		}
		row, err := seen(n, c, colours.Mean, pixels, crops)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// build makes a network whose first layer keeps what the input makes of images: its three
// kernels are single ones. What is behind it never runs.
func (a *Augmented) build(c *Config, colours *Colours, devices []*engine.Device) (*net.Net, error) {
	spec := net.Spec{
		Columns: 1, Input: net.Shape{C: 3, H: c.Crop, W: c.Crop}, Convolution: "direct",
		Layers: []net.Layer{net.Conv{Name: "seen", Filters: 3, Kernel: 1, Stride: 1, ParamOptions: net.DefaultParamOptions}, net.Dense{Name: "out", Units: 2, ParamOptions: net.DefaultParamOptions}, net.Softmax{Name: "softmax"}},
	}
	n, err := net.Build(spec, devices, net.Options{Batch: 1 + a.Epochs, Keep: true, ImageHeight: c.Size, ImageWidth: c.Size, ImageScale: c.Scale, Tuning: a.Tuning})
	if err != nil {
		return nil, err
	}
	for _, p := range n.Params {
		if p.Layer != 0 {
			continue
		}
		values := make([]float32, p.Count())
		if !p.Bias {
			values[0], values[4], values[8] = 1, 1, 1
		}
		if err := n.Write(p, net.Value, values); err != nil {
			return nil, err
		}
	}
	return n, n.SetMean(colours.Mean)
}

// counters are the places of images, spread over a set of total, in the first epochs.
func (a *Augmented) counters(c *Config, total, images int) [][]uint64 {
	out := make([][]uint64, images)
	row := make(map[int]int, images) // by image
	for i := range images {
		row[i*total/images] = i
	}
	for epoch := range a.Epochs {
		for place, image := range data.Order(c.Seed, uint64(epoch), total) {
			if i, wanted := row[image]; wanted {
				out[i] = append(out[i], uint64(epoch)*uint64(total)+uint64(place))
			}
		}
	}
	return out
}

// seen are the crops of one image as the device makes them.
func seen(n *net.Net, c *Config, mean []float32, pixels []byte, crops []data.Crop) ([]*image.RGBA, error) {
	b := &net.Batch{Valid: len(crops), Labels: make([]int32, len(crops))}
	for _, crop := range crops {
		b.Pixels = append(b.Pixels, pixels...)
		b.Crops = append(b.Crops, net.Crop(crop))
	}
	if err := n.TestTo(0, b); err != nil {
		return nil, err
	}
	out, err := n.Outputs(0, 0, len(crops))
	if err != nil {
		return nil, err
	}
	var row []*image.RGBA
	plane, whole := c.Crop*c.Crop, c.Size*c.Size
	for i, crop := range crops {
		img := image.NewRGBA(image.Rect(0, 0, c.Crop, c.Crop))
		for at := range plane {
			x, y := at%c.Crop, at/c.Crop
			if crop.Mirror {
				x = c.Crop - 1 - x
			}
			from := (crop.Y+y)*c.Size + crop.X + x // in the image, and in its mean
			for k := range 3 {
				v := float64(out.Columns[0][(3*i+k)*plane+at])/c.Scale + float64(mean[k*whole+from])
				img.Pix[4*at+k] = uint8(math.Round(min(max(v, 0), 255)))
			}
			img.Pix[4*at+3] = 255
		}
		row = append(row, img)
	}
	return row, nil
}
