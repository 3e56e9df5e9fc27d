package monitor

import (
	"cmp"
	"image"
	"slices"
)

// Network are the shapes of a run's layers and what they read: the paper's
// Figure 2.
type Network struct {
	Input  Block
	Blocks []Block // those with weights, in order
}

// Block is a layer's output for one image.
type Block struct {
	Layer    string
	Dense    bool // single units, no maps
	Frozen   bool // its parameters stay as they are
	H, W     int
	Channels []int // of each column; of the image all that there are
	// Sent are the bytes that each column sends to every other one in the forward
	// pass of a batch, because this layer reads all columns; nil: it reads its own
	// one only.
	Sent []int64
}

// Values is how many values a column has.
func (b *Block) Values(column int) int { return b.H * b.W * b.Channels[column] }

// Faces are the strongest maps of every layer for one image, and what the network
// makes of that.
type Faces struct {
	Step       int
	Layers     []Face      // as the network's blocks
	Image      *image.RGBA // the crop that the network saw
	Title      string      // "Validation 1,204"
	Label      int         // the true class; -1: unknown
	Prediction []Guess     // the most probable first
}

// Face are maps of one layer, of each column H*W values a map.
type Face struct {
	H, W    int
	Columns [][]float32
	Above   []float64 // share of all the layer's values that are above zero, by column
}

// MostMaps is how many maps of a column a face shows.
const MostMaps = 25

// StrongestMaps are those of a column's maps, of plane values each, whose values
// above zero have the largest squares, in the order in which they are: as many as
// fill a square, at most MostMaps. Maps of single values are all there.
func StrongestMaps(values []float32, plane int) []float32 {
	if plane <= 1 {
		return values
	}
	type one struct {
		at     int
		energy float64
	}
	list := make([]one, len(values)/plane)
	for i := range list {
		list[i].at = i
		for _, v := range values[i*plane:][:plane] {
			if v > 0 { // not a number is not
				list[i].energy += float64(v) * float64(v)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b one) int { return cmp.Compare(b.energy, a.energy) })
	list = list[:square(len(list))]
	slices.SortFunc(list, func(a, b one) int { return cmp.Compare(a.at, b.at) })
	out := make([]float32, 0, len(list)*plane)
	for _, m := range list {
		out = append(out, values[m.at*plane:][:plane]...)
	}
	return out
}

// square is the largest square number up to n and MostMaps.
func square(n int) int {
	side := 0
	for (side+1)*(side+1) <= min(n, MostMaps) {
		side++
	}
	return side * side
}
