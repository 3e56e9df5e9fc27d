package net

import (
	"errors"
	"fmt"
	"math"
	"time"

	"alexnet/shaders"
)

// Two steps can be in flight: one that runs on the devices, and one whose batch
// lies beside them already. Between the two the devices wait only for the host to
// look at the losses, and what the host does with these happens while they compute.

// flight is one step in flight.
type flight struct {
	n       *Net
	number  int // its stage, and its place in Net.flights
	start   func()
	phases  []phase
	train   bool
	pixels  bool
	valid   int
	solver  Solver
	dropout uint32

	asked, written time.Time // when the host began to put the batch beside the devices, and had

	before   *flight       // that was in flight when this one began, or nil
	followed bool          // another began while this one was in flight
	over     chan bool     // for the one that follows: whether to run
	done     chan struct{} // for Await

	losses []float64 // of result
	ranks  []int
	result Result
	err    error
}

// ErrNotRun is the error of a step that was not run because the one before failed,
// or was the first whose loss is not finite.
var ErrNotRun = errors.New("net: the step was not run: the step before it failed")

func (n *Net) makeFlights() {
	for i := range n.flights {
		f := &n.flights[i]
		*f = flight{n: n, number: i, over: make(chan bool, 1), done: make(chan struct{}, 1),
			losses: make([]float64, n.Options.Batch), ranks: make([]int, n.Options.Batch)}
		f.start = f.run
	}
}

// Train runs one step of training: forward, backward, update.
func (n *Net) Train(b *Batch, s Solver) (Result, error) {
	n.mustRest()
	if err := n.Begin(b, s); err != nil {
		return Result{}, err
	}
	return n.Await()
}

// Test runs the network forward in test mode.
func (n *Net) Test(b *Batch) (Result, error) {
	n.mustRest()
	if err := n.BeginTest(b); err != nil {
		return Result{}, err
	}
	return n.Await()
}

// Begin starts a step of training and returns while it runs. One more may begin
// before Await returns the first one's result; until all that began were awaited no
// other method may be called. The batch is not used any more when Begin returns.
func (n *Net) Begin(b *Batch, s Solver) error {
	if n.train == nil {
		panic("net: built without Training")
	}
	return n.begin(n.train, true, b, s, dropoutMode(s))
}

// dropoutMode is how a step of training drops units.
func dropoutMode(s Solver) uint32 {
	if s.NoDropout {
		return shaders.DropoutTest
	}
	return shaders.DropoutTrain
}

// BeginTest is Begin for a step in test mode.
func (n *Net) BeginTest(b *Batch) error {
	return n.begin(n.test, false, b, Solver{}, shaders.DropoutTest)
}

// TestTo runs the network forward in test mode as far as a layer, counted as in Rows.
// Of the layers behind it, outputs and probabilities are of no step.
func (n *Net) TestTo(layer int, b *Batch) error {
	n.mustRest()
	phases := n.testTo[layer]
	if phases == nil {
		r := &recorder{n: n, name: "test", rows: layer + 1}
		var err error
		if phases, err = r.record(false); err != nil {
			return err
		}
		n.testTo[layer] = phases
	}
	if err := n.begin(phases, false, b, Solver{}, shaders.DropoutTest); err != nil {
		return err
	}
	_, err := n.Await()
	return err
}

// InFlight is how many steps began and were not awaited.
func (n *Net) InFlight() int { return n.begun - n.awaited }

func (n *Net) mustRest() {
	if n.InFlight() > 0 {
		panic("net: called while a step is in flight")
	}
}

func (n *Net) begin(phases []phase, train bool, b *Batch, s Solver, dropout uint32) error {
	n.check(b)
	if n.InFlight() == len(n.flights) {
		panic("net: two steps are in flight already")
	}
	if !n.Spec.Dropout {
		dropout = shaders.DropoutIdentity
	}
	f := &n.flights[n.begun%2]
	f.asked = time.Now()
	for _, in := range n.inputs {
		if err := in.write(n, &in.stages[f.number], b); err != nil {
			return err
		}
	}
	f.written = time.Now()
	f.before, f.followed = nil, false
	if n.InFlight() > 0 {
		f.before = &n.flights[(n.begun+1)%2]
		f.before.followed = true
	}
	f.phases, f.train, f.pixels, f.valid, f.solver, f.dropout = phases, train, b.Pixels != nil, b.Valid, s, dropout
	n.begun++
	go f.start()
	return nil
}

// check panics where a batch is not one of the network's.
func (n *Net) check(b *Batch) {
	_, labels := n.Spec.Layers[len(n.Spec.Layers)-1].(Softmax)
	units := n.Rows[len(n.Rows)-1].Out.C
	switch {
	case b.Valid < 1 || b.Valid > n.Options.Batch || labels && len(b.Labels) < b.Valid:
		panic(fmt.Sprintf("net: %d valid images and %d labels in a batch of %d", b.Valid, len(b.Labels), n.Options.Batch))
	case !labels && len(b.Targets) != b.Valid*units:
		panic(fmt.Sprintf("net: %d targets for %d images and %d units", len(b.Targets), b.Valid, units))
	case n.Spec.ofFeatures() && b.Values == nil:
		panic("net: a batch of 8-bit images for a network of features")
	}
}

// Await returns the result of the step that began first.
func (n *Net) Await() (Result, error) {
	if n.InFlight() == 0 {
		panic("net: no step is in flight")
	}
	f := &n.flights[n.awaited%2]
	<-f.done
	n.awaited++
	if !f.followed {
		<-f.over // nobody else will
	}
	return f.result, f.err
}

func (f *flight) run() {
	f.result, f.err = Result{}, nil
	if f.before != nil && !<-f.before.over {
		f.err = ErrNotRun
	} else if f.err = f.runPhases(); f.err == nil {
		f.read()
	}
	f.over <- !f.failed()
	f.done <- struct{}{}
}

// failed says whether the parameters behind a step are of no use.
func (f *flight) failed() bool {
	return f.err != nil || f.train && f.result.Exploded()
}

func (f *flight) runPhases() error {
	for _, in := range f.n.inputs {
		in.stages[f.number].writeSettings(f.n, f)
	}
	for i := range f.phases {
		if err := f.runPhase(&f.phases[i], i == 0); err != nil {
			return err
		}
	}
	return nil
}

// runPhase runs the places beside each other and moves what they exchange.
func (f *flight) runPhase(ph *phase, first bool) error {
	n := f.n
	for i, in := range n.inputs {
		h, g := &n.crew.hands[i], &in.stages[f.number]
		switch {
		case !first:
			h.set(ph, i)
		case f.pixels:
			h.set(ph, i, g.settings, g.fromPixels)
		default:
			h.set(ph, i, g.settings, g.fromValues)
		}
	}
	n.crew.start()
	ph.watch.copy(ph.meanwhile)
	waited, worked, err := n.crew.finish()
	n.waited, n.worked = n.waited+waited, n.worked+worked
	if err != nil {
		return err
	}
	ph.watch.copy(ph.transfers)
	return nil
}

// read takes the losses and ranks that the first place has sent.
func (f *flight) read() {
	n := f.n
	values := n.places[0].lossOp().sent.Floats()
	r := Result{Loss: f.losses[:f.valid], Rank: f.ranks[:f.valid], Ended: time.Now()}
	for i := range f.valid {
		r.Loss[i], r.Rank[i] = float64(values[2*i]), int(values[2*i+1])
	}
	if f.train {
		for _, word := range values[2*n.Options.Batch:] {
			r.overflow = r.overflow || math.Float32bits(word) != 0
		}
		n.rescale(&r)
	}
	f.result = r
}

// WaitedForDevice is the share of the time of all steps so far in which a device
// had done its part and waited for another's.
func (n *Net) WaitedForDevice() float64 {
	n.mustRest()
	if n.worked == 0 {
		return 0
	}
	return float64(n.waited) / float64(n.worked)
}
