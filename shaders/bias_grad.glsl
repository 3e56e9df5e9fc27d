// What the kernels of a bias gradient's sums share:
//
// b[z][run][k] = sum over the pixels m of a run of y[z][m][k]: the gradient of a
// layer's biases before its runs are added. The same kernel adds them, as the pixels
// of a single run. y and b begin at floats of their buffers that are multiples of 8.
layout(set = 0, binding = 0) restrict readonly buffer Y { vec4 y[]; };
layout(set = 0, binding = 1) restrict writeonly buffer B { vec4 b[]; };
layout(push_constant) uniform Push {
    uint pixels, channels; // of one z
    uint runs, run_pixels;
    uint y_first, b_first, y_block, b_block; // floats
    float inverse_channels; // 1 / (channels / 8)
    uint y_low, y_high, b_low, b_high; // device addresses
} push;
#include "index.glsl"
#include "eights.glsl"
