package ref

import "math"

// LRN is local response normalisation across adjacent channels at the same
// position (paper, section 3.3); x and y are (N, C, H, W):
//
//	d_i = k + alpha * sum over j in window(i) of x_j^2
//	y_i = x_i * d_i^-beta
//
// window(i) holds the channels j with |j-i| <= size/2 of i's own group: it stops
// at the column's border. Alpha is not divided by size.
func LRN(x *Tensor, groups, size int, k, alpha, beta float64) *Tensor {
	d := lrnScale(x, groups, size, k, alpha)
	y := x.Like()
	for i, v := range x.Data {
		y.Data[i] = v * math.Pow(d.Data[i], -beta)
	}
	return y
}

// LRNBackward takes dy = dL/dy to dL/dx. x_i is in the window of every j in
// window(i), so that
//
//	dx_i = dy_i * d_i^-beta - 2*alpha*beta * x_i * sum over j in window(i) of dy_j * y_j / d_j
func LRNBackward(x, dy *Tensor, groups, size int, k, alpha, beta float64) *Tensor {
	checkSame("lrn", dy, x)
	d := lrnScale(x, groups, size, k, alpha)
	y := LRN(x, groups, size, k, alpha, beta)
	dx := x.Like()
	lrnWindows(x, groups, size, func(i int, window []int) {
		sum := 0.0
		for _, j := range window {
			sum += dy.Data[j] * y.Data[j] / d.Data[j]
		}
		dx.Data[i] = dy.Data[i]*math.Pow(d.Data[i], -beta) - 2*alpha*beta*x.Data[i]*sum
	})
	return dx
}

// lrnScale is d_i of every value.
func lrnScale(x *Tensor, groups, size int, k, alpha float64) *Tensor {
	d := x.Like()
	lrnWindows(x, groups, size, func(i int, window []int) {
		sum := 0.0
		for _, j := range window {
			sum += x.Data[j] * x.Data[j]
		}
		d.Data[i] = k + alpha*sum
	})
	return d
}

// lrnWindows calls f with the index of every value and the indices of its
// window, which f must not keep.
func lrnWindows(x *Tensor, groups, size int, f func(i int, window []int)) {
	check(size >= 1 && size%2 == 1, "lrn: a window of %d channels; expected an odd number", size)
	window := make([]int, 0, size)
	for n := range x.N {
		first := 0
		for _, channels := range Deal(x.C, groups) {
			last := first + channels - 1
			for c := first; c <= last; c++ {
				for p := range x.H * x.W {
					window = window[:0]
					for j := max(first, c-size/2); j <= min(last, c+size/2); j++ {
						window = append(window, x.Index(n, j, 0, 0)+p)
					}
					f(x.Index(n, c, 0, 0)+p, window)
				}
			}
			first += channels
		}
	}
}
