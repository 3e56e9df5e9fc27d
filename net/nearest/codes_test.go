package nearest

import (
	"cmp"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// Few bits differ, so that many rows are equally far.
func TestNearestCodes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ rows, words, most int }{{1, 1, 3}, {500, 2, 10}, {500, 4, 100}, {300, 2, 300}, {40, 2, 100}, {50, 1, 0}} {
		codes := Codes{Words: c.words, Bits: make([]uint64, c.rows*c.words)}
		for i := range codes.Bits {
			codes.Bits[i] = 1<<r.IntN(9) | 1<<r.IntN(9) | uint64(r.IntN(2))*r.Uint64()
		}
		code := codes.Bits[:c.words]
		var want []Row
		for row := range c.rows {
			d := 0
			for i, w := range code {
				d += bits.OnesCount64(w ^ codes.Bits[row*c.words+i])
			}
			want = append(want, Row{row, float64(d)})
		}
		slices.SortStableFunc(want, func(a, b Row) int { return cmp.Compare(a.Distance, b.Distance) })
		if got := codes.Nearest(code, c.most); !slices.Equal(got, want[:min(c.most, c.rows)]) {
			t.Errorf("%+v: %v\nwant %v", c, got, want[:min(c.most, c.rows)])
		}
	}
}
