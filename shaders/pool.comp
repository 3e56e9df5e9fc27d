#version 450
#extension GL_GOOGLE_include_directive : require
// y = maximum or mean of each window. For maxima `at` keeps which pixel of the
// window won: the first one in row order.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict writeonly buffer Y { vec4 y[]; };
layout(set = 0, binding = 2) restrict writeonly buffer At { uvec4 at[]; };
#include "pool.glsl"

void main() {
    uint C4 = push.channels / 4, count = push.images * push.out_height * push.out_width * C4;
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    for (uint i = gl_GlobalInvocationID.x; i < count; i += stride) {
        uint p = divide(i, C4, push.inverse_channels), c = i - p * C4;
        uvec3 o = pixel_of(p, push.out_height, push.out_width, push.inverse_height, push.inverse_width);
        uint from = ((o.x * push.in_height + o.y * push.stride) * push.in_width + o.z * push.stride) * C4 + c;
        vec4 best = AVERAGE ? vec4(0) : x[from];
        uvec4 where = uvec4(0);
        for (uint r = 0; r < push.kernel; r++)
            for (uint s = 0; s < push.kernel; s++) {
                vec4 v = x[from + (r * push.in_width + s) * C4];
                if (AVERAGE) {
                    best += v;
                    continue;
                }
                bvec4 more = greaterThan(v, best);
                best = mix(best, v, more);
                where = mix(where, uvec4(r * push.kernel + s), more);
            }
        y[i] = AVERAGE ? best / float(push.kernel * push.kernel) : best;
        if (!AVERAGE) at[i] = where;
    }
}
