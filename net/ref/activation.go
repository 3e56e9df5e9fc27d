package ref

import "math"

// ReLU is max(x, 0) of every value (paper, section 3.1).
func ReLU(x *Tensor) *Tensor { return apply(x, func(v float64) float64 { return max(v, 0) }) }

// ReLUBackward takes dL/dy to dL/dx; the derivative at 0 is 0.
func ReLUBackward(x, dy *Tensor) *Tensor {
	return differ(x, dy, func(v float64) float64 {
		if v > 0 {
			return 1
		}
		return 0
	})
}

// Tanh is tanh(x) of every value (paper, section 3.1).
func Tanh(x *Tensor) *Tensor { return apply(x, math.Tanh) }

// TanhBackward takes dL/dy to dL/dx: tanh' = 1 - tanh^2.
func TanhBackward(x, dy *Tensor) *Tensor {
	return differ(x, dy, func(v float64) float64 { return 1 - math.Tanh(v)*math.Tanh(v) })
}

// Sigmoid is 1 / (1 + exp(-x)) of every value (paper, section 3.1).
func Sigmoid(x *Tensor) *Tensor { return apply(x, sigmoid) }

// SigmoidBackward takes dL/dy to dL/dx: s' = s * (1 - s).
func SigmoidBackward(x, dy *Tensor) *Tensor {
	return differ(x, dy, func(v float64) float64 { return sigmoid(v) * (1 - sigmoid(v)) })
}

// AbsTanh is |tanh(x)| of every value (Jarrett et al. 2009; paper, section 3.1).
func AbsTanh(x *Tensor) *Tensor {
	return apply(x, func(v float64) float64 { return math.Abs(math.Tanh(v)) })
}

// AbsTanhBackward takes dL/dy to dL/dx: sign(x) * (1 - tanh^2); the derivative
// at 0 is 0.
func AbsTanhBackward(x, dy *Tensor) *Tensor {
	return differ(x, dy, func(v float64) float64 {
		switch slope := 1 - math.Tanh(v)*math.Tanh(v); {
		case v > 0:
			return slope
		case v < 0:
			return -slope
		}
		return 0
	})
}

// Binary is 1 where x > 0 and 0 elsewhere: a sigmoid rounded (Krizhevsky and Hinton
// 2011).
func Binary(x *Tensor) *Tensor {
	return apply(x, func(v float64) float64 {
		if v > 0 {
			return 1
		}
		return 0
	})
}

// BinaryBackward is SigmoidBackward: the gradient ignores the rounding.
func BinaryBackward(x, dy *Tensor) *Tensor { return SigmoidBackward(x, dy) }

func sigmoid(v float64) float64 { return 1 / (1 + math.Exp(-v)) }

// apply is y = f(x), value by value.
func apply(x *Tensor, f func(float64) float64) *Tensor {
	y := x.Like()
	for i, v := range x.Data {
		y.Data[i] = f(v)
	}
	return y
}

// differ is dx = dy * slope(x), value by value.
func differ(x, dy *Tensor, slope func(float64) float64) *Tensor {
	checkSame("activation", dy, x)
	dx := x.Like()
	for i, v := range x.Data {
		dx.Data[i] = dy.Data[i] * slope(v)
	}
	return dx
}
