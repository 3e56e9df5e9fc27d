package data

import (
	"fmt"
	"math"
	"math/big"

	"gonum.org/v1/gonum/mat"
)

// ColourPCA is the principal component analysis of the pixels of a set as
// points in RGB space (Krizhevsky 2012, section 4.1). Components are in falling
// order of their variance.
type ColourPCA struct {
	Mean       [3]float64    `json:"mean"`       // of red, green and blue, grey levels 0..255
	Deviation  [3]float64    `json:"deviation"`  // standard deviation along each direction, grey levels
	Eigenvalue [3]float64    `json:"eigenvalue"` // of the covariance of pixels scaled to 0..1
	Direction  [3][3]float64 `json:"direction"`  // unit vectors (component, colour), their sums not negative
}

// ColourScale is the length that a principal component has in Augment.
type ColourScale string

const (
	// Deviation is a component's standard deviation: a factor of 0.1 shifts a
	// pixel by a tenth of it.
	Deviation ColourScale = "deviation"
	// Eigenvalue is the eigenvalue of pixels from 0 to 1, in units of the whole
	// range: the paper's words taken literally, for images scaled to 0..1.
	Eigenvalue ColourScale = "eigenvalue"
)

// Components are the rows for Augment.Components in grey levels: direction j
// times its scale. Any other scale than the two is a mistake of the caller.
func (p *ColourPCA) Components(scale ColourScale) (components [3][3]float64) {
	for j, direction := range p.Direction {
		var length float64
		switch scale {
		case Deviation:
			length = p.Deviation[j]
		case Eigenvalue:
			length = p.Eigenvalue[j] * 255
		default:
			panic(fmt.Sprintf("data: colour scale %q", scale))
		}
		for c, d := range direction {
			components[j][c] = d * length
		}
	}
	return components
}

// ColourSums are exact sums over pixels. A uint64 holds the products of 2.8e14
// pixels: four billion images of 256 x 256.
type ColourSums struct {
	Count    uint64
	Sum      [3]uint64
	Products [3][3]uint64 // of colours a and b, for a <= b
}

// add sums up one image of (y, x, colour) bytes.
func (s *ColourSums) add(pixels []byte) {
	var r, g, b, rr, rg, rb, gg, gb, bb uint64
	for ; len(pixels) >= 3; pixels = pixels[3:] {
		x, y, z := uint64(pixels[0]), uint64(pixels[1]), uint64(pixels[2])
		r, g, b = r+x, g+y, b+z
		rr, rg, rb = rr+x*x, rg+x*y, rb+x*z
		gg, gb, bb = gg+y*y, gb+y*z, bb+z*z
		s.Count++
	}
	s.merge(&ColourSums{Sum: [3]uint64{r, g, b}, Products: [3][3]uint64{{rr, rg, rb}, {0, gg, gb}, {0, 0, bb}}})
}

func (s *ColourSums) merge(t *ColourSums) {
	s.Count += t.Count
	for a := range 3 {
		s.Sum[a] += t.Sum[a]
		for b := range 3 {
			s.Products[a][b] += t.Products[a][b]
		}
	}
}

// covariance is that of colours a and b: (n sum(ab) - sum(a) sum(b)) / n^2, in
// whole numbers up to the division, because the two products nearly cancel.
func (s *ColourSums) covariance(a, b int) float64 {
	n := new(big.Int).SetUint64(s.Count)
	ab := new(big.Int).SetUint64(s.Products[a][b])
	difference := new(big.Int).Mul(n, ab)
	product := new(big.Int).SetUint64(s.Sum[a])
	difference.Sub(difference, product.Mul(product, new(big.Int).SetUint64(s.Sum[b])))
	covariance, _ := new(big.Rat).SetFrac(difference, n.Mul(n, n)).Float64()
	return covariance
}

// pca is the analysis of a positive number of pixels.
func (s *ColourSums) pca() (*ColourPCA, error) {
	covariance := mat.NewSymDense(3, nil)
	p := &ColourPCA{}
	for a := range 3 {
		p.Mean[a] = float64(s.Sum[a]) / float64(s.Count)
		for b := a; b < 3; b++ {
			covariance.SetSym(a, b, s.covariance(a, b))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(covariance, true) {
		return nil, fmt.Errorf("data: the eigenvalues of the colour covariance %v were not found", mat.Formatted(covariance, mat.Squeeze()))
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	values := eigen.Values(nil) // rising
	for j := range 3 {
		variance := max(values[2-j], 0) // rounding can make a zero negative
		p.Deviation[j] = math.Sqrt(variance)
		p.Eigenvalue[j] = variance / (255 * 255)
		for c := range 3 {
			p.Direction[j][c] = vectors.At(c, 2-j)
		}
		p.Direction[j] = positive(p.Direction[j])
	}
	return p, nil
}

// positive fixes the sign, which the equations leave open: the components sum
// to a positive number, or to zero with the first of any size positive.
func positive(v [3]float64) [3]float64 {
	const rounding = 1e-9
	sign := v[0] + v[1] + v[2]
	for _, x := range v {
		if math.Abs(sign) < rounding {
			sign = x
		}
	}
	if sign < 0 {
		return [3]float64{-v[0], -v[1], -v[2]}
	}
	return v
}
