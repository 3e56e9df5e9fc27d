#version 450
#extension GL_GOOGLE_include_directive : require
// y = x * mask, forward; the same on the gradient, backward. In training a unit
// is zeroed with the layer's probability and not rescaled; in testing all are
// multiplied by 1 - probability (Krizhevsky 2012, 4.2). The mask of element e of
// column j is word e % 4 of philox((e / 4, step, layer, j), seed).
// RELU: the gradient of what a ReLU has made, and that of its input with it. What was
// kept is positive: of both masks nothing is left to compute.
layout(local_size_x = 64) in;
layout(constant_id = 0) const bool RELU = false;
#include "step.glsl"
layout(set = 0, binding = 1) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 2) restrict writeonly buffer Y { vec4 y[]; };
layout(set = 0, binding = 3) restrict readonly buffer Kept { vec4 kept[]; }; // RELU: what forward made
layout(push_constant) uniform Push {
    uint count;         // floats of the column
    uint column, layer; // coordinates of the random numbers
    float probability;
} push;
#include "random.glsl"

void main() {
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    // The threshold keeps 24 bits so that it is the same integer everywhere.
    uint threshold = uint(push.probability * 16777216.0);
    uint i = gl_GlobalInvocationID.x;
    if (i < push.count / 4) do {
        vec4 v = x[i];
        if (RELU) v = mix(vec4(0), v, greaterThan(kept[i], vec4(0)));
        if (now.dropout == DROPOUT_TRAIN && !RELU) {
            uvec4 bits = philox(uvec4(i, now.step, push.layer, push.column), uvec2(now.seed_low, now.seed_high)) >> 8;
            v = mix(v, vec4(0), lessThan(bits, uvec4(threshold)));
        } else if (now.dropout == DROPOUT_TEST) {
            v *= 1.0 - push.probability;
        }
        y[i] = v;
    } while ((i += stride) < push.count / 4);
}
