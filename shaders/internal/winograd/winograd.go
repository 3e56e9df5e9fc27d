// Package winograd makes the matrices of Toom-Cook's fast convolutions, after
// Winograd (Lavin and Gray 2015, "Fast Algorithms for Convolutional Neural
// Networks"), exactly, for shaders and for the tests of shaders.
package winograd

import (
	"math/big"
)

// Matrix is (rows, columns) of exact numbers.
type Matrix [][]*big.Rat

// Family is F(M x M, R x R): M x M outputs of an R x R filter from N x N
// products, N = M + R - 1. Of filter g and input tile d
//
//	y = At [(G g Gt) * (Bt d B)] A
//
// with * by elements. The gradient of g is Gt [(A dy At) * (Bt d B)] G.
type Family struct {
	M, R, N   int
	At, G, Bt Matrix
}

// Families are those with kernels. Seven points fit AlexNet's maps: 55 = 11*5 and
// 27 = 9*3; eight need the fewest products of a 5x5 filter. More points lose
// digits.
func Families() []Family { return []Family{New(5, 3), New(3, 5), New(4, 5)} }

// points are interpolated at, besides infinity: small, and their powers exact.
var points = []*big.Rat{rat(0, 1), rat(1, 1), rat(-1, 1), rat(2, 1), rat(-2, 1), rat(1, 2), rat(-1, 2)}

func rat(a, b int64) *big.Rat { return big.NewRat(a, b) }

// New makes F(m x m, r x r); m + r - 1 is at most 8.
func New(m, r int) Family {
	n := m + r - 1
	f := Family{M: m, R: r, N: n, At: zeros(m, n), G: zeros(n, r), Bt: zeros(n, n)}
	p := points[:n-1]
	for j := range n - 1 {
		scale := rat(1, 1) // the product of p_j's distances from the others
		var others []*big.Rat
		for l, q := range p {
			if l != j {
				scale.Mul(scale, new(big.Rat).Sub(p[j], q))
				others = append(others, q)
			}
		}
		power := rat(1, 1)
		for i := range max(m, r) {
			if i < m {
				f.At[i][j].Set(power)
			}
			if i < r {
				f.G[j][i].Quo(power, scale)
			}
			power = new(big.Rat).Mul(power, p[j])
		}
		copy(f.Bt[j], polynomial(others))
	}
	f.At[m-1][n-1].SetInt64(1)
	f.G[n-1][r-1].SetInt64(1)
	copy(f.Bt[n-1], polynomial(p))
	f.balance()
	return f
}

// polynomial returns the coefficients of the product of x - root, lowest first.
func polynomial(roots []*big.Rat) []*big.Rat {
	c := []*big.Rat{rat(1, 1)}
	for _, root := range roots {
		next := make([]*big.Rat, len(c)+1)
		for i := range next {
			next[i] = new(big.Rat)
			if i > 0 {
				next[i].Set(c[i-1])
			}
			if i < len(c) {
				next[i].Sub(next[i], new(big.Rat).Mul(root, c[i]))
			}
		}
		c = next
	}
	return c
}

// balance moves powers of two, which round nothing, between the rows of Bt and
// those of G until the largest coefficient of each row of Bt is 1 to 4.
func (f *Family) balance() {
	for j := range f.N {
		most, factor := new(big.Rat), rat(1, 1)
		for _, v := range f.Bt[j] {
			if a := new(big.Rat).Abs(v); a.Cmp(most) > 0 {
				most = a
			}
		}
		for most.Cmp(rat(4, 1)) > 0 {
			most.Mul(most, rat(1, 2))
			factor.Mul(factor, rat(1, 2))
		}
		for most.Cmp(rat(1, 1)) < 0 {
			most.Mul(most, rat(2, 1))
			factor.Mul(factor, rat(2, 1))
		}
		for i := range f.Bt[j] {
			f.Bt[j][i] = new(big.Rat).Mul(f.Bt[j][i], factor)
		}
		for i := range f.G[j] {
			f.G[j][i] = new(big.Rat).Quo(f.G[j][i], factor)
		}
	}
}

func zeros(rows, columns int) Matrix {
	m := make(Matrix, rows)
	for i := range m {
		m[i] = make([]*big.Rat, columns)
		for j := range m[i] {
			m[i][j] = new(big.Rat)
		}
	}
	return m
}

// Transpose swaps rows and columns.
func (m Matrix) Transpose() Matrix {
	t := zeros(len(m[0]), len(m))
	for i, row := range m {
		for j, v := range row {
			t[j][i] = v
		}
	}
	return t
}
