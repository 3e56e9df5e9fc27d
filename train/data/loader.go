package data

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Batch is a number of images ready for the devices. It must be released.
type Batch struct {
	Pixels []byte  // (n, y, x, colour)
	Labels []int32 // of the valid images
	Crops  []Crop
	Index  []int // of the images in their set
	Valid  int   // images that count; the rest of Pixels is unspecified
	// Next is the counter of the first image behind this batch, where a resumed
	// run goes on.
	Next uint64

	loader *Loader
	err    error
}

// Release gives the batch's memory back to its loader.
func (b *Batch) Release() {
	if b.loader != nil {
		b.loader.free <- b
	}
}

// LoaderOptions say what a Loader loads.
type LoaderOptions struct {
	Batch   int
	Crop    int // height and width of a crop
	Train   bool
	Seed    uint64  // of order and draws
	Start   uint64  // counter of the first training image
	Augment Augment // of training images
	Workers int     // 0: one
	Ahead   int     // batches to hold ready; 0: two
	// MaxBad is the share of unreadable images above which Next fails; 0: none
	// may be.
	MaxBad float64
	// OnBad is called once for each unreadable image of the set, from any goroutine.
	OnBad func(image int, err error)
}

// Loader prepares batches ahead of their use. Training runs on forever, each
// epoch in an order of its own, batches across the border of epochs; an
// unreadable image is replaced by the next of the order that can be read.
// Evaluation is one pass in order without the unreadable ones. What a batch
// holds depends on set, options and counter only, not on the workers.
type Loader struct {
	set     Set
	options LoaderOptions
	free    chan *Batch
	ready   chan chan *Batch // in the order of the batches
	stop    context.CancelFunc
	workers sync.WaitGroup

	mu     sync.Mutex
	bad    map[int]bool
	seen   int
	orders map[uint64][]int
	lately []*Work // as they began
}

// Work is a batch that a worker has read, decoded and cropped.
type Work struct {
	From, To time.Time // To is zero while the worker is at it
	Images   int
}

// NewLoader starts a loader; Close stops it.
func NewLoader(set Set, o LoaderOptions) (*Loader, error) {
	if set.Len() == 0 {
		return nil, errors.New("data: the set has no image")
	}
	if o.Batch < 1 || o.Crop < 1 || o.Crop > set.Size() {
		return nil, fmt.Errorf("data: batches of %d crops of %d pixels from images of %d", o.Batch, o.Crop, set.Size())
	}
	o.Workers, o.Ahead = max(o.Workers, 1), max(o.Ahead, 2)
	ctx, stop := context.WithCancel(context.Background())
	l := &Loader{set: set, options: o, stop: stop, bad: map[int]bool{}, orders: map[uint64][]int{},
		free: make(chan *Batch, o.Ahead+2), ready: make(chan chan *Batch, o.Ahead)}
	bytes := o.Batch * set.Size() * set.Size() * 3
	for range cap(l.free) {
		l.free <- &Batch{Pixels: make([]byte, bytes), loader: l}
	}
	l.workers.Add(1)
	go l.schedule(ctx)
	return l, nil
}

// schedule hands out batches to workers in order.
func (l *Loader) schedule(ctx context.Context) {
	defer l.workers.Done()
	defer close(l.ready)
	slots := make(chan struct{}, l.options.Workers)
	for counter := l.options.Start; ; counter += uint64(l.options.Batch) {
		if !l.options.Train && counter >= uint64(l.set.Len()) {
			return
		}
		var b *Batch
		select {
		case b = <-l.free:
		case <-ctx.Done():
			return
		}
		result := make(chan *Batch, 1)
		select {
		case l.ready <- result:
		case <-ctx.Done():
			return
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		l.workers.Add(1)
		go func() {
			defer l.workers.Done()
			done := l.begin()
			l.fill(b, counter)
			done(b.Valid)
			result <- b
			<-slots
		}()
	}
}

// Next returns the next batch, io.EOF behind the last one of an evaluation.
func (l *Loader) Next(ctx context.Context) (*Batch, error) {
	for {
		var result chan *Batch
		var ok bool
		select {
		case result, ok = <-l.ready:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if !ok {
			return nil, io.EOF
		}
		select {
		case b := <-result:
			if b.err != nil {
				err := b.err
				b.Release()
				return nil, err
			}
			if b.Valid > 0 {
				return b, nil
			}
			b.Release() // an evaluation batch of unreadable images
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// begin notes that a worker begins with a batch; the function that it returns, that it
// is done. Until a batch is released no worker can begin with another one: twice as many
// as there are is more than a step sees.
func (l *Loader) begin() (done func(images int)) {
	w := &Work{From: time.Now(), Images: l.options.Batch}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lately = append(l.lately, w)
	if most := 2 * cap(l.free); len(l.lately) > most {
		l.lately = slices.Delete(l.lately, 0, len(l.lately)-most)
	}
	return func(images int) {
		l.mu.Lock()
		defer l.mu.Unlock()
		w.To, w.Images = time.Now(), images
	}
}

// Since lists what workers have done since a moment, and what they are doing, by its
// begin.
func (l *Loader) Since(moment time.Time) (out []Work) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.lately {
		if w.To.IsZero() || w.To.After(moment) {
			out = append(out, *w)
		}
	}
	return out
}

// Bad is the number of unreadable images found so far.
func (l *Loader) Bad() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.bad)
}

// Close stops the loader; batches in use stay readable.
func (l *Loader) Close() {
	l.stop()
	l.workers.Wait()
}

func (l *Loader) fill(b *Batch, counter uint64) {
	b.Labels, b.Crops, b.Index, b.Valid, b.err = b.Labels[:0], b.Crops[:0], b.Index[:0], 0, nil
	b.Next = counter + uint64(l.options.Batch)
	size := l.set.Size() * l.set.Size() * 3
	room := l.set.Size() - l.options.Crop
	for i := range uint64(l.options.Batch) {
		at := counter + i
		if !l.options.Train && at >= uint64(l.set.Len()) {
			b.Next = uint64(l.set.Len())
			return
		}
		index, err := l.load(at, b.Pixels[size*b.Valid:size*(b.Valid+1)])
		if err != nil {
			b.err = err
			return
		}
		if index < 0 {
			continue
		}
		crop := Centre(room)
		if l.options.Train {
			crop = l.options.Augment.Draw(l.options.Seed, at, room)
		}
		b.Labels, b.Crops, b.Index = append(b.Labels, int32(l.set.Label(index))), append(b.Crops, crop), append(b.Index, index)
		b.Valid++
	}
}

// load reads the image at a position; -1 if it cannot be read and is left out.
func (l *Loader) load(at uint64, dst []byte) (int, error) {
	n := uint64(l.set.Len())
	for tries := uint64(0); tries < n; tries++ {
		index := int(at % n)
		if l.options.Train {
			index = l.order(at / n)[(at+tries)%n]
		}
		err := l.set.Pixels(index, dst)
		if err == nil {
			return index, l.count(-1, nil)
		}
		if err := l.count(index, err); err != nil {
			return 0, err
		}
		if !l.options.Train {
			return -1, nil
		}
	}
	return 0, fmt.Errorf("data: none of the %d images can be read", n)
}

// count keeps track of unreadable images and gives up when they are too many.
func (l *Loader) count(bad int, err error) error {
	l.mu.Lock()
	l.seen++
	first := bad >= 0 && !l.bad[bad]
	if first {
		l.bad[bad] = true
	}
	n, seen := len(l.bad), l.seen
	l.mu.Unlock()
	if first && l.options.OnBad != nil {
		l.options.OnBad(bad, err)
	}
	if !first {
		return nil
	}
	if float64(n) > l.options.MaxBad*float64(l.set.Len()) {
		return fmt.Errorf("data: %d of the %d images cannot be read, more than data.max_bad = %g allows; the last one: %w", n, l.set.Len(), l.options.MaxBad, err)
	}
	// Of a large set that is not to be waited for.
	if n >= 20 && float64(n) > l.options.MaxBad*float64(seen) {
		return fmt.Errorf("data: %d of the first %d images cannot be read, more than data.max_bad = %g allows; the last one: %w", n, seen, l.options.MaxBad, err)
	}
	return nil
}

// order is the permutation of an epoch; the last few are kept.
func (l *Loader) order(epoch uint64) []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if o, ok := l.orders[epoch]; ok {
		return o
	}
	for e := range l.orders {
		if e+2 < epoch {
			delete(l.orders, e)
		}
	}
	o := Order(l.options.Seed, epoch, l.set.Len())
	l.orders[epoch] = o
	return o
}
