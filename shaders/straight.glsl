// Products of matrices for CPU drivers, in one straight line:
//
//     y[z][row][column] = sum over (source, depth) of
//         a[source][z][row][depth] * b[source][z][depth][column]
//
// With ACROSS a's rows are neighbours in memory, a[z][depth][row]; with ADD the sum is
// added to y. Without a loop or a branch before the last sum a software driver loads
// what lies at an address that it knows to be the same in all lanes once and not lane
// by lane, and makes neighbouring values that lanes pick by their number one load of a
// vector. It takes for the same in all lanes what is computed of push constants, also
// of one that is found by an index.
layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LANES = 8;
layout(constant_id = 1) const uint ROWS = 12;   // of a workgroup, a multiple of GROUP
layout(constant_id = 2) const uint COLUMNS = 4; // vectors of a workgroup's columns
layout(constant_id = 3) const uint SOURCES = 1;
layout(constant_id = 4) const uint DEPTH = 48;  // of a source
layout(constant_id = 5) const bool ACROSS = false;
layout(set = 0, binding = 0) restrict readonly buffer A { float unused_a[]; };
layout(set = 0, binding = 1) restrict readonly buffer B { float unused_b[]; };
#ifdef ADD
layout(set = 0, binding = 2) restrict buffer Y { float unused_y[]; };
#else
layout(set = 0, binding = 2) restrict writeonly buffer Y { float unused_y[]; };
#endif
layout(push_constant) uniform Push {
    uint a_low, a_high, b_low, b_high, y_low, y_high; // device addresses
    uint rows, columns;                // of y; at least a workgroup's columns, with ACROSS its rows
    uint a_stride, b_stride, y_stride; // floats from a row, with ACROSS from a depth of a, to the next
    uint a_source, b_source, a_block, b_block, y_block; // floats from a source and a z to the next
    uint digit[16];                    // 0, 1, 2, ...
} push;
layout(buffer_reference, std430, buffer_reference_align = 4) buffer Row { float v[1 << 16]; };
layout(buffer_reference, std430, buffer_reference_align = 8) buffer Pair { uint64_t v; };

// Rows whose sums stay in registers: a processor with vectors of 8 floats may have 16
// of them, of 16 floats it has 32.
const uint MOST = (LANES == 16 ? 24 : 12) / COLUMNS;
const uint GROUP = ROWS <= MOST ? ROWS : ROWS % MOST == 0 ? MOST : 12 / COLUMNS;

// A number below 4096 that is the same in all lanes, in a way that a driver sees.
uint same(uint n) { return push.digit[n & 15] + 16 * push.digit[n >> 4 & 15] + 256 * push.digit[n >> 8 & 15]; }
uint64_t address(uint low, uint high, uint floats) { return pack64(uvec2(low, high)) + 4ul * uint64_t(floats); }
uint64_t after(uint64_t at, uint floats) { return at + 4ul * uint64_t(floats); }

// The LANES floats at an address: one load.
float vector(uint64_t row, uint at) {
    float mine = Row(row).v[at];
    [[unroll]] for (uint l = 1; l < LANES; l++) {
        float other = Row(row).v[at + l];
        mine = gl_SubgroupInvocationID == l ? other : mine;
    }
    return mine;
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
    // What is pushed comes first: the driver reads it behind a branch.
    uint lane = gl_SubgroupInvocationID, last = push.rows - 1;
    uint a_stride = push.a_stride, b_stride = push.b_stride, y_stride = push.y_stride, a_source = push.a_source, b_source = push.b_source;
    uint z = push.digit[gl_WorkGroupID.z & 15] + 16 * push.digit[gl_WorkGroupID.z >> 4 & 15];
    uint r0 = same(gl_WorkGroupID.y) * ROWS, c0 = min(same(gl_WorkGroupID.x) * LANES * COLUMNS, push.columns - LANES * COLUMNS);
    if (ACROSS) r0 = min(r0, push.rows - ROWS);
    uint64_t a = address(push.a_low, push.a_high, z * push.a_block);
    uint64_t b = address(push.b_low, push.b_high, z * push.b_block + c0);
    uint64_t y = address(push.y_low, push.y_high, z * push.y_block + c0);

    float sums[ROWS * COLUMNS], every = 0.0;
    [[unroll]] for (uint g = 0; g < ROWS; g += GROUP) {
        [[unroll]] for (uint i = 0; i < GROUP; i++)
            [[unroll]] for (uint j = 0; j < COLUMNS; j++)
                sums[(g + i) * COLUMNS + j] = before(after(y, y_stride * min(r0 + g + i, last)), j * LANES);
        [[unroll]] for (uint s = 0; s < SOURCES; s++) {
            uint64_t vectors = after(b, s * b_source), across = after(a, s * a_source + r0 + g), row[GROUP];
            [[unroll]] for (uint i = 0; i < GROUP; i++) row[i] = after(a, s * a_source + a_stride * min(r0 + g + i, last));
            [[unroll]] for (uint d = 0; d < DEPTH; d++) {
                float v[COLUMNS];
                [[unroll]] for (uint j = 0; j < COLUMNS; j++) v[j] = vector(vectors, j * LANES);
                [[unroll]] for (uint i = 0; i < GROUP; i++) {
                    float factor = ACROSS ? Row(across).v[i] : Row(row[i]).v[d];
                    [[unroll]] for (uint j = 0; j < COLUMNS; j++) sums[(g + i) * COLUMNS + j] += factor * v[j];
                }
                vectors = after(vectors, b_stride);
                across = after(across, a_stride);
            }
        }
        [[unroll]] for (uint i = 0; i < GROUP * COLUMNS; i++) every += sums[g * COLUMNS + i];
    }
    // Practically never so, and then overwritten: all sums are needed here. Otherwise a
    // compiler puts off each sum until it is stored, and keeps all operands for that.
    if (floatBitsToUint(every) == 0x7fabcdefu) Row(after(y, y_stride * min(r0, last))).v[lane] = every;

    // Rows past the end write the last one's values again.
    [[unroll]] for (uint i = 0; i < ROWS; i++) {
        uint64_t to = after(y, y_stride * min(r0 + i, last));
        const uint pairs = LANES == 8 ? COLUMNS / 2 : 0;
        [[unroll]] for (uint j = 0; j < pairs; j++)
            Pair(to + 64 * j + 8 * lane).v = neighbours(sums[i * COLUMNS + 2 * j], sums[i * COLUMNS + 2 * j + 1]);
        [[unroll]] for (uint j = 2 * pairs; j < COLUMNS; j++) Row(to + 4 * lane).v[j * LANES] = sums[i * COLUMNS + j];
    }
}
