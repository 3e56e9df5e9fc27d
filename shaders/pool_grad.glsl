// dx of a pixel = sum of the gradients of the windows it won (maximum) or its
// share of every window that holds it (mean), windows in row order. An invocation
// makes a block of pixels, which the same windows hold: a window is read once for
// all of them, and what place a pixel has in it is known when the kernel is
// compiled.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer G { vec4 g[]; };
layout(set = 0, binding = 1) restrict readonly buffer At { vec4 at[]; };
layout(set = 0, binding = 2) restrict writeonly buffer DX { vec4 dx[]; };
#include "pool.glsl"
layout(constant_id = 3) const uint BLOCK = 1; // pixels a side: STRIDE, or 1

const uint OVERLAP = (KERNEL + STRIDE - 1) / STRIDE;

void main() {
    uint blocks_y = (push.in_height + BLOCK - 1) / BLOCK, blocks_x = (push.in_width + BLOCK - 1) / BLOCK;
    uint C8 = push.channels / 8, count = push.images * blocks_y * blocks_x * C8;
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint i = gl_GlobalInvocationID.x;
    if (i < count) do {
        uint p = divide(i, C8, push.inverse_channels), c = i - p * C8;
        uvec3 o = pixel_of(p, blocks_y, blocks_x, push.inverse_height, push.inverse_width);
        // The last windows that may hold the block's pixels, and the block's place in them.
        uvec2 last = BLOCK == STRIDE ? o.yz : o.yz * BLOCK / STRIDE;
        uvec2 place = BLOCK == STRIDE ? uvec2(0) : o.yz * BLOCK - last * STRIDE;
        Eight sum[BLOCK * BLOCK];
        [[unroll]] for (uint q = 0; q < BLOCK * BLOCK; q++) sum[q] = Eight(vec4(0), vec4(0));
        [[unroll]] for (uint a = OVERLAP; a > 0; a--)
            [[unroll]] for (uint b = OVERLAP; b > 0; b--) {
                uint oy = last.x - (a - 1), ox = last.y - (b - 1); // below 0 they are huge
                bool exists = oy < push.out_height && ox < push.out_width;
                uint from = exists ? ((o.x * push.out_height + oy) * push.out_width + ox) * C8 + c : 0;
                Eight v = LOAD(g, push.x_low, push.x_high, from), won = v;
                if (!AVERAGE) won = LOAD(at, push.at_low, push.at_high, from);
                [[unroll]] for (uint q = 0; q < BLOCK * BLOCK; q++) {
                    if (q / BLOCK + (a - 1) * STRIDE >= KERNEL || q % BLOCK + (b - 1) * STRIDE >= KERNEL) continue;
                    uint r = place.x + q / BLOCK + (a - 1) * STRIDE, s = place.y + q % BLOCK + (b - 1) * STRIDE;
                    bool inside = exists && r < KERNEL && s < KERNEL;
                    if (AVERAGE) {
                        sum[q].a += inside ? v.a : vec4(0);
                        sum[q].b += inside ? v.b : vec4(0);
                        continue;
                    }
                    vec4 which = vec4(inside ? float(r * KERNEL + s) : -1.0);
                    sum[q].a += mix(vec4(0), v.a, equal(won.a, which));
                    sum[q].b += mix(vec4(0), v.b, equal(won.b, which));
                }
            }
        float area = float(KERNEL * KERNEL);
        [[unroll]] for (uint q = 0; q < BLOCK * BLOCK; q++) {
            uint y = o.y * BLOCK + q / BLOCK, x = o.z * BLOCK + q % BLOCK;
            if (AVERAGE) sum[q] = Eight(sum[q].a / area, sum[q].b / area);
            if (y < push.in_height && x < push.in_width)
                STORE(dx, push.y_low, push.y_high, ((o.x * push.in_height + y) * push.in_width + x) * C8 + c, sum[q]);
        }
    } while ((i += stride) < count);
}
