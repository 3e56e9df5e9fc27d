#version 450
// b[split][z][k] = sum over the pixels m of one run of y[z][m][k]: the gradient
// of a layer's biases before its runs are added.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer Y { vec4 y[]; };
layout(set = 0, binding = 1) restrict writeonly buffer B { vec4 b[]; };
layout(push_constant) uniform Push {
    uint pixels, channels; // pixels of one z
    uint splits, split_pixels;
    uint y_block, b_block, b_split; // floats
} push;

void main() {
    uint C4 = push.channels / 4, split = gl_WorkGroupID.y, z = gl_WorkGroupID.z;
    uint first = split * push.split_pixels, last = min(first + push.split_pixels, push.pixels);
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint k = gl_GlobalInvocationID.x;
    if (k < C4) do {
        vec4 sum = vec4(0);
        uint i = z * (push.y_block / 4) + k;
        for (uint m = first; m < last; m++) sum += y[i + m * C4];
        b[(split * push.b_split + z * push.b_block) / 4 + k] = sum;
    } while ((k += stride) < C4);
}
