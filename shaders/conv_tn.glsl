// The weight-gradient form of a convolution, shared by its formulations:
//
//   w[z][k][source][r][s][c] = sum over m of y[z][m][k] * x[z][source][pixel(m, r, s)][c]
//
// with m and pixel as in conv_nt.glsl (no dilation). The sum over m is cut into
// `splits` runs of `split_pixels`; run t goes to w + t * w_split and a later
// reduction adds the runs in order. The data gradient of a dense layer is the
// same sum over its units: y holds the transposed gradient, x the weights.
layout(push_constant) uniform Push {
    uint batch, in_height, in_width, in_channels;
    uint out_height, out_width, out_channels;
    uint kernel_height, kernel_width, stride, pad;
    uint sources;
    uint rows;          // k that are written, at most out_channels
    uint splits, split_pixels;
    uint groups;        // outputs z that share y[z / groups]
    uint x_block, x_group; // x of output z begins at (z / groups) * x_block + (z % groups) * x_group
    uint x_source;
    uint x_pixel;       // floats from one pixel of x to the next, usually in_channels
    uint y_block, w_block, w_split;
    float inverse_height, inverse_width;
    uint x_low, x_high, y_low, y_high, w_low, w_high; // device addresses, for the kernels that load and store by address
} push;

#include "index.glsl"

uint pixels() { return push.batch * push.out_height * push.out_width; }

uint tap(uvec3 o, uint r, uint s) {
    uint y = o.y * push.stride + r - push.pad, x = o.z * push.stride + s - push.pad;
    return y < push.in_height && x < push.in_width ? (o.x * push.in_height + y) * push.in_width + x : ~0u;
}

// One workgroup's share: a tap (source, r, s), an output z and a run of pixels.
struct Share {
    uint source, r, s, z, split, first, last;
};

Share share_of(uint taps, uint zs) {
    Share h;
    uint row = quotient(taps, push.kernel_width);
    h.s = taps - row * push.kernel_width;
    h.source = quotient(row, push.kernel_height);
    h.r = row - h.source * push.kernel_height;
    h.z = quotient(zs, push.splits);
    h.split = zs - h.z * push.splits;
    h.first = h.split * push.split_pixels;
    h.last = min(h.first + push.split_pixels, pixels());
    return h;
}

uint x_begin(Share h) {
    uint group = quotient(h.z, push.groups);
    return group * push.x_block + (h.z - group * push.groups) * push.x_group + h.source * push.x_source;
}
uint y_begin(Share h) { return quotient(h.z, push.groups) * push.y_block; }

// Where w[z][k][source][r][s][0] of this run is.
uint w_begin(Share h, uint k) {
    uint taps = (h.source * push.kernel_height + h.r) * push.kernel_width + h.s;
    uint run = push.sources * push.kernel_height * push.kernel_width * push.in_channels;
    return h.split * push.w_split + h.z * push.w_block + k * run + taps * push.in_channels;
}
