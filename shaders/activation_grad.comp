#version 450
#extension GL_GOOGLE_include_directive : require
// g *= f'(x), in place, from the output y = f(x) alone; |tanh| needs x for the
// sign. ReLU'(0) and |tanh|'(0) are 0.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict readonly buffer Y { vec4 y[]; };
layout(set = 0, binding = 2) restrict buffer G { vec4 g[]; };
layout(push_constant) uniform Push { uint count; } push; // floats
#include "activation.glsl"

void main() {
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    for (uint i = gl_GlobalInvocationID.x; i < push.count / 4; i += stride) {
        vec4 v = y[i];
        if (FUNCTION == RELU) g[i] = mix(vec4(0), g[i], greaterThan(v, vec4(0)));
        else if (FUNCTION == TANH) g[i] *= 1.0 - v * v;
        else if (FUNCTION == SIGMOID) g[i] *= v * (1.0 - v);
        else g[i] *= sign(x[i]) * (1.0 - v * v);
    }
}
