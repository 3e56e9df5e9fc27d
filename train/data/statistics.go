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
	sums := make([]imageSums, max(1, min(workers, set.Len())))
	var running sync.WaitGroup
	for i := range sums {
		running.Go(func() { s.run(ctx, &sums[i]) })
	}
	running.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	total := &sums[0]
	for i := range sums[1:] {
		total.merge(&sums[1+i])
	}
	if total.images == 0 {
		if s.err == nil {
			return nil, fmt.Errorf("data: the set has no image")
		}
		return nil, fmt.Errorf("data: none of the %d images can be read; the first one: %w", set.Len(), s.err)
	}
	colour, err := total.colour.pca()
	if err != nil {
		return nil, err
	}
	return &Stats{Images: total.images, Bad: set.Len() - total.images, First: s.err, Mean: total.mean(), Colour: *colour}, nil
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
func (s *survey) run(ctx context.Context, sums *imageSums) {
	size := s.set.Size()
	sums.pixels = make([]uint64, 3*size*size)
	pixels := make([]byte, 3*size*size)
	for ctx.Err() == nil {
		i, ok := s.take()
		if !ok {
			return
		}
		err := s.set.Pixels(i, pixels)
		if err == nil {
			sums.add(pixels)
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

// imageSums are exact sums over images.
type imageSums struct {
	images int
	pixels []uint64 // (y, x, colour)
	colour colourSums
}

func (s *imageSums) add(pixels []byte) {
	s.images++
	for k, v := range pixels {
		s.pixels[k] += uint64(v)
	}
	s.colour.add(pixels)
}

func (s *imageSums) merge(t *imageSums) {
	s.images += t.images
	for k, v := range t.pixels {
		s.pixels[k] += v
	}
	s.colour.merge(&t.colour)
}

// mean is the mean image (colour, y, x).
func (s *imageSums) mean() []float32 {
	plane := len(s.pixels) / 3
	mean := make([]float32, len(s.pixels))
	for c := range 3 {
		for i := range plane {
			mean[c*plane+i] = float32(float64(s.pixels[3*i+c]) / float64(s.images))
		}
	}
	return mean
}
