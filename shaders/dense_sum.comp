#version 450
#extension GL_GOOGLE_include_directive : require
// y[z][m][k] = f(bias[z][k] + sum over t of x[t][z][m][k]), t in order: the outputs of a
// dense layer whose sums were made in parts. f is the ReLU, or nothing.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict readonly buffer B { vec4 bias[]; };
layout(set = 0, binding = 2) restrict writeonly buffer Y { vec4 y[]; };
layout(push_constant) uniform Push {
    uint count, units, parts, relu;   // floats of a block, and of an image
    uint x_part, y_block, bias_block; // floats from one part, one z to the next
} push;

void main() {
    uint z = gl_WorkGroupID.z, stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x, begin = z * (push.y_block / 4);
    for (uint i = gl_GlobalInvocationID.x; i < push.count / 4; i += stride) {
        vec4 sum = bias[z * (push.bias_block / 4) + i % (push.units / 4)];
        for (uint t = 0; t < push.parts; t++) sum += x[t * (push.x_part / 4) + begin + i];
        y[begin + i] = push.relu == 1 ? max(sum, vec4(0)) : sum;
    }
}
