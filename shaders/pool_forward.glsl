// y = maximum or mean of each window. For maxima `at` keeps which pixel of the
// window won, as a float: the first one in row order. RELU: x is a ReLU's output, and
// a pixel wins only if it is positive: so no gradient passes the ReLU elsewhere.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict writeonly buffer Y { vec4 y[]; };
layout(set = 0, binding = 2) restrict writeonly buffer At { vec4 at[]; };
#include "pool.glsl"
layout(constant_id = 3) const bool RELU = false;

void main() {
    uint C8 = push.channels / 8, count = push.images * push.out_height * push.out_width * C8;
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint i = gl_GlobalInvocationID.x;
    if (i < count) do {
        uint p = divide(i, C8, push.inverse_channels), c = i - p * C8;
        uvec3 o = pixel_of(p, push.out_height, push.out_width, push.inverse_height, push.inverse_width);
        uint from = ((o.x * push.in_height + o.y * STRIDE) * push.in_width + o.z * STRIDE) * C8 + c;
        Eight best = LOAD(x, push.x_low, push.x_high, from);
        Eight where = Eight(vec4(0), vec4(0));
        [[unroll]] for (uint r = 0; r < KERNEL; r++)
            [[unroll]] for (uint s = 0; s < KERNEL; s++) {
                if (r == 0 && s == 0) continue;
                Eight v = LOAD(x, push.x_low, push.x_high, from + (r * push.in_width + s) * C8);
                if (AVERAGE) {
                    best.a += v.a;
                    best.b += v.b;
                    continue;
                }
                bvec4 a = greaterThan(v.a, best.a), b = greaterThan(v.b, best.b);
                best = Eight(mix(best.a, v.a, a), mix(best.b, v.b, b));
                float place = float(r * KERNEL + s);
                where = Eight(mix(where.a, vec4(place), a), mix(where.b, vec4(place), b));
            }
        float area = float(KERNEL * KERNEL);
        if (AVERAGE) best = Eight(best.a / area, best.b / area);
        if (RELU) where = Eight(mix(vec4(area), where.a, greaterThan(best.a, vec4(0))), mix(vec4(area), where.b, greaterThan(best.b, vec4(0))));
        STORE(y, push.y_low, push.y_high, i, best);
        if (!AVERAGE) STORE(at, push.at_low, push.at_high, i, where);
    } while ((i += stride) < count);
}
