package net

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"alexnet/engine"
)

// Timing is the time of one command of a step, summed over the columns of a
// device and averaged over devices that run side by side.
type Timing struct {
	Layer     string
	Direction string // "forward", "data gradient", "weight gradient", "bias gradient", "backward", "check", "update", "copy"
	Time      time.Duration
	// Bytes are the least that a device has to move for it: what leastBytes says.
	// 0 where the layer does nothing of the kind, and for "copy".
	Bytes int64
}

// Event is one command of a profiled step, or one transfer between devices.
type Event struct {
	Place int    // of the device in Profile.Devices; Exchange or Upload
	Name  string // "conv1 data gradient"
	Start time.Duration
	Time  time.Duration
	Bytes uint64      // of a transfer
	Path  engine.Path // that it took
}

// Places of what no device does.
const (
	Exchange = -1 // a transfer between devices
	Upload   = -2 // the host puts the batch where the devices fetch it
)

// Profile is one step of training, taken apart.
type Profile struct {
	Devices []string
	Began   time.Time // by the host's clock
	Timings []Timing  // of each layer and direction, in the order of the step
	// Events are the upload of the batch and all commands, by their start. Those of a
	// place do not overlap, nor do the transfers. Durations are the device's; a phase, the commands
	// between two transfers, lies where the host saw it end.
	Events []Event
}

// measuring is a recording of a training step that measures its commands.
type measuring struct {
	phases   []phase
	profiles []*engine.Profile // of phase k and place i: k * places + i
}

// Profile runs two steps of training, of which the first may compile, and measures
// the commands of the second. These do not overlap meanwhile, so that their sum can
// exceed a step's time.
func (n *Net) Profile(b *Batch, s Solver) (*Profile, error) {
	for range 2 {
		if err := n.BeginMeasured(b, s); err != nil {
			return nil, err
		}
		if _, err := n.Await(); err != nil {
			return nil, err
		}
	}
	return n.Measured()
}

// BeginMeasured is Begin for a step whose commands are measured, which computes the
// same bits. Begin no other beside it; Measured reads what was found.
func (n *Net) BeginMeasured(b *Batch, s Solver) error {
	n.mustRest()
	if n.measuring == nil {
		r := &recorder{n: n, name: "profile", rows: len(n.Rows), profiling: true}
		phases, err := r.record(true)
		if err != nil {
			return err
		}
		if r.profileError != nil {
			return r.profileError
		}
		n.measuring = &measuring{phases, r.profiles}
	}
	for i := range n.measuring.phases {
		n.measuring.phases[i].watch = &watch{began: make([]time.Time, len(n.places)), ended: make([]time.Time, len(n.places))}
	}
	return n.begin(n.measuring.phases, true, b, s, dropoutMode(s))
}

// Measured takes the last measured step apart.
func (n *Net) Measured() (*Profile, error) {
	n.mustRest()
	if n.measuring == nil {
		panic("net: no step was measured")
	}
	m, f := n.measuring, &n.flights[(n.awaited+1)%2] // the last one
	zero := f.asked
	out := &Profile{Began: zero, Events: []Event{{Place: Upload, Name: "upload", Time: f.written.Sub(zero)}}}
	for _, p := range n.places {
		out.Devices = append(out.Devices, p.device.Name())
	}
	sums := &timings{n: n, of: map[[2]string]time.Duration{}}
	for k, ph := range m.phases {
		for i := range n.places {
			times, err := m.profiles[k*len(n.places)+i].Read()
			if err != nil {
				return nil, err
			}
			sums.add(times)
			out.Events = append(out.Events, ph.watch.commands(zero, i, times, k == 0)...)
		}
		out.Events = append(out.Events, ph.watch.exchange(zero)...)
	}
	slices.SortStableFunc(out.Events, func(a, b Event) int { return cmp.Compare(a.Start, b.Start) })
	out.Timings = sums.list()
	return out, nil
}

// copy makes transfers and notes when; of a phase that nobody watches it only
// makes them.
func (w *watch) copy(list []transfer) {
	for _, t := range list {
		start := time.Now()
		t.link.Transfer(t.at, t.size)
		if w != nil {
			w.copied = append(w.copied, copied{t, start, time.Now()})
		}
	}
}

// commands places a device's commands on the host's clock: the last one was done
// when the host heard of it. The first phase begins with the upload of the batch,
// which is not recorded with the layers.
func (w *watch) commands(zero time.Time, place int, times []engine.Timing, first bool) []Event {
	if len(times) == 0 {
		return nil
	}
	began, ended := w.began[place].Sub(zero), w.ended[place].Sub(zero)
	base := max(began, ended-times[len(times)-1].End())
	var out []Event
	if first {
		out = append(out, Event{Place: place, Name: "input", Start: began, Time: base - began})
	}
	for _, t := range times {
		out = append(out, Event{Place: place, Name: t.Name, Start: base + t.Start, Time: t.Time})
	}
	return out
}

// exchange lists the transfers made behind a phase or beside it.
func (w *watch) exchange(zero time.Time) []Event {
	var out []Event
	for _, c := range w.copied {
		l := c.link
		out = append(out, Event{
			Place: Exchange, Name: fmt.Sprintf("%s, %s to %s", l.Name, l.Out.Device().Name(), l.In.Device().Name()),
			Start: c.start.Sub(zero), Time: c.end.Sub(c.start), Bytes: c.size, Path: l.Path,
		})
	}
	return out
}

// timings adds up commands by layer and direction.
type timings struct {
	n     *Net
	of    map[[2]string]time.Duration
	order [][2]string
}

func (s *timings) add(times []engine.Timing) {
	for _, t := range times {
		key := s.n.split(t.Name)
		if _, seen := s.of[key]; !seen {
			s.order = append(s.order, key)
		}
		s.of[key] += t.Time / time.Duration(len(s.n.places))
	}
}

func (s *timings) list() []Timing {
	var out []Timing
	for _, k := range s.order {
		t := Timing{Layer: k[0], Direction: k[1], Time: s.of[k]}
		if row, ok := s.n.row(t.Layer); ok {
			t.Bytes = leastBytes(row, t.Direction, s.n.Options.Batch, s.n.Spec.Columns, len(s.n.places))
		}
		out = append(out, t)
	}
	return out
}

func (n *Net) row(layer string) (Row, bool) {
	for _, r := range n.Rows {
		if r.Layer.LayerName() == layer {
			return r, true
		}
	}
	return Row{}, false
}

const floatBytes = 4 // of an activation, a weight, a gradient

// leastBytes is what one of several devices has to move for a layer and direction
// of a batch if it reads every input once and writes every output once, without
// padding, partial sums and what caches lose. Devices share columns evenly; of a
// gathered input each reads all, and each of its columns makes a gradient of all.
func leastBytes(r Row, direction string, batch, columns, devices int) int64 {
	x, y := batch*r.In.Count(), batch*r.Out.Count()/devices // activations, or their gradients
	dx := x * columns / devices
	if _, gather := r.Layer.(Gather); !gather && !r.Gathered {
		x, dx = x/devices, x/devices
	}
	weights, biases := r.Weights/devices, r.Biases/devices
	return floatBytes * int64(leastFloats(r.Layer, direction, x, dx, y, weights, biases))
}

// leastFloats counts the values of each kernel's inputs and outputs.
func leastFloats(l Layer, direction string, x, dx, y, weights, biases int) int {
	switch direction {
	case "check":
		return weights + biases
	case "update":
		return 5 * (weights + biases) // gradient read; value and momentum read and written
	case "weight gradient":
		return x + y + weights
	case "data gradient":
		return y + weights + dx
	case "bias gradient":
		return y + biases
	}
	forward := direction == "forward"
	switch l := l.(type) {
	case Conv, Local, Dense:
		if forward {
			return x + weights + biases + y
		}
	case Activation:
		if forward {
			return x + y
		}
		return 3 * x // output, its gradient, the input's
	case LRN:
		if forward {
			return 2 * x
		}
		return 3 * x
	case Pool:
		if l.Average {
			return x + y
		}
		return x + 2*y // the places of the maxima, too
	case Dropout:
		return x + y
	case Softmax, Squares:
		return x + y // logits to their gradient; the probabilities are few
	case Gather:
		if !forward {
			return dx + y // gradients of all readers, added up
		}
	}
	return 0
}

// split takes a command's name apart: "conv1 data gradient".
func (n *Net) split(name string) [2]string {
	layer, direction := name, "forward"
	for i, r := range name {
		if r == ' ' {
			layer, direction = name[:i], name[i+1:]
			break
		}
	}
	for _, p := range n.Params {
		if layer == p.Name {
			layer = n.Rows[p.Layer].Layer.LayerName()
		}
	}
	return [2]string{layer, direction}
}

// DeviceMemory is what the network's devices have in use, by device.
func (n *Net) DeviceMemory() map[string]uint64 {
	out := map[string]uint64{}
	for _, p := range n.places {
		out[p.device.Name()] = p.device.InUse()
	}
	return out
}

// Kernels returns the names of the kernels that a layer with weights runs
// forward and for its data and weight gradients, "" where it has none.
func (n *Net) Kernels(layer int) (forward, data, weight string) {
	switch o := n.places[0].ops[layer].(type) {
	case *localOp:
		return o.names.forward, o.names.data, o.names.weight
	case *productOp:
		return described(o.names.form.forward, o.names.forward, o.fast.forward), described(o.names.form.data, o.names.data, o.fast.data),
			described(o.names.form.weight, o.names.weight, nil)
	}
	return "", "", ""
}

// described names a direct sum's tile, or a family with its products' tile.
func described(form, tile string, w *winograd) string {
	switch {
	case form == "":
		return tile
	case w == nil:
		return form
	}
	return form + ", " + w.tile
}

// DeviceOf names the device that holds a column.
func (n *Net) DeviceOf(column int) string {
	return n.places[column%len(n.places)].device.Name()
}
