package ref

// Local is a locally connected layer: Conv with kernels and biases of their own for each
// output pixel. w is (Filters, OH, OW, C/Groups, Kernel, Kernel), b is (Filters, OH, OW):
//
//	y[n,k,p,q] = b[k,p,q] + sum over c, r, s of w[k,p,q,c,r,s] * x[n, c, p*Stride+r-Pad, q*Stride+s-Pad]
//
// Groups that Deal makes unequal have their weights one group after the other.
func Local(x *Tensor, w, b []float64, shape ConvShape) *Tensor {
	l := newLocal(x, w, shape)
	check(len(b) == shape.Filters*l.oh*l.ow, "local: %d biases; expected %d filters of %dx%d pixels", len(b), shape.Filters, l.oh, l.ow)
	y := New(x.N, shape.Filters, l.oh, l.ow)
	each(x.N, func(n int) {
		copy(y.Image(n), b)
		l.products(n, func(xi, wi, yi int) { y.Data[yi] += w[wi] * x.Data[xi] })
	})
	return y
}

// LocalBackward takes dy = dL/dy (N, Filters, OH, OW) to dL/dx, dL/dw and dL/db, as
// ConvBackward:
//
//	dw[k,p,q,c,r,s] = sum over n of dy[n,k,p,q] * x[n, c, p*Stride+r-Pad, q*Stride+s-Pad]
//	db[k,p,q]       = sum over n of dy[n,k,p,q]
func LocalBackward(x *Tensor, w []float64, dy *Tensor, shape ConvShape) (dx *Tensor, dw, db []float64) {
	l := newLocal(x, w, shape)
	check(dy.N == x.N && dy.C == shape.Filters && dy.H == l.oh && dy.W == l.ow,
		"local: an output gradient of shape %v; expected (%d, %d, %d, %d)", dy, x.N, shape.Filters, l.oh, l.ow)
	dx, dw, db = x.Like(), make([]float64, len(w)), make([]float64, shape.Filters*l.oh*l.ow)
	for n := range x.N {
		for i, g := range dy.Image(n) {
			db[i] += g
		}
		l.products(n, func(xi, wi, yi int) {
			dx.Data[xi] += w[wi] * dy.Data[yi]
			dw[wi] += x.Data[xi] * dy.Data[yi]
		})
	}
	return dx, dw, db
}

// local is the index arithmetic that Local and LocalBackward share.
type local struct {
	ConvShape
	x       *Tensor
	oh, ow  int
	sources []source // of each kernel
}

func newLocal(x *Tensor, w []float64, shape ConvShape) local {
	shape.check("local", x)
	oh, ow := shape.Out(x.H), shape.Out(x.W)
	list, total := sources(x.C, shape.Filters, shape.Groups, oh*ow*shape.Kernel*shape.Kernel)
	check(len(w) == total, "local: %d weights; expected %d for an input of shape %v and %+v", len(w), total, x, shape)
	return local{ConvShape: shape, x: x, oh: oh, ow: ow, sources: list}
}

// products lists the products of image n: the output at yi has that of the weight at wi
// and the input at xi as a term.
func (l local) products(n int, f func(xi, wi, yi int)) {
	taps := l.Kernel * l.Kernel
	for k, from := range l.sources {
		for p := range l.oh {
			for q := range l.ow {
				yi := ((n*l.Filters+k)*l.oh+p)*l.ow + q
				first := from.weight + (p*l.ow+q)*from.channels*taps
				for i := range from.channels * taps {
					h, w := p*l.Stride+i%taps/l.Kernel-l.Pad, q*l.Stride+i%l.Kernel-l.Pad
					if h >= 0 && h < l.x.H && w >= 0 && w < l.x.W {
						f(l.x.Index(n, from.first+i/taps, h, w), first+i, yi)
					}
				}
			}
		}
	}
}
