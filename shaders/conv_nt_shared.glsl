// conv_nt.glsl's sum through tiles in shared memory, for GPUs: 64 invocations
// make a tile of 8*ROWS pixels by 8*COLUMNS kernels, 8 channels at a time; an
// invocation holds ROWS x COLUMNS sums. The tiles are there twice: while one is
// multiplied the next is on its way from memory, and one barrier a step is enough.
layout(local_size_x = 64) in;
layout(constant_id = 1) const uint ROWS = 8;
layout(constant_id = 2) const uint COLUMNS = 8;
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict readonly buffer W { vec4 w[]; };
layout(set = 0, binding = 2) restrict readonly buffer Third { float third[]; };
layout(set = 0, binding = 3) restrict writeonly buffer Y { float y[]; };
#include "conv_nt.glsl"
#include "conv_nt_parts.glsl"
#include "tile.glsl"

const uint TILE_M = 8 * ROWS, TILE_K = 8 * COLUMNS;
shared TILE tile_x[2][8][TILE_M + 1]; // (channel, pixel); + 1 spreads columns over banks
shared TILE tile_w[2][8][TILE_K + 1]; // (channel, kernel)

// Invocation id loads vec4 (id % 2) of pixels id/2, id/2 + 32, ... and of kernels likewise.
const uint LOADS_M = (TILE_M + 31) / 32, LOADS_K = (TILE_K + 31) / 32;
TILE4 next_x[LOADS_M], next_w[LOADS_K];

void put(uint turn) {
    uint id = gl_LocalInvocationID.x, q = id % 2;
    [[unroll]] for (uint i = 0; i < LOADS_M; i++)
        if (id / 2 + 32 * i < TILE_M) [[unroll]] for (uint e = 0; e < 4; e++) tile_x[turn][4 * q + e][id / 2 + 32 * i] = next_x[i][e];
    [[unroll]] for (uint i = 0; i < LOADS_K; i++)
        if (id / 2 + 32 * i < TILE_K) [[unroll]] for (uint e = 0; e < 4; e++) tile_w[turn][4 * q + e][id / 2 + 32 * i] = next_w[i][e];
}

float sums[ROWS][COLUMNS];

void multiply(uint turn) {
    uint row = gl_LocalInvocationID.x / 8, column = gl_LocalInvocationID.x % 8;
    [[unroll]] for (uint e = 0; e < 8; e++) {
        float a[ROWS], b[COLUMNS];
        [[unroll]] for (uint i = 0; i < ROWS; i++) a[i] = float(tile_x[turn][e][row + 8 * i]);
        [[unroll]] for (uint j = 0; j < COLUMNS; j++) b[j] = float(tile_w[turn][e][column + 8 * j]);
        [[unroll]] for (uint i = 0; i < ROWS; i++)
            [[unroll]] for (uint j = 0; j < COLUMNS; j++) sums[i][j] += a[i] * b[j];
    }
}

void main() {
    uint id = gl_LocalInvocationID.x, row = id / 8, column = id % 8, z = block();
    uint m0 = gl_WorkGroupID.y * TILE_M, k0 = gl_WorkGroupID.x * TILE_K;
    uint C4 = push.in_channels / 4, M = pixels();
    uint run = push.sources * push.kernel_height * push.kernel_width * C4;

    uvec3 o[LOADS_M];
    [[unroll]] for (uint i = 0; i < LOADS_M; i++)
        o[i] = pixel_of(min(m0 + id / 2 + 32 * i, M - 1), push.out_height, push.out_width, push.inverse_height, push.inverse_width);
    uint iw[LOADS_K];
    [[unroll]] for (uint i = 0; i < LOADS_K; i++)
        iw[i] = z * (push.w_block / 4) + min(k0 + id / 2 + 32 * i, push.out_channels - 1) * run + id % 2;
    [[unroll]] for (uint i = 0; i < ROWS; i++)
        [[unroll]] for (uint j = 0; j < COLUMNS; j++) sums[i][j] = 0.0;

    // Step `at` loads vec4s at and at + 1 of each kernel's row, and of the pixels under
    // tap (source, r, s) vec4s c and c + 1, and multiplies those of the step before.
    uint begin = part_begin(run, part()), end = part_begin(run, part() + 1);
    uint c = begin, s = 0, r = 0, source = 0, turn = 0;
    if (begin < end) for (uint at = begin; at <= end; at += 2) {
        while (c >= C4) {
            c -= C4;
            if (++s < push.kernel_width) continue;
            s = 0;
            if (++r < push.kernel_height) continue;
            r = 0;
            source++;
        }
        if (at < end) {
            uint from = ((z / push.groups) * push.x_block + source * push.x_source) / 4;
            [[unroll]] for (uint i = 0; i < LOADS_M; i++) {
                uint p = tap(o[i], r, s);
                next_x[i] = tile4(p == ~0u ? vec4(0) : x[from + p * C4 + c + id % 2]);
            }
            [[unroll]] for (uint i = 0; i < LOADS_K; i++) next_w[i] = tile4(w[iw[i] + at]);
        }
        if (at > begin) multiply(turn);
        if (at == end) break;
        turn = 1 - turn;
        put(turn);
        barrier();
        c += 2;
    }

    [[unroll]] for (uint i = 0; i < ROWS; i++) {
        uint m = m0 + row + 8 * i;
        [[unroll]] for (uint j = 0; j < COLUMNS; j++) {
            uint k = k0 + column + 8 * j;
            if (m >= M || k >= push.out_channels) continue;
            uint iy = y_begin() + m * push.out_channels + k;
            if (MASKED) y[iy] = third[iy] > 0.0 ? sums[i][j] : 0.0;
            else y[iy] = finish(sums[i][j], push.has_bias == 1 ? third[z * push.bias_block + k] : 0.0);
        }
    }
}
