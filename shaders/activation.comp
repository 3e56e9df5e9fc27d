#version 450
#extension GL_GOOGLE_include_directive : require
// y = f(x) for the channels of a column that exist; padding channels stay zero
// (sigmoid(0) is not).
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict writeonly buffer Y { vec4 y[]; };
layout(push_constant) uniform Push {
    uint count, channels; // floats of the column; padded channels
    uint units;           // true channels
} push;
#include "activation.glsl"

vec4 f(vec4 x) {
    if (FUNCTION == RELU) return max(x, vec4(0));
    if (FUNCTION == BINARY) return mix(vec4(0), vec4(1), greaterThan(x, vec4(0)));
    if (FUNCTION == SIGMOID) return 1.0 / (1.0 + exp(-x));
    vec4 t = tanh_exact(x);
    return FUNCTION == TANH ? t : abs(t);
}

void main() {
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint i = gl_GlobalInvocationID.x;
    if (i < push.count / 4) do {
        uvec4 c = uvec4(4 * i % push.channels) + uvec4(0, 1, 2, 3);
        y[i] = mix(vec4(0), f(x[i]), lessThan(c, uvec4(push.units)));
    } while ((i += stride) < push.count / 4);
}
