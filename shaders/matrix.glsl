// What the products by cooperative matrices share: a subgroup multiplies fragments of
// M x K and K x N float16s and adds to M x N float32s, of the shape that the device
// has. A workgroup makes a tile of SUB_ROWS*ROWS by SUB_COLUMNS*COLUMNS fragments; each
// of its SUB_ROWS*SUB_COLUMNS subgroups holds ROWS*COLUMNS of them. Operands come in
// steps of DEPTH through two tiles in shared memory: while the subgroups multiply one,
// the next is on its way.
layout(local_size_x_id = 1) in;
layout(constant_id = 0) const uint LANES = 32;
layout(constant_id = 1) const uint INVOCATIONS = 128; // LANES * SUB_ROWS * SUB_COLUMNS
layout(constant_id = 2) const uint M = 16;
layout(constant_id = 3) const uint N = 16;
layout(constant_id = 4) const uint K = 16;
layout(constant_id = 5) const uint SUB_ROWS = 2;
layout(constant_id = 6) const uint SUB_COLUMNS = 2;
layout(constant_id = 7) const uint ROWS = 2;
layout(constant_id = 8) const uint COLUMNS = 2;

const uint TILE_M = SUB_ROWS * ROWS * M, TILE_N = SUB_COLUMNS * COLUMNS * N;
const uint DEPTH = 2 * K;

// The sums of a fragment, and how many fragments a subgroup holds at most: ROWS*COLUMNS may
// not exceed it (mostFragments). PUT_ALL calls put with literal indices, as a loop of so
// much code may stay a loop, and sums that are found by a variable lie in memory and not in
// registers.
#define SUMS coopmat<float, gl_ScopeSubgroup, M, N, gl_MatrixUseAccumulator>
const uint MOST = 16;
#define PUT_ONE(f) if ((f) < ROWS * COLUMNS) put(sums[f], (f) / COLUMNS, (f) % COLUMNS)
#define PUT_FOUR(f) PUT_ONE(f); PUT_ONE(f + 1); PUT_ONE(f + 2); PUT_ONE(f + 3)
#define PUT_ALL PUT_FOUR(0); PUT_FOUR(4); PUT_FOUR(8); PUT_FOUR(12)

shared float finished[SUB_ROWS * SUB_COLUMNS * M * N]; // a fragment of each subgroup on its way out

// The tile's row and column of this subgroup's first fragment.
uint first_row() { return gl_SubgroupID / SUB_COLUMNS * ROWS * M; }
uint first_column() { return gl_SubgroupID % SUB_COLUMNS * COLUMNS * N; }
#include "float16.glsl"

// Tiles hold 16 bytes an element: what hardware loads fragments by.
uvec4 eight_float16s(vec4 a, vec4 b) {
    f16vec4 u, v;
    to_float16s(a, b, u, v);
    return uvec4(packFloat2x16(u.xy), packFloat2x16(u.zw), packFloat2x16(v.xy), packFloat2x16(v.zw));
}
