package train

import (
	"image"
	"slices"
	"sync"
	"time"

	"alexnet/net"
	"alexnet/train/data"
	"alexnet/train/monitor"
)

const (
	searchedImages = 64 // of the validation set, for patches
	mostPatches    = 6  // of a kernel
)

// search are the images that patches are looked for in.
type search struct {
	once    sync.Once
	read    chan struct{} // closed when the rest is there
	images  []int         // of the validation set
	pixels  []byte
	problem string // why there are none
}

// firstConv is a first layer of kernels that see red, green and blue.
func (s *Sight) firstConv() (net.Conv, bool) {
	conv, is := s.Net.Rows[0].Layer.(net.Conv)
	return conv, is && s.Net.Spec.Input.C == 3
}

// gather reads the images to look for patches in, once and on a goroutine, for to
// decode photographs takes long. The channel is closed when they are there.
func (s *Sight) gather() <-chan struct{} {
	g := &s.search
	g.once.Do(func() {
		g.read = make(chan struct{})
		go func() {
			defer close(g.read)
			g.gather(s.Val, s.Config.Size)
		}()
	})
	return g.read
}

func (g *search) gather(val data.Set, size int) {
	if val == nil || val.Len() == 0 {
		g.problem = "The run has no validation images here."
		return
	}
	for i := range min(searchedImages, val.Len()) {
		at := i * val.Len() / min(searchedImages, val.Len()) // folders come class by class
		pixels := make([]byte, size*size*3)
		if err := val.Pixels(at, pixels); err != nil {
			continue
		}
		g.images, g.pixels = append(g.images, at), append(g.pixels, pixels...)
	}
	if len(g.images) == 0 {
		g.problem = "None of the validation images can be read."
	}
}

// Patches finds the parts of validation images that excite the kernels of the first
// layer most: of each image the place where the kernel's output is largest. It waits
// until the images are read.
func (s *Sight) Patches(step int) (*monitor.Patches, error) {
	<-s.gather()
	g, out := &s.search, &monitor.Patches{Step: step, Images: len(s.search.images), Problem: s.search.problem}
	conv, is := s.firstConv()
	if !is || out.Images == 0 {
		return out, nil
	}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	best, one, batch := make([][]place, conv.Filters), s.Config.Size*s.Config.Size*3, s.one.Options.Batch
	row := s.rowOf(conv.Name) // which is as far as images have to go
	for first := 0; first < out.Images; first += batch {
		count := min(batch, out.Images-first)
		if err := s.one.TestTo(row, s.batch(g.pixels[first*one:(first+count)*one], make([]int32, count))); err != nil {
			return nil, err
		}
		for i := range count { // one at a time: all at once would be a lot of memory
			maps, err := s.one.Outputs(row, i, 1)
			if err != nil {
				return nil, err
			}
			rank(best, maps, first+i)
		}
	}
	out.Kernels = make([][]monitor.Patch, len(best))
	for k, places := range best {
		for _, p := range places {
			out.Kernels[k] = append(out.Kernels[k], monitor.Patch{
				Value: float64(p.value), Image: g.images[p.image],
				Picture: s.patch(g.pixels[p.image*one:][:one], p.x*conv.Stride-conv.Pad, p.y*conv.Stride-conv.Pad, conv.Kernel),
			})
		}
	}
	return out, nil
}

// place is where in an image a kernel's output is largest.
type place struct {
	value       float32
	image, y, x int
}

// rank takes an image's places among the best of each kernel. Where the output is zero
// or less nothing excites the kernel.
func rank(best [][]place, maps *net.Outputs, image int) {
	plane, kernel := maps.H*maps.W, 0
	for _, values := range maps.Columns {
		for ; len(values) >= plane && plane > 0; values = values[plane:] {
			at, most := -1, float32(0)
			for i, v := range values[:plane] {
				if v > most {
					at, most = i, v
				}
			}
			if at >= 0 {
				best[kernel] = insert(best[kernel], place{most, image, at / maps.W, at % maps.W})
			}
			kernel++
		}
	}
}

// insert keeps the largest in order; of equal ones the first came first.
func insert(list []place, p place) []place {
	at := slices.IndexFunc(list, func(q place) bool { return p.value > q.value })
	if at < 0 {
		at = len(list)
	}
	list = slices.Insert(list, at, p)
	return list[:min(mostPatches, len(list))]
}

// patch cuts a square out of what the network sees of an image.
func (s *Sight) patch(pixels []byte, left, top, side int) *image.RGBA {
	crop, size, margin := s.Config.Crop, s.Config.Size, s.margin()
	out := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			to := out.PixOffset(x, y)
			out.Pix[to+3] = 255
			if at := image.Pt(left+x, top+y); at.In(image.Rect(0, 0, crop, crop)) {
				from := ((at.Y+margin)*size + at.X + margin) * 3
				copy(out.Pix[to:to+3], pixels[from:from+3])
			}
		}
	}
	return out
}

// searchDue says whether it is time to look for patches: in a paused run whenever its
// kernels have changed.
func (t *Trainer) searchDue(w monitor.Watch) bool {
	l := &t.live
	if _, is := t.sight.firstConv(); !is || !w.Patches || l.patches != nil && l.patches.Step == t.step {
		return false
	}
	return t.steering.paused || !time.Now().Before(l.foundDue)
}

// lookForPatches finds patches once the images to look in are there.
func (t *Trainer) lookForPatches() error {
	select {
	case <-t.sight.gather():
	default:
		return nil
	}
	if err := t.sight.prepare(); err != nil {
		return err
	}
	began := time.Now()
	t.outputs = t.outputs && !t.sight.shares()
	p, err := t.sight.Patches(t.step)
	if err != nil {
		return err
	}
	took := time.Since(began) + t.live.upload
	t.live.spent += took
	t.live.foundDue = time.Now().Add(searchShare * took)
	p.Due = t.live.foundDue
	t.live.patches = p
	return nil
}
