package nearest

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"alexnet/engine/enginetest"
)

// table keeps rows in memory.
func table(rows []float32, width int) Table {
	return Table{Rows: len(rows) / width, Width: width, Read: func(first int, dst []float32) error {
		copy(dst, rows[first*width:])
		return nil
	}}
}

// brute ranks all rows in float64.
func brute(rows []float32, width int, query []float32, most int) []Row {
	var all []Row
	for i := 0; i < len(rows)/width; i++ {
		sum := 0.0
		for c, q := range query {
			sum += (float64(q) - float64(rows[i*width+c])) * (float64(q) - float64(rows[i*width+c]))
		}
		all = append(all, Row{i, math.Sqrt(sum)})
	}
	slices.SortStableFunc(all, func(a, b Row) int { return cmp.Compare(a.Distance, b.Distance) })
	return all[:min(most, len(all))]
}

// near are rows around a few centres far from the origin, so that distances are small
// beside norms and many nearly the same; every seventh row is the one before again.
func near(r *rand.Rand, count, width int) []float32 {
	rows := make([]float32, count*width)
	for i := range count {
		row := rows[i*width : (i+1)*width]
		if i%7 == 6 {
			copy(row, rows[(i-1)*width:])
			continue
		}
		for c := range row {
			row[c] = float32(100*(i%3)+c%5) + float32(1e-4*float64(r.IntN(3)))
		}
	}
	return rows
}

func normal(r *rand.Rand, count, width int) []float32 {
	rows := make([]float32, count*width)
	for i := range rows {
		rows[i] = float32(r.NormFloat64())
	}
	return rows
}

// Search finds what a search in float64 finds, in its order, of rows in several chunks.
func TestSearchAgainstBruteForce(t *testing.T) {
	for _, driver := range []string{"lavapipe", "swiftshader"} {
		t.Run(driver, func(t *testing.T) {
			d := enginetest.Open(t, driver)[0]
			for _, c := range []struct {
				name                       string
				rows, width, queries, most int
				draw                       func(*rand.Rand, int, int) []float32
			}{
				{"one row", 1, 1, 1, 6, normal},
				{"width 7", 300, 7, 5, 10, normal},
				{"one query", 1000, 130, 1, 6, normal},
				{"wide", 40, 4096, 3, 6, normal},
				{"close", 700, 66, 9, 12, near},
				{"equal", 500, 8, 70, 20, near},
				{"more wanted than there are", 3, 4, 2, 9, near},
				{"chunks", 9000, 1024, 2, 8, near},
			} {
				t.Run(c.name, func(t *testing.T) {
					r := rand.New(rand.NewPCG(uint64(c.rows), uint64(c.width)))
					rows := c.draw(r, c.rows, c.width)
					queries := c.draw(r, c.queries, c.width)
					copy(queries, rows[len(rows)-c.width:]) // one that is there
					last := 0
					got, err := Search(context.Background(), d, table(rows, c.width), queries, c.most, func(done, total int) {
						if done <= last || total != c.rows {
							t.Errorf("%d of %d behind %d", done, total, last)
						}
						last = done
					})
					if err != nil || len(got) != c.queries || last != c.rows {
						t.Fatalf("%v: %d answers, %d rows", err, len(got), last)
					}
					for i := range got {
						want := brute(rows, c.width, queries[i*c.width:(i+1)*c.width], c.most)
						if !slices.Equal(got[i], want) {
							t.Fatalf("query %d: %v\nwant %v", i, got[i], want)
						}
					}
				})
			}
		})
	}
}

// More queries than a device binds as one buffer are searched in groups, whose progress
// adds up.
func TestSearchManyQueries(t *testing.T) {
	const width, count = 4096, 8200 // 134 MB
	d := enginetest.Open(t, "lavapipe")[0]
	rows := normal(rand.New(rand.NewPCG(1, 2)), 5, width)
	queries := make([]float32, 0, count*width)
	for i := range count {
		queries = append(queries, rows[i%5*width:(i%5+1)*width]...)
	}
	last, total := 0, 0
	got, err := Search(context.Background(), d, table(rows, width), queries, 1, func(done, all int) {
		if done <= last {
			t.Errorf("%d rows behind %d", done, last)
		}
		last, total = done, all
	})
	if err != nil || len(got) != count || last != total || total%5 != 0 || total <= 5 {
		t.Fatalf("%v: %d answers, %d of %d rows", err, len(got), last, total)
	}
	for i := range got {
		if want := []Row{{Index: i % 5}}; !slices.Equal(got[i], want) {
			t.Fatalf("query %d: %v, want %v", i, got[i], want)
		}
	}
}

// An error in reading rows and a cancelled context end a search.
func TestSearchEnds(t *testing.T) {
	d := enginetest.Open(t)[0]
	rows := make([]float32, 5000*4096)
	bad, far := errors.New("no more"), table(rows, 4096)
	all := far.Read
	far.Read = func(first int, dst []float32) error {
		if first > 0 {
			return bad
		}
		return all(first, dst)
	}
	if _, err := Search(context.Background(), d, far, rows[:4096], 3, nil); !errors.Is(err, bad) {
		t.Errorf("%v, want %v", err, bad)
	}
	ctx, stop := context.WithCancel(context.Background())
	if _, err := Search(ctx, d, table(rows, 4096), rows[:4096], 3, func(int, int) { stop() }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that it was cancelled", err)
	}
	if got, err := Search(context.Background(), d, table(nil, 4), rows[:4], 3, nil); err != nil || len(got) != 1 || len(got[0]) != 0 {
		t.Errorf("of no rows: %v, %v", got, err)
	}
}
