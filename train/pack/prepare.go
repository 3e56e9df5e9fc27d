package pack

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"

	"alexnet/engine/whole"
	"alexnet/train/data"
)

// Prepare makes a pack in the folder dst, or goes on with one that was begun with the
// same options. What it writes depends on sources and options only, not on the number of
// workers or on how often it was stopped. Its memory does not grow with the number of
// images, but for that of the largest ones. The error is the context's if that ended it;
// then the same call goes on. Of a pack that is finished it does nothing, and fails where
// another would come out.
func Prepare(ctx context.Context, dst string, o Options) (*Pack, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if o.OnMessage == nil {
		o.OnMessage = func(string) {}
	}
	if o.shard == 0 {
		o.shard = shardImages
	}
	settings, err := o.settings()
	if err != nil {
		return nil, err
	}
	if err := o.outside(dst); err != nil {
		return nil, err
	}
	if finished(dst) {
		return again(ctx, dst, o, settings)
	}
	w, err := openWork(dst, o.shard, settings)
	if err != nil {
		return nil, err
	}
	defer w.close()
	if p, err := Open(dst); err == nil { // ended between the last file and this
		return p, w.remove()
	}
	if w.Classes == nil {
		if err := w.listImages(ctx, &o); err != nil {
			return nil, w.abandon(err)
		}
	} else if err := w.unchanged(ctx, o); err != nil {
		return nil, cmp.Or(ctx.Err(), err)
	} else if done := w.done(); done > 0 {
		o.OnMessage(fmt.Sprintf("going on behind %d of %d images", done, w.total()))
	}
	for _, part := range Parts {
		if err := w.prepare(ctx, part, &o); err != nil {
			return nil, err
		}
	}
	p, err := w.finish(&o, settings)
	if err != nil {
		return nil, err
	}
	return p, w.remove()
}

// abandon removes the folder of a pack of which nothing is made, so that the next try is
// not refused for other settings.
func (w *work) abandon(err error) error {
	if !errors.Is(err, context.Canceled) {
		w.remove()
		os.Remove(w.dst) // stays if it holds anything else
	}
	return err
}

// chunk is some images of a part, in order.
type chunk struct {
	from   []origin
	first  int // number of the first in the part
	images []prepared
	sums   *data.Sums    // nil: not wanted
	err    error         // that ends everything
	done   chan struct{} // closed behind the worker's work
}

// prepared is an image of a pack, or why there is none.
type prepared struct {
	file []byte
	Entry
	bad error
}

// prepare prepares a part: workers chunks, and this goroutine writes them in order.
func (w *work) prepare(ctx context.Context, part string, o *Options) error {
	list, err := openList(w.list(part))
	if err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	defer list.close()
	start := min(len(w.state.Shards[part])*w.perShard, w.Images[part])
	for range start {
		if _, err := list.next(); err != nil {
			return fmt.Errorf("pack: %s: %w", w.list(part), err)
		}
	}
	workers := o.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	until, stop := context.WithCancel(ctx)
	jobs, ordered := make(chan *chunk), make(chan *chunk, 2*workers)
	c := collector{work: w, part: part, options: o, pool: &sync.Pool{}, at: start}
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	running.Go(func() {
		defer close(ordered)
		defer close(jobs)
		c.schedule(until, list, jobs, ordered)
	})
	for range workers {
		running.Go(func() {
			for next := range jobs {
				next.err = w.fill(until, next, o)
				close(next.done)
			}
		})
	}
	if err = c.run(ctx, ordered); err != nil && ctx.Err() == nil {
		err = fmt.Errorf("pack: %w", err)
	}
	return err
}

// schedule cuts a list into chunks and hands them out. No shard ends within a chunk.
func (c *collector) schedule(ctx context.Context, list *listReader, jobs, ordered chan<- *chunk) {
	for at, more := c.at, true; more; {
		next := &chunk{first: at, done: make(chan struct{})}
		for len(next.from) < chunkImages {
			o, err := list.next()
			if err != nil { // the end, or what the collector will miss
				more = false
				break
			}
			next.from = append(next.from, o)
		}
		at += len(next.from)
		if len(next.from) == 0 {
			return
		}
		if c.part == Train {
			if next.sums, _ = c.pool.Get().(*data.Sums); next.sums == nil {
				next.sums = data.NewSums(c.options.Size)
			}
		}
		select {
		case ordered <- next:
		case <-ctx.Done():
			return
		}
		select {
		case jobs <- next:
		case <-ctx.Done():
			return
		}
	}
}

// fill prepares the images of a chunk. The error ends everything.
func (w *work) fill(ctx context.Context, c *chunk, o *Options) error {
	pixels := make([]byte, 3*o.Size*o.Size)
	for _, from := range c.from {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var p prepared
		file, err := w.read(from)
		switch {
		case errors.Is(err, errNoSuchImage):
			return fmt.Errorf("%s in %s: %w; bring it back, or remove %s and prepare it anew", from.name, w.Archives[from.archive], err, w.dst)
		case err != nil && (from.offset >= 0 || !itsOwn(err)):
			return fmt.Errorf("%s in %s: %w", from.name, w.Archives[from.archive], err)
		case err != nil:
			p.bad = err
		default:
			p, p.bad = encode(file, o, pixels)
		}
		p.Name, p.Label = from.name, w.Labels[from.class]
		if p.bad == nil && c.sums != nil {
			c.sums.Add(pixels)
		}
		c.images = append(c.images, p)
	}
	return nil
}

// itsOwn says whether a file cannot be read for what it is itself. Otherwise it has gone,
// or the disk or the network has failed, and the next would be no better.
func itsOwn(err error) bool {
	var system syscall.Errno
	return !errors.Is(err, errNoSuchImage) && (!errors.As(err, &system) || errors.Is(err, fs.ErrPermission))
}

// read reads an image file.
func (w *work) read(from origin) ([]byte, error) {
	archive := w.Archives[from.archive]
	if from.offset < 0 {
		path := filepath.Join(archive, filepath.FromSlash(from.name))
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, errNoSuchImage
		}
		return data.ReadFile(path)
	}
	if from.length == 0 || from.length > data.MaxFileBytes {
		return []byte{}, nil // which no decoder takes for an image
	}
	f, err := os.Open(archive)
	if err != nil {
		return nil, whole.Cause(err)
	}
	defer f.Close()
	file := make([]byte, from.length)
	if _, err := f.ReadAt(file, from.offset); err != nil {
		return nil, whole.Cause(err)
	}
	return file, nil
}

// encode scales an image and encodes it. pixels become those that a reader of the pack
// sees.
func encode(file []byte, o *Options, pixels []byte) (p prepared, err error) {
	var img *image.RGBA
	if img, p.Shape, err = data.Scaled(file, o.Size, o.Whole); err != nil {
		return p, err
	}
	if o.Encoding == Raw {
		p.file = data.PPM(img)
	} else {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: o.Quality}); err != nil {
			return p, err
		}
		p.file = b.Bytes()
	}
	return p, data.DecodeImage(p.file, o.Size, pixels)
}
