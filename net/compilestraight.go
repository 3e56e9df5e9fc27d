package net

import (
	"fmt"
	"maps"
	"slices"

	"alexnet/engine"
	"alexnet/shaders"
)

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
		j.gather(p, tileSums{unit: p.Batch, whole: true}, 1)
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
