package net

import (
	"errors"
	"fmt"
	"time"

	"alexnet/engine"
	"alexnet/shaders"
)

// Options say how a network is built.
type Options struct {
	Batch int // images of a step
	// Training false leaves out gradients and momentum: a net that only tests.
	Training bool
	// Keep keeps the outputs of all layers until the next step, as Training does.
	// Otherwise layers share memory, and of a step only logits, probabilities and
	// losses are left.
	Keep bool
	// ImageHeight and ImageWidth are the size of the 8-bit images that crops are
	// taken from; 0: the size of the input.
	ImageHeight, ImageWidth int
	// ImageScale multiplies what crops of 8-bit images have become; 0: 1.
	ImageScale float64
	// Choices are kernel choices to use instead of tuning, from Net.Choices. Those
	// of other kinds of device or other kernels do not count.
	Choices map[string]string
	// Again chooses anew what is remembered; each old choice stays until then.
	Again bool
	// Tuning, if set, is called before each candidate for a problem is compiled or first run;
	// its error ends Build.
	Tuning func(Choosing) error
	// Timed, if set, is called with each timing of a candidate for a problem, or with why
	// the candidate is out of the running.
	Timed func(problem, candidate string, took time.Duration, err error)
	// Chosen, if set, is called with each choice that was measured.
	Chosen func(problem, candidate string)
	// form is taken for every convolution that can have it, untried; for tests.
	form string
	// divide divides the batch for exchanges on processors, too; for tests.
	divide bool
	// apart gives all activations and gradients memory of their own; for tests.
	apart  bool
	shares *Net // whose parameters and mean image are used; nil: none
	// Paths between devices to try, for tests; nil tries all.
	Paths []engine.Path
}

// Choosing is what kernels are being compared for. How many sums a layer poses depends on
// what is chosen first; layers can be counted.
type Choosing struct {
	Problem        string // a sum of the layer
	Layer          string
	Number, Layers int // of the layer, from 1 on, and of all that have weights
	// Lost is why what is chosen cannot be remembered, and what helps; nil: it can.
	Lost error
}

// String says how far the choosing has come.
func (c Choosing) String() string { return fmt.Sprintf("layer %d of %d", c.Number, c.Layers) }

// Net is a network on its devices. Its methods must not be called concurrently.
type Net struct {
	Spec    Spec
	Rows    []Row
	Options Options
	Params  []*Param

	places  []*place
	inputs  []*input
	factors []shaders.Factors // of the step buffer, by layer
	train   []phase
	test    []phase
	testTo  map[int][]phase // of test, as far as a layer
	// measuring is a step that is measured, once one was.
	measuring *measuring
	choices   map[string]string
	choosing  Choosing  // while it is built
	scaling   LossScale // of the next step
	scaled    float64   // Scale of the last step's gradients

	crew           *crew
	flights        [2]flight     // step i is flights[i%2]
	begun, awaited int           // steps
	waited, worked time.Duration // of all devices, in phases that end with an exchange
}

// Build makes the tensors, kernels and recordings of a network. Column i lives
// on devices[i % len(devices)]; devices beyond the number of columns stay idle.
// Errors name the layer or device; one that wraps engine.ErrMemory means that a
// smaller batch may fit.
func Build(spec Spec, devices []*engine.Device, o Options) (*Net, error) {
	rows, err := spec.Plan()
	if err != nil {
		return nil, err
	}
	if o.Batch < 1 {
		return nil, fmt.Errorf("net: batch = %d; expected at least 1", o.Batch)
	}
	if len(devices) == 0 {
		return nil, errors.New("net: no device")
	}
	if o.ImageHeight == 0 {
		o.ImageHeight, o.ImageWidth = spec.Input.H, spec.Input.W
	}
	if o.ImageScale == 0 {
		o.ImageScale = 1
	}
	if o.ImageHeight < spec.Input.H || o.ImageWidth < spec.Input.W {
		return nil, fmt.Errorf("net: images of %dx%d are smaller than the input of %dx%d", o.ImageHeight, o.ImageWidth, spec.Input.H, spec.Input.W)
	}
	if !devices[0].Hollow() && o.shares == nil {
		if err := CheckMemory(spec, devices, o); err != nil {
			return nil, err
		}
	}
	n := &Net{Spec: spec, Rows: rows, Options: o, choices: map[string]string{}, scaling: LossScale{Scale: 1}, scaled: 1}
	if spec.mixed() {
		n.scaling.Scale = firstScale
	}
	n.makePlaces(devices)
	n.crew = newCrew(len(n.places))
	n.makeFlights()
	if err := n.make(); err != nil {
		if o.shares != nil {
			return nil, err
		}
		return nil, wrapMemory(err, spec, devices, o)
	}
	return n, nil
}

// make makes all that lies on devices.
func (n *Net) make() error {
	n.makeFactors()
	if err := n.makeInputs(); err != nil {
		return err
	}
	if err := n.makeLayers(); err != nil {
		return err
	}
	if err := n.makeOverflow(); err != nil {
		return err
	}
	if err := n.arrangeRooms(); err != nil {
		return err
	}
	for _, in := range n.inputs {
		if err := in.record(n); err != nil {
			return fmt.Errorf("net: input: %w", err)
		}
	}
	var err error
	n.testTo = map[int][]phase{}
	if n.test, err = n.record(false); err != nil {
		return err
	}
	if n.Options.Training {
		n.train, err = n.record(true)
	}
	return err
}

// Choices are the kernels that were chosen, by kind of device and problem: what a run directory
// keeps so that a resumed run computes the same bits.
func (n *Net) Choices() map[string]string { return n.choices }

func (n *Net) makePlaces(devices []*engine.Device) {
	devices = devices[:min(len(devices), n.Spec.Columns)]
	tunings := map[string]*tuning{}
	for i, d := range devices {
		key := d.Info().Key()
		t := tunings[key]
		if t == nil {
			t = newTuning(d, n)
			tunings[key] = t
		}
		p := &place{device: d, index: i, tuning: t, paths: n.Options.Paths}
		if n.Options.shares != nil {
			p.shares = n.Options.shares.places[i]
		}
		for j := i; j < n.Spec.Columns; j += len(devices) {
			p.columns = append(p.columns, j)
		}
		n.places = append(n.places, p)
	}
}

func (n *Net) makeFactors() {
	n.factors = make([]shaders.Factors, len(n.Rows))
	for i, l := range n.Spec.Layers {
		if o, ok := options(l); ok {
			n.factors[i] = shaders.Factors{Rate: float32(o.Rate), BiasRate: float32(o.BiasRate), Decay: float32(o.Decay), BiasDecay: float32(o.BiasDecay)}
		}
	}
}

// options returns the parameter options of a layer with weights.
func options(l Layer) (ParamOptions, bool) {
	switch l := l.(type) {
	case Conv:
		return l.ParamOptions, true
	case Local:
		return l.ParamOptions, true
	case Dense:
		return l.ParamOptions, true
	}
	return ParamOptions{}, false
}

// makeLayers builds the ops of every place, layer by layer.
func (n *Net) makeLayers() error {
	x := make([]*tensor, len(n.places))
	for i, in := range n.inputs {
		x[i] = in.image
	}
	for _, row := range n.Rows {
		if row.Weights > 0 {
			n.choosing.Layers++
		}
	}
	for number, row := range n.Rows {
		ops, err := n.makeLayer(number, row, x)
		if err != nil {
			return layerError(row.Layer, err)
		}
		for i, p := range n.places {
			p.ops = append(p.ops, ops[i])
			x[i] = output(ops[i])
		}
	}
	return nil
}

func output(o op) *tensor {
	switch o := o.(type) {
	case *productOp:
		return o.y
	case *localOp:
		return o.y
	case *activationOp:
		return o.y
	case *lrnOp:
		return o.y
	case *poolOp:
		return o.y
	case *dropoutOp:
		return o.y
	case *identityOp:
		return o.y
	case *gatherOp:
		return o.y
	case lossLayer:
		return o.loss().y
	}
	panic("net: unknown op")
}

func (n *Net) makeLayer(number int, row Row, x []*tensor) ([]op, error) {
	ops := make([]op, len(n.places))
	switch l := row.Layer.(type) {
	case Gather, Softmax, Squares:
		gathers, err := newGather(n.places, l.LayerName(), x)
		if err != nil {
			return nil, err
		}
		for i, g := range gathers {
			switch l.(type) {
			case Gather:
				ops[i], g.x.masked = g, g.x.relu
			case Softmax:
				ops[i], err = newSoftmax(g, row.Out.C, n.inputs[i].labels)
			case Squares:
				ops[i], err = newSquares(g, row.Out.C, n.inputs[i].targets)
			}
			if err != nil {
				return nil, err
			}
		}
		return ops, nil
	}
	var weight, bias *Param
	if row.Weights > 0 {
		n.choosing.Layer = row.Layer.LayerName()
		n.choosing.Number++
		weight, bias = n.describe(number, row, x[0])
		n.Params = append(n.Params, weight, bias)
	}
	for i, p := range n.places {
		var err error
		switch l := row.Layer.(type) {
		case Conv, Dense:
			ops[i], err = n.newProduct(p, row, x[i], weight, bias)
		case Local:
			ops[i], err = n.newLocal(p, l, row, x[i], weight, bias)
		case Activation:
			ops[i], err = newActivation(p, l, x[i])
		case LRN:
			ops[i], err = newLRN(p, l, x[i])
		case Pool:
			ops[i], err = newPool(p, l, row.Out, x[i])
		case Dropout:
			if n.Spec.Dropout {
				ops[i], err = newDropout(p, l, number, x[i])
			} else {
				ops[i] = &identityOp{named: named{name: l.Name, x: x[i], y: x[i]}}
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return ops, nil
}
