#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
// conv_tn.glsl's sum by cooperative matrices: rows are kernels, columns (source, r, s,
// c) as the weights lie, and the sum runs over pixels.
#include "matrix.glsl"
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict readonly buffer Y { vec4 y[]; };
layout(set = 0, binding = 2) restrict writeonly buffer W { float w[]; };
#include "conv_tn.glsl"

// Of a tile's rows; + 1 spreads them over banks.
const uint STRIDE_Y = TILE_M / 8 + 1, STRIDE_X = TILE_N / 8 + 1;
shared uvec4 tile_y[2 * DEPTH * STRIDE_Y]; // (pixel, 8 kernels)
shared uvec4 tile_x[2 * DEPTH * STRIDE_X]; // (pixel, 8 columns)

// EACH invocations load a pixel: id % EACH the chunks of 8 floats id % EACH, + EACH, ...
const uint EACH = INVOCATIONS / DEPTH;
const uint LOADS_Y = (TILE_M / 8 + EACH - 1) / EACH, LOADS_X = (TILE_N / 8 + EACH - 1) / EACH;
vec4 from_y[2 * LOADS_Y], from_x[2 * LOADS_X];
uint taps[LOADS_X];   // r << 16 | s of a chunk's columns
uint column[LOADS_X]; // their source and channel: where x[pixel 0] is, in vec4s; ~0: beyond the last

void load(Share h, uint m, uint k0) {
    bool inside = m < h.last;
    uvec3 o = pixel_of(min(m, h.last - 1), push.out_height, push.out_width, push.inverse_height, push.inverse_width);
    uint chunk = gl_LocalInvocationID.x % EACH, iy = (y_begin(h) + m * push.out_channels + k0) / 4;
    [[unroll]] for (uint i = 0; i < LOADS_Y; i++) {
        uint q = chunk + EACH * i;
        bool some = inside && k0 + 8 * q < push.out_channels;
        from_y[2 * i] = some ? y[iy + 2 * q] : vec4(0);
        from_y[2 * i + 1] = some ? y[iy + 2 * q + 1] : vec4(0);
    }
    [[unroll]] for (uint i = 0; i < LOADS_X; i++) {
        uint p = inside && column[i] != ~0u ? tap(o, taps[i] >> 16, taps[i] & 0xFFFFu) : ~0u, ix = column[i] + p * (push.x_pixel / 4);
        from_x[2 * i] = p == ~0u ? vec4(0) : x[ix];
        from_x[2 * i + 1] = p == ~0u ? vec4(0) : x[ix + 1];
    }
}

// Puts what was loaded into one of the two tiles.
void keep(uint which) {
    uint row = which * DEPTH + gl_LocalInvocationID.x / EACH, chunk = gl_LocalInvocationID.x % EACH;
    [[unroll]] for (uint i = 0; i < LOADS_Y; i++) {
        uint q = chunk + EACH * i;
        if (q < TILE_M / 8) tile_y[row * STRIDE_Y + q] = eight_float16s(from_y[2 * i], from_y[2 * i + 1]);
    }
    [[unroll]] for (uint i = 0; i < LOADS_X; i++) {
        uint q = chunk + EACH * i;
        if (q < TILE_N / 8) tile_x[row * STRIDE_X + q] = eight_float16s(from_x[2 * i], from_x[2 * i + 1]);
    }
}

Share h; // x_begin and w_begin are those of tap 0
uint run;

// Writes the fragment in row i and column j of the subgroup's.
void put(SUMS sum, uint i, uint j) {
    uint k0 = gl_WorkGroupID.y * TILE_M + first_row() + i * M, j0 = gl_WorkGroupID.x * TILE_N + first_column() + j * N;
    uint at = gl_SubgroupID * M * N;
    subgroupBarrier();
    coopMatStore(sum, finished, at, N, gl_CooperativeMatrixLayoutRowMajor);
    subgroupBarrier();
    for (uint e = gl_SubgroupInvocationID; e < M * N; e += LANES) {
        uint k = k0 + e / N, column = j0 + e % N;
        if (k < push.rows && column < run) w[w_begin(h, k) + column] = finished[at + e];
    }
}

void main() {
    uint id = gl_LocalInvocationID.x;
    run = push.sources * push.kernel_height * push.kernel_width * push.in_channels;
    uint j0 = gl_WorkGroupID.x * TILE_N, k0 = gl_WorkGroupID.y * TILE_M;
    h = share_of(0, gl_WorkGroupID.z);
    [[unroll]] for (uint i = 0; i < LOADS_X; i++) {
        uint j = j0 + 8 * (id % EACH + EACH * i), rest = j / push.in_channels;
        uint s = rest % push.kernel_width, source = rest / (push.kernel_width * push.kernel_height);
        taps[i] = rest / push.kernel_width % push.kernel_height << 16 | s;
        column[i] = j < run ? (x_begin(h) + source * push.x_source + j % push.in_channels) / 4 : ~0u;
    }

    SUMS sums[MOST];
    [[unroll]] for (uint i = 0; i < ROWS * COLUMNS; i++) sums[i] = SUMS(0.0);

    uint m = h.first + id / EACH;
    load(h, m, k0);
    keep(0);
    uint steps = (h.last - h.first + DEPTH - 1) / DEPTH;
    for (uint step = 0; step < steps; step++) {
        barrier();
        m += DEPTH;
        if (step + 1 < steps) load(h, m, k0);
        uint iy = step % 2 * DEPTH * STRIDE_Y + first_row() / 8, ix = step % 2 * DEPTH * STRIDE_X + first_column() / 8;
        [[unroll]] for (uint p = 0; p < DEPTH; p += K) {
            coopmat<float16_t, gl_ScopeSubgroup, M, K, gl_MatrixUseA> a[ROWS];
            coopmat<float16_t, gl_ScopeSubgroup, K, N, gl_MatrixUseB> b[COLUMNS];
            [[unroll]] for (uint i = 0; i < ROWS; i++)
                coopMatLoad(a[i], tile_y, iy + p * STRIDE_Y + i * M / 8, STRIDE_Y, gl_CooperativeMatrixLayoutColumnMajor);
            [[unroll]] for (uint j = 0; j < COLUMNS; j++)
                coopMatLoad(b[j], tile_x, ix + p * STRIDE_X + j * N / 8, STRIDE_X, gl_CooperativeMatrixLayoutRowMajor);
            [[unroll]] for (uint i = 0; i < ROWS; i++)
                [[unroll]] for (uint j = 0; j < COLUMNS; j++)
                    sums[i * COLUMNS + j] = coopMatMulAdd(a[i], b[j], sums[i * COLUMNS + j]);
        }
        if (step + 1 < steps) keep((step + 1) % 2);
    }

    PUT_ALL;
}
