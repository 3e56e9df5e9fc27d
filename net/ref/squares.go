package ref

// SquaresLoss is half the sum of the squares of an image's differences from its targets,
// of the same shape (N, units, 1, 1), for each image.
func SquaresLoss(x, targets *Tensor) (loss []float64) {
	checkSame("squares", targets, x)
	for n := range x.N {
		sum := 0.0
		for i, v := range x.Image(n) {
			d := v - targets.Image(n)[i]
			sum += d * d / 2
		}
		loss = append(loss, sum)
	}
	return loss
}

// SquaresLossBackward is the gradient of the mean loss over the batch: (x - targets) / N.
func SquaresLossBackward(x, targets *Tensor) *Tensor {
	checkSame("squares", targets, x)
	dx := x.Like()
	for i, v := range x.Data {
		dx.Data[i] = (v - targets.Data[i]) / float64(x.N)
	}
	return dx
}
