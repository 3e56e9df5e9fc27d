// conv_nt.glsl's sum through tiles in shared memory, for GPUs: 64 invocations
// make a tile of 8*ROWS pixels by 8*COLUMNS kernels, 8 channels at a time; an
// invocation holds ROWS x COLUMNS sums.
layout(local_size_x = 64) in;
layout(constant_id = 1) const uint ROWS = 8;
layout(constant_id = 2) const uint COLUMNS = 8;
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict readonly buffer W { vec4 w[]; };
layout(set = 0, binding = 2) restrict readonly buffer Third { float third[]; };
layout(set = 0, binding = 3) restrict writeonly buffer Y { float y[]; };
#include "conv_nt.glsl"
#include "tile.glsl"

const uint TILE_M = 8 * ROWS, TILE_K = 8 * COLUMNS;
shared TILE tile_x[8][TILE_M + 1]; // (channel, pixel); + 1 spreads columns over banks
shared TILE tile_w[8][TILE_K + 1]; // (channel, kernel)

void main() {
    uint id = gl_LocalInvocationID.x, row = id / 8, column = id % 8, z = gl_WorkGroupID.z;
    uint m0 = gl_WorkGroupID.y * TILE_M, k0 = gl_WorkGroupID.x * TILE_K;
    uint C4 = push.in_channels / 4, M = pixels();
    uint run = push.sources * push.kernel_height * push.kernel_width * C4;

    // Invocation id loads vec4 (id % 2) of pixels id/2, id/2 + 32, ... and of kernels likewise.
    const uint LOADS_M = (TILE_M + 31) / 32, LOADS_K = (TILE_K + 31) / 32;
    uvec3 o[LOADS_M];
    [[unroll]] for (uint i = 0; i < LOADS_M; i++)
        o[i] = pixel_of(min(m0 + id / 2 + 32 * i, M - 1), push.out_height, push.out_width, push.inverse_height, push.inverse_width);

    float sums[ROWS][COLUMNS];
    [[unroll]] for (uint i = 0; i < ROWS; i++)
        [[unroll]] for (uint j = 0; j < COLUMNS; j++) sums[i][j] = 0.0;

    uint iw = z * (push.w_block / 4);
    for (uint source = 0; source < push.sources; source++) {
        uint from = ((z / push.groups) * push.x_block + source * push.x_source) / 4;
        for (uint r = 0; r < push.kernel_height; r++)
            for (uint s = 0; s < push.kernel_width; s++) {
                uint p[LOADS_M];
                [[unroll]] for (uint i = 0; i < LOADS_M; i++) p[i] = tap(o[i], r, s);
                for (uint c = 0; c < C4; c += 2) {
                    barrier();
                    [[unroll]] for (uint i = 0; i < LOADS_M; i++) {
                        uint m = id / 2 + 32 * i, q = id % 2;
                        TILE4 v = tile4(p[i] == ~0u ? vec4(0) : x[from + p[i] * C4 + c + q]);
                        if (m < TILE_M) [[unroll]] for (uint e = 0; e < 4; e++) tile_x[4 * q + e][m] = v[e];
                    }
                    [[unroll]] for (uint i = 0; i < LOADS_K; i++) {
                        uint k = id / 2 + 32 * i, q = id % 2;
                        TILE4 v = tile4(w[iw + min(k0 + k, push.out_channels - 1) * run + c + q]);
                        if (k < TILE_K) [[unroll]] for (uint e = 0; e < 4; e++) tile_w[4 * q + e][k] = v[e];
                    }
                    barrier();
                    [[unroll]] for (uint e = 0; e < 8; e++) {
                        float a[ROWS], b[COLUMNS];
                        [[unroll]] for (uint i = 0; i < ROWS; i++) a[i] = float(tile_x[e][row + 8 * i]);
                        [[unroll]] for (uint j = 0; j < COLUMNS; j++) b[j] = float(tile_w[e][column + 8 * j]);
                        [[unroll]] for (uint i = 0; i < ROWS; i++)
                            [[unroll]] for (uint j = 0; j < COLUMNS; j++) sums[i][j] += a[i] * b[j];
                    }
                }
                iw += C4;
            }
    }

    [[unroll]] for (uint i = 0; i < ROWS; i++) {
        uint m = m0 + row + 8 * i;
        [[unroll]] for (uint j = 0; j < COLUMNS; j++) {
            uint k = k0 + column + 8 * j;
            if (m >= M || k >= push.out_channels) continue;
            uint iy = z * push.y_block + m * push.out_channels + k;
            if (MASKED) y[iy] = third[iy] > 0.0 ? sums[i][j] : 0.0;
            else y[iy] = finish(sums[i][j], push.has_bias == 1 ? third[z * push.bias_block + k] : 0.0);
        }
    }
}
