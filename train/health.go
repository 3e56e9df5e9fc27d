package train

import (
	"fmt"
	"math"

	"alexnet/net"
	"alexnet/train/monitor"
)

const (
	watchedImages = 16   // of the last batch, whose outputs tell of dead units
	bins          = 42   // of a histogram: bars of 4 pixels
	saturated     = 0.98 // |tanh| from where on its derivative is below 0.04
	manyDead      = 0.4  // a share that is warned of
	fastUpdate    = 0.05 // an update over its weights that is warned of
)

// lookAtLayers measures the layers with weights. Outputs are those of the last step's
// batch. Where other images have gone through the network since, figures of the same
// step stay as they are, and new ones go without outputs.
func (t *Trainer) lookAtLayers() error {
	if !t.outputs && t.live.measured == t.step+1 {
		return nil
	}
	var all []monitor.LayerFigures
	for _, p := range t.Net.Params {
		if p.Bias {
			continue
		}
		rows, err := t.layer(p)
		if err != nil {
			return err
		}
		all = append(all, rows...)
	}
	t.live.layers, t.live.measured = all, t.step+1
	return nil
}

// layer measures one layer's columns.
func (t *Trainer) layer(p *net.Param) ([]monitor.LayerFigures, error) {
	name := t.Net.Rows[p.Layer].Layer.LayerName()
	var arrays [3][]float32
	for i, what := range []net.What{net.Value, net.Gradient, net.Momentum} {
		if what == net.Gradient && !t.trained || what != net.Value && p.Frozen {
			continue // there was no batch yet, or nothing is computed of it
		}
		var err error
		if arrays[i], err = t.Net.Read(p, what); err != nil {
			return nil, err
		}
	}
	var out *net.Outputs
	row := t.sight.rowOf(name)
	if t.outputs {
		var err error
		if out, err = t.Net.Outputs(row, 0, min(watchedImages, t.Config.Batch)); err != nil {
			return nil, err
		}
	}
	function := net.Function("")
	if a, is := t.Net.Rows[row].Layer.(net.Activation); is {
		function = a.Function
	}
	var rows []monitor.LayerFigures
	next, kernel := 0, p.Count()/p.Shape[0]
	for column, units := range net.Deal(p.Shape[0], max(1, t.Config.Net.Columns)) {
		part := func(values []float32) []float32 {
			if values == nil {
				return nil
			}
			return values[next*kernel : (next+units)*kernel]
		}
		f := monitor.LayerFigures{Layer: name, Shape: shapeOf(p, units), Column: column, GradientNorm: -1, UpdateRatio: -1, Dead: -1, Frozen: p.Frozen}
		f.WeightNorm, f.Weights = norm(part(arrays[0])), histogram(part(arrays[0]))
		if gradient := part(arrays[1]); gradient != nil {
			f.GradientNorm, f.Gradients = norm(gradient), histogram(gradient)
			f.UpdateRatio = norm(part(arrays[2])) / f.WeightNorm
		}
		if out != nil {
			f.Outputs = histogram(out.Columns[column])
			f.Dead, f.Saturated = silent(out.Columns[column], units, out.H*out.W, function)
		}
		f.Notice = ill(f)
		rows = append(rows, f)
		next += units
	}
	return rows, nil
}

func norm(values []float32) float64 {
	sum := 0.0
	for _, v := range values {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

// histogram counts finite values; nil if there are none.
func histogram(values []float32) *monitor.Histogram {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if v-v == 0 {
			low, high = min(low, float64(v)), max(high, float64(v))
		}
	}
	if low > high {
		return nil
	}
	h := &monitor.Histogram{Low: low, High: high, Counts: make([]int, bins)}
	scale := 0.0
	if high > low {
		scale = bins / (high - low)
	}
	for _, v := range values {
		if v-v == 0 {
			h.Counts[min(bins-1, int((float64(v)-low)*scale))]++
		}
	}
	return h
}

// silent is the share of a column's units, (image, unit, y, x), that were zero for
// all images; of functions that saturate, the share of values that did. -1: the
// layer has no such function.
func silent(values []float32, units, plane int, f net.Function) (share float64, saturates bool) {
	switch f {
	case net.ReLU:
	case net.Tanh, net.AbsTanh, net.Sigmoid:
		n := 0
		for _, v := range values {
			if v > saturated || v < -saturated || f == net.Sigmoid && v < 1-saturated {
				n++
			}
		}
		return float64(n) / float64(len(values)), true
	default:
		return -1, false
	}
	alive := make([]bool, units)
	for i, v := range values {
		if v != 0 {
			alive[i/plane%units] = true
		}
	}
	dead := 0
	for _, is := range alive {
		if !is {
			dead++
		}
	}
	return float64(dead) / float64(units), false
}

// ill says what is wrong with a layer, and what people do about it; nil: nothing.
func ill(f monitor.LayerFigures) *monitor.Notice {
	column := f.Column + 1
	switch {
	case math.IsNaN(f.WeightNorm) || math.IsInf(f.WeightNorm, 0):
		return &monitor.Notice{Error: true, Text: fmt.Sprintf("The weights of %s, column %d, are not finite. Go on from the last checkpoint with a lower rate.", f.Layer, column)}
	case math.IsNaN(f.GradientNorm) || math.IsInf(f.GradientNorm, 0):
		return &monitor.Notice{Error: true, Text: fmt.Sprintf("The gradient of %s, column %d, is not finite. Go on from the last checkpoint with a lower rate.", f.Layer, column)}
	case f.Saturated && f.Dead >= manyDead:
		return &monitor.Notice{Text: fmt.Sprintf("%.0f %% of the outputs are saturated and learn slowly. People lower the rate or the initial weights.", 100*f.Dead)}
	case f.Dead >= manyDead:
		return &monitor.Notice{Text: fmt.Sprintf("%.0f %% of the units were zero for %d images and do not learn. People lower the rate, or begin with biases of 1.", 100*f.Dead, watchedImages)}
	case f.UpdateRatio >= fastUpdate:
		return &monitor.Notice{Text: fmt.Sprintf("A step changes the weights by %.0f %%; 0.1 %% is usual. People divide the rate by 10.", 100*f.UpdateRatio)}
	}
	return nil
}
