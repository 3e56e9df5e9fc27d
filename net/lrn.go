package net

import (
	"alexnet/engine"
	"alexnet/shaders"
)

// lrnKernel is the kernel of local response normalisation or of its gradient: for blocks of
// 8 channels, and for a processor's vectors.
type lrnKernel struct {
	plain    *engine.Kernel[shaders.LRNPush]
	straight *engine.Kernel[shaders.LRNStraightPush] // nil where the device or the map is none that it is made for
	pixels   int                                     // of a subgroup of straight
}

// lrnVectors are the most that a subgroup makes: half as many take a tenth more time, twice
// as many only longer to compile.
const lrnVectors = 24

// newLRNKernel compiles the normalisation of maps of so many channels, or its gradient.
func newLRNKernel(d *engine.Device, l LRN, gradient bool, channels int) (*lrnKernel, error) {
	of, straight := variant(d, shaders.LRN, shaders.LRNAddress.Module), shaders.LRNStraight
	if gradient {
		of.Module, straight.Module = variant(d, shaders.LRNGrad, shaders.LRNGradAddress.Module).Module, shaders.LRNGradStraight.Module
	}
	k, err := plainLRN(d, l, of)
	if err != nil || !runsStraight(d) || channels%int(lanes(d)) != 0 || channels > lrnVectors*int(lanes(d)) {
		return k, err
	}
	c := shaders.LRNStraightConstants{Lanes: lanes(d), Invocations: lanes(d) * mapSubgroups, Channels: uint32(channels),
		Pixels: lrnVectors * lanes(d) / uint32(channels), HalfWindow: uint32(l.Size / 2), Roots: l.Beta == 0.75}
	k.pixels = int(c.Pixels)
	k.straight, err = engine.NewKernel(d, straight, c)
	return k, err
}

// plainLRN compiles a kernel for any map.
func plainLRN(d *engine.Device, l LRN, of shaders.Shader[shaders.LRNPush, shaders.LRNConstants]) (*lrnKernel, error) {
	plain, err := engine.NewKernel(d, of, shaders.LRNConstants{HalfWindow: uint32(l.Size / 2), Roots: l.Beta == 0.75})
	return &lrnKernel{plain: plain}, err
}

// apply records the normalisation of x.
func (k *lrnKernel) apply(s *engine.Sequence, name string, p shaders.LRNPush, x, y engine.Range) {
	p.XLow, p.XHigh = x.Address()
	p.YLow, p.YHigh = y.Address()
	k.dispatch(s, name, p, x, y)
}

// differ records its gradient.
func (k *lrnKernel) differ(s *engine.Sequence, name string, p shaders.LRNPush, x, g, dx engine.Range) {
	p.XLow, p.XHigh = x.Address()
	p.GLow, p.GHigh = g.Address()
	p.DxLow, p.DxHigh = dx.Address()
	k.dispatch(s, name, p, x, g, dx)
}

func (k *lrnKernel) dispatch(s *engine.Sequence, name string, p shaders.LRNPush, ranges ...engine.Range) {
	pixels := int(p.Count / p.Channels)
	groups := int(ceil(uint32(pixels), uint32(mapSubgroups*max(k.pixels, 1))))
	if k.straight != nil && pixels >= k.pixels && groups <= engine.MaxGroups {
		push := shaders.LRNStraightPush{Pixels: uint32(pixels), K: p.K, Alpha: p.Alpha, Beta: p.Beta, Relu: p.Relu,
			XLow: p.XLow, XHigh: p.XHigh, GLow: p.GLow, GHigh: p.GHigh, Digit: straightDigits()}
		k.straight.Dispatch(s, name, engine.Groups{uint32(groups), 1, 1}, push, ranges...)
		return
	}
	p.InverseChannels = shaders.Inverse(int(p.Channels) / 8)
	k.plain.Dispatch(s, name, eights(int(p.Count)), p, ranges...)
}
