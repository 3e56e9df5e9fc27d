// Products of matrices for CPU drivers, in one straight line:
//
//     y[z][row][column] = sum over depth of a[z][row][depth] * b[z][depth][column]
//
// With ACROSS a's rows are neighbours in memory, a[z][depth][row]; with ADD the sum is
// added to y. Each subgroup makes a tile of y.
//
// There is no loop and no branch before the last sum (vectors.glsl), and strides are
// constants: all loads are at constant distances from one address of each matrix. A
// workgroup costs memory that is allocated and freed: so it has many subgroups. A subgroup's instructions take longer, the less they fit the
// processor's caches of instructions. Columns of y and what lies between rows and z are
// multiples of 8.
layout(local_size_x_id = 5) in;
layout(constant_id = 0) const uint LANES = 8;
layout(constant_id = 1) const uint ROWS = 6;    // of a subgroup
layout(constant_id = 2) const uint COLUMNS = 2; // vectors of a subgroup's columns
layout(constant_id = 3) const uint DEPTH = 48;
layout(constant_id = 4) const bool ACROSS = false;
layout(constant_id = 5) const uint INVOCATIONS = 128;
layout(constant_id = 6) const uint A_STRIDE = 48; // floats from a row, with ACROSS from a depth of a, to the next
layout(constant_id = 7) const uint B_STRIDE = 48;
layout(constant_id = 8) const uint Y_STRIDE = 48;
layout(constant_id = 9) const uint ROW_DIGITS = 2;    // of a subgroup's number, to the base 32
layout(constant_id = 10) const uint COLUMN_DIGITS = 1;
layout(set = 0, binding = 0) restrict readonly buffer A { float unused_a[]; };
layout(set = 0, binding = 1) restrict readonly buffer B { float unused_b[]; };
#ifdef ADD
layout(set = 0, binding = 2) restrict buffer Y { u64vec4 y8[]; };
#else
layout(set = 0, binding = 2) restrict writeonly buffer Y { u64vec4 y8[]; };
#endif
layout(push_constant) uniform Push {
    uint a_low, a_high, b_low, b_high, y_low, y_high; // device addresses
    uint y_first;                   // float of the binding where y begins
    uint rows, columns;             // of y; at least a subgroup's
    uint a_block, b_block, y_block; // floats from a z to the next; there are as many as digits at most
    uint digit[52];                 // 0, 1, 2, ...
} push;
// Depths after which a sum is stored that is not complete: a store at an index of a
// binding ends what a driver's compiler looks at together, for seconds of thousands of
// lines.
const uint PART = 24;

#include "vectors.glsl"
layout(buffer_reference, std430, buffer_reference_align = 8) buffer Pair { uint64_t v; };

// An address that is the same in all lanes, computed in one.
uint64_t once(uint64_t at) {
    uvec2 halves = unpack32(at);
    return pack64(uvec2(subgroupBroadcastFirst(halves.x), subgroupBroadcastFirst(halves.y)));
}

// What a sum begins with.
float before(uint64_t row, uint at) {
#ifdef ADD
    return vector(row, at);
#else
    return 0.0;
#endif
}

// Of the 16 values of two vectors of 8, lane l's neighbours 2l and 2l+1: half as many
// stores, which are made lane by lane.
uint64_t neighbours(float low, float high) {
    uint even = 2 * gl_SubgroupInvocationID & 7;
    vec2 l = vec2(subgroupShuffle(low, even), subgroupShuffle(low, even + 1));
    vec2 h = vec2(subgroupShuffle(high, even), subgroupShuffle(high, even + 1));
    return pack64(floatBitsToUint(gl_SubgroupInvocationID < 4 ? l : h));
}

void main() {
    // What is pushed comes first: the driver reads it behind a branch. The last tiles of
    // rows and columns make the values of those before again where there are too few.
    uint z = push.digit[gl_WorkGroupID.z];
    uint r0 = min(same(gl_WorkGroupID.y * (INVOCATIONS / LANES) + gl_SubgroupID, ROW_DIGITS) * ROWS, push.rows - ROWS);
    uint c0 = min(same(gl_WorkGroupID.x, COLUMN_DIGITS) * LANES * COLUMNS, push.columns - LANES * COLUMNS);
    uint64_t a = address(push.a_low, push.a_high, z * push.a_block + r0 * (ACROSS ? 1 : A_STRIDE));
    uint64_t b = address(push.b_low, push.b_high, z * push.b_block + c0);
    uint64_t y = address(push.y_low, push.y_high, z * push.y_block + r0 * Y_STRIDE + c0);
    uint64_t mine = once(y) + 8 * gl_SubgroupInvocationID;

    float sums[ROWS * COLUMNS];
    [[unroll]] for (uint i = 0; i < ROWS; i++)
        [[unroll]] for (uint j = 0; j < COLUMNS; j++) sums[i * COLUMNS + j] = before(y, i * Y_STRIDE + j * LANES);
    uint first = push.y_first + z * push.y_block + r0 * Y_STRIDE + c0;
    [[unroll]] for (uint d = 0; d < DEPTH; d++) {
        if (LANES == 16 && d > 0 && d % PART == 0) y8[first / 8].x = eight(sums[0], 0).x;
        float v[COLUMNS];
        [[unroll]] for (uint j = 0; j < COLUMNS; j++) v[j] = vector(after(b, d * B_STRIDE), j * LANES);
        [[unroll]] for (uint i = 0; i < ROWS; i++) {
            float factor = Row(after(a, (ACROSS ? d : i) * A_STRIDE)).v[ACROSS ? i : d];
            [[unroll]] for (uint j = 0; j < COLUMNS; j++) sums[i * COLUMNS + j] += factor * v[j];
        }
    }
    // Practically never so, and then overwritten: all sums are needed here. Otherwise a
    // compiler puts off each sum until it is stored, and keeps all operands for that.
    float every[4] = float[4](0.0, 0.0, 0.0, 0.0);
    [[unroll]] for (uint i = 0; i < ROWS * COLUMNS; i++) every[i & 3] += sums[i];
    if (floatBitsToUint((every[0] + every[1]) + (every[2] + every[3])) == 0x7fabcdefu) Pair(mine).v = 0ul;

    if (LANES == 16) {
        [[unroll]] for (uint i = 0; i < ROWS; i++)
            [[unroll]] for (uint j = 0; j < 2 * COLUMNS; j++)
                y8[(first + i * Y_STRIDE) / 8 + j] = eight(sums[i * COLUMNS + j / 2], j % 2 * 8);
        return;
    }
    [[unroll]] for (uint i = 0; i < ROWS; i++) {
        const uint pairs = COLUMNS / 2;
        [[unroll]] for (uint j = 0; j < pairs; j++)
            Pair(mine + 4 * (i * Y_STRIDE) + 64 * j).v = neighbours(sums[i * COLUMNS + 2 * j], sums[i * COLUMNS + 2 * j + 1]);
        [[unroll]] for (uint j = 2 * pairs; j < COLUMNS; j++)
            Row(mine - 4 * gl_SubgroupInvocationID + 4 * (i * Y_STRIDE)).v[j * LANES] = sums[i * COLUMNS + j];
    }
}
