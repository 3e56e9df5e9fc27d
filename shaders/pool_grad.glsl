// dx of a pixel = sum of the gradients of the windows it won (maximum) or its
// share of every window that holds it (mean), windows in row order.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer G { vec4 g[]; };
layout(set = 0, binding = 1) restrict readonly buffer At { vec4 at[]; };
layout(set = 0, binding = 2) restrict writeonly buffer DX { vec4 dx[]; };
#include "pool.glsl"

void main() {
    uint C8 = push.channels / 8, count = push.images * push.in_height * push.in_width * C8;
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    for (uint i = gl_GlobalInvocationID.x; i < count; i += stride) {
        uint p = divide(i, C8, push.inverse_channels), c = i - p * C8;
        uvec3 o = pixel_of(p, push.in_height, push.in_width, push.inverse_height, push.inverse_width);
        // Windows oy with oy*stride <= y < oy*stride + kernel.
        uint y0 = o.y < push.kernel ? 0 : divide(o.y - push.kernel, push.stride, push.inverse_stride) + 1;
        uint x0 = o.z < push.kernel ? 0 : divide(o.z - push.kernel, push.stride, push.inverse_stride) + 1;
        uint y1 = min(divide(o.y, push.stride, push.inverse_stride) + 1, push.out_height);
        uint x1 = min(divide(o.z, push.stride, push.inverse_stride) + 1, push.out_width);
        Eight sum = Eight(vec4(0), vec4(0));
        for (uint oy = y0; oy < y1; oy++)
            for (uint ox = x0; ox < x1; ox++) {
                uint from = ((o.x * push.out_height + oy) * push.out_width + ox) * C8 + c;
                Eight v = LOAD(g, push.x_low, push.x_high, from);
                if (AVERAGE) {
                    sum.a += v.a;
                    sum.b += v.b;
                    continue;
                }
                vec4 place = vec4(float((o.y - oy * push.stride) * push.kernel + o.z - ox * push.stride));
                Eight won = LOAD(at, push.at_low, push.at_high, from);
                sum.a += mix(vec4(0), v.a, equal(won.a, place));
                sum.b += mix(vec4(0), v.b, equal(won.b, place));
            }
        float area = float(push.kernel * push.kernel);
        if (AVERAGE) sum = Eight(sum.a / area, sum.b / area);
        STORE(dx, push.y_low, push.y_high, i, sum);
    }
}
