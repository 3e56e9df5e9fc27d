#version 450
#extension GL_GOOGLE_include_directive : require
// y = f(x) for the channels that exist; padding channels stay zero (sigmoid(0)
// is not). Columns z below `extra` have one channel more than the others.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict writeonly buffer Y { vec4 y[]; };
layout(push_constant) uniform Push {
    uint count, channels; // floats of one z; padded channels
    uint units, extra, column, columns; // true channels; z's global column is column + z * columns
    uint block;           // floats from one z to the next
} push;
#include "activation.glsl"

vec4 f(vec4 x) {
    if (FUNCTION == RELU) return max(x, vec4(0));
    if (FUNCTION == SIGMOID) return 1.0 / (1.0 + exp(-x));
    vec4 t = tanh_exact(x);
    return FUNCTION == TANH ? t : abs(t);
}

void main() {
    uint z = gl_WorkGroupID.z, stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint units = push.units + uint(push.column + z * push.columns < push.extra);
    for (uint i = gl_GlobalInvocationID.x; i < push.count / 4; i += stride) {
        uvec4 c = uvec4(4 * i % push.channels) + uvec4(0, 1, 2, 3);
        uint at = z * (push.block / 4) + i;
        y[at] = mix(vec4(0), f(x[at]), lessThan(c, uvec4(units)));
    }
}
