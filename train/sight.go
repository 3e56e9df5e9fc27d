package train

import (
	"errors"
	"fmt"
	"image"
	"path/filepath"
	"slices"

	"alexnet/engine"
	"alexnet/net"
	"alexnet/train/data"
	"alexnet/train/monitor"
)

// mostGuesses is how many classes the activations' page shows.
const mostGuesses = 5

// Sight looks at images through a network, in test mode, for those who watch. Images
// are prepared as those of a validation are. It is not safe for concurrent use.
type Sight struct {
	Config *Config
	Net    *net.Net
	Val    data.Set // the images that are counted; nil or empty: there are none

	one *net.Net // what looks: Net for one image, or Net itself; nil: not made yet

	noImages error // why there are none, if that is known
	blocks   []monitor.Block
	reader   data.Reader
	pixels   []byte
	search   search
}

// NewSight makes one of a network that keeps its outputs (net.Options).
func NewSight(c *Config, n *net.Net, val data.Set) *Sight {
	s := &Sight{Config: c, Net: n, Val: val, pixels: make([]byte, c.Size*c.Size*3)}
	if n.Options.Batch == 1 {
		s.one = n
	}
	if table := Blocks(c); table != nil {
		s.blocks = table.Blocks
	}
	return s
}

// prepare makes the network that looks, which takes as long as several looks. Where its
// devices have no room for one of a single image, the whole batch's looks.
func (s *Sight) prepare() (err error) {
	if s.one != nil {
		return nil
	}
	if s.one, err = s.Net.ForBatch(1); errors.Is(err, engine.ErrMemory) {
		s.one, err = s.Net, nil
	}
	return err
}

// shares says whether looks overwrite what Net has made of its batch.
func (s *Sight) shares() bool { return s.one == nil || s.one == s.Net }

// Look runs the watched image through the network and returns its maps, and of all
// layers the strongest ones if they are watched. Of an image that cannot be read the
// maps say why, and there are no faces.
func (s *Sight) Look(w monitor.Watch, step int) (m *monitor.Maps, f *monitor.Faces, err error) {
	v, err := s.see(w, step)
	if err != nil {
		return nil, nil, err
	}
	if w.Faces && v.Problem == "" {
		if err := s.addLayers(v); err != nil {
			return nil, nil, err
		}
		f = v.Faces(s.blocks)
	}
	if w.Maps && v.Problem == "" {
		if err := s.add(v, w.Layer); err != nil {
			return nil, nil, err
		}
	}
	return v.Of(w.Layer), f, nil
}

// Views are what the network makes of an image of those that are counted: the outputs
// of all layers with weights, and the probabilities of all classes.
func (s *Sight) Views(image, step int) (v *monitor.Views, probabilities []float32, err error) {
	if v, err = s.see(monitor.Watch{Image: image}, step); err != nil || v.Problem != "" {
		return v, nil, err
	}
	if err = s.addLayers(v); err == nil {
		probabilities, err = s.one.Probabilities(1)
	}
	return v, probabilities, err
}

// see runs the watched image through the network. Of one that cannot be read the
// views say why.
func (s *Sight) see(w monitor.Watch, step int) (*monitor.Views, error) {
	v := &monitor.Views{Maps: monitor.Maps{Step: step, Label: -1}, Layers: map[string]monitor.Outputs{}}
	if err := s.watched(w, &v.Maps); err != nil {
		v.Problem = unreadable(v.Title, err)
		return v, nil
	}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	if _, err := s.one.Test(s.batch(s.pixels, []int32{int32(max(0, v.Label))})); err != nil {
		return nil, err
	}
	probabilities, err := s.one.Probabilities(1)
	if err != nil {
		return nil, err
	}
	v.Image, v.Prediction = s.cropped(s.pixels), guesses(probabilities, mostGuesses)
	return v, nil
}

// addLayers adds the outputs of every layer with weights for the image that has just
// gone through the network.
func (s *Sight) addLayers(v *monitor.Views) error {
	for _, b := range s.blocks {
		if err := s.add(v, b.Layer); err != nil {
			return err
		}
	}
	return nil
}

// add adds those of one layer, if there is such a one.
func (s *Sight) add(v *monitor.Views, layer string) error {
	row := s.rowOf(layer)
	if _, is := v.Layers[layer]; is || row < 0 {
		return nil
	}
	out, err := s.one.Outputs(row, 0, 1)
	if err != nil {
		return err
	}
	v.Layers[layer] = monitor.Outputs{H: out.H, W: out.W, Columns: out.Columns}
	return nil
}

// batch are images for the network, with their centres as crops.
func (s *Sight) batch(pixels []byte, labels []int32) *net.Batch {
	b := &net.Batch{Pixels: pixels, Labels: labels, Valid: len(labels)}
	for range labels {
		b.Crops = append(b.Crops, net.Crop{X: s.margin(), Y: s.margin()})
	}
	return b
}

func (s *Sight) margin() int { return (s.Config.Size - s.Config.Crop) / 2 }

// rowOf is the row of the network's table of a layer with weights whose outputs are
// shown: an activation function behind it belongs to it. -1: there is none.
func (s *Sight) rowOf(layer string) int {
	rows := s.Net.Rows
	for i, r := range rows {
		if r.Layer.LayerName() != layer {
			continue
		}
		if i+1 < len(rows) {
			if _, is := rows[i+1].Layer.(net.Activation); is {
				return i + 1
			}
		}
		return i
	}
	return -1
}

// errNoImages is why there is nothing to look at.
var errNoImages = errors.New("the run has no validation images here: drop an image on the window")

// missing is why there are no validation images.
func (s *Sight) missing() error {
	if s.noImages != nil {
		return fmt.Errorf("%w; drop an image on the window to look at that", s.noImages)
	}
	return errNoImages
}

// watched reads the image that is watched, and names it in m.
func (s *Sight) watched(w monitor.Watch, m *monitor.Maps) error {
	if w.Image < 0 {
		m.File, m.Frame, m.Title = w.File, w.Frame, filepath.Base(w.File)
		if w.Frame > 0 {
			m.Title += ", frame " + monitor.Count(w.Frame+1)
		}
		return s.reader.Read(data.Picture{Path: w.File, Frame: w.Frame}, s.Config.Size, s.pixels)
	}
	m.Title = "Validation"
	if s.Val == nil || s.Val.Len() == 0 {
		return s.missing()
	}
	i := w.Image % s.Val.Len()
	m.Title, m.Label = "Validation "+monitor.Count(i+1), s.Val.Label(i)
	return s.Val.Pixels(i, s.pixels)
}

// unreadable is a sentence about an image that cannot be shown.
func unreadable(title string, err error) string {
	if bad := (*data.BadImageError)(nil); errors.As(err, &bad) {
		err = bad.Err
	}
	return title + " cannot be shown: " + err.Error() + "."
}

// cropped is the part of an image that the network sees.
func (s *Sight) cropped(pixels []byte) *image.RGBA {
	return cut(pixels, s.Config.Size, s.margin(), s.Config.Crop)
}

// cut is the part of an image of size x size that lies a margin from its upper left
// corner and is crop x crop.
func cut(pixels []byte, size, margin, crop int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, crop, crop))
	for y := range crop {
		for x := range crop {
			from, to := ((y+margin)*size+x+margin)*3, out.PixOffset(x, y)
			copy(out.Pix[to:], pixels[from:from+3])
			out.Pix[to+3] = 255
		}
	}
	return out
}

// guesses are the most probable classes.
func guesses(probabilities []float32, most int) []monitor.Guess {
	all := make([]monitor.Guess, len(probabilities))
	for i, p := range probabilities {
		all[i] = monitor.Guess{Class: i, Probability: float64(p)}
	}
	slices.SortStableFunc(all, func(a, b monitor.Guess) int {
		switch {
		case a.Probability > b.Probability:
			return -1
		case a.Probability < b.Probability:
			return 1
		}
		return 0
	})
	return all[:min(most, len(all))]
}

// shapeOf writes a layer's weights of one column: "11×11×3, 48".
func shapeOf(p *net.Param, units int) string {
	if len(p.Shape) == 4 {
		return fmt.Sprintf("%d×%d×%d, %d", p.Shape[2], p.Shape[3], p.Shape[1], units)
	}
	if len(p.Shape) == 6 { // of each output pixel
		return fmt.Sprintf("%d×%d × %d×%d×%d, %d", p.Shape[1], p.Shape[2], p.Shape[4], p.Shape[5], p.Shape[3], units)
	}
	return fmt.Sprintf("%d, %d", p.Shape[1], units)
}
