#version 450
#extension GL_GOOGLE_include_directive : require
// v = momentum * v - decay * rate * w - rate * g;  w = w + v  (Krizhevsky 2012, 5)
layout(local_size_x = 64) in;
#include "step.glsl"
layout(set = 0, binding = 1) restrict buffer W { vec4 w[]; };
layout(set = 0, binding = 2) restrict readonly buffer G { vec4 g[]; };
layout(set = 0, binding = 3) restrict buffer V { vec4 v[]; };
layout(push_constant) uniform Push {
    uint count;  // floats
    uint factor; // index of the layer's factors
    uint bias;   // 1: the factors of biases
} push;

void main() {
    Factors f = now.factors[push.factor];
    float rate = now.rate * (push.bias == 1 ? f.bias_rate : f.rate);
    float decay = rate * now.decay * (push.bias == 1 ? f.bias_decay : f.decay);
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    for (uint i = gl_GlobalInvocationID.x; i < push.count / 4; i += stride) {
        vec4 next = now.momentum * v[i] - decay * w[i] - rate * g[i];
        v[i] = next;
        w[i] += next;
    }
}
