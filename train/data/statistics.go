package data

import (
	"context"
	"fmt"
	"runtime"
	"sync"
)

// Stats are the statistics of a set's pixels.
type Stats struct {
	Images int       // that were read
	Bad    int       // that could not be read and are left out
	First  error     // why the first of them could not; nil if Bad is 0
	Mean   []float32 // mean image (colour, y, x), grey levels 0..255
	Colour ColourPCA // and the mean of each colour
}

// Statistics reads all images of a set once, on all cores, and returns their
// mean image and colour analysis (Krizhevsky 2012, sections 2 and 4.1). Sums are
// exact, so that the result does not depend on the number of cores. progress,
// which may be nil, is called with the number of images done about a thousand
// times, never by two goroutines at once. The errors are the context's and that
// no image can be read.
func Statistics(ctx context.Context, set Set, progress func(done, total int)) (*Stats, error) {
	return statistics(ctx, set, progress, runtime.GOMAXPROCS(0))
}

func statistics(ctx context.Context, set Set, progress func(done, total int), workers int) (*Stats, error) {
	s := survey{set: set, progress: progress, every: max(1, set.Len()/1000)}
	sums := make([]*Sums, max(1, min(workers, set.Len())))
	var running sync.WaitGroup
	for i := range sums {
		sums[i] = NewSums(set.Size())
		running.Go(func() { s.run(ctx, sums[i]) })
	}
	running.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	total := sums[0]
	for _, one := range sums[1:] {
		total.Merge(one)
	}
	if total.Images == 0 {
		if s.err == nil {
			return nil, fmt.Errorf("data: the set has no image")
		}
		return nil, fmt.Errorf("data: none of the %d images can be read; the first one: %w", set.Len(), s.err)
	}
	stats, err := total.Stats()
	if err != nil {
		return nil, err
	}
	stats.Bad, stats.First = set.Len()-total.Images, s.err
	return stats, nil
}

// survey is a pass over a set by several workers.
type survey struct {
	set      Set
	progress func(done, total int)
	every    int

	mu         sync.Mutex
	next, done int
	bad        int   // the lowest index of an unreadable image, and
	err        error // its error
}

// run takes one image after the other until none is left.
func (s *survey) run(ctx context.Context, sums *Sums) {
	size := s.set.Size()
	pixels := make([]byte, 3*size*size)
	for ctx.Err() == nil {
		i, ok := s.take()
		if !ok {
			return
		}
		err := s.set.Pixels(i, pixels)
		if err == nil {
			sums.Add(pixels)
		}
		s.finish(i, err)
	}
}

func (s *survey) take() (i int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i = s.next
	s.next++
	return i, i < s.set.Len()
}

func (s *survey) finish(i int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && (s.err == nil || i < s.bad) {
		s.bad, s.err = i, err
	}
	s.done++
	if s.progress != nil && (s.done%s.every == 0 || s.done == s.set.Len()) {
		s.progress(s.done, s.set.Len())
	}
}

// Sums are exact sums over images of one size, from which their statistics follow
// whatever the order in which they were added.
type Sums struct {
	Images int
	Pixels []uint64 // (y, x, colour)
	Colour ColourSums
}

// NewSums are those of no image of size x size.
func NewSums(size int) *Sums { return &Sums{Pixels: make([]uint64, 3*size*size)} }

// Add adds an image of (y, x, colour) bytes.
func (s *Sums) Add(pixels []byte) {
	s.Images++
	sums := s.Pixels[:len(pixels)]
	for k, v := range pixels {
		sums[k] += uint64(v)
	}
	s.Colour.add(pixels)
}

// Reset makes them those of no image.
func (s *Sums) Reset() {
	clear(s.Pixels)
	s.Images, s.Colour = 0, ColourSums{}
}

// Merge adds the images of other sums.
func (s *Sums) Merge(t *Sums) {
	s.Images += t.Images
	for k, v := range t.Pixels {
		s.Pixels[k] += v
	}
	s.Colour.merge(&t.Colour)
}

// Stats are the statistics of a positive number of images.
func (s *Sums) Stats() (*Stats, error) {
	colour, err := s.Colour.pca()
	if err != nil {
		return nil, err
	}
	return &Stats{Images: s.Images, Mean: s.mean(), Colour: *colour}, nil
}

// mean is the mean image (colour, y, x).
func (s *Sums) mean() []float32 {
	plane := len(s.Pixels) / 3
	mean := make([]float32, len(s.Pixels))
	for c := range 3 {
		for i := range plane {
			mean[c*plane+i] = float32(float64(s.Pixels[3*i+c]) / float64(s.Images))
		}
	}
	return mean
}
