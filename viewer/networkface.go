package viewer

import (
	"image"
	"math"

	"alexnet/train/monitor"
	"alexnet/viewer/figure"
	"alexnet/viewer/theme"
)

// netFaces are the pictures on the blocks, made once for each snapshot's maps.
type netFaces struct {
	faces   *monitor.Faces
	maps    *monitor.Maps
	theme   *theme.Theme
	picture map[[2]int]*image.RGBA // of a layer and a column
	image   *image.RGBA            // that the network saw
}

// faceOf are a block's maps and the share of the layer's values above zero; nil:
// none are known. The watched layer's are there as well where the others are not.
func faceOf(s *monitor.Snapshot, layer int) *monitor.Face {
	if s.Faces != nil && layer < len(s.Faces.Layers) {
		return &s.Faces.Layers[layer]
	}
	m := s.Maps
	if m == nil || m.H*m.W == 0 || layer >= len(s.Run.Network.Blocks) || m.Layer != s.Run.Network.Blocks[layer].Layer {
		return nil
	}
	f := &monitor.Face{H: m.H, W: m.W}
	for _, values := range m.Columns {
		f.Columns = append(f.Columns, monitor.StrongestMaps(values, m.H*m.W))
		f.Above = append(f.Above, figure.AboveZero(values))
	}
	return f
}

// load makes the pictures anew if they are others.
func (k *netFaces) load(s *monitor.Snapshot, th *theme.Theme) {
	if k.picture != nil && k.faces == s.Faces && k.maps == s.Maps && k.theme == th {
		return
	}
	*k = netFaces{faces: s.Faces, maps: s.Maps, theme: th, picture: map[[2]int]*image.RGBA{}}
	switch {
	case s.Faces != nil:
		k.image = s.Faces.Image
	case s.Maps != nil:
		k.image = s.Maps.Image
	}
	for layer := range s.Run.Network.Blocks {
		f := faceOf(s, layer)
		if f == nil {
			continue
		}
		most := 0.0
		for _, values := range f.Columns {
			for _, v := range values {
				most = max(most, brightness(v))
			}
		}
		for column, values := range f.Columns {
			if len(values) == 0 || f.H*f.W == 0 {
				continue
			}
			ramp := figure.Ramp(th.Column(column))
			if f.H*f.W == 1 {
				cells, h, w := unitCells(values)
				k.picture[[2]int{layer, column}] = figure.Map(cells, h, w, most, &ramp)
				continue
			}
			cells, h, w := tiled(values, f.H, f.W)
			k.picture[[2]int{layer, column}] = figure.Map(cells, h, w, most, &ramp)
		}
	}
}

// brightness is a value as far as it is light: what is below zero is black.
func brightness(v float32) float64 {
	if v > 0 && finite(float64(v)) {
		return float64(v)
	}
	return 0
}

// tiled puts maps beside and below each other, in as many columns as rows, with a
// dark line between.
func tiled(values []float32, h, w int) (out []float32, height, width int) {
	n := len(values) / (h * w)
	across := max(1, int(math.Sqrt(float64(n))))
	down := (n + across - 1) / across
	height, width = down*(h+1)-1, across*(w+1)-1
	out = make([]float32, height*width)
	for i := range n {
		top, left := i/across*(h+1), i%across*(w+1)
		for y := range h {
			copy(out[(top+y)*width+left:], values[(i*h+y)*w:][:w])
		}
	}
	return out, height, width
}

// unitCells puts units into a slim rectangle, one beside the other.
func unitCells(values []float32) (out []float32, height, width int) {
	width = max(1, int(math.Round(math.Sqrt(float64(len(values))*netSlim))))
	height = (len(values) + width - 1) / width
	out = make([]float32, height*width)
	copy(out, values)
	return out, height, width
}
