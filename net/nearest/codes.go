package nearest

import "math/bits"

// Codes is a table of binary codes, of so many words each.
type Codes struct {
	Words int
	Bits  []uint64 // (row, word)
}

// Nearest are the rows, at most so many, whose codes differ from one in the fewest bits
// (their Hamming distance), in the order of Search. It takes a GPU's place: a million
// codes of 128 bits are compared in milliseconds.
func (c *Codes) Nearest(code []uint64, most int) []Row {
	rows := len(c.Bits) / c.Words
	most = min(most, rows)
	// Rows by distance: there are few distances, and rows come in order.
	near := make([][]int, 64*c.Words+1)
	limit, found := len(near), 0 // rows as far as the limit or farther are not among the nearest
	for row := range rows {
		d := 0
		for i, w := range c.Bits[row*c.Words : (row+1)*c.Words] {
			d += bits.OnesCount64(w ^ code[i])
		}
		if d >= limit {
			continue
		}
		near[d] = append(near[d], row)
		found++
		for limit > 0 && found-len(near[limit-1]) >= most {
			limit--
			found -= len(near[limit])
			near[limit] = nil
		}
	}
	var out []Row
	for d, list := range near {
		for _, row := range list {
			if len(out) < most {
				out = append(out, Row{row, float64(d)})
			}
		}
	}
	return out
}
