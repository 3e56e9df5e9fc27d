package ref

// Dense is the fully connected layer (paper, section 3.5): x (N, C, H, W) is
// flattened as (c, h, w), w is (len(b), inputs of a group), b has one value a
// unit, y is (N, len(b), 1, 1). With i over the inputs of unit o's group:
//
//	y[n,o] = b[o] + sum over i of w[o,i] * x[n,i]
//
// With more than one group a unit sees its own column's channels only; groups
// that Deal makes unequal have their weights one group after the other.
func Dense(x *Tensor, w, b []float64, groups int) *Tensor {
	list := denseSources(x, len(w), len(b), groups)
	y := New(x.N, len(b), 1, 1)
	each(x.N, func(n int) {
		for o, from := range list {
			inputs, weights := denseRow(x, w, n, from)
			sum := b[o]
			for i, v := range inputs {
				sum += weights[i] * v
			}
			y.Set(n, o, 0, 0, sum)
		}
	})
	return y
}

// DenseBackward takes dy = dL/dy (N, units, 1, 1) to dL/dx, dL/dw and dL/db:
//
//	dx[n,i] = sum over o of w[o,i] * dy[n,o]
//	dw[o,i] = sum over n of x[n,i] * dy[n,o]
//	db[o]   = sum over n of dy[n,o]
func DenseBackward(x *Tensor, w []float64, dy *Tensor, groups int) (dx *Tensor, dw, db []float64) {
	check(dy.N == x.N && dy.H == 1 && dy.W == 1, "dense: an output gradient of shape %v; expected (%d, units, 1, 1)", dy, x.N)
	list := denseSources(x, len(w), dy.C, groups)
	dx, dw, db = x.Like(), make([]float64, len(w)), make([]float64, dy.C)
	each(x.N, func(n int) {
		for o, from := range list {
			inputs, weights := denseRow(dx, w, n, from)
			for i := range inputs {
				inputs[i] += weights[i] * dy.At(n, o, 0, 0)
			}
		}
	})
	each(dy.C, func(o int) {
		for n := range x.N {
			inputs, weights := denseRow(x, dw, n, list[o])
			for i, v := range inputs {
				weights[i] += v * dy.At(n, o, 0, 0)
			}
			db[o] += dy.At(n, o, 0, 0)
		}
	})
	return dx, dw, db
}

func denseSources(x *Tensor, weights, units, groups int) []source {
	check(units >= 1 && groups >= 1, "dense: %d units in %d groups; expected at least 1", units, groups)
	list, total := sources(x.C, units, groups, x.H*x.W)
	check(weights == total, "dense: %d weights; expected %d for an input of shape %v and %d units in %d groups", weights, total, x, units, groups)
	return list
}

// denseRow is what a unit reads of image n, beside the unit's weights.
func denseRow(x *Tensor, w []float64, n int, from source) (inputs, weights []float64) {
	pixels := x.H * x.W
	count := from.channels * pixels
	return x.Image(n)[from.first*pixels:][:count], w[from.weight:][:count]
}
