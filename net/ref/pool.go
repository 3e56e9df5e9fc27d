package ref

// MaxPool takes the maximum of every window of kernel x kernel pixels, stride
// pixels apart (paper, section 3.4): x is (N, C, H, W), y is (N, C, OH, OW) with
// OH = (H-kernel)/stride + 1. Windows that do not fit are left out.
func MaxPool(x *Tensor, kernel, stride int) *Tensor {
	y := poolOutput(x, kernel, stride)
	for i, at := range maxima(x, kernel, stride) {
		y.Data[i] = x.Data[at]
	}
	return y
}

// MaxPoolBackward takes dy = dL/dy (N, C, OH, OW) to dL/dx: each gradient goes to
// its window's maximum, to the first one in row order if there are several. A
// pixel that is the maximum of overlapping windows gets the sum.
func MaxPoolBackward(x, dy *Tensor, kernel, stride int) *Tensor {
	checkSame("maxpool", dy, poolOutput(x, kernel, stride))
	dx := x.Like()
	for i, at := range maxima(x, kernel, stride) {
		dx.Data[at] += dy.Data[i]
	}
	return dx
}

// AvgPool takes the mean of every window; the shapes are MaxPool's.
func AvgPool(x *Tensor, kernel, stride int) *Tensor {
	y := poolOutput(x, kernel, stride)
	poolWindows(x, y, kernel, stride, func(yi int, window []int) {
		for _, xi := range window {
			y.Data[yi] += x.Data[xi] / float64(len(window))
		}
	})
	return y
}

// AvgPoolBackward takes dy = dL/dy to dL/dx: every pixel of a window gets
// dy / kernel^2.
func AvgPoolBackward(x, dy *Tensor, kernel, stride int) *Tensor {
	checkSame("avgpool", dy, poolOutput(x, kernel, stride))
	dx := x.Like()
	poolWindows(x, dy, kernel, stride, func(yi int, window []int) {
		for _, xi := range window {
			dx.Data[xi] += dy.Data[yi] / float64(len(window))
		}
	})
	return dx
}

// maxima is, for every output, the index in x.Data of the first maximum of its
// window in row order.
func maxima(x *Tensor, kernel, stride int) []int {
	y := poolOutput(x, kernel, stride)
	at := make([]int, len(y.Data))
	poolWindows(x, y, kernel, stride, func(yi int, window []int) {
		at[yi] = window[0]
		for _, xi := range window {
			if x.Data[xi] > x.Data[at[yi]] {
				at[yi] = xi
			}
		}
	})
	return at
}

func poolOutput(x *Tensor, kernel, stride int) *Tensor {
	check(kernel >= 1 && stride >= 1 && kernel <= x.H && kernel <= x.W,
		"pool: kernel %d, stride %d; expected at least 1 and a kernel that fits an input of shape %v", kernel, stride, x)
	return New(x.N, x.C, (x.H-kernel)/stride+1, (x.W-kernel)/stride+1)
}

// poolWindows calls f with the index of every output and the indices of its
// window in row order, which f must not keep.
func poolWindows(x, y *Tensor, kernel, stride int, f func(yi int, window []int)) {
	window := make([]int, 0, kernel*kernel)
	for n := range y.N {
		for c := range y.C {
			for p := range y.H {
				for q := range y.W {
					window = window[:0]
					for r := range kernel {
						for s := range kernel {
							window = append(window, x.Index(n, c, p*stride+r, q*stride+s))
						}
					}
					f(y.Index(n, c, p, q), window)
				}
			}
		}
	}
}
