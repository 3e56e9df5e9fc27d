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
func (t *tuning) compileAhead(problem string) error {
	if t.ahead || !t.device.Info().CPU() {
		return nil
	}
	t.ahead = true
	var jobs []compilation
	for _, name := range candidates(t.device, t.nt()) {
		jobs = append(jobs, compilation{tileSize(name), func(d *engine.Device) error { return compileNT(d, name, t.mixed) }})
	}
	if t.training {
		for _, name := range candidates(t.device, t.tn()) {
			jobs = append(jobs, compilation{tileSize(name), func(d *engine.Device) error { return compileTN(d, name, t.mixed) }})
		}
	}
	return t.compile(problem, jobs)
}

// compilation runs a candidate once on another device.
type compilation struct {
	size uint32 // of its code
	run  func(d *engine.Device) error
}

// compile makes compilations beside each other, the slow ones first. An error of one shows
// again, and counts, when the candidate is tried; that of who wants to end them begins no
// more.
func (t *tuning) compile(problem string, jobs []compilation) (err error) {
	slices.SortStableFunc(jobs, func(a, b compilation) int { return cmp.Compare(b.size, a.size) })
	workers := min(runtime.NumCPU(), len(jobs))
	next, busy := make(chan compilation), make(chan struct{}, workers)
	var wait sync.WaitGroup
	for range workers {
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
				<-busy
			}
		}()
	}
	for _, j := range jobs {
		busy <- struct{}{} // a worker is free, and what it gets begins at once
		if err = t.tell(problem); err != nil {
			break
		}
		next <- j
	}
	close(next)
	wait.Wait()
	return err
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

// compileStraight compiles the straight candidates for a layer's choices that are not
// known yet, beside each other.
func (t *tuning) compileStraight(layer string, choices []choice) error {
	jobs := map[string]compilation{} // by its constants: choices share kernels
	for _, of := range choices {
		if len(of.straight) == 0 || t.known(of.key, of.names) != "" {
			continue
		}
		for _, name := range of.straight {
			c, _ := straightConstants(t.device, name, of.matrices)
			size := c.Depth * c.Rows * c.Columns
			jobs[fmt.Sprint("first ", c)] = compilation{size, func(d *engine.Device) error { return compileStraight(d, name, of.matrices, false) }}
			if of.matrices.addsAt(c.Depth) {
				jobs[fmt.Sprint("adds ", c)] = compilation{size, func(d *engine.Device) error { return compileStraight(d, name, of.matrices, true) }}
			}
		}
	}
	if len(jobs) == 0 || t.device.Hollow() {
		return nil
	}
	return t.compile(layer, slices.Collect(maps.Values(jobs)))
}

// compileStraight runs one of a candidate's kernels on a workgroup.
func compileStraight(d *engine.Device, name string, m matrices, adds bool) error {
	k, err := newStraight(d, name, m)
	if err != nil {
		return err
	}
	kernel := k.first
	if adds {
		kernel = k.adds
	}
	rows := min(k.rows, m.rows)
	a, b, y := rows*m.aStride, k.depth*m.bStride, rows*m.yStride
	if m.across {
		a = k.depth * m.aStride
	}
	return runOnce(d, []int{int(a), int(b), int(y)}, func(s *engine.Sequence, r []engine.Range) {
		k.dispatch(s, kernel, name, shaders.StraightPush{Rows: rows, Columns: k.columns}, 1, operand{r[0], 0}, operand{r[1], 0}, operand{r[2], 0})
	})
}
