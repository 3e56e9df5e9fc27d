#version 450
#extension GL_GOOGLE_include_directive : require
// y = x * d^-beta with d = k + alpha * sum over the window of x^2; d is kept for
// the gradient.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict writeonly buffer Y { vec4 y[]; };
layout(set = 0, binding = 2) restrict writeonly buffer D { vec4 d[]; };
#include "lrn.glsl"

void main() {
    uint C4 = push.channels / 4, stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    for (uint i = gl_GlobalInvocationID.x; i < push.count / 4; i += stride) {
        uint c = i % C4;
        vec4 v = x[i], left = c > 0 ? x[i - 1] : vec4(0), right = c + 1 < C4 ? x[i + 1] : vec4(0);
        vec4 scale = push.k + push.alpha * window(left * left, v * v, right * right);
        d[i] = scale;
        y[i] = v * power(scale);
    }
}
