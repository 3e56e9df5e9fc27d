package train

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"alexnet/net"
	"alexnet/train/data"
	"alexnet/train/safetensors"
)

// Outcome is how the test of an image came out.
type Outcome struct {
	Image int // in its set
	Label int
	Rank  int     // classes that are more probable than the label
	Loss  float64 // -ln of the label's probability
}

// Outcomes are those of a set's images.
type Outcomes []Outcome

// Validation are the mean loss and the errors.
func (o Outcomes) Validation() Validation {
	var all net.Result
	for _, one := range o {
		all.Loss, all.Rank = append(all.Loss, one.Loss), append(all.Rank, one.Rank)
	}
	return Validation{Loss: all.Mean(), Top1Error: all.Errors(1), Top5Error: all.Errors(5)}
}

// ClassErrors are the errors of a class's images.
type ClassErrors struct {
	Class     int
	Images    int // at least one
	Top1Error float64
	Top5Error float64
}

// Classes are the errors of each class of which there are images, in label order.
func (o Outcomes) Classes() (out []ClassErrors) {
	of := map[int]Outcomes{}
	for _, one := range o {
		of[one.Label] = append(of[one.Label], one)
	}
	for _, class := range slices.Sorted(maps.Keys(of)) {
		v := of[class].Validation()
		out = append(out, ClassErrors{Class: class, Images: len(of[class]), Top1Error: v.Top1Error, Top5Error: v.Top5Error})
	}
	return out
}

// outcome is that of probabilities. Of classes that are equally probable the first
// counts, as in guesses; a probability of 0 is taken for the least that there is.
func outcome(image, label int, probabilities []float32) Outcome {
	o, own := Outcome{Image: image, Label: label}, probabilities[label]
	for class, p := range probabilities {
		if p > own || p == own && class < label {
			o.Rank++
		}
	}
	o.Loss = -math.Log(math.Max(float64(own), math.SmallestNonzeroFloat32))
	return o
}

// Outputs are the probabilities that networks have given to the classes of a set's
// images, averaged over the networks.
type Outputs struct {
	networks      int
	set           data.Set
	probabilities [][]float32 // of each image of the set; nil: it cannot be read
}

func newOutputs(set data.Set) Outputs {
	return Outputs{networks: 1, set: set, probabilities: make([][]float32, set.Len())}
}

// Average takes in the outputs of one more network for the same images. An image that
// could not be read for all of them is left out.
func (o *Outputs) Average(one *Outputs) {
	if o.networks == 0 {
		*o = *one
		return
	}
	for i, p := range one.probabilities {
		if o.probabilities[i] == nil || p == nil {
			o.probabilities[i] = nil
			continue
		}
		blend(o.probabilities[i], p, o.networks)
	}
	o.networks++
}

// Outcomes are those of the averaged probabilities, in order.
func (o *Outputs) Outcomes() (out Outcomes) {
	for i, p := range o.probabilities {
		if p != nil {
			out = append(out, outcome(i, o.set.Label(i), p))
		}
	}
	return out
}

// Tensors are "labels" (n) and "probabilities" (n, class) of the images that could be
// read.
func (o *Outputs) Tensors() []safetensors.Tensor {
	var labels []int64
	var probabilities []float32
	for i, p := range o.probabilities {
		if p != nil {
			labels, probabilities = append(labels, int64(o.set.Label(i))), append(probabilities, p...)
		}
	}
	n := len(labels)
	return []safetensors.Tensor{
		{Name: "labels", Shape: []int{n}, Ints: labels},
		{Name: "probabilities", Shape: []int{n, len(o.set.Classes())}, Floats: probabilities},
	}
}

// Confusion counts the images of each class (row) by the most probable class (column).
func (o *Outputs) Confusion() [][]int {
	classes := len(o.set.Classes())
	out := make([][]int, classes)
	for i := range out {
		out[i] = make([]int, classes)
	}
	for i, p := range o.probabilities {
		if p != nil {
			out[o.set.Label(i)][guesses(p, 1)[0].Class]++
		}
	}
	return out
}

// Mistakes are the images that are most surely taken for another class, the surest
// first, with their most probable classes and pictures.
func (o *Outputs) Mistakes(most, top int) (out []Predicted, err error) {
	type mistake struct {
		image int
		sure  float32
	}
	var list []mistake
	for _, one := range o.Outcomes() {
		if one.Rank > 0 {
			list = append(list, mistake{one.Image, slices.Max(o.probabilities[one.Image])})
		}
	}
	slices.SortStableFunc(list, func(a, b mistake) int { return cmp.Compare(b.sure, a.sure) })
	size := o.set.Size()
	pixels := make([]byte, size*size*3)
	for _, m := range list[:min(most, len(list))] {
		if err := o.set.Pixels(m.image, pixels); err != nil {
			return nil, err
		}
		out = append(out, Predicted{Image: o.set.Name(m.image), Label: o.set.Label(m.image),
			Guesses: guesses(o.probabilities[m.image], top), Picture: cut(pixels, size, 0, size)})
	}
	return out, nil
}
