// dx = g * d^-beta - 2 alpha beta x * sum over the window of g y / d.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict readonly buffer Y { vec4 y[]; };
layout(set = 0, binding = 2) restrict readonly buffer D { vec4 d[]; };
layout(set = 0, binding = 3) restrict readonly buffer G { vec4 g[]; };
layout(set = 0, binding = 4) restrict writeonly buffer DX { vec4 dx[]; };
#include "lrn.glsl"

vec4 ratio(uint i) {
    return LOAD4(g, push.g_low, push.g_high, i) * LOAD4(y, push.y_low, push.y_high, i) / LOAD4(d, push.d_low, push.d_high, i);
}

void main() {
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint i = gl_GlobalInvocationID.x;
    if (i < push.count / 8) do {
        bvec2 at = neighbours(i);
        Eight gi = LOAD(g, push.g_low, push.g_high, i), yi = LOAD(y, push.y_low, push.y_high, i);
        Eight di = LOAD(d, push.d_low, push.d_high, i), xi = LOAD(x, push.x_low, push.x_high, i);
        vec4 left = at.x ? ratio(2 * i - 1) : vec4(0), right = at.y ? ratio(2 * i + 2) : vec4(0);
        Eight sum = window(left, Eight(gi.a * yi.a / di.a, gi.b * yi.b / di.b), right);
        float factor = 2.0 * push.alpha * push.beta;
        STORE(dx, push.dx_low, push.dx_high, i, Eight(gi.a * power(di.a) - factor * xi.a * sum.a, gi.b * power(di.b) - factor * xi.b * sum.b));
    } while ((i += stride) < push.count / 8);
}
