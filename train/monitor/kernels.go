// Package monitor holds what a training run shows of itself: facts that are
// published once and never change, and pictures and figures made of them.
package monitor

import (
	"image"
	"image/color"
	"math"
	"slices"
)

// Kernels are a first layer's kernels, (kernel, colour, y, x) with three colours,
// the kernels of each column behind those of the column before.
type Kernels struct {
	Values  []float32
	Size    int   // height and width
	Columns []int // kernels of each column
}

// Count is the number of kernels.
func (k *Kernels) Count() int { return len(k.Values) / (3 * k.Size * k.Size) }

func (k *Kernels) kernel(i int) []float32 {
	n := 3 * k.Size * k.Size
	return k.Values[i*n : (i+1)*n]
}

// Picture draws the kernels as in Figure 3 (Krizhevsky 2012): the columns one
// above the other, 16 kernels a row, each pixel zoom x zoom. All share one
// scale, in which grey is zero. Gaps grow with large zooms.
func (k *Kernels) Picture(zoom int) image.Image {
	const perRow = 16
	gap := max(2, min(zoom/2, k.Size*zoom/22)) // thin beside small kernels, too
	between := 4 * gap
	cell := k.Size*zoom + gap
	height := gap
	for i, n := range k.Columns {
		height += (n + perRow - 1) / perRow * cell
		if i > 0 {
			height += between
		}
	}
	img := image.NewRGBA(image.Rect(0, 0, perRow*cell+gap, height))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	scale := 0.0
	for _, v := range k.Values {
		scale = math.Max(scale, math.Abs(float64(v)))
	}
	top, next := gap, 0
	for _, n := range k.Columns {
		for i := range n {
			k.draw(img, next+i, gap+i%perRow*cell, top+i/perRow*cell, zoom, scale)
		}
		next += n
		top += (n+perRow-1)/perRow*cell + between
	}
	return img
}

func (k *Kernels) draw(img *image.RGBA, i, left, top, zoom int, scale float64) {
	values, plane := k.kernel(i), k.Size*k.Size
	level := func(v float32) uint8 {
		if scale == 0 {
			return 128
		}
		return uint8(math.Round(127.5 + 127.5*float64(v)/scale))
	}
	for y := range k.Size * zoom {
		for x := range k.Size * zoom {
			at := y/zoom*k.Size + x/zoom
			img.SetRGBA(left+x, top+y, color.RGBA{level(values[at]), level(values[plane+at]), level(values[2*plane+at]), 255})
		}
	}
}

// Figures describe one kernel.
type Figures struct {
	Norm            float64 // square root of the sum of squares
	Autocorrelation float64 // of neighbouring pixels: 0 for noise
	Luminance       float64 // standard deviation of the mean of the three colours
	Chroma          float64 // rms of what the colours differ from their mean by
}

// Figures measures kernel i.
func (k *Kernels) Figures(i int) Figures {
	v, plane := k.kernel(i), k.Size*k.Size
	var f Figures
	squares := 0.0
	for _, x := range v {
		squares += float64(x) * float64(x)
	}
	f.Norm = math.Sqrt(squares)
	f.Autocorrelation = k.autocorrelation(v)
	mean, chroma := 0.0, 0.0
	luminance := make([]float64, plane)
	for p := range plane {
		luminance[p] = float64(v[p]+v[plane+p]+v[2*plane+p]) / 3
		mean += luminance[p] / float64(plane)
		for c := range 3 {
			d := float64(v[c*plane+p]) - luminance[p]
			chroma += d * d / float64(3*plane)
		}
	}
	for _, l := range luminance {
		f.Luminance += (l - mean) * (l - mean) / float64(plane)
	}
	f.Luminance, f.Chroma = math.Sqrt(f.Luminance), math.Sqrt(chroma)
	return f
}

// ColumnFigures describe one column's kernels.
type ColumnFigures struct {
	Kernels int
	Strong  int // with at least a fifth of the norm of the strongest of all columns
	// Autocorrelation is the median of the strong ones'.
	Autocorrelation float64
	Luminance       float64 // root mean square over the column
	Chroma          float64
}

// Noise says whether the kernels are no smoother than the random values they begin as.
func (f ColumnFigures) Noise() bool { return f.Autocorrelation < 0.2 }

// ColumnFigures measures each column.
func (k *Kernels) ColumnFigures() []ColumnFigures {
	figures := make([]Figures, k.Count())
	strongest := 0.0
	for i := range figures {
		figures[i] = k.Figures(i)
		strongest = math.Max(strongest, figures[i].Norm)
	}
	out := make([]ColumnFigures, len(k.Columns))
	for i, n := range k.Columns {
		out[i] = summarize(figures[:n], strongest/5)
		figures = figures[n:]
	}
	return out
}

// summarize describes a column whose kernels are strong from a norm on.
func summarize(figures []Figures, strong float64) ColumnFigures {
	c := ColumnFigures{Kernels: len(figures)}
	var smooth []float64
	for _, f := range figures {
		c.Luminance += f.Luminance * f.Luminance / float64(len(figures))
		c.Chroma += f.Chroma * f.Chroma / float64(len(figures))
		if f.Norm >= strong {
			smooth = append(smooth, f.Autocorrelation)
		}
	}
	c.Luminance, c.Chroma = math.Sqrt(c.Luminance), math.Sqrt(c.Chroma)
	if c.Strong = len(smooth); c.Strong > 0 {
		slices.Sort(smooth)
		c.Autocorrelation = smooth[c.Strong/2]
	}
	return c
}

// autocorrelation is the mean product of horizontal and vertical neighbours of a
// colour, over the mean square, each colour's mean taken off.
func (k *Kernels) autocorrelation(v []float32) float64 {
	plane := k.Size * k.Size
	products, pairs, squares := 0.0, 0, 0.0
	for c := range 3 {
		p := v[c*plane : (c+1)*plane]
		mean := 0.0
		for _, x := range p {
			mean += float64(x) / float64(plane)
		}
		for i, x := range p {
			d := float64(x) - mean
			squares += d * d / float64(3*plane)
			if i%k.Size+1 < k.Size {
				products += d * (float64(p[i+1]) - mean)
				pairs++
			}
			if i+k.Size < plane {
				products += d * (float64(p[i+k.Size]) - mean)
				pairs++
			}
		}
	}
	if squares == 0 || pairs == 0 {
		return 0
	}
	return products / float64(pairs) / squares
}
