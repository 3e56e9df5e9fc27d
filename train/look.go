package train

import (
	"time"

	"alexnet/net"
	"alexnet/train/monitor"
)

// LookShare: looks take at most one part in so many of the time while a run trains.
const LookShare = 40

// Looking at parameters costs the time until they are read, and what the next step
// would otherwise have brought to the devices meanwhile. Looks are so far apart that
// they take at most one part in LookShare of the time, and searches for patches one
// in searchShare: together 3 %.
const (
	searchShare = 200
	lookEvery   = 250 * time.Millisecond // at most
)

// looks are what was read of the network for those who watch.
type looks struct {
	kernels  []*monitor.Shot
	patches  *monitor.Patches
	pasts    []*monitor.Past
	maps     *monitor.Maps
	faces    *monitor.Faces
	layers   []monitor.LayerFigures
	measured int // the steps done when layers were, plus 1
	timeline *monitor.Timeline
	machines []monitor.Machine

	due      time.Time     // of the next look
	frameDue time.Time     // of the next frame of a video
	foundDue time.Time     // of the next search for patches
	upload   time.Duration // of the last batch
	seen     monitor.Watch // at the last look
	seenStep int           // the steps done then, plus 1

	spent  time.Duration // on all looks
	looked int

	measure    bool // the next step is to be measured
	unmeasured bool // the devices cannot
}

// lookDue says whether it is time to look at what is watched.
func (t *Trainer) lookDue() bool {
	if t.Board == nil {
		return false
	}
	w := t.Board.Watched()
	if w.Hidden || !w.Kernels && !w.Maps && !w.Faces && !w.Layers && !w.Timeline {
		return false
	}
	if w != t.live.seen {
		return t.steering.paused || !w.NextFrame(t.live.seen) || !time.Now().Before(t.live.frameDue)
	}
	if t.steering.paused && t.searchDue(w) {
		return true
	}
	return t.live.seenStep != t.step+1 && !time.Now().Before(t.live.due)
}

// look reads what is watched of the network, if it is time. No step may be in
// flight.
func (t *Trainer) look() error {
	if !t.lookDue() {
		return nil
	}
	l, w := &t.live, t.Board.Watched()
	if w.Maps || w.Faces {
		if err := t.sight.prepare(); err != nil {
			return err
		}
	}
	began := time.Now()
	if w.Kernels {
		if err := t.lookAtKernels(); err != nil {
			return err
		}
	}
	if w.Layers { // before the maps, whose image may overwrite the batch's outputs
		if err := t.lookAtLayers(); err != nil {
			return err
		}
	}
	if w.Maps || w.Faces {
		if err := t.lookAtImage(w); err != nil {
			return err
		}
	}
	l.measure = w.Timeline && !l.unmeasured
	l.seen, l.seenStep = w, t.step+1
	took := time.Since(began) + l.upload
	l.spent, l.looked = l.spent+took, l.looked+1
	l.frameDue = time.Now().Add(LookShare * took)
	l.due = time.Now().Add(max(lookEvery, LookShare*took))
	if t.searchDue(w) {
		if err := t.lookForPatches(); err != nil {
			return err
		}
	}
	t.show(true)
	return nil
}

// lookAtImage runs the watched image through the network and keeps what is shown of
// it. What an image that cannot be read leaves as it was are the faces.
func (t *Trainer) lookAtImage(w monitor.Watch) error {
	t.outputs = t.outputs && !t.sight.shares()
	m, f, err := t.sight.Look(w, t.step)
	if err != nil {
		return err
	}
	if w.Maps {
		t.live.maps = m
	}
	if f != nil {
		t.live.faces = f
	}
	return nil
}

// columnDevices names the device of each column.
func (t *Trainer) columnDevices() []string {
	var out []string
	for i := range max(1, t.Config.Net.Columns) {
		out = append(out, t.Net.DeviceOf(i))
	}
	return out
}

// firstKernels are the weights of a first layer that sees three colours; nil if
// there are none.
func (t *Trainer) firstKernels() *net.Param {
	if len(t.Net.Params) == 0 {
		return nil
	}
	p := t.Net.Params[0]
	if len(p.Shape) != 4 || p.Shape[1] != 3 || p.Shape[2] != p.Shape[3] {
		return nil
	}
	return p
}

// FirstKernels reads the kernels of a first layer that sees three colours; nil if
// there are none. No step may be in flight.
func (t *Trainer) FirstKernels() (*monitor.Kernels, error) {
	p := t.firstKernels()
	if p == nil {
		return nil, nil
	}
	values, err := t.Net.Read(p, net.Value)
	if err != nil {
		return nil, err
	}
	return &monitor.Kernels{Values: values, Size: p.Shape[2], Columns: net.Deal(p.Shape[0], max(1, t.Config.Net.Columns))}, nil
}

// lookAtKernels takes a shot of the first layer, unless the step's is there.
func (t *Trainer) lookAtKernels() error {
	p, l := t.firstKernels(), &t.live
	if n := len(l.kernels); p == nil || n > 0 && l.kernels[n-1].Step == t.step {
		return nil
	}
	k, err := t.FirstKernels()
	if err != nil {
		return err
	}
	shot := &monitor.Shot{Step: t.step, Epoch: l.epochOf(t.step), Kernels: k, Figures: k.ColumnFigures()}
	switch {
	case p.Frozen:
	case t.trained: // there was a batch
		shot.Gradient, err = t.Net.Read(p, net.Gradient)
	default:
		shot.Velocity, err = t.Net.Read(p, net.Momentum)
	}
	if err != nil {
		return err
	}
	l.kernels = monitor.KeepShots(append(l.kernels[:len(l.kernels):len(l.kernels)], shot))
	return nil
}
