#version 450
#extension GL_GOOGLE_include_directive : require
// conv_nt.glsl's sum, one invocation an output value: runs on every device and
// is what the other formulations are compared with.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer X { float x[]; };
layout(set = 0, binding = 1) restrict readonly buffer W { float w[]; };
layout(set = 0, binding = 2) restrict readonly buffer Third { float third[]; };
layout(set = 0, binding = 3) restrict writeonly buffer Y { float y[]; };
#include "conv_nt.glsl"
#include "half.glsl"

void main() {
    uint k = gl_GlobalInvocationID.x % push.out_channels;
    uint m = gl_GlobalInvocationID.x / push.out_channels, z = gl_WorkGroupID.z;
    uint rows = gl_NumWorkGroups.x * gl_WorkGroupSize.x / push.out_channels;
    uint C = push.in_channels;
    uint run = push.sources * push.kernel_height * push.kernel_width * C; // weights of one kernel
    if (m >= rows) return;
    for (; m < pixels(); m += rows) {
        uvec3 o = pixel_of(m, push.out_height, push.out_width, push.inverse_height, push.inverse_width);
        uint iw = z * push.w_block + k * run;
        float sum = 0.0;
        for (uint source = 0; source < push.sources; source++)
            for (uint r = 0; r < push.kernel_height; r++)
                for (uint s = 0; s < push.kernel_width; s++, iw += C) {
                    uint p = tap(o, r, s);
                    if (p == ~0u) continue;
                    uint ix = (z / push.groups) * push.x_block + source * push.x_source + p * C;
                    float part = 0.0; // of short sums the rounding errors are small
                    for (uint c = 0; c < C; c++) part += operand(x[ix + c]) * operand(w[iw + c]);
                    sum += part;
                }
        uint iy = z * push.y_block + m * push.out_channels + k;
        if (MASKED) y[iy] = third[iy] > 0.0 ? sum : 0.0;
        else y[iy] = finish(sum, push.has_bias == 1 ? third[z * push.bias_block + k] : 0.0);
    }
}
