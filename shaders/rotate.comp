#version 450
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

void main() {
    uint z = gl_WorkGroupID.z, stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint taps = push.height * push.width, count = push.sources * push.channels * taps * push.padded;
    uint i = gl_GlobalInvocationID.x;
    if (i < count) do {
        uint k = i % push.padded, tap = i / push.padded % taps;
        uint c = i / push.padded / taps % push.channels, source = i / push.padded / taps / push.channels;
        uint from = ((k * push.sources + source) * taps + (taps - 1 - tap)) * push.channels + c;
        wt[z * push.wt_block + i] = k < push.kernels ? w[z * push.w_block + from] : 0.0;
    } while ((i += stride) < count);
}
