package nearest

import (
	"math"
	"slices"
)

// ranking are the rows that are nearest to a query so far.
type ranking struct {
	query []float32
	most  int
	rows  []Row // nearest first, with squared distances
}

// limit is the squared distance that a row must stay below to be among the nearest.
func (r *ranking) limit() float64 {
	if len(r.rows) < r.most {
		return math.Inf(1)
	}
	return r.rows[len(r.rows)-1].Distance
}

// add measures a row, whose index is above those of all rows before, and takes it in if
// it is near enough.
func (r *ranking) add(index int, row []float32) {
	distance := squared(r.query, row)
	if !(distance < r.limit()) {
		return
	}
	at := len(r.rows)
	for at > 0 && distance < r.rows[at-1].Distance {
		at--
	}
	if len(r.rows) == r.most {
		r.rows = r.rows[:r.most-1]
	}
	r.rows = slices.Insert(r.rows, at, Row{index, distance})
}

// squared is the squared distance in float64.
func squared(a, b []float32) float64 {
	sum := 0.0
	for i, v := range a {
		d := float64(v) - float64(b[i])
		sum += d * d
	}
	return sum
}
