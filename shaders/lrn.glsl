// Local response normalisation across the channels of one pixel (Krizhevsky
// 2012, 3.3). An invocation makes 4 neighbouring channels from 12 loaded ones,
// so the window's half is at most 4.
layout(push_constant) uniform Push {
    uint count, channels; // floats in all; padded channels of a pixel
    uint half_window;     // size / 2
    float k, alpha, beta;
} push;

vec4 power(vec4 d) { // d^-beta; 0.75 without the slow pow
    if (push.beta == 0.75) {
        vec4 r = inversesqrt(d);
        return r * sqrt(r);
    }
    return pow(d, vec4(-push.beta));
}

// Sums over the window of each of the middle 4 of 12 neighbouring values.
vec4 window(vec4 left, vec4 middle, vec4 right) {
    vec4 sum = middle;
    if (push.half_window >= 1) sum += vec4(left.w, middle.xyz) + vec4(middle.yzw, right.x);
    if (push.half_window >= 2) sum += vec4(left.zw, middle.xy) + vec4(middle.zw, right.xy);
    if (push.half_window >= 3) sum += vec4(left.yzw, middle.x) + vec4(middle.w, right.xyz);
    if (push.half_window >= 4) sum += left + right;
    return sum;
}
