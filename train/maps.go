package train

import (
	"fmt"
	"image"
	"slices"

	"alexnet/net"
	"alexnet/train/data"
	"alexnet/train/monitor"
)

// mostGuesses is how many classes the activations' page shows.
const mostGuesses = 5

// rowOf is the row of the network's table of a layer with weights whose outputs are
// shown: an activation function behind it belongs to it. -1: there is none.
func (t *Trainer) rowOf(layer string) int {
	for i, r := range t.Net.Rows {
		if r.Layer.LayerName() != layer {
			continue
		}
		if i+1 < len(t.Net.Rows) {
			if _, is := t.Net.Rows[i+1].Layer.(net.Activation); is {
				return i + 1
			}
		}
		return i
	}
	return -1
}

// lookAtImage runs the watched image through the network, in test mode, and keeps
// what is shown of it. An image that cannot be read is told of and leaves that as it
// is.
func (t *Trainer) lookAtImage(w monitor.Watch) error {
	if t.Sets.Val.Len() == 0 {
		return nil
	}
	m := &monitor.Maps{Step: t.step, Layer: w.Layer, Label: -1}
	pixels, err := t.watched(w, m)
	if err != nil {
		if w != t.live.seen {
			t.live.notice(err.Error())
		}
		return nil
	}
	c := t.Config
	margin := (c.Size - c.Crop) / 2
	b := &net.Batch{Pixels: pixels, Crops: []net.Crop{{X: margin, Y: margin}}, Labels: []int32{int32(max(0, m.Label))}, Valid: 1}
	t.outputs = false
	if _, err := t.Net.Test(b); err != nil {
		return err
	}
	probabilities, err := t.Net.Probabilities(1)
	if err != nil {
		return err
	}
	m.Image, m.Prediction = cropped(pixels, c.Size, margin, c.Crop), guesses(probabilities)
	if w.Faces {
		if err := t.lookAtFaces(m); err != nil {
			return err
		}
	}
	row := t.rowOf(w.Layer)
	if !w.Maps || row < 0 {
		return nil
	}
	out, err := t.Net.Outputs(row, 1)
	if err != nil {
		return err
	}
	m.H, m.W, m.Columns = out.H, out.W, out.Columns
	t.live.maps = m
	return nil
}

// lookAtFaces keeps the strongest maps of every layer with weights for the image
// that has just gone through the network.
func (t *Trainer) lookAtFaces(m *monitor.Maps) error {
	f := &monitor.Faces{Step: m.Step, Image: m.Image, Title: m.Title, Label: m.Label, Prediction: m.Prediction}
	for _, b := range t.live.run.Network.Blocks {
		out, err := t.Net.Outputs(t.rowOf(b.Layer), 1)
		if err != nil {
			return err
		}
		face := monitor.Face{H: out.H, W: out.W}
		for _, values := range out.Columns {
			above := 0
			for _, v := range values {
				if v > 0 {
					above++
				}
			}
			face.Above = append(face.Above, float64(above)/float64(max(1, len(values))))
			face.Columns = append(face.Columns, monitor.StrongestMaps(values, out.H*out.W))
		}
		f.Layers = append(f.Layers, face)
	}
	t.live.faces = f
	return nil
}

// watched reads the image that is watched, and names it in m.
func (t *Trainer) watched(w monitor.Watch, m *monitor.Maps) ([]byte, error) {
	size := t.Config.Size
	pixels := make([]byte, size*size*3)
	if w.Image < 0 {
		m.Title = w.File
		return pixels, data.ReadImage(w.File, size, pixels)
	}
	i := w.Image % t.Sets.Val.Len()
	m.Title, m.Label = "Validation "+monitor.Count(i+1), t.Sets.Val.Label(i)
	return pixels, t.Sets.Val.Pixels(i, pixels)
}

// cropped is the part of an image that the network sees.
func cropped(pixels []byte, size, margin, crop int) *image.RGBA {
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
func guesses(probabilities []float32) []monitor.Guess {
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
	return all[:min(mostGuesses, len(all))]
}

// shapeOf writes a layer's weights of one column: "11×11×3, 48".
func shapeOf(p *net.Param, units int) string {
	if len(p.Shape) == 4 {
		return fmt.Sprintf("%d×%d×%d, %d", p.Shape[2], p.Shape[3], p.Shape[1], units)
	}
	return fmt.Sprintf("%d, %d", p.Shape[1], units)
}
