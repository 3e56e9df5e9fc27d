// dx of a pixel = sum of the gradients of the windows it won (maximum) or its
// share of every window that holds it (mean), windows in row order.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer G { vec4 g[]; };
layout(set = 0, binding = 1) restrict readonly buffer At { vec4 at[]; };
layout(set = 0, binding = 2) restrict writeonly buffer DX { vec4 dx[]; };
#include "pool.glsl"

const uint OVERLAP = (KERNEL + STRIDE - 1) / STRIDE;

void main() {
    uint C8 = push.channels / 8, count = push.images * push.in_height * push.in_width * C8;
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint i = gl_GlobalInvocationID.x;
    if (i < count) do {
        uint p = divide(i, C8, push.inverse_channels), c = i - p * C8;
        uvec3 o = pixel_of(p, push.in_height, push.in_width, push.inverse_height, push.inverse_width);
        // The windows that may hold the pixel, from the first: at most OVERLAP a side.
        uint last_y = o.y / STRIDE, last_x = o.z / STRIDE;
        Eight sum = Eight(vec4(0), vec4(0));
        [[unroll]] for (uint a = OVERLAP; a > 0; a--)
            [[unroll]] for (uint b = OVERLAP; b > 0; b--) {
                uint oy = last_y - (a - 1), ox = last_x - (b - 1); // below 0 they are huge
                uint r = o.y - oy * STRIDE, s = o.z - ox * STRIDE;
                bool inside = oy < push.out_height && ox < push.out_width && r < KERNEL && s < KERNEL;
                uint from = inside ? ((o.x * push.out_height + oy) * push.out_width + ox) * C8 + c : 0;
                Eight v = LOAD(g, push.x_low, push.x_high, from);
                if (AVERAGE) {
                    sum.a += inside ? v.a : vec4(0);
                    sum.b += inside ? v.b : vec4(0);
                    continue;
                }
                vec4 place = vec4(inside ? float(r * KERNEL + s) : -1.0);
                Eight won = LOAD(at, push.at_low, push.at_high, from);
                sum.a += mix(vec4(0), v.a, equal(won.a, place));
                sum.b += mix(vec4(0), v.b, equal(won.b, place));
            }
        float area = float(KERNEL * KERNEL);
        if (AVERAGE) sum = Eight(sum.a / area, sum.b / area);
        STORE(dx, push.y_low, push.y_high, i, sum);
    } while ((i += stride) < count);
}
