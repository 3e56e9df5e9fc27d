// The forward form of a convolution, shared by its formulations:
//
//   y[z][m][k] = f(bias[z][k] + sum over (source, r, s, c) of
//                  x[z / groups][source][pixel(m, r, s)][c] * w[z][k][source][r][s][c])
//
// with m = (n, oy, ox) and pixel(m, r, s) = (n, (oy*stride + r - pad) / dilation,
// (ox*stride + s - pad) / dilation); taps that fall outside the map or between
// dilated pixels count as zero. Channels are padded to multiples of 8.
// The data gradient is the same with rotated, transposed weights, stride and
// dilation exchanged; a dense layer has a kernel that covers its map; a matrix
// product y = x * w^T has 1x1 maps. Strides of whole blocks are in floats.
// MASKED: a data gradient of what is a ReLU's output. The third buffer holds this
// output then, laid out as y, and where it is not positive y is zero.
layout(constant_id = 9) const bool MASKED = false;
layout(push_constant) uniform Push {
    uint batch, in_height, in_width, in_channels;
    uint out_height, out_width, out_channels;
    uint kernel_height, kernel_width, stride, pad, dilation;
    uint sources;       // blocks of input channels that one kernel sees
    uint groups;        // outputs z that share an input block x[z / groups]
    uint x_block;       // floats from x[z / groups] to the next; 0: all read the same
    uint x_source;      // floats from one source to the next
    uint w_block, y_block, bias_block; // floats from one z to the next
    float inverse_height, inverse_width; // 1 / out_height, 1 / out_width
    float inverse_dilation;
    uint has_bias, relu; // 1: add the bias; take the maximum with 0
    uint x_low, x_high, w_low, w_high, y_low, y_high, mask_low, mask_high; // device addresses, for the kernels that load and store by address
} push;

#include "index.glsl"

uint pixels() { return push.batch * push.out_height * push.out_width; }

// Offset in pixels of tap (r, s) of output pixel o, or ~0 outside the map.
uint tap(uvec3 o, uint r, uint s) {
    uint y = o.y * push.stride + r - push.pad, x = o.z * push.stride + s - push.pad;
    bool inside = true;
    if (push.dilation > 1) {
        // Negative positions are huge here and stay outside.
        uint qy = divide(y, push.dilation, push.inverse_dilation);
        uint qx = divide(x, push.dilation, push.inverse_dilation);
        inside = int(y) >= 0 && int(x) >= 0 && qy * push.dilation == y && qx * push.dilation == x;
        y = qy;
        x = qx;
    }
    inside = inside && y < push.in_height && x < push.in_width;
    return inside ? (o.x * push.in_height + y) * push.in_width + x : ~0u;
}

float finish(float sum, float bias) {
    sum += bias;
    return push.relu == 1 ? max(sum, 0.0) : sum;
}
