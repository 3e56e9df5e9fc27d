package winograd

import (
	"math/big"
	"testing"
)

// With exact numbers, At [(G g) * (Bt d)] is the correlation of d and g.
func TestFamiliesAreExact(t *testing.T) {
	for _, f := range Families() {
		d, g := make([]*big.Rat, f.N), make([]*big.Rat, f.R)
		for i := range d {
			d[i] = rat(int64(7*i*i-11*i+3), 5)
		}
		for i := range g {
			g[i] = rat(int64(3*i*i-4*i-2), 7)
		}
		u, v := times(f.G, g), times(f.Bt, d)
		for i := range u {
			u[i].Mul(u[i], v[i])
		}
		for i, y := range times(f.At, u) {
			want := new(big.Rat)
			for k := range g {
				want.Add(want, new(big.Rat).Mul(d[i+k], g[k]))
			}
			if y.Cmp(want) != 0 {
				t.Errorf("F(%d, %d): output %d is %v; expected %v", f.M, f.R, i, y, want)
			}
		}
	}
}

func times(m Matrix, x []*big.Rat) []*big.Rat {
	y := make([]*big.Rat, len(m))
	for i, row := range m {
		y[i] = new(big.Rat)
		for j, v := range row {
			y[i].Add(y[i], new(big.Rat).Mul(v, x[j]))
		}
	}
	return y
}
