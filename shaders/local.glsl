// A locally connected layer is a convolution whose every output pixel o has kernels of
// its own: for each o a product of matrices, over images n and kernels k,
//
//   q[o][n][k] = sum over (source, r, s, c) of p[o][n][source][r][s][c] * w[o][k][source][r][s][c]
//
// These kernels put what lies by image together by output pixel, and back. Channels are
// padded to multiples of 8.
layout(push_constant) uniform Push {
    uint batch, sources;
    uint in_height, in_width, in_channels; // of a source
    uint out_height, out_width, out_channels;
    uint kernel, stride, pad;
    uint x_block;                          // floats from one source's map to the next
    uint relu;                             // 1: take the maximum with 0
    float inverse_channels, inverse_batch; // of in_channels / 8, or of out_channels / 8 where the output is written; of the batch
    uint from_low, from_high, to_low, to_high, third_low, third_high; // device addresses
} push;
#include "index.glsl"
#include "eights.glsl"
