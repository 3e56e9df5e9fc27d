// Package nearest finds the rows of a table of numbers that are nearest to others, by
// Euclidean distance: the exact search behind the paper's Figure 4, right (Krizhevsky
// 2012, section 6.1).
package nearest

import (
	"context"
	"fmt"
	"math"

	"alexnet/engine"
	"alexnet/shaders"
)

// Row is a row that was found.
type Row struct {
	Index    int
	Distance float64 // Euclidean
}

// Table is rows of numbers that are read in pieces, as they may not fit in memory.
type Table struct {
	Rows, Width int
	// Read fills dst with whole rows, the first of them row first.
	Read func(first int, dst []float32) error
}

// Search finds the rows of a table, at most so many, that are nearest to each of the
// queries, which are rows, too. The nearest come first, and of equally distant ones those
// that the table has first. Distances are computed on a device in float32, with a known
// bound on their errors; rows that may be among the nearest are measured again in
// float64, so that ranks are exact. Many queries take several passes over the table. onRows
// is called with what is done; it may be nil.
func Search(ctx context.Context, d *engine.Device, t Table, queries []float32, most int, onRows func(done, total int)) ([][]Row, error) {
	count := len(queries) / t.Width
	group := max(1, queryBytes/(4*padded(t.Width)))
	passes := (count + group - 1) / group
	out := make([][]Row, 0, count)
	for pass := range passes {
		part := queries[pass*group*t.Width : min((pass+1)*group, count)*t.Width]
		near, err := searchGroup(ctx, d, t, part, most, func(done int) {
			if onRows != nil {
				onRows(pass*t.Rows+done, passes*t.Rows)
			}
		})
		if err != nil {
			return nil, fmt.Errorf("nearest: search among %d rows of %d: %w", t.Rows, t.Width, err)
		}
		out = append(out, near...)
	}
	return out, nil
}

// searchGroup is Search of as many queries as go through the rows together.
func searchGroup(ctx context.Context, d *engine.Device, t Table, queries []float32, most int, onRows func(done int)) ([][]Row, error) {
	count := len(queries) / t.Width
	s := &search{device: d, table: t, queries: queries, near: make([]ranking, count)}
	for i := range s.near {
		s.near[i] = ranking{query: queries[i*t.Width : (i+1)*t.Width], most: min(most, t.Rows)}
	}
	if t.Rows > 0 {
		defer s.free()
		if err := s.make(); err != nil {
			return nil, err
		}
		if err := s.run(ctx, onRows); err != nil {
			return nil, err
		}
	}
	out := make([][]Row, count)
	for i, r := range s.near {
		for _, row := range r.rows {
			out[i] = append(out[i], Row{row.Index, math.Sqrt(row.Distance)})
		}
	}
	return out, nil
}

// Sizes of what is on the device at once.
const (
	chunkBytes   = 32 << 20 // of rows
	answerBytes  = 32 << 20 // of distances
	queryBytes   = 64 << 20 // of queries: half of what every device binds as one buffer
	queriesOnce  = 64       // of a dispatch, which is not to take long
	queriesTiled = 4        // of an invocation, where there is more than one
	rowsTiled    = 4        // as in distance.comp
	lanes        = 64       // as in distance.comp
)

// search is one search. While the device measures a chunk of rows, the next is read.
type search struct {
	device  *engine.Device
	table   Table
	queries []float32
	near    []ranking // of each query

	padded  int // width of rows there
	chunk   int // rows
	tiled   int // queries of an invocation
	kernel  *engine.Kernel[shaders.DistancePush]
	stages  [2]stage
	local   *engine.Buffer // of the queries
	answer  *engine.Buffer // of the distances, (query, row)
	sent    *engine.Buffer // the same for the host
	buffers []*engine.Buffer
}

// stage is where a chunk of rows lies.
type stage struct {
	first, count int
	rows         []float32 // as the table has them
	up, local    *engine.Buffer
	sequence     *engine.Sequence
	err          error // in reading them
}

func (s *search) make() error {
	s.padded = padded(s.table.Width)
	s.chunk = max(1, min(s.table.Rows, chunkBytes/(4*s.padded), answerBytes/(4*len(s.near))))
	s.tiled = 1
	if len(s.near) > 1 {
		s.tiled = queriesTiled
	}
	var err error
	if s.kernel, err = engine.NewKernel(s.device, shaders.Distance, shaders.DistanceConstants{Queries: uint32(s.tiled)}); err != nil {
		return err
	}
	answers := len(s.near) * s.chunk
	if s.answer, err = s.buffer("distances", answers, engine.Local); err != nil {
		return err
	}
	if s.sent, err = s.buffer("distances for the host", answers, engine.Readback); err != nil {
		return err
	}
	if err := s.bringQueries(); err != nil {
		return err
	}
	for i := range s.stages {
		if err := s.makeStage(&s.stages[i]); err != nil {
			return err
		}
	}
	return nil
}

// buffer makes one of floats, which free frees.
func (s *search) buffer(name string, floats int, kind engine.Kind) (*engine.Buffer, error) {
	b, err := s.device.NewBuffer(name, uint64(4*floats), kind)
	if err == nil {
		s.buffers = append(s.buffers, b)
	}
	return b, err
}

// bringQueries brings the queries to the device.
func (s *search) bringQueries() error {
	up, err := s.buffer("queries upload", len(s.near)*s.padded, engine.Upload)
	if err != nil {
		return err
	}
	if s.local, err = s.buffer("queries", len(s.near)*s.padded, engine.Local); err != nil {
		return err
	}
	s.pad(up.Floats(), s.queries)
	q := s.device.NewSequence("queries")
	defer q.Free()
	q.Copy(s.local.Whole(), up.Whole())
	if err := q.End(); err != nil {
		return err
	}
	return s.device.Run(q)
}

// padded is the width of rows on the device, a multiple of 4.
func padded(width int) int { return (width + 3) / 4 * 4 }

// pad copies rows with zeros behind each, which add nothing to a distance.
func (s *search) pad(dst, rows []float32) {
	if s.padded == s.table.Width {
		copy(dst, rows)
		return
	}
	for ; len(rows) > 0; rows, dst = rows[s.table.Width:], dst[s.padded:] {
		clear(dst[copy(dst, rows[:s.table.Width]):s.padded])
	}
}

func (s *search) makeStage(g *stage) error {
	var err error
	g.rows = make([]float32, s.chunk*s.table.Width)
	if g.up, err = s.buffer("rows upload", s.chunk*s.padded, engine.Upload); err != nil {
		return err
	}
	if g.local, err = s.buffer("rows", s.chunk*s.padded, engine.Local); err != nil {
		return err
	}
	g.sequence = s.device.NewSequence("distances")
	g.sequence.Copy(g.local.Whole(), g.up.Whole())
	for first := 0; first < len(s.near); first += queriesOnce {
		queries := min(queriesOnce, len(s.near)-first)
		groups := engine.Groups{uint32((s.chunk + rowsTiled*lanes - 1) / (rowsTiled * lanes)), uint32((queries + s.tiled - 1) / s.tiled), 1}
		push := shaders.DistancePush{Queries: uint32(len(s.near)), Rows: uint32(s.chunk), Width: uint32(s.padded), First: uint32(first)}
		s.kernel.Dispatch(g.sequence, "distances", groups, push, s.local.Whole(), g.local.Whole(), s.answer.Whole())
	}
	g.sequence.Copy(s.sent.Whole(), s.answer.Whole())
	return g.sequence.End()
}

// run brings the rows through the device, chunk by chunk.
func (s *search) run(ctx context.Context, onRows func(done int)) error {
	ctx, stop := context.WithCancel(ctx)
	read, free := make(chan *stage), make(chan *stage, len(s.stages))
	for i := range s.stages {
		free <- &s.stages[i]
	}
	go s.read(ctx, free, read)
	defer func() { // the reader must not write what free frees
		stop()
		for range read {
		}
	}()
	for g := range read {
		if g.err != nil {
			return g.err
		}
		if err := s.device.Run(g.sequence); err != nil {
			return err
		}
		s.rank(g)
		onRows(g.first + g.count)
		free <- g
	}
	return ctx.Err()
}

// read reads the chunks into stages as they become free.
func (s *search) read(ctx context.Context, free <-chan *stage, read chan<- *stage) {
	defer close(read)
	for first := 0; first < s.table.Rows; first += s.chunk {
		var g *stage
		select {
		case g = <-free:
		case <-ctx.Done():
			return
		}
		g.first, g.count = first, min(s.chunk, s.table.Rows-first)
		rows := g.rows[:g.count*s.table.Width]
		if g.err = s.table.Read(first, rows); g.err == nil {
			s.pad(g.up.Floats(), rows)
		}
		select {
		case read <- g:
		case <-ctx.Done():
			return
		}
	}
}

// rank ranks a chunk's rows for every query.
func (s *search) rank(g *stage) {
	slack := 1 - float64(s.padded/64+32)/(1<<23) // distance.comp
	for i := range s.near {
		r := &s.near[i]
		for k, d := range s.sent.Floats()[i*s.chunk : i*s.chunk+g.count] {
			if float64(d)*slack < r.limit() {
				r.add(g.first+k, g.rows[k*s.table.Width:(k+1)*s.table.Width])
			}
		}
	}
}

func (s *search) free() {
	for i := range s.stages {
		if q := s.stages[i].sequence; q != nil {
			q.Free()
		}
	}
	for _, b := range s.buffers {
		b.Free()
	}
}
