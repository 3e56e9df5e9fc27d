package net

import (
	"cmp"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"

	"alexnet/engine"
	"alexnet/shaders"
)

// compileAhead compiles all candidates on logical devices of their own, one a
// core. Software drivers compile a kernel when it is first run, for up to ten
// seconds, and one at a time on a queue; what is compiled lies in the driver's
// cache, where the device on which the candidates are compared finds it.
func (t *tuning) compileAhead() {
	if t.ahead || !t.device.Info().CPU() {
		return
	}
	t.ahead = true
	var jobs []compilation
	for _, name := range candidates(t.device, t.nt()) {
		jobs = append(jobs, compilation{name, func(d *engine.Device) error { return compileNT(d, name, t.mixed) }})
	}
	if t.training {
		for _, name := range candidates(t.device, t.tn()) {
			jobs = append(jobs, compilation{name, func(d *engine.Device) error { return compileTN(d, name, t.mixed) }})
		}
	}
	slices.SortStableFunc(jobs, func(a, b compilation) int { return cmp.Compare(tileSize(b.name), tileSize(a.name)) }) // the slow ones first
	t.compile(jobs)
}

// compilation runs a candidate once on another device.
type compilation struct {
	name string
	run  func(d *engine.Device) error
}

// compile makes compilations beside each other. An error shows again, and counts, when
// the candidate is tried.
func (t *tuning) compile(jobs []compilation) {
	next := make(chan compilation)
	var wait sync.WaitGroup
	for range min(runtime.NumCPU(), len(jobs)) {
		wait.Add(1)
		go func() {
			defer wait.Done()
			d, err := engine.Open(*t.device.Info(), engine.Options{NoSelfTest: true})
			if err == nil {
				defer d.Close()
			}
			for j := range next {
				if err == nil {
					j.run(d)
				}
			}
		}()
	}
	for _, j := range jobs {
		next <- j
	}
	close(next)
	wait.Wait()
}

func tileSize(name string) uint32 {
	_, rows, columns := parse(name)
	return rows * columns
}

// compileNT runs a candidate on the smallest problem: a tile's code does not
// depend on shapes.
func compileNT(d *engine.Device, name string, mixed bool) error {
	k, err := newNT(d, name, mixed, false)
	if err != nil {
		return err
	}
	p := shaders.ConvNTPush{Batch: 1, InHeight: 1, InWidth: 1, InChannels: 8, OutHeight: 1, OutWidth: 1, OutChannels: 8,
		KernelHeight: 1, KernelWidth: 1, Stride: 1, Dilation: 1, Sources: 1, Groups: 1}
	return runOnce(d, []int{8, 64, 8, 8}, func(s *engine.Sequence, b []engine.Range) { k.dispatch(s, name, p, 1, b[0], b[1], b[2], b[3]) })
}

// compileChannels is a multiple of every tile's channels of a lane (tnFits).
const compileChannels = 192

// compileTN is compileNT for the other sum.
func compileTN(d *engine.Device, name string, mixed bool) error {
	k, err := newTN(d, name, mixed)
	if err != nil {
		return err
	}
	p := shaders.ConvTNPush{Batch: 1, InHeight: 1, InWidth: 1, InChannels: compileChannels, OutHeight: 1, OutWidth: 1, OutChannels: 8,
		KernelHeight: 1, KernelWidth: 1, Stride: 1, Sources: 1, Groups: 1, Rows: 8, Splits: 1, SplitPixels: 1, XPixel: compileChannels}
	return runOnce(d, []int{compileChannels, 8, 8 * compileChannels}, func(s *engine.Sequence, b []engine.Range) { k.dispatch(s, name, p, 1, b[0], b[1], b[2]) })
}

// runOnce runs a dispatch on buffers of so many floats.
func runOnce(d *engine.Device, sizes []int, record func(*engine.Sequence, []engine.Range)) error {
	var ranges []engine.Range
	for _, n := range sizes {
		b, err := d.NewBuffer("compile", uint64(4*n), engine.Local)
		if err != nil {
			return err
		}
		defer b.Free()
		ranges = append(ranges, b.Whole())
	}
	s := d.NewSequence("compile")
	defer s.Free()
	record(s, ranges)
	if err := s.End(); err != nil {
		return err
	}
	return d.Run(s)
}

// compileStraight compiles the straight candidates for a layer's sums beside each other,
// those whose problems are not known yet: a driver takes seconds for each.
func (o *productOp) compileStraight(training bool) {
	t := o.place.tuning
	jobs := straightJobs{t: t, kernels: map[string]compilation{}}
	if o.dense {
		jobs.dense(o.forwardPush())
		if training {
			jobs.sum(o.weightPush())
		}
		if training && o.x.grad != nil {
			jobs.sum(o.matrixPush())
		}
	} else if t.form != direct {
		for _, name := range o.forms(o.kernelHeight)[1:] {
			w := o.newForward(familyOf(name))
			jobs.products(w)
			if training {
				jobs.gather(w.gatherPush(w.chunk), w.chunkSums(), w.products())
			}
			if training && o.x.grad != nil {
				jobs.products(o.newData(familyOf(name)))
			}
		}
	}
	if len(jobs.kernels) > 0 && !t.device.Hollow() {
		t.compile(slices.Collect(maps.Values(jobs.kernels)))
	}
}

// straightJobs are kernels to compile, each by its constants: problems share them.
type straightJobs struct {
	t       *tuning
	kernels map[string]compilation
}

// products, gather, dense and sum add what chooseProducts, chooseGather, chooseDense and
// chooseSum try.
func (j *straightJobs) products(w *winograd) {
	p, q := w.productPush(w.chunk), w.productsOf()
	names := j.t.straightProducts(&p, q)
	j.add(j.t.ntKey(&p, q.count, q.unit), beside(names, candidates(j.t.device, j.t.nt())), names, q.matrices(&p))
}

func (j *straightJobs) gather(p shaders.ConvTNPush, sums tileSums, z int) {
	names := j.t.straightGathers(&p, sums, z)
	j.add(j.t.tnKey(&p, z, sums.unit), j.t.gathers(&p, sums, names), names, sums.matrices(&p))
}

func (j *straightJobs) dense(p shaders.ConvNTPush) {
	names := j.t.straightTurned(&p)
	j.add(j.t.ntKey(&p, 1, p.Batch), beside(names, candidates(j.t.device, j.t.nt())), names, turnedMatrices(&p))
}

func (j *straightJobs) sum(p shaders.ConvTNPush) {
	if p.Splits == 1 {
		j.gather(p, wholeSums(p.Batch), 1)
	}
}

// add adds the kernels of straight candidates for a problem, of those among names.
func (j *straightJobs) add(key string, names, straight []string, m matrices) {
	if len(straight) == 0 || j.t.known(key, names) != "" {
		return
	}
	for _, name := range straight {
		c, _ := straightConstants(j.t.device, name, m)
		j.kernels[fmt.Sprint("first ", c)] = compilation{name, func(d *engine.Device) error { return runStraight(d, name, m, false) }}
		if m.addsAt(c.Depth) {
			j.kernels[fmt.Sprint("adds ", c)] = compilation{name, func(d *engine.Device) error { return runStraight(d, name, m, true) }}
		}
	}
}

// runStraight runs one of a candidate's kernels on a workgroup.
func runStraight(d *engine.Device, name string, m matrices, adds bool) error {
	k, err := newStraight(d, name, m)
	if err != nil {
		return err
	}
	kernel := k.first
	if adds {
		kernel = k.adds
	}
	a, b, y := k.rows*m.aStride, k.depth*m.bStride, k.rows*m.yStride
	if m.across {
		a = k.depth * m.aStride
	}
	return runOnce(d, []int{int(a), int(b), int(y)}, func(s *engine.Sequence, r []engine.Range) {
		k.dispatch(s, kernel, name, shaders.StraightPush{Rows: k.rows, Columns: k.columns}, 1, operand{r[0], 0}, operand{r[1], 0}, operand{r[2], 0})
	})
}
