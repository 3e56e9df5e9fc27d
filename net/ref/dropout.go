package ref

// Dropout is the layer in training (paper, section 4.2): a unit whose keep is
// false becomes 0, the others stay as they are, not rescaled. keep is
// (N, C, H, W) like x.
func Dropout(x *Tensor, keep []bool) *Tensor {
	check(len(keep) == len(x.Data), "dropout: a mask of %d units; expected %d for a tensor of shape %v", len(keep), len(x.Data), x)
	y := x.Like()
	for i, kept := range keep {
		if kept {
			y.Data[i] = x.Data[i]
		}
	}
	return y
}

// DropoutBackward takes dL/dy to dL/dx of Dropout: the same mask.
func DropoutBackward(dy *Tensor, keep []bool) *Tensor { return Dropout(dy, keep) }

// DropoutTest is the layer in testing (paper, section 4.2): every unit is
// multiplied by 1 - probability, the share of training steps that kept it.
func DropoutTest(x *Tensor, probability float64) *Tensor {
	return apply(x, func(v float64) float64 { return v * (1 - probability) })
}

// DropoutTestBackward takes dL/dy to dL/dx of DropoutTest: the same factor.
func DropoutTestBackward(dy *Tensor, probability float64) *Tensor {
	return DropoutTest(dy, probability)
}
