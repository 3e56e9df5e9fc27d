// conv_tn.glsl's sum through tiles in shared memory, for GPUs: 64 invocations
// make a tile of 8*ROWS kernels by 8*COLUMNS channels, 8 pixels at a time. The tiles are
// there twice, as in conv_nt_shared.glsl.
layout(local_size_x = 64) in;
layout(constant_id = 1) const uint ROWS = 8;
layout(constant_id = 2) const uint COLUMNS = 8;
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict readonly buffer Y { vec4 y[]; };
layout(set = 0, binding = 2) restrict writeonly buffer W { float w[]; };
#include "conv_tn.glsl"
#include "tile.glsl"

const uint TILE_K = 8 * ROWS, TILE_C = 8 * COLUMNS;
shared TILE4 tile_y[2][8][TILE_K / 4]; // (pixel, kernel)
shared TILE4 tile_x[2][8][TILE_C / 4]; // (pixel, channel)

// Invocation (row, column) loads vec4s column, column + 8, ... of pixel `row`.
const uint LOADS_K = (TILE_K / 4 + 7) / 8, LOADS_C = (TILE_C / 4 + 7) / 8;
TILE4 next_y[LOADS_K], next_x[LOADS_C];

void put(uint turn) {
    uint row = gl_LocalInvocationID.x / 8, column = gl_LocalInvocationID.x % 8;
    [[unroll]] for (uint i = 0; i < LOADS_K; i++)
        if (column + 8 * i < TILE_K / 4) tile_y[turn][row][column + 8 * i] = next_y[i];
    [[unroll]] for (uint i = 0; i < LOADS_C; i++)
        if (column + 8 * i < TILE_C / 4) tile_x[turn][row][column + 8 * i] = next_x[i];
}

float sums[ROWS][COLUMNS];

void multiply(uint turn) {
    uint row = gl_LocalInvocationID.x / 8, column = gl_LocalInvocationID.x % 8;
    [[unroll]] for (uint e = 0; e < 8; e++) {
        float a[ROWS], b[COLUMNS];
        [[unroll]] for (uint i = 0; i < ROWS; i++) a[i] = float(tile_y[turn][e][(row * ROWS + i) / 4][(row * ROWS + i) % 4]);
        [[unroll]] for (uint j = 0; j < COLUMNS; j++) b[j] = float(tile_x[turn][e][(column * COLUMNS + j) / 4][(column * COLUMNS + j) % 4]);
        [[unroll]] for (uint i = 0; i < ROWS; i++)
            [[unroll]] for (uint j = 0; j < COLUMNS; j++) sums[i][j] += a[i] * b[j];
    }
}

void main() {
    uint id = gl_LocalInvocationID.x, row = id / 8, column = id % 8;
    uint tiles = (push.in_channels + TILE_C - 1) / TILE_C;
    Share h = share_of(gl_WorkGroupID.x / tiles, gl_WorkGroupID.z);
    uint c0 = gl_WorkGroupID.x % tiles * TILE_C, k0 = gl_WorkGroupID.y * TILE_K;

    [[unroll]] for (uint i = 0; i < ROWS; i++)
        [[unroll]] for (uint j = 0; j < COLUMNS; j++) sums[i][j] = 0.0;
    uint turn = 0;
    if (h.first < h.last) for (uint m0 = h.first;; m0 += 8) {
        if (m0 < h.last) {
            uint m = m0 + row;
            uint p = m < h.last ? tap(pixel_of(m, push.out_height, push.out_width, push.inverse_height, push.inverse_width), h.r, h.s) : ~0u;
            [[unroll]] for (uint i = 0; i < LOADS_K; i++) {
                uint k = k0 + 4 * (column + 8 * i);
                next_y[i] = tile4(p != ~0u && k < push.out_channels ? y[(y_begin(h) + m * push.out_channels + k) / 4] : vec4(0));
            }
            [[unroll]] for (uint i = 0; i < LOADS_C; i++) {
                uint c = c0 + 4 * (column + 8 * i);
                next_x[i] = tile4(p != ~0u && c < push.in_channels ? x[(x_begin(h) + p * push.x_pixel + c) / 4] : vec4(0));
            }
        }
        if (m0 > h.first) multiply(turn);
        if (m0 >= h.last) break;
        turn = 1 - turn;
        put(turn);
        barrier();
    }
    [[unroll]] for (uint i = 0; i < ROWS; i++)
        [[unroll]] for (uint j = 0; j < COLUMNS; j++) {
            uint k = k0 + row * ROWS + i, c = c0 + column * COLUMNS + j;
            if (k < push.rows && c < push.in_channels) w[w_begin(h, k) + c] = sums[i][j];
        }
}
