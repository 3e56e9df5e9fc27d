package net

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"alexnet/engine"
	"alexnet/shaders"
)

// The two sums of a network, each in several formulations: conv_nt.glsl (forward
// and data gradient) and conv_tn.glsl (weight gradient). A candidate's name says
// formulation and tile: "address 3x4".

// The candidates in the order in which they are tried, the first one plain.
var (
	ntCandidates = []string{"plain", "address 3x3", "address 3x4", "address 4x3", "address 2x3", "address 4x2", "address 2x2",
		"shared 8x8", "shared 4x4"}
	tnCandidates = []string{"plain", "address 2x3", "address 2x2", "address 3x2", "address 4x2", "address 2x1", "address 4x1",
		"shared 8x8", "shared 4x4"}
)

// kernelsHash identifies the candidates and their sources.
func kernelsHash() string {
	h := fnv.New32a()
	fmt.Fprint(h, ntCandidates, tnCandidates, ntMixed, tnMixed, straightNT, straightTN, straightLeast, straightMost, straightDeep, besides)
	for _, m := range shaders.All {
		if strings.HasPrefix(m.Name, "conv_") || strings.HasPrefix(m.Name, "winograd_") || strings.HasPrefix(m.Name, "straight") {
			fmt.Fprint(h, m.Name, m.Hash)
		}
	}
	return fmt.Sprintf("%08x", h.Sum32())
}

// parse splits a candidate's name.
func parse(name string) (form string, rows, columns uint32) {
	form, tile, ok := strings.Cut(name, " ")
	if ok {
		fmt.Sscanf(tile, "%dx%d", &rows, &columns)
	}
	return form, rows, columns
}

// candidates leaves out what a device cannot run, and what never wins: on processors the
// plain kernel and shared-memory tiles, which are ten times slower unless nothing else
// runs, and tiles of float32 beside those of float16. A GPU's plain kernel is fifty times
// slower, and could take longer than a driver lets a dispatch run: choose falls back to it.
func candidates(d *engine.Device, all []string) []string {
	quick := quick(d)
	half := slices.Contains(all, "half 4x4") && d.Supports(shaders.ConvNTHalf.Needs)
	var out []string
	for _, name := range all {
		form, _, _ := parse(name)
		if !runs(d, name) || quick && form != "address" || form == "shared" && half || form == "plain" && !d.Info().CPU() {
			continue
		}
		out = append(out, name)
	}
	return out
}

// runs says whether a device can run a candidate.
func runs(d *engine.Device, name string) bool {
	switch form, _, _ := parse(name); form {
	case "address":
		return lanes(d) > 0 && d.Supports(shaders.ConvNTAddress.Needs)
	case "half":
		return d.Supports(shaders.ConvNTHalf.Needs)
	case "matrix":
		if i := d.Info(); i.CPU() && i.SubgroupSize != 8 {
			return false // lavapipe of Mesa 26.2 crashes when it compiles them for 16 lanes
		}
		tile := newMatrixTile(d, name)
		return d.Supports(shaders.ConvNTMatrix.Needs) && tile.fits(d)
	}
	return true
}

// quick says whether a processor's driver runs the kernels made for processors.
func quick(d *engine.Device) bool {
	return d.Info().CPU() && lanes(d) > 0 && d.Supports(shaders.ConvNTAddress.Needs)
}

// lanes is how many a subgroup has.
func lanes(d *engine.Device) uint32 { return d.Info().Lanes() }

func ceil(a, b uint32) uint32 { return (a + b - 1) / b }

// nt is a compiled conv_nt kernel.
type nt struct {
	kernel          *engine.Kernel[shaders.ConvNTPush]
	form            string
	pixels, kernels uint32 // of a workgroup's tile
	parts           uint32 // of a sum, each with sums of its own (conv_nt_parts.glsl)
	bias, relu      bool   // what the kernel does to its sums
	masked          bool   // a data gradient with the derivative of the ReLU below
	name            string
}

// newNT compiles a candidate; mixed rounds its operands to float16, masked sets to
// zero what a ReLU's output, in the place of the bias, is zero for.
func newNT(d *engine.Device, name string, mixed, masked bool) (*nt, error) {
	form, rows, columns := parse(name)
	k := &nt{form: form, name: name, pixels: 8 * rows, kernels: 8 * columns, parts: partsOf(name), masked: masked}
	var err error
	switch form {
	case "plain":
		k.kernel, err = engine.NewKernel(d, shaders.ConvNTPlain, shaders.ConvNTPlainConstants{Half: mixed, Masked: masked})
	case "address":
		k.pixels, k.kernels = lanes(d)*rows, lanes(d)*columns
		k.kernel, err = engine.NewKernel(d, shaders.ConvNTAddress, shaders.ConvNTAddressConstants{Lanes: lanes(d), Rows: rows, Columns: columns, Half: mixed, Masked: masked})
	case "shared":
		k.kernel, err = engine.NewKernel(d, shaders.ConvNTShared, shaders.ConvNTSharedConstants{Rows: rows, Columns: columns, Half: mixed, Masked: masked, Parts: k.parts})
	case "half":
		k.kernel, err = engine.NewKernel(d, shaders.ConvNTHalf, shaders.ConvNTHalfConstants{Rows: rows, Columns: columns, Masked: masked, Parts: k.parts})
	case "matrix":
		tile := newMatrixTile(d, name)
		k.pixels, k.kernels = tile.height(), tile.width()
		k.kernel, err = newMatrixNT(d, tile, k.parts, masked)
	default:
		err = fmt.Errorf("net: unknown kernel %q", name)
	}
	return k, err
}

// groups covers the outputs of z blocks.
func (k *nt) groups(p *shaders.ConvNTPush, z int) engine.Groups {
	pixels := p.Batch * p.OutHeight * p.OutWidth
	if k.form == "plain" {
		g := engine.Linear(int(pixels * p.OutChannels))
		g[0] = max(g[0], ceil(p.OutChannels, 64))
		return g.Over(z)
	}
	return engine.Groups{ceil(p.OutChannels, k.kernels), ceil(pixels, k.pixels), uint32(z) * k.parts}
}

// dispatch records the sum. third is the bias, or of a masked gradient the ReLU's
// output, which lies as y does.
func (k *nt) dispatch(s *engine.Sequence, name string, p shaders.ConvNTPush, z int, x, w, third, y engine.Range) {
	p.InverseHeight, p.InverseWidth = shaders.Inverse(int(p.OutHeight)), shaders.Inverse(int(p.OutWidth))
	p.InverseDilation = shaders.Inverse(int(p.Dilation))
	p.HasBias, p.Relu = bit(k.bias), bit(k.relu)
	p.WLow, p.WHigh = w.Address()
	batch, images := p.Batch, k.images(&p, s.Device().Info().MaxGroups[1])
	for first := uint32(0); first < batch; first += images {
		p.Batch = min(images, batch-first)
		from := x.From(4 * uint64(first) * uint64(p.InHeight*p.InWidth*p.InChannels))
		done := 4 * uint64(first) * uint64(p.OutHeight*p.OutWidth*p.OutChannels)
		to, beside := y.From(done), third
		p.XLow, p.XHigh = from.Address()
		p.YLow, p.YHigh = to.Address()
		if k.masked {
			beside = third.From(done)
			p.MaskLow, p.MaskHigh = beside.Address()
		}
		k.kernel.Dispatch(s, name, k.groups(&p, z), p, from, w, beside, to)
	}
}

// images is how many images one dispatch takes: all, unless their pixels are more
// tiles than the device's workgroups of a dimension. Parts of 8 images begin at
// bytes that every device allows as the start of a binding.
func (k *nt) images(p *shaders.ConvNTPush, most uint32) uint32 {
	if k.groups(p, 1)[1] <= most {
		return p.Batch
	}
	return max(8, most*k.pixels/(p.OutHeight*p.OutWidth)/8*8)
}

func bit(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// tn is a compiled conv_tn kernel.
type tn struct {
	kernel            *engine.Kernel[shaders.ConvTNPush]
	form              string
	kernels, channels uint32 // of a workgroup's tile
}

// newTN compiles a candidate; mixed rounds its operands to float16.
func newTN(d *engine.Device, name string, mixed bool) (*tn, error) {
	form, rows, columns := parse(name) // columns are channel pairs a lane by address
	k := &tn{form: form, kernels: 8 * rows, channels: 8 * columns}
	var err error
	switch form {
	case "plain":
		k.kernel, err = engine.NewKernel(d, shaders.ConvTNPlain, shaders.ConvTNPlainConstants{Half: mixed})
	case "address":
		k.channels = 2 * lanes(d) * columns
		k.kernel, err = engine.NewKernel(d, shaders.ConvTNAddress, shaders.ConvTNAddressConstants{Lanes: lanes(d), Rows: rows, Pairs: columns, Half: mixed})
	case "shared":
		k.kernel, err = engine.NewKernel(d, shaders.ConvTNShared, shaders.ConvTNSharedConstants{Rows: rows, Columns: columns, Half: mixed})
	case "half":
		k.kernel, err = engine.NewKernel(d, shaders.ConvTNHalf, shaders.ConvTNHalfConstants{Rows: rows, Columns: columns})
	case "matrix":
		tile := newMatrixTile(d, name)
		k.kernels, k.channels = tile.height(), tile.width()
		k.kernel, err = newMatrixTN(d, tile)
	default:
		err = fmt.Errorf("net: unknown kernel %q", name)
	}
	return k, err
}

// tnFits says whether a tile's lanes never straddle the end of the channels.
func tnFits(name string, channels int) bool {
	form, _, pairs := parse(name)
	return form != "address" || channels%int(2*pairs) == 0
}

func (k *tn) groups(p *shaders.ConvTNPush, z int) engine.Groups {
	taps, zs := p.Sources*p.KernelHeight*p.KernelWidth, uint32(z)*p.Splits
	switch k.form {
	case "plain":
		g := engine.Linear(int(p.Rows * p.InChannels))
		return engine.Groups{g[0], taps, zs}
	case "matrix": // its columns run on over taps
		return engine.Groups{ceil(taps*p.InChannels, k.channels), ceil(p.Rows, k.kernels), zs}
	}
	return engine.Groups{taps * ceil(p.InChannels, k.channels), ceil(p.Rows, k.kernels), zs}
}

func (k *tn) dispatch(s *engine.Sequence, name string, p shaders.ConvTNPush, z int, x, y, w engine.Range) {
	p.InverseHeight, p.InverseWidth = shaders.Inverse(int(p.OutHeight)), shaders.Inverse(int(p.OutWidth))
	p.XLow, p.XHigh = x.Address()
	p.YLow, p.YHigh = y.Address()
	p.WLow, p.WHigh = w.Address()
	k.kernel.Dispatch(s, name, k.groups(&p, z), p, x, y, w)
}
