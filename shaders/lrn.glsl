// Local response normalisation across the channels of one pixel (Krizhevsky
// 2012, 3.3). An invocation makes 8 neighbouring channels from 16 loaded ones, so
// the window's half is at most 4.
layout(constant_id = 0) const uint HALF_WINDOW = 2; // size / 2
layout(constant_id = 1) const bool ROOTS = true;    // beta is 3/4: roots instead of the slow pow
layout(push_constant) uniform Push {
    uint count, channels; // floats in all; padded channels of a pixel
    float k, alpha, beta;
    float inverse_channels; // 1 / (channels / 8)
    uint relu; // of the gradient: 1: x is a ReLU's output, and dx is that of its input
    uint x_low, x_high, y_low, y_high, g_low, g_high, dx_low, dx_high; // device addresses
} push;
#include "index.glsl"
#include "eights.glsl"

vec4 power(vec4 d) { // d^-beta
    if (ROOTS) {
        vec4 r = inversesqrt(d);
        return r * sqrt(r);
    }
    return pow(d, vec4(-push.beta));
}

// Sums over the window of each of the middle 4 of 12 neighbouring values.
vec4 window4(vec4 left, vec4 middle, vec4 right) {
    vec4 sum = middle;
    if (HALF_WINDOW >= 1) sum += vec4(left.w, middle.xyz) + vec4(middle.yzw, right.x);
    if (HALF_WINDOW >= 2) sum += vec4(left.zw, middle.xy) + vec4(middle.zw, right.xy);
    if (HALF_WINDOW >= 3) sum += vec4(left.yzw, middle.x) + vec4(middle.w, right.xyz);
    if (HALF_WINDOW >= 4) sum += left + right;
    return sum;
}

// The same of 8 of 16.
Eight window(vec4 left, Eight middle, vec4 right) {
    return Eight(window4(left, middle.a, middle.b), window4(middle.a, middle.b, right));
}

// The place of eight i in its pixel: whether there are channels left and right of it.
bvec2 neighbours(uint i) {
    uint C8 = push.channels / 8, c = i - divide(i, C8, push.inverse_channels) * C8;
    return bvec2(c > 0, c + 1 < C8);
}
