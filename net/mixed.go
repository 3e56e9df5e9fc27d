package net

import (
	"fmt"

	"alexnet/engine"
	"alexnet/shaders"
)

// The candidates of mixed precision: cooperative matrices, then shared tiles of
// float16 where a device has the type, then kernels of float32 that round operands to
// float16 as they load them, so that every device computes the same within rounding.
// A matrix kernel's tile is counted in fragments, and behind a colon those of a subgroup.
var (
	ntMixed = []string{"plain", "matrix 8x8:4x2", "matrix 8x8:2x4", "matrix 8x4:2x2", "matrix 8x4:1x2", "matrix 4x4:2x2", "matrix 2x4:1x2", "matrix 2x2:1x1",
		"half 8x8", "half 4x4", "address 3x3", "address 2x2", "shared 8x8", "shared 4x4"}
	tnMixed = []string{"plain", "matrix 8x8:4x2", "matrix 8x8:2x4", "matrix 8x4:2x2", "matrix 8x4:1x2", "matrix 3x8:3x1", "matrix 4x4:2x2", "matrix 2x4:1x2", "matrix 2x2:1x1",
		"half 8x8", "half 4x4", "address 2x2", "address 2x1", "shared 8x8", "shared 4x4"}
)

// Mixed is the Precision whose products multiply in float16 and sum in float32.
const Mixed = "mixed"

// mixed says whether the net computes in mixed precision.
func (s *Spec) mixed() bool { return s.Precision == Mixed }

// nt and tn are the candidates for a sum in the net's precision.
func (t *tuning) nt() []string {
	if t.mixed {
		return ntMixed
	}
	return ntCandidates
}

func (t *tuning) tn() []string {
	if t.mixed {
		return tnMixed
	}
	return tnCandidates
}

// precision is what a problem's key begins with.
func (t *tuning) precision() string {
	if t.mixed {
		return Mixed + " "
	}
	return ""
}

// tolerance is how far a candidate may be from the plain kernel, relative to the
// largest value. In mixed precision two drivers may round an operand to either of two
// float16s, 2^-10 apart; a product that is left out of a sample weighs more.
func (t *tuning) tolerance() float64 {
	if t.mixed {
		return 2e-3
	}
	return 1e-4
}

// matrixTile is how a workgroup shares a tile of fragments out among its subgroups:
// each holds rows by columns of them.
type matrixTile struct {
	shape                              [3]uint32 // of a fragment: rows, columns, depth
	lanes                              uint32
	subRows, subColumns, rows, columns uint32
}

// newMatrixTile reads a candidate's name: "matrix 8x8:4x2".
func newMatrixTile(d *engine.Device, name string) matrixTile {
	i := d.Info()
	t := matrixTile{shape: i.Matrix, lanes: i.MatrixLanes()}
	fmt.Sscanf(name, "matrix %dx%d:%dx%d", &t.subRows, &t.subColumns, &t.rows, &t.columns)
	if t.rows*t.columns > 0 {
		t.subRows, t.subColumns = t.subRows/t.rows, t.subColumns/t.columns
	}
	return t
}

// mostFragments is how many a subgroup can hold: MOST of matrix.glsl.
const mostFragments = 16

func (t *matrixTile) invocations() uint32 { return t.lanes * t.subRows * t.subColumns }
func (t *matrixTile) height() uint32      { return t.subRows * t.rows * t.shape[0] }
func (t *matrixTile) width() uint32       { return t.subColumns * t.columns * t.shape[1] }

// depth is that of a step of matrix.glsl.
func (t *matrixTile) depth() uint32 { return 2 * t.shape[2] }

// fits says whether a device has room for the workgroup: invocations for a step's
// loads, and shared memory for two steps (with 8 float16s between rows) and for a
// fragment of each subgroup.
func (t *matrixTile) fits(d *engine.Device) bool {
	fragments := 4 * t.subRows * t.subColumns * t.shape[0] * t.shape[1]
	nt := 2 * 2 * (t.height() + t.width()) * (t.depth() + 8)
	tn := 2 * 2 * t.depth() * (t.height() + t.width() + 16)
	i := d.Info()
	return t.rows*t.columns > 0 && t.rows*t.columns <= mostFragments && t.invocations()%t.depth() == 0 && int(t.invocations()) <= i.MaxInvocations && t.invocations() <= i.MaxGroupSize[0] &&
		int(fragments+max(nt, tn)) <= i.MaxShared
}

// newMatrixNT and newMatrixTN compile the kernels of cooperative matrices.
func newMatrixNT(d *engine.Device, t matrixTile, parts uint32, masked bool) (*engine.Kernel[shaders.ConvNTPush], error) {
	c := t.constants()
	return engine.NewKernel(d, shaders.ConvNTMatrix, shaders.ConvNTMatrixConstants{Lanes: c.Lanes, Invocations: c.Invocations, M: c.M, N: c.N, K: c.K,
		SubRows: c.SubRows, SubColumns: c.SubColumns, Rows: c.Rows, Columns: c.Columns, Masked: masked, Parts: parts})
}

func newMatrixTN(d *engine.Device, t matrixTile) (*engine.Kernel[shaders.ConvTNPush], error) {
	return engine.NewKernel(d, shaders.ConvTNMatrix, t.constants())
}

func (t *matrixTile) constants() shaders.ConvTNMatrixConstants {
	return shaders.ConvTNMatrixConstants{Lanes: t.lanes, Invocations: t.invocations(), M: t.shape[0], N: t.shape[1], K: t.shape[2],
		SubRows: t.subRows, SubColumns: t.subColumns, Rows: t.rows, Columns: t.columns}
}
