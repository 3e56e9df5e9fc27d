package net

import (
	"alexnet/engine"
	"alexnet/shaders"
)

// sgd is the solver's rule (sgd.glsl) on a device.
type sgd struct {
	plain    *engine.Kernel[shaders.SGDPush]
	straight *engine.Kernel[shaders.SGDStraightPush] // nil where the device is none that it is made for
	tile     int                                     // floats of a workgroup of straight
}

// A subgroup of straight changes so many vectors of parameters, a workgroup has so many
// subgroups.
const (
	sgdVectors   = 32
	sgdSubgroups = 16
)

// newSGD compiles the rule; checked: a step whose gradients overflowed does nothing.
func newSGD(d *engine.Device, checked bool) (*sgd, error) {
	k, err := makeSGD(d, variant(d, shaders.SGD, shaders.SGDAddress.Module), checked)
	if err != nil || checked || !runsStraight(d) {
		return k, err
	}
	of := shaders.SGDStraightConstants{Lanes: lanes(d), Vectors: sgdVectors, Invocations: lanes(d) * sgdSubgroups}
	k.tile = int(of.Invocations * of.Vectors)
	k.straight, err = engine.NewKernel(d, shaders.SGDStraight, of)
	return k, err
}

func makeSGD(d *engine.Device, of shaders.Shader[shaders.SGDPush, shaders.SGDConstants], checked bool) (*sgd, error) {
	k, err := engine.NewKernel(d, of, shaders.SGDConstants{Checked: checked})
	return &sgd{plain: k}, err
}

// update records a step of parameters w with gradients g and velocities v.
func (k *sgd) update(s *engine.Sequence, name string, p shaders.SGDPush, step, w, g, v, overflow engine.Range) {
	if k.straight != nil {
		groups := min(int(p.Count)/k.tile, engine.MaxGroups)
		done := groups * k.tile
		if groups > 0 {
			k.updateTiles(s, name, p, groups, step, first(w, done), first(g, done), first(v, done))
		}
		if p.Count -= uint32(done); p.Count == 0 {
			return
		}
		w, g, v = w.From(4*uint64(done)), g.From(4*uint64(done)), v.From(4*uint64(done))
	}
	p.WLow, p.WHigh = w.Address()
	p.GLow, p.GHigh = g.Address()
	p.VLow, p.VHigh = v.Address()
	k.plain.Dispatch(s, name, eights(int(p.Count)), p, step, w, g, v, overflow)
}

// first is the first floats of a range.
func first(r engine.Range, floats int) engine.Range {
	return engine.Range{Buffer: r.Buffer, Offset: r.Offset, Size: 4 * uint64(floats)}
}

// updateTiles is update for so many tiles.
func (k *sgd) updateTiles(s *engine.Sequence, name string, p shaders.SGDPush, tiles int, step, w, g, v engine.Range) {
	push := shaders.SGDStraightPush{Factor: p.Factor, Bias: p.Bias, Digit: straightDigits()}
	push.WLow, push.WHigh = w.Address()
	push.GLow, push.GHigh = g.Address()
	push.VLow, push.VHigh = v.Address()
	k.straight.Dispatch(s, name, engine.Groups{uint32(tiles), 1, 1}, push, step, w, g, v)
}
