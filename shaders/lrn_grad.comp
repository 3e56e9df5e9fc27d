#version 450
#extension GL_GOOGLE_include_directive : require
// dx = g * d^-beta - 2 alpha beta x * sum over the window of g y / d.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict readonly buffer Y { vec4 y[]; };
layout(set = 0, binding = 2) restrict readonly buffer D { vec4 d[]; };
layout(set = 0, binding = 3) restrict readonly buffer G { vec4 g[]; };
layout(set = 0, binding = 4) restrict writeonly buffer DX { vec4 dx[]; };
#include "lrn.glsl"

void main() {
    uint C4 = push.channels / 4, stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    for (uint i = gl_GlobalInvocationID.x; i < push.count / 4; i += stride) {
        uint c = i % C4;
        vec4 left = c > 0 ? g[i - 1] * y[i - 1] / d[i - 1] : vec4(0);
        vec4 right = c + 1 < C4 ? g[i + 1] * y[i + 1] / d[i + 1] : vec4(0);
        vec4 sum = window(left, g[i] * y[i] / d[i], right);
        dx[i] = g[i] * power(d[i]) - 2.0 * push.alpha * push.beta * x[i] * sum;
    }
}
