package net

import (
	"errors"
	"fmt"
)

// Row is one line of a network's table with the shapes that follow from it.
type Row struct {
	Layer    Layer
	In, Out  Shape
	Gathered bool // the layer sees the maps of all columns (a Gather or the image is before it)
	Weights  int  // over all columns
	Biases   int
	Frozen   bool // its weights and biases stay as they are
	// MultiplyAdds of one image's forward pass, over all columns.
	MultiplyAdds int64
}

// Neurons is the number of outputs of a layer that computes (conv, local or dense),
// 0 for others.
func (r Row) Neurons() int {
	if r.Weights == 0 {
		return 0
	}
	return r.Out.Count()
}

// Deal shares units out to columns as evenly as possible, the first columns
// getting one more: 5 over 2 columns are 3 and 2.
func Deal(units, columns int) []int {
	out := make([]int, columns)
	for i := range out {
		out[i] = units / columns
		if i < units%columns {
			out[i]++
		}
	}
	return out
}

// maxColumns is limited by sum.comp, which packs the columns' order in a word.
const maxColumns = 8

// Plan checks the table and works out every layer's shapes. Its error names the
// layer and what was expected.
func (s Spec) Plan() ([]Row, error) {
	if s.Columns < 1 || s.Columns > maxColumns {
		return nil, fmt.Errorf("net: columns = %d; expected 1 to %d", s.Columns, maxColumns)
	}
	if in := s.Input; in.C < 1 || in.H < 1 || in.W < 1 || s.ofFeatures() && (in.H > 1 || in.W > 1) {
		return nil, fmt.Errorf("net: input of %d channels, %dx%d pixels; expected 3 channels and at least 1x1, or features of 1x1", in.C, in.H, in.W)
	}
	if len(s.Layers) == 0 {
		return nil, errors.New("net: the table has no layer")
	}
	p := planner{columns: s.Columns, shape: s.Input, gathered: true, names: map[string]bool{}}
	for i, l := range s.Layers {
		row, err := p.row(l)
		if err == nil {
			err = p.place(l, i, len(s.Layers))
		}
		if err != nil {
			return nil, fmt.Errorf("net: layer %d, %s %q: %w", i+1, l.Kind(), l.LayerName(), err)
		}
		p.rows = append(p.rows, row)
	}
	if lowestTrained(p.rows) == len(p.rows) {
		return nil, errors.New("net: every layer is frozen: leave one with weights to train")
	}
	return p.rows, nil
}

// lowestTrained is the first layer whose weights or biases train; the number of rows
// if none does. Nobody wants a gradient of what comes into it.
func lowestTrained(rows []Row) int {
	for i, r := range rows {
		if r.Weights > 0 && !r.Frozen {
			return i
		}
	}
	return len(rows)
}

// ofFeatures says whether the network sees features and no images.
func (s Spec) ofFeatures() bool { return s.Input.C != 3 }

type planner struct {
	columns  int
	shape    Shape
	gathered bool // what comes in is seen by all columns
	gather   bool // the layer before is a Gather
	names    map[string]bool
	rows     []Row
}

// place checks a layer's name and its place in the table.
func (p *planner) place(l Layer, i, count int) error {
	if l.LayerName() == "" {
		return errors.New("it has no name")
	}
	if p.names[l.LayerName()] {
		return errors.New("another layer has the same name")
	}
	p.names[l.LayerName()] = true
	if ends := endsTable(l); ends != (i == count-1) {
		if ends {
			return fmt.Errorf("%s must be the last layer", l.Kind())
		}
		return errors.New("the last layer must be softmax or squares")
	}
	return nil
}

// endsTable says whether a layer makes the loss.
func endsTable(l Layer) bool {
	switch l.(type) {
	case Softmax, Squares:
		return true
	}
	return false
}

func (p *planner) row(l Layer) (Row, error) {
	row := Row{Layer: l, In: p.shape, Out: p.shape, Gathered: p.gathered}
	var err error
	switch l := l.(type) {
	case Conv:
		err = p.conv(l, &row)
	case Local:
		err = p.local(l, &row)
	case Dense:
		err = p.dense(l, &row)
	case Pool:
		err = p.pool(l, &row)
	case LRN:
		if l.Size < 1 || l.Size > 9 || l.Size%2 == 0 {
			err = fmt.Errorf("size = %d; expected an odd number from 1 to 9", l.Size)
		} else if l.K <= 0 {
			err = fmt.Errorf("k = %g; expected more than 0", l.K)
		}
	case Dropout:
		if l.Probability < 0 || l.Probability >= 1 {
			err = fmt.Errorf("probability = %g; expected at least 0 and below 1", l.Probability)
		}
	case Softmax, Squares:
		if p.shape.H != 1 || p.shape.W != 1 {
			err = fmt.Errorf("its input is %dx%d; expected the 1x1 output of a dense layer", p.shape.H, p.shape.W)
		}
	case Activation:
		if _, ok := functionNumber[l.Function]; !ok {
			err = fmt.Errorf("unknown function %q", l.Function)
		}
	}
	if err != nil {
		return row, err
	}
	if err := p.readers(l); err != nil {
		return row, err
	}
	p.shape = row.Out
	return row, nil
}

// readers checks that only layers that can read all columns follow a gather.
func (p *planner) readers(l Layer) error {
	switch l.(type) {
	case Conv, Local, Dense:
		p.gathered, p.gather = false, false
	case Gather:
		if p.gathered {
			return errors.New("every column sees all maps here already")
		}
		p.gathered, p.gather = true, true
	default:
		if p.gather {
			return errors.New("expected a conv, local or dense layer right behind a gather")
		}
		if p.gathered {
			return errors.New("expected a conv, local or dense layer as the first one")
		}
	}
	return nil
}

func (p *planner) conv(l Conv, row *Row) error {
	in := p.shape
	switch {
	case l.Filters < p.columns:
		return fmt.Errorf("filters = %d; expected at least one for each of %d columns", l.Filters, p.columns)
	case l.Kernel < 1:
		return fmt.Errorf("kernel = %d; expected at least 1", l.Kernel)
	case l.Stride < 1:
		return fmt.Errorf("stride = %d; expected at least 1", l.Stride)
	case l.Pad < 0 || l.Pad >= l.Kernel:
		return fmt.Errorf("pad = %d; expected 0 to kernel-1 = %d", l.Pad, l.Kernel-1)
	case l.Kernel > in.H+2*l.Pad || l.Kernel > in.W+2*l.Pad:
		return fmt.Errorf("a kernel of %d does not fit its input of %dx%d with pad %d", l.Kernel, in.H, in.W, l.Pad)
	}
	row.Out = Shape{C: l.Filters, H: (in.H+2*l.Pad-l.Kernel)/l.Stride + 1, W: (in.W+2*l.Pad-l.Kernel)/l.Stride + 1}
	row.Weights = p.inputs(in.C, l.Filters) * l.Kernel * l.Kernel
	row.Biases = l.Filters
	row.MultiplyAdds = int64(row.Weights) * int64(row.Out.H*row.Out.W)
	return p.options(l.ParamOptions, row)
}

// maxPositions is how many products of matrices a dispatch makes on every device.
const maxPositions = 1<<16 - 1

func (p *planner) local(l Local, row *Row) error {
	if err := p.conv(Conv(l), row); err != nil {
		return err
	}
	positions := row.Out.H * row.Out.W
	if positions > maxPositions {
		return fmt.Errorf("its output is %dx%d; expected at most %d pixels, each of which has kernels of its own", row.Out.H, row.Out.W, maxPositions)
	}
	row.Weights *= positions
	row.Biases *= positions
	return nil
}

func (p *planner) dense(l Dense, row *Row) error {
	if l.Units < p.columns {
		return fmt.Errorf("units = %d; expected at least one for each of %d columns", l.Units, p.columns)
	}
	row.Out = Shape{C: l.Units, H: 1, W: 1}
	row.Weights = p.inputs(p.shape.C, l.Units) * p.shape.H * p.shape.W
	row.Biases = l.Units
	row.MultiplyAdds = int64(row.Weights)
	return p.options(l.ParamOptions, row)
}

// inputs counts pairs of input channel and output unit over all columns.
func (p *planner) inputs(channels, units int) int {
	if p.gathered {
		return channels * units
	}
	sum := 0
	for i, c := range Deal(channels, p.columns) {
		sum += c * Deal(units, p.columns)[i]
	}
	return sum
}

func (p *planner) options(o ParamOptions, row *Row) error {
	row.Frozen = o.fixed()
	if o.Std < 0 {
		return fmt.Errorf("std = %g; expected at least 0", o.Std)
	}
	if o.Rate < 0 || o.BiasRate < 0 || o.Decay < 0 || o.BiasDecay < 0 {
		return errors.New("a rate or decay factor is negative")
	}
	return nil
}

func (p *planner) pool(l Pool, row *Row) error {
	in := p.shape
	if l.Kernel < 1 || l.Stride < 1 || l.Kernel > in.H || l.Kernel > in.W {
		return fmt.Errorf("kernel = %d, stride = %d; expected at least 1 and a kernel that fits its input of %dx%d", l.Kernel, l.Stride, in.H, in.W)
	}
	if l.Stride > l.Kernel {
		return fmt.Errorf("stride = %d; expected at most kernel = %d", l.Stride, l.Kernel)
	}
	row.Out = Shape{C: in.C, H: (in.H-l.Kernel)/l.Stride + 1, W: (in.W-l.Kernel)/l.Stride + 1}
	return nil
}

// functionNumber is activation.glsl's numbering.
var functionNumber = map[Function]uint32{ReLU: 0, Tanh: 1, Sigmoid: 2, AbsTanh: 3, Binary: 4}

// Classes is the number of outputs of the last layer.
func (s Spec) Classes() int {
	rows, err := s.Plan()
	if err != nil {
		return 0
	}
	return rows[len(rows)-1].Out.C
}
