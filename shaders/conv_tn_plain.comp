#version 450
#extension GL_GOOGLE_include_directive : require
// conv_tn.glsl's sum, one invocation a weight: the reference formulation.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer X { float x[]; };
layout(set = 0, binding = 1) restrict readonly buffer Y { float y[]; };
layout(set = 0, binding = 2) restrict writeonly buffer W { float w[]; };
#include "conv_tn.glsl"
#include "half.glsl"

void main() {
    Share h = share_of(gl_WorkGroupID.y, gl_WorkGroupID.z);
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    for (uint i = gl_GlobalInvocationID.x; i < push.rows * push.in_channels; i += stride) {
        uint k = i / push.in_channels, c = i % push.in_channels;
        float sum = 0.0;
        for (uint m = h.first; m < h.last; m++) {
            uint p = tap(pixel_of(m, push.out_height, push.out_width, push.inverse_height, push.inverse_width), h.r, h.s);
            if (p != ~0u) sum += operand(y[y_begin(h) + m * push.out_channels + k]) * operand(x[x_begin(h) + p * push.x_pixel + c]);
        }
        w[w_begin(h, k) + c] = sum;
    }
}
