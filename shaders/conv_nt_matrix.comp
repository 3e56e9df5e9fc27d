#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
// conv_nt.glsl's sum by cooperative matrices: rows are pixels, columns kernels, and
// the sum runs over (source, r, s, c) as the weights lie, 8 channels an invocation and
// step: a step does not end where a tap's channels do.
#include "matrix.glsl"
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict readonly buffer W { vec4 w[]; };
layout(set = 0, binding = 2) restrict readonly buffer Third { float third[]; };
layout(set = 0, binding = 3) restrict writeonly buffer Y { float y[]; };
#include "conv_nt.glsl"
#include "conv_nt_parts.glsl"

const uint STRIDE = DEPTH / 8 + 1;          // of a tile's rows; + 1 spreads them over banks
shared uvec4 tile_x[2 * TILE_M * STRIDE];   // (pixel, 8 channels)
shared uvec4 tile_w[2 * TILE_N * STRIDE];   // (kernel, 8 channels)

// Invocation id loads the 8 channels id % CHUNKS of rows id / CHUNKS, + PASS, ...
const uint CHUNKS = DEPTH / 8, PASS = INVOCATIONS / CHUNKS;
const uint LOADS_X = (TILE_M + PASS - 1) / PASS, LOADS_W = (TILE_N + PASS - 1) / PASS;
uvec3 o[LOADS_X];
vec4 from_x[2 * LOADS_X], from_w[2 * LOADS_W];

// Where this invocation's 8 channels are in the sum, in vec4s, and which they are.
uint at, source, r, s, c;

void carry(uint C4) {
    while (c >= C4) {
        c -= C4;
        if (++s < push.kernel_width) continue;
        s = 0;
        if (++r < push.kernel_height) continue;
        r = 0;
        source++;
    }
}

void load(uint C4, uint run, uint end) {
    uint z = block(), k0 = gl_WorkGroupID.x * TILE_N + gl_LocalInvocationID.x / CHUNKS;
    uint from = ((z / push.groups) * push.x_block + source * push.x_source) / 4;
    bool inside = at < end;
    [[unroll]] for (uint i = 0; i < LOADS_X; i++) {
        uint p = inside ? tap(o[i], r, s) : ~0u, ix = from + p * C4 + c;
        from_x[2 * i] = p == ~0u ? vec4(0) : x[ix];
        from_x[2 * i + 1] = p == ~0u ? vec4(0) : x[ix + 1];
    }
    [[unroll]] for (uint i = 0; i < LOADS_W; i++) {
        uint iw = z * (push.w_block / 4) + min(k0 + PASS * i, push.out_channels - 1) * run + at;
        from_w[2 * i] = inside ? w[iw] : vec4(0);
        from_w[2 * i + 1] = inside ? w[iw + 1] : vec4(0);
    }
    at += DEPTH / 4;
    c += DEPTH / 4;
    carry(C4);
}

// Puts what was loaded into one of the two tiles.
void keep(uint which) {
    uint row = gl_LocalInvocationID.x / CHUNKS, q = gl_LocalInvocationID.x % CHUNKS;
    [[unroll]] for (uint i = 0; i < LOADS_X; i++) {
        uint m = row + PASS * i;
        if (m < TILE_M) tile_x[(which * TILE_M + m) * STRIDE + q] = eight_float16s(from_x[2 * i], from_x[2 * i + 1]);
    }
    [[unroll]] for (uint i = 0; i < LOADS_W; i++) {
        uint k = row + PASS * i;
        if (k < TILE_N) tile_w[(which * TILE_N + k) * STRIDE + q] = eight_float16s(from_w[2 * i], from_w[2 * i + 1]);
    }
}

// Writes the fragment in row i and column j of the subgroup's.
void put(SUMS sum, uint i, uint j) {
    uint m0 = gl_WorkGroupID.y * TILE_M + first_row() + i * M, k0 = gl_WorkGroupID.x * TILE_N + first_column() + j * N;
    uint at = gl_SubgroupID * M * N, pixel_count = pixels(), bias = block() * push.bias_block;
    subgroupBarrier();
    coopMatStore(sum, finished, at, N, gl_CooperativeMatrixLayoutRowMajor);
    subgroupBarrier();
    for (uint e = gl_SubgroupInvocationID; e < M * N; e += LANES) {
        uint m = m0 + e / N, k = k0 + e % N;
        if (m < pixel_count && k < push.out_channels) {
            uint iy = y_begin() + m * push.out_channels + k;
            float v = finished[at + e];
            if (MASKED) y[iy] = third[iy] > 0.0 ? v : 0.0;
            else y[iy] = finish(v, push.has_bias == 1 ? third[bias + k] : 0.0);
        }
    }
}

void main() {
    uint id = gl_LocalInvocationID.x, z = block(), pixel_count = pixels();
    uint m0 = gl_WorkGroupID.y * TILE_M, k0 = gl_WorkGroupID.x * TILE_N;
    uint C4 = push.in_channels / 4, run = push.sources * push.kernel_height * push.kernel_width * C4;
    [[unroll]] for (uint i = 0; i < LOADS_X; i++)
        o[i] = pixel_of(min(m0 + id / CHUNKS + PASS * i, pixel_count - 1), push.out_height, push.out_width, push.inverse_height, push.inverse_width);

    SUMS sums[MOST];
    [[unroll]] for (uint i = 0; i < ROWS * COLUMNS; i++) sums[i] = SUMS(0.0);

    source = r = s = 0;
    uint begin = part_begin(run, part()), end = part_begin(run, part() + 1);
    at = c = begin + 2 * (id % CHUNKS);
    carry(C4);
    load(C4, run, end);
    keep(0);
    uint steps = (4 * (end - begin) + DEPTH - 1) / DEPTH;
    for (uint step = 0; step < steps; step++) {
        barrier();
        if (step + 1 < steps) load(C4, run, end);
        uint ix = (step % 2 * TILE_M + first_row()) * STRIDE, iw = (step % 2 * TILE_N + first_column()) * STRIDE;
        [[unroll]] for (uint k = 0; k < DEPTH / K; k++) {
            coopmat<float16_t, gl_ScopeSubgroup, M, K, gl_MatrixUseA> a[ROWS];
            coopmat<float16_t, gl_ScopeSubgroup, K, N, gl_MatrixUseB> b[COLUMNS];
            [[unroll]] for (uint i = 0; i < ROWS; i++)
                coopMatLoad(a[i], tile_x, ix + i * M * STRIDE + k * K / 8, STRIDE, gl_CooperativeMatrixLayoutRowMajor);
            [[unroll]] for (uint j = 0; j < COLUMNS; j++)
                coopMatLoad(b[j], tile_w, iw + j * N * STRIDE + k * K / 8, STRIDE, gl_CooperativeMatrixLayoutColumnMajor);
            [[unroll]] for (uint i = 0; i < ROWS; i++)
                [[unroll]] for (uint j = 0; j < COLUMNS; j++)
                    sums[i * COLUMNS + j] = coopMatMulAdd(a[i], b[j], sums[i * COLUMNS + j]);
        }
        if (step + 1 < steps) keep((step + 1) % 2);
    }

    PUT_ALL;
}
