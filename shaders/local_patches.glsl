// p[o][n][source][r][s][c] = x[source][n][oy * stride + r - pad][ox * stride + s - pad][c],
// zero outside the map; the source is z. With a kernel of one pixel it turns (n, o, c)
// into (o, n, c).
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer From { vec4 from[]; };
layout(set = 0, binding = 1) restrict writeonly buffer To { vec4 to[]; };
#include "local.glsl"

void main() {
    uint C8 = push.in_channels / 8, taps = push.kernel * push.kernel, z = gl_WorkGroupID.z;
    uint count = push.out_height * push.out_width * push.batch * taps * C8;
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint i = gl_GlobalInvocationID.x;
    if (i < count) do {
        uint t = divide(i, C8, push.inverse_channels), c = i - t * C8;
        uint m = quotient(t, taps), tap = t - m * taps;
        uint o = divide(m, push.batch, push.inverse_batch), n = m - o * push.batch;
        uint oy = quotient(o, push.out_width), ox = o - oy * push.out_width;
        uint r = quotient(tap, push.kernel), s = tap - r * push.kernel;
        uint y = oy * push.stride + r - push.pad, x = ox * push.stride + s - push.pad; // below 0 they are huge
        bool inside = y < push.in_height && x < push.in_width;
        uint at = z * (push.x_block / 8) + (inside ? ((n * push.in_height + y) * push.in_width + x) * C8 + c : 0);
        Eight v = LOAD(from, push.from_low, push.from_high, at);
        if (!inside) v = Eight(vec4(0), vec4(0));
        STORE(to, push.to_low, push.to_high, ((m * push.sources + z) * taps + tap) * C8 + c, v);
    } while ((i += stride) < count);
}
