// y = x * d^-beta with d = k + alpha * sum over the window of x^2.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict writeonly buffer Y { vec4 y[]; };
#include "lrn.glsl"

void main() {
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint i = gl_GlobalInvocationID.x;
    if (i < push.count / 8) do {
        bvec2 at = neighbours(i);
        Eight v = LOAD(x, push.x_low, push.x_high, i);
        vec4 left = at.x ? LOAD4(x, push.x_low, push.x_high, 2 * i - 1) : vec4(0);
        vec4 right = at.y ? LOAD4(x, push.x_low, push.x_high, 2 * i + 2) : vec4(0);
        Eight sum = window(left * left, Eight(v.a * v.a, v.b * v.b), right * right);
        Eight scale = Eight(push.k + push.alpha * sum.a, push.k + push.alpha * sum.b);
        STORE(y, push.y_low, push.y_high, i, Eight(v.a * power(scale.a), v.b * power(scale.b)));
    } while ((i += stride) < push.count / 8);
}
