package net

import (
	"alexnet/engine"
	"alexnet/shaders"
)

// The element-wise kernels exist twice: through bindings, and through device
// addresses for software drivers (eights.glsl).

// variant returns the one that suits a device.
func variant[Push, Constants any](d *engine.Device, plain shaders.Shader[Push, Constants], address *shaders.Module) shaders.Shader[Push, Constants] {
	if d.Info().CPU() && d.Supports(address.Needs) {
		return shaders.Shader[Push, Constants]{Module: address}
	}
	return plain
}

// eights covers count floats, 8 an invocation.
func eights(count int) engine.Groups { return engine.Linear(count / 8) }

func differActivation(k *engine.Kernel[shaders.ActivationGradPush], s *engine.Sequence, name string, count int, x, y, g engine.Range) {
	p := shaders.ActivationGradPush{Count: uint32(count)}
	p.XLow, p.XHigh = x.Address()
	p.YLow, p.YHigh = y.Address()
	p.GLow, p.GHigh = g.Address()
	k.Dispatch(s, name, eights(count), p, x, y, g)
}

// applyPool and differPool fill the inverses: those of the map that is written, in
// blocks of so many pixels a side.
func applyPool(k *engine.Kernel[shaders.PoolPush], s *engine.Sequence, name string, p shaders.PoolPush, x, y, at engine.Range) {
	dispatchPool(k, s, name, p, int(p.OutHeight), int(p.OutWidth), x, y, at, x, y, at)
}

func differPool(k *engine.Kernel[shaders.PoolPush], s *engine.Sequence, name string, p shaders.PoolPush, block uint32, g, at, dx engine.Range) {
	dispatchPool(k, s, name, p, int(ceil(p.InHeight, block)), int(ceil(p.InWidth, block)), g, dx, at, g, at, dx)
}

func dispatchPool(k *engine.Kernel[shaders.PoolPush], s *engine.Sequence, name string, p shaders.PoolPush, height, width int, from, to, at engine.Range, bindings ...engine.Range) {
	p.InverseHeight, p.InverseWidth = shaders.Inverse(height), shaders.Inverse(width)
	p.InverseChannels = shaders.Inverse(int(p.Channels) / 8)
	p.XLow, p.XHigh = from.Address()
	p.YLow, p.YHigh = to.Address()
	p.AtLow, p.AtHigh = at.Address()
	k.Dispatch(s, name, eights(int(p.Images)*height*width*int(p.Channels)), p, bindings...)
}

// pixelSum is the kernel of a bias gradient's sums.
type pixelSum struct {
	kernel *engine.Kernel[shaders.BiasGradPush]
	shared bool // a workgroup makes up to 128 channels of a run; otherwise an invocation 8
}

// sharedChannels are those of a workgroup of bias_grad_shared.comp: COLUMNS vec4s.
const sharedChannels = 4 * 32

func newPixelSum(d *engine.Device) (*pixelSum, error) {
	if i := d.Info(); !i.CPU() && i.MaxInvocations >= 256 && i.MaxGroupSize[0] >= 256 {
		return makePixelSum(d, shaders.BiasGradShared)
	}
	return makePixelSum(d, variant(d, shaders.BiasGrad, shaders.BiasGradAddress.Module))
}

func makePixelSum(d *engine.Device, of shaders.Shader[shaders.BiasGradPush, shaders.None]) (*pixelSum, error) {
	k, err := engine.NewKernel(d, of, shaders.None{})
	return &pixelSum{k, of.Module == shaders.BiasGradShared.Module}, err
}

// add records the sums of z blocks.
func (k *pixelSum) add(s *engine.Sequence, name string, z int, p shaders.BiasGradPush, y, b engine.Range) {
	p.InverseChannels = shaders.Inverse(int(p.Channels) / 8)
	p.YLow, p.YHigh = y.Address()
	p.BLow, p.BHigh = b.Address()
	groups := eights(int(p.Runs * p.Channels))
	if k.shared {
		groups = engine.Groups{p.Runs, ceil(p.Channels, sharedChannels), 1}
	}
	k.kernel.Dispatch(s, name, groups.Over(z), p, y, b)
}

// applyInput makes a row of a block of folded pixels an invocation.
func applyInput(k *engine.Kernel[shaders.InputPush], s *engine.Sequence, p shaders.InputPush, pixels, mean, crops, y engine.Range) {
	p.Rows = ceil(p.Channels, 3*p.Fold)
	p.InverseRows = shaders.Inverse(int(p.Rows))
	p.InverseHeight, p.InverseWidth = shaders.Inverse(int(p.OutHeight)), shaders.Inverse(int(p.OutWidth))
	p.PixelsLow, p.PixelsHigh = pixels.Address()
	p.MeanLow, p.MeanHigh = mean.Address()
	p.CropsLow, p.CropsHigh = crops.Address()
	p.YLow, p.YHigh = y.Address()
	k.Dispatch(s, "input", engine.Linear(int(p.Batch*p.OutHeight*p.OutWidth*p.Rows)), p, pixels, mean, crops, y)
}
