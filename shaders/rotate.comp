#version 450
#extension GL_GOOGLE_include_directive : require
// wt[z][source][c][R-1-r][S-1-s][k] = w[z][k][source][r][s][c]: the weights as
// the data gradient of a convolution wants them. With 1x1 kernels it transposes
// matrices. Rows k of wt are padded to `padded` with zeros.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer W { float w[]; };
layout(set = 0, binding = 1) restrict writeonly buffer T { float wt[]; };
layout(push_constant) uniform Push {
    uint kernels, padded, sources, height, width, channels;
    uint w_block, wt_block; // floats from one z to the next
} push;
#include "index.glsl"

void main() {
    uint z = gl_WorkGroupID.z, stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint taps = push.height * push.width, count = push.sources * push.channels * taps * push.padded;
    uint i = gl_GlobalInvocationID.x;
    if (i < count) do {
        uint row = quotient(i, push.padded), k = i - row * push.padded;
        uint ct = quotient(row, taps), tap = row - ct * taps; // (source, channel)
        uint source = quotient(ct, push.channels), c = ct - source * push.channels;
        uint from = ((k * push.sources + source) * taps + (taps - 1 - tap)) * push.channels + c;
        wt[z * push.wt_block + i] = k < push.kernels ? w[z * push.w_block + from] : 0.0;
    } while ((i += stride) < count);
}
