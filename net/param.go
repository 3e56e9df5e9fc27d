package net

import (
	"fmt"

	"alexnet/engine"
)

// Param is one layer's weights or biases over all columns, under PyTorch's name
// and layout: weights (K, C/groups, kh, kw) or (out, in), biases (K). Those of a local
// layer, which PyTorch does not have, are (K, OH, OW, C/groups, kh, kw) and (K, OH, OW).
type Param struct {
	Name  string // "conv1.weight"
	Shape []int
	Layer int // index into the Spec's table
	Bias  bool
	// Frozen says that the layer's parameters stay as they are: they have values, but
	// neither gradient nor momentum.
	Frozen bool
	// Columns are the true units of each column: the rows of column i follow
	// those of column i-1.
	geometry geometry
	units    []int
}

// Count is the number of values.
func (p *Param) Count() int {
	n := 1
	for _, d := range p.Shape {
		n *= d
	}
	return n
}

// param is a parameter's columns on one device: (column, k, source, r, s, c)
// for weights, (column, k) for biases, channels padded to multiples of 8. Where output
// pixels have kernels of their own they stand before k.
type param struct {
	*Param
	place                 *place
	value, grad, velocity *engine.Buffer
	block                 int // floats of one column
}

// geometry says how a weight's device layout follows from its file layout.
type geometry struct {
	kernels       int // padded units of a column
	positions     int // output pixels that have kernels of their own; 1: they share them
	sources       int
	sourceUnits   []int // true input channels of each source; of the reading column where sources is 1 and not shared
	ownColumn     bool  // sources is 1 and column j reads source column j
	height, width int   // of the device's kernel; a dense layer's covers its map
	channels      int   // padded channels of a source
	fold          int   // of the image (input.comp); 0: not folded
	kernel        int   // the file's kernel height and width where folded
}

// row is the number of device floats of one kernel.
func (g *geometry) row() int {
	return g.sources * g.height * g.width * g.channels
}

// walk calls f with the file index and the device index (inside the column's
// block) of every value of column j's weights.
func (g *geometry) walk(units []int, j int, f func(file, device int)) {
	inputs := g.inputs(j)
	file := 0
	for i := range j {
		file += units[i] * g.positions * sum(g.inputs(i)) * g.fileTaps()
	}
	for k := range units[j] {
		for o := range g.positions {
			g.walkKernel(inputs, file, (o*g.kernels+k)*g.row(), f)
			file += sum(inputs) * g.fileTaps()
		}
	}
}

// walkKernel is walk for one kernel, of which the indexes are those of its first value.
func (g *geometry) walkKernel(inputs []int, file, device int, f func(file, device int)) {
	for source, count := range inputs {
		for c := range count {
			for r := range g.fileHeight() {
				for s := range g.fileWidth() {
					f(file, device+g.device(source, c, r, s))
					file++
				}
			}
		}
	}
}

func sum(list []int) int {
	n := 0
	for _, v := range list {
		n += v
	}
	return n
}

// inputs lists the true channels of the sources that column j reads.
func (g *geometry) inputs(j int) []int {
	if g.ownColumn {
		return g.sourceUnits[j : j+1]
	}
	return g.sourceUnits
}

func (g *geometry) fileHeight() int {
	if g.fold > 0 {
		return g.kernel
	}
	return g.height
}

func (g *geometry) fileWidth() int {
	if g.fold > 0 {
		return g.kernel
	}
	return g.width
}

func (g *geometry) fileTaps() int { return g.fileHeight() * g.fileWidth() }

// device is the index in a kernel's row of source, channel c, tap (r, s).
func (g *geometry) device(source, c, r, s int) int {
	if g.fold > 0 {
		colours := g.sourceUnits[0]
		tap := (r/g.fold)*g.width + s/g.fold
		return tap*g.channels + (r%g.fold*g.fold+s%g.fold)*colours + c
	}
	return ((source*g.fileHeight()+r)*g.fileWidth()+s)*g.channels + c
}

// index calls f with file and device index of every value of column j.
func (p *Param) index(j int, f func(file, device int)) {
	if p.Bias {
		first := sum(p.units[:j])
		for k := range p.units[j] {
			for o := range p.geometry.positions {
				f((first+k)*p.geometry.positions+o, o*p.geometry.kernels+k)
			}
		}
		return
	}
	p.geometry.walk(p.units, j, f)
}

// pack writes the file values of the columns a device holds into its layout.
func (p *param) pack(file, device []float32) {
	clear(device)
	for l, j := range p.place.columns {
		p.index(j, func(f, d int) { device[l*p.block+d] = file[f] })
	}
}

// unpack writes a device's columns into the file layout.
func (p *param) unpack(device, file []float32) {
	for l, j := range p.place.columns {
		p.index(j, func(f, d int) { file[f] = device[l*p.block+d] })
	}
}

// values and gradients are the ranges of a span of columns.
func (p *param) values(sp span) engine.Range {
	return p.value.Part(uint64(4*sp.first*p.block), uint64(4*sp.count*p.block))
}

func (p *param) gradients(sp span) engine.Range {
	return p.grad.Part(uint64(4*sp.first*p.block), uint64(4*sp.count*p.block))
}

// newParam places a parameter of rows floats a unit on a device.
func (pl *place) newParam(p *Param, block int, training bool) (*param, error) {
	out := &param{Param: p, place: pl, block: padBlock(block)}
	if pl.shares != nil {
		out.value = pl.shares.params[len(pl.params)].value
		pl.params = append(pl.params, out)
		return out, nil
	}
	bytes := uint64(4 * out.block * len(pl.columns))
	for _, b := range []struct {
		to   **engine.Buffer
		name string
	}{{&out.value, ""}, {&out.grad, " gradient"}, {&out.velocity, " momentum"}} {
		if !training && b.name != "" {
			continue
		}
		var err error
		if *b.to, err = pl.device.NewBuffer(p.Name+b.name, bytes, engine.Local); err != nil {
			return nil, fmt.Errorf("net: %w", err)
		}
		if err := pl.zero(*b.to); err != nil {
			return nil, err
		}
	}
	pl.params = append(pl.params, out)
	return out, nil
}
