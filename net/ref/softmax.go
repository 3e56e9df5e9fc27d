package ref

import "math"

// Softmax takes logits (N, classes, 1, 1) to probabilities of the same shape:
// p[n,i] = exp(x[n,i]) / sum over j of exp(x[n,j]) (paper, section 3.5).
func Softmax(logits *Tensor) *Tensor {
	check(logits.C >= 1 && logits.H == 1 && logits.W == 1, "softmax: logits of shape %v; expected (N, classes, 1, 1)", logits)
	p := logits.Like()
	for n := range logits.N {
		log := logSum(logits.Image(n))
		for i, v := range logits.Image(n) {
			p.Set(n, i, 0, 0, math.Exp(v-log))
		}
	}
	return p
}

// SoftmaxLoss is Softmax with the multinomial logistic loss of each image,
// -ln p[n, labels[n]] (paper, section 3.5).
func SoftmaxLoss(logits *Tensor, labels []int) (probabilities *Tensor, loss []float64) {
	probabilities = Softmax(logits)
	checkLabels(logits, labels)
	for n, label := range labels {
		loss = append(loss, logSum(logits.Image(n))-logits.At(n, label, 0, 0))
	}
	return probabilities, loss
}

// SoftmaxLossBackward is the gradient of the mean loss over the batch with
// respect to the logits: (p[n,i] - [i = labels[n]]) / N.
func SoftmaxLossBackward(probabilities *Tensor, labels []int) *Tensor {
	checkLabels(probabilities, labels)
	dx := probabilities.Like()
	for n, label := range labels {
		for i, p := range probabilities.Image(n) {
			if i == label {
				p--
			}
			dx.Set(n, i, 0, 0, p/float64(probabilities.N))
		}
	}
	return dx
}

// Rank is the number of classes that come before label in the order of the
// logits: those with a greater one, and those with an equal one and a lower
// index. A prediction is right in the top k if Rank is below k.
func Rank(logits []float64, label int) int {
	check(label >= 0 && label < len(logits), "rank: label %d of %d classes", label, len(logits))
	rank := 0
	for i, v := range logits {
		if v > logits[label] || v == logits[label] && i < label {
			rank++
		}
	}
	return rank
}

// logSum is ln(sum of exp(v)); the maximum is taken out so that nothing overflows.
func logSum(values []float64) float64 {
	top := math.Inf(-1)
	for _, v := range values {
		top = max(top, v)
	}
	sum := 0.0
	for _, v := range values {
		sum += math.Exp(v - top)
	}
	return top + math.Log(sum)
}

func checkLabels(t *Tensor, labels []int) {
	check(len(labels) == t.N, "softmax: %d labels; expected one for each of %d images", len(labels), t.N)
	for n, label := range labels {
		check(label >= 0 && label < t.C, "softmax: image %d has label %d of %d classes", n, label, t.C)
	}
}
