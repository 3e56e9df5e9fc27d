// y[n][o][k] = f(q[o][n][k] + b[o][k]): the third buffer holds the biases, one for each
// kernel of each output pixel.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer From { vec4 from[]; };
layout(set = 0, binding = 1) restrict writeonly buffer To { vec4 to[]; };
layout(set = 0, binding = 2) restrict readonly buffer Third { vec4 third[]; };
#include "local.glsl"

void main() {
    uint K8 = push.out_channels / 8, pixels = push.out_height * push.out_width;
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint i = gl_GlobalInvocationID.x, count = push.batch * pixels * K8;
    if (i < count) do {
        uint p = divide(i, K8, push.inverse_channels), k = i - p * K8;
        uint n = quotient(p, pixels), o = p - n * pixels;
        Eight q = LOAD(from, push.from_low, push.from_high, (o * push.batch + n) * K8 + k);
        Eight b = LOAD(third, push.third_low, push.third_high, o * K8 + k);
        Eight y = Eight(q.a + b.a, q.b + b.b);
        if (push.relu == 1) y = Eight(max(y.a, vec4(0)), max(y.b, vec4(0)));
        STORE(to, push.to_low, push.to_high, i, y);
    } while ((i += stride) < count);
}
