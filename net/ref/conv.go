package ref

// ConvShape is what a convolution adds to its input's shape.
type ConvShape struct {
	Filters int // kernels over all groups
	Kernel  int // height and width of a kernel, pixels
	Stride  int // pixels
	Pad     int // zero pixels around the map
	Groups  int // columns that see their own channels only; 1: every kernel sees all channels
}

// Out is the height or width of the output for an input of in pixels.
func (s ConvShape) Out(in int) int { return (in+2*s.Pad-s.Kernel)/s.Stride + 1 }

// Weights is the number of weights for an input of the given channels.
func (s ConvShape) Weights(channels int) int {
	_, total := sources(channels, s.Filters, s.Groups, s.Kernel*s.Kernel)
	return total
}

// Conv convolves x (N, C, H, W) with w (Filters, C/Groups, Kernel, Kernel) and
// adds b (Filters); y is (N, Filters, OH, OW) (paper, section 3.5). With c over
// the channels of kernel k's group and zeros outside of x:
//
//	y[n,k,p,q] = b[k] + sum over c, r, s of w[k,c,r,s] * x[n, c, p*Stride+r-Pad, q*Stride+s-Pad]
//
// Groups that Deal makes unequal have their weights one group after the other.
func Conv(x *Tensor, w, b []float64, shape ConvShape) *Tensor {
	c := newConvolution(x, w, shape)
	check(len(b) == shape.Filters, "conv: %d biases; expected one for each of %d filters", len(b), shape.Filters)
	y := New(x.N, shape.Filters, c.oh, c.ow)
	each(x.N, func(n int) {
		for k := range shape.Filters {
			plane := y.Data[y.Index(n, k, 0, 0):][:c.oh*c.ow]
			for i := range plane {
				plane[i] = b[k]
			}
			c.rows(n, k, func(xi, wi, yi, count int) {
				for i := range count {
					y.Data[yi+i] += w[wi] * x.Data[xi+i*shape.Stride]
				}
			})
		}
	})
	return y
}

// ConvBackward takes dy = dL/dy (N, Filters, OH, OW) to dL/dx, dL/dw and dL/db.
// y is bilinear in x and w, so every product w*x that Conv adds to a y gives
// w*dy to dx and x*dy to dw:
//
//	dw[k,c,r,s] = sum over n, p, q of dy[n,k,p,q] * x[n, c, p*Stride+r-Pad, q*Stride+s-Pad]
//	db[k]       = sum over n, p, q of dy[n,k,p,q]
func ConvBackward(x *Tensor, w []float64, dy *Tensor, shape ConvShape) (dx *Tensor, dw, db []float64) {
	c := newConvolution(x, w, shape)
	check(dy.N == x.N && dy.C == shape.Filters && dy.H == c.oh && dy.W == c.ow,
		"conv: an output gradient of shape %v; expected (%d, %d, %d, %d)", dy, x.N, shape.Filters, c.oh, c.ow)
	dx, dw, db = x.Like(), make([]float64, len(w)), make([]float64, shape.Filters)
	each(x.N, func(n int) {
		for k := range shape.Filters {
			c.rows(n, k, func(xi, wi, yi, count int) {
				for i := range count {
					dx.Data[xi+i*shape.Stride] += w[wi] * dy.Data[yi+i]
				}
			})
		}
	})
	each(shape.Filters, func(k int) {
		for n := range x.N {
			c.rows(n, k, func(xi, wi, yi, count int) {
				for i := range count {
					dw[wi] += x.Data[xi+i*shape.Stride] * dy.Data[yi+i]
				}
			})
			for _, g := range dy.Data[dy.Index(n, k, 0, 0):][:c.oh*c.ow] {
				db[k] += g
			}
		}
	})
	return dx, dw, db
}

// convolution is the index arithmetic that Conv and ConvBackward share.
type convolution struct {
	ConvShape
	x       *Tensor
	oh, ow  int
	sources []source // of each kernel
}

// check panics where a layer of a kind cannot have the shape, or not for x.
func (s ConvShape) check(kind string, x *Tensor) {
	check(s.Filters >= 1 && s.Kernel >= 1 && s.Stride >= 1 && s.Pad >= 0 && s.Groups >= 1,
		"%s: %+v; expected filters, kernel, stride and groups of at least 1", kind, s)
	check(s.Kernel <= x.H+2*s.Pad && s.Kernel <= x.W+2*s.Pad,
		"%s: a kernel of %d does not fit an input of shape %v with pad %d", kind, s.Kernel, x, s.Pad)
}

func newConvolution(x *Tensor, w []float64, shape ConvShape) convolution {
	shape.check("conv", x)
	list, total := sources(x.C, shape.Filters, shape.Groups, shape.Kernel*shape.Kernel)
	check(len(w) == total, "conv: %d weights; expected %d for an input of shape %v and %+v", len(w), total, x, shape)
	return convolution{ConvShape: shape, x: x, oh: shape.Out(x.H), ow: shape.Out(x.W), sources: list}
}

// rows lists the products of image n and kernel k, a row of outputs at a time:
// the output at index yi+i has the product of the weight at wi and the input at
// xi + i*Stride as a term, for i < count.
func (c convolution) rows(n, k int, f func(xi, wi, yi, count int)) {
	wi := c.sources[k].weight
	for channel := range c.sources[k].channels {
		for r := range c.Kernel {
			top, bottom := c.inside(r, c.x.H, c.oh)
			for s := range c.Kernel {
				left, right := c.inside(s, c.x.W, c.ow)
				for p := top; p < bottom && left < right; p++ {
					xi := c.x.Index(n, c.sources[k].first+channel, p*c.Stride+r-c.Pad, left*c.Stride+s-c.Pad)
					yi := ((n*c.Filters+k)*c.oh+p)*c.ow + left
					f(xi, wi, yi, right-left)
				}
				wi++
			}
		}
	}
}

// inside is the range of outputs [from, to) whose tap lies on the map and not on
// the zeros around it.
func (c convolution) inside(tap, in, out int) (from, to int) {
	to = out
	for from < to && from*c.Stride+tap-c.Pad < 0 {
		from++
	}
	for to > from && (to-1)*c.Stride+tap-c.Pad >= in {
		to--
	}
	return from, to
}
