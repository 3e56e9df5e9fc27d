package monitor

import "slices"

// Past is a step whose maps are kept in a file.
type Past struct {
	Step  int
	Epoch float64
	// Look reads them. It waits for the disk; its error is a sentence for the user.
	Look func() (*Views, error)
}

// Views are what the network made of one image at a step.
type Views struct {
	Maps   // of no layer: which image it was and what the network took it for
	Layers map[string]Outputs
}

// Outputs are a layer's, of each column H*W values a map.
type Outputs struct {
	H, W    int
	Columns [][]float32
}

// Of are one layer's maps, without columns if they are not among the views.
func (v *Views) Of(layer string) *Maps {
	m, o := v.Maps, v.Layers[layer]
	m.Layer, m.H, m.W, m.Columns = layer, o.H, o.W, o.Columns
	return &m
}

// Faces are the strongest maps of each block.
func (v *Views) Faces(blocks []Block) *Faces {
	f := &Faces{Step: v.Step, Image: v.Image, Title: v.Title, Label: v.Label, Prediction: v.Prediction}
	for _, b := range blocks {
		f.Layers = append(f.Layers, v.Layers[b.Layer].Face())
	}
	return f
}

// Face are the strongest maps of each column, and how many of its values are above
// zero.
func (o Outputs) Face() Face {
	face := Face{H: o.H, W: o.W}
	for _, values := range o.Columns {
		above := 0
		for _, v := range values {
			if v > 0 {
				above++
			}
		}
		face.Above = append(face.Above, float64(above)/float64(max(1, len(values))))
		face.Columns = append(face.Columns, StrongestMaps(values, o.H*o.W))
	}
	return face
}

// MostShots is how many shots of the first layer are held: 280 kB each for the paper's,
// with what momentum or the gradients are.
const MostShots = 128

// KeepShots forgets, while there are more than MostShots, the one whose neighbours are
// nearest to each other, in a list of its own: those that are left are spread over the steps
// from the first to the last, however often one is added.
func KeepShots(list []*Shot) []*Shot {
	if len(list) <= MostShots {
		return list
	}
	list = slices.Clone(list)
	for len(list) > MostShots {
		least := 1
		for i := 2; i < len(list)-1; i++ {
			if list[i+1].Step-list[i-1].Step < list[least+1].Step-list[least-1].Step {
				least = i
			}
		}
		list = slices.Delete(list, least, least+1)
	}
	return list
}

// Nearest is the index of the element whose step is nearest to one, the earlier of
// two; -1 of none.
func Nearest[T any](list []T, stepOf func(T) int, step int) int {
	best := -1
	for i, e := range list {
		if best < 0 || distance(stepOf(e), step) < distance(stepOf(list[best]), step) {
			best = i
		}
	}
	return best
}

func distance(a, b int) int { return max(a-b, b-a) }
