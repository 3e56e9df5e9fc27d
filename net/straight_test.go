package net

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"alexnet/engine"
	"alexnet/engine/enginetest"
	"alexnet/shaders"
)

// straightCase are products of matrices: pixels or tiles by channels by kernels. Their
// channels are deep enough for every candidate.
type straightCase struct {
	name                               string
	pixels, sources, channels, kernels int
	z                                  int
	unit                               int // that divides the tiles of sums; 0: all of them
	groups                             int // of products that share the left matrix; 0: one
}

func (c *straightCase) sums() tileSums {
	if c.unit > 0 {
		return tileSums{unit: uint32(c.unit)}
	}
	return wholeSums(uint32(c.pixels))
}

// TestStraightProducts compares the straight candidates with sums in float64: pixels
// that are no multiple of a workgroup's rows, kernels that are none of its columns,
// sources, and filters that lie in turns or one source's behind the other's.
func TestStraightProducts(t *testing.T) {
	d := straightDevice(t)
	cases := []straightCase{
		{name: "one source", pixels: 29, sources: 1, channels: 48, kernels: 136, z: 3},
		{name: "two sources", pixels: 48, sources: 2, channels: 64, kernels: 96, z: 2},
		{name: "deep", pixels: 24, sources: 1, channels: 300, kernels: 48, z: 1},
		{name: "many rows", pixels: 8400, sources: 1, channels: 24, kernels: 48, z: 1},
		{name: "many products", pixels: 24, sources: 1, channels: 24, kernels: 48, z: 33},
	}
	for i, c := range cases {
		interleaved, fit := 1+2*(i%2), 0 // a compilation each
		for _, name := range straightNT[lanes(d)] {
			p, q := c.products(interleaved)
			if _, ok := straightConstants(d, name, q.matrices(&p)); !ok {
				continue
			}
			fit++
			t.Run(fmt.Sprintf("%s/%s/%d", c.name, name, interleaved), func(t *testing.T) {
				w := &workbench{t: t, device: d}
				defer w.free()
				w.straightProducts(&c, name, interleaved)
			})
		}
		if fit == 0 {
			t.Errorf("%s: no candidate fits", c.name)
		}
	}
}

// products are those of the case, with filters of `interleaved` sets in turns.
func (c *straightCase) products(interleaved int) (shaders.ConvNTPush, products) {
	channel := interleaved * c.kernels
	return shaders.ConvNTPush{
			Batch: uint32(c.pixels), InChannels: uint32(c.channels), OutChannels: uint32(c.kernels), Sources: uint32(c.sources),
			XBlock: uint32(c.pixels * c.channels), XSource: uint32(c.z*c.pixels*c.channels + 8), YBlock: uint32(c.pixels * c.kernels),
		}, products{count: c.z, unit: uint32(c.pixels), filters: filterLayout{
			channel: uint32(channel), source: uint32(c.z * c.channels * channel), product: uint32(c.channels * channel)}}
}

// straightDevice is a processor's that runs them.
func straightDevice(t *testing.T) *engine.Device {
	d := enginetest.Open(t, "lavapipe")[0]
	if !runsStraight(d) {
		t.Skip("the device runs no straight kernels")
	}
	return d
}

// straightProducts multiplies, with `interleaved` sets of filters in turns, of which the
// last one is used.
func (w *workbench) straightProducts(c *straightCase, name string, interleaved int) {
	w.t.Helper()
	p, q := c.products(interleaved)
	k, err := newStraight(w.device, name, q.matrices(&p))
	if err != nil {
		w.t.Fatal(err)
	}
	l, channel := q.filters, int(q.filters.channel)
	x, f := normals(c.sources*int(p.XSource)), normals(c.sources*int(l.source))
	gx, gw, gy := w.in(x), w.in(f), w.out(c.z*c.pixels*c.kernels)
	first := channel - c.kernels
	w.run(name, func(s *engine.Sequence) {
		k.multiply(s, name, p, q, gx.all(), gw.all().From(uint64(4*first)), gy.all())
	})
	want := map[int]float64{}
	for z := range c.z {
		for pixel := range c.pixels {
			for kernel := range c.kernels {
				sum := 0.0
				for source := range c.sources {
					for i := range c.channels {
						sum += float64(x[source*int(p.XSource)+(z*c.pixels+pixel)*c.channels+i]) *
							float64(f[source*int(l.source)+z*int(l.product)+i*channel+first+kernel])
					}
				}
				want[(z*c.pixels+pixel)*c.kernels+kernel] = sum
			}
		}
	}
	w.check("products", gy.values(), want)
}

// TestStraightGathers compares sums over tiles, or the images of a dense layer, that
// take several dispatches or one, for which rows and columns need no whole workgroups.
func TestStraightGathers(t *testing.T) {
	d := straightDevice(t)
	// 48 kernels are whole workgroups of every candidate, 96 channels of 8 and 16 lanes.
	for _, c := range []straightCase{
		{name: "two dispatches", pixels: 200, sources: 1, channels: 96, kernels: 48, z: 2},
		{name: "two sources", pixels: 50, sources: 2, channels: 96, kernels: 24, z: 1},
		{name: "two units", pixels: 100, sources: 1, channels: 96, kernels: 24, z: 1, unit: 50},
		{name: "one dispatch", pixels: 50, sources: 1, channels: 96, kernels: 52, z: 3},
		{name: "dense", pixels: 32, sources: 2, channels: 104, kernels: 52, z: 2},
		{name: "dense data gradient", pixels: 64, sources: 1, channels: 96, kernels: 24, z: 4, groups: 2},
	} {
		fit := 0
		for _, name := range straightTN[lanes(d)] {
			p, sums := c.gatherPush(), c.sums()
			if _, ok := straightConstants(d, name, sums.matrices(&p)); !ok {
				continue
			}
			fit++
			t.Run(fmt.Sprintf("%s/%s", c.name, name), func(t *testing.T) {
				w := &workbench{t: t, device: d}
				defer w.free()
				w.straightGathers(&c, name)
			})
		}
		if fit == 0 {
			t.Errorf("%s: no candidate fits", c.name)
		}
	}
}

func (c *straightCase) gatherPush() shaders.ConvTNPush {
	groups := max(c.groups, 1)
	p := shaders.ConvTNPush{
		Batch: uint32(c.pixels), InChannels: uint32(c.channels), OutChannels: uint32(c.kernels), Sources: uint32(c.sources),
		Rows: uint32(c.kernels), Groups: uint32(groups), XPixel: uint32(groups * c.channels), XBlock: uint32(groups * c.pixels * c.channels),
		XSource: uint32(c.z*c.pixels*c.channels + 8), YBlock: uint32(c.pixels * c.kernels), WBlock: uint32(c.kernels * c.sources * c.channels),
	}
	if groups > 1 {
		p.XGroup = p.InChannels
	}
	return p
}

func (w *workbench) straightGathers(c *straightCase, name string) {
	w.t.Helper()
	p, row := c.gatherPush(), c.sources*c.channels
	g, err := newGatherer(w.device, name, &p, c.sums(), false)
	if err != nil {
		w.t.Fatal(err)
	}
	x, y := normals(c.sources*int(p.XSource)), normals(c.z*c.pixels*c.kernels)
	gx, gy, gw := w.in(x), w.in(y), w.out(c.z*c.kernels*row)
	w.run(name, func(s *engine.Sequence) { g.gather(s, name, p, c.z, gx.all(), gy.all(), gw.all()) })
	want := map[int]float64{}
	for z := range c.z {
		for kernel := range c.kernels {
			for i := range row {
				source, channel, sum := i/c.channels, i%c.channels, 0.0
				block, group := z/int(p.Groups), z%int(p.Groups)
				from := source*int(p.XSource) + block*int(p.XBlock) + group*int(p.XGroup) + channel
				for tile := range c.pixels {
					sum += float64(y[(block*c.pixels+tile)*c.kernels+kernel]) * float64(x[from+tile*int(p.XPixel)])
				}
				want[(z*c.kernels+kernel)*row+i] = sum
			}
		}
	}
	w.check("sums over tiles", gw.values(), want)
}

// normals are normal numbers, the same each time.
func normals(n int) []float32 {
	draw := rand.New(rand.NewPCG(1, uint64(n)))
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(draw.NormFloat64())
	}
	return out
}

// TestStraightCandidatesAreRight: the tuner finds the straight candidates of dense and
// convolutional layers right, on samples of fewer rows than those that their kernels are
// made for.
func TestStraightCandidatesAreRight(t *testing.T) {
	d := straightDevice(t)
	enginetest.ForgetChoices(t)
	defer func(old float64) { straightWork = old }(straightWork)
	straightWork = 1e5
	conv := func(name string) Layer {
		return Conv{Name: name, Filters: 32, Kernel: 3, Stride: 1, Pad: 1, ParamOptions: options2(0.1, 0)}
	}
	dense := func(name string, units int) Layer {
		return Dense{Name: name, Units: units, ParamOptions: options2(0.1, 0)}
	}
	for name, c := range map[string]struct {
		input  Shape
		layers []Layer
		least  int // problems with straight candidates
	}{
		"dense":         {Shape{C: 48, H: 1, W: 1}, []Layer{dense("fc1", 96), dense("fc2", 192), dense("fc3", 3)}, 5}, // forward and weights twice, data once
		"convolutional": {Shape{C: 3, H: 12, W: 12}, []Layer{conv("conv1"), conv("conv2"), dense("fc3", 3)}, 2},       // conv2's products, the gradient's as well, and weights
	} {
		t.Run(name, func(t *testing.T) {
			timed := map[string]bool{}
			spec := Spec{Columns: 1, Input: c.input, Layers: append(c.layers, Softmax{Name: "softmax"})}
			_, err := Build(spec, []*engine.Device{d}, Options{Batch: 32, Training: true, Timed: func(problem, candidate string, took time.Duration, err error) {
				if err != nil {
					t.Errorf("%s: %s: %v", problem, candidate, err)
				}
				if strings.HasPrefix(candidate, "straight") {
					timed[problem] = true
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			if len(timed) < c.least {
				t.Errorf("straight candidates were timed for %v", slices.Collect(maps.Keys(timed)))
			}
		})
	}
}

// TestSampleRows: a sample has whole workgroups' rows and the rest, about sampleKernels, or
// all.
func TestSampleRows(t *testing.T) {
	for _, c := range []struct{ rows, unit, want uint32 }{
		{2048, 64, 128}, {2050, 64, 130}, {96, 64, 96}, {100, 1, 100}, {4096, 1, sampleKernels}, {400, 192, 208}, {384, 192, 192},
	} {
		if got := sampleRows(c.rows, c.unit); got != c.want {
			t.Errorf("of %d rows by %d a sample has %d, expected %d", c.rows, c.unit, got, c.want)
		}
	}
}
