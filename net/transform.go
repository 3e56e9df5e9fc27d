package net

import (
	"alexnet/engine"
	"alexnet/shaders"
)

// mapShader is a family's transform between maps and tiles: of a pair of channels an
// invocation, and, for processors, of a vector of them a subgroup. All have the constants
// of the first.
type mapShader struct{ pairs, straight *shaders.Module }

// mapTransform is a mapShader compiled: one of the two.
type mapTransform struct {
	pairs    *engine.Kernel[shaders.WinogradMapPush]
	straight *engine.Kernel[shaders.WinogradStraightPush]
	lanes    int
}

// transformByVectors lets processors have their kernels; tests take those of GPUs, too.
var transformByVectors = true

// newTransform compiles a transform of a map's tiles, masked by a ReLU's output or not.
func (w *winograd) newTransform(d *engine.Device, of mapShader, m mapShape, masked bool) (*mapTransform, error) {
	k := &mapTransform{lanes: int(lanes(d))}
	var err error
	if transformByVectors && runsStraight(d) && m.channels >= k.lanes && max(w.chunk, w.rows(), w.columns(), k.vectors(m)) <= straightNumbers &&
		w.tiles(w.chunk)*k.vectors(m) <= mapSubgroups*engine.MaxGroups {
		k.straight, err = engine.NewKernel(d, shaders.Shader[shaders.WinogradStraightPush, shaders.WinogradInputStraight53Constants]{Module: of.straight},
			shaders.WinogradInputStraight53Constants{Lanes: lanes(d), Invocations: lanes(d) * mapSubgroups, Masked: masked})
		return k, err
	}
	k.pairs, err = engine.NewKernel(d, shaders.Shader[shaders.WinogradMapPush, shaders.WinogradInput53Constants]{Module: of.pairs},
		shaders.WinogradInput53Constants{Masked: masked})
	return k, err
}

// vectors is how many a subgroup each make the channels of a tile.
func (k *mapTransform) vectors(m mapShape) int { return (m.channels + k.lanes - 1) / k.lanes }

// mapSide is what a transform reads or writes of maps.
type mapSide struct {
	mapShape
	images, pad  int
	count, block int  // of maps, and the floats from one to the next
	bias, relu   bool // of an output
}

// transformMaps records a transform of maps: from is read, to written, and third is an
// output's bias or the mask.
func (w *winograd) transformMaps(s *engine.Sequence, name string, k *mapTransform, m mapSide, from, to engine.Range, third ...engine.Range) {
	p := shaders.WinogradMapPush{
		Images: uint32(m.images), Height: uint32(m.h), Width: uint32(m.w), Channels: uint32(m.channels),
		TileRows: uint32(w.rows()), TileColumns: uint32(w.columns()), Pad: uint32(m.pad),
		MapBlock: uint32(m.block), TileBlock: uint32(w.mapBlock()), HasBias: bit(m.bias), Relu: bit(m.relu),
		InverseChannels: shaders.Inverse(m.channels / 2), InverseRows: shaders.Inverse(w.rows()), InverseColumns: shaders.Inverse(w.columns()),
	}
	p.FromLow, p.FromHigh = from.Address()
	p.ToLow, p.ToHigh = to.Address()
	ranges := []engine.Range{from, to}
	for _, r := range third {
		p.ThirdLow, p.ThirdHigh = r.Address()
		ranges = append(ranges, r)
	}
	tiles := w.tiles(m.images)
	if k.straight == nil {
		k.pairs.Dispatch(s, name, engine.Linear(tiles*m.channels/2).Over(m.count), p, ranges...)
		return
	}
	vectors := k.vectors(m.mapShape)
	push := shaders.WinogradStraightPush{
		Tiles: uint32(tiles), Height: p.Height, Width: p.Width, Channels: p.Channels, TileRows: p.TileRows, TileColumns: p.TileColumns, Pad: p.Pad,
		MapBlock: p.MapBlock, TileBlock: p.TileBlock, HasBias: p.HasBias, Relu: p.Relu,
		Vectors: uint32(vectors), InverseVectors: shaders.Inverse(vectors), InverseRows: p.InverseRows, InverseColumns: p.InverseColumns,
		FromLow: p.FromLow, FromHigh: p.FromHigh, ToLow: p.ToLow, ToHigh: p.ToHigh, ThirdLow: p.ThirdLow, ThirdHigh: p.ThirdHigh, Digit: straightDigits(),
	}
	k.straight.Dispatch(s, name, engine.Groups{ceil(uint32(tiles*vectors), mapSubgroups), 1, uint32(m.count)}, push, ranges...)
}
