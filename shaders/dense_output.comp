#version 450
#extension GL_GOOGLE_include_directive : require
// y[z][n][k] = f(t[z][k][n] + bias[z][k]): the outputs of a dense layer whose sums were
// made for each unit k of all images n. f is the ReLU, or nothing. Rows n of t are padded.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer T { float t[]; };
layout(set = 0, binding = 1) restrict readonly buffer B { float bias[]; };
layout(set = 0, binding = 2) restrict writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push {
    uint images, padded, units, relu;
    uint t_block, bias_block, y_block; // floats from one z to the next
} push;
#include "index.glsl"

void main() {
    uint z = gl_WorkGroupID.z, stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x, count = push.images * push.units;
    uint i = gl_GlobalInvocationID.x;
    if (i < count) do {
        uint n = quotient(i, push.units), k = i - n * push.units;
        float sum = t[z * push.t_block + k * push.padded + n] + bias[z * push.bias_block + k];
        y[z * push.y_block + i] = push.relu != 0 ? max(sum, 0.0) : sum;
    } while ((i += stride) < count);
}
