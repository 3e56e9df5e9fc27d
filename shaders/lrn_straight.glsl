// lrn.glsl's windows for CPU drivers, in one straight line (vectors.glsl): a subgroup makes
// all channels of some pixels, the last ones some of those of the one before again.
layout(local_size_x_id = 1) in;
layout(constant_id = 0) const uint LANES = 8;
layout(constant_id = 1) const uint INVOCATIONS = 128;
layout(constant_id = 2) const uint CHANNELS = 48; // a multiple of LANES
layout(constant_id = 3) const uint PIXELS = 2;
layout(constant_id = 4) const uint HALF_WINDOW = 2; // size / 2
layout(constant_id = 5) const bool ROOTS = true;    // beta is 3/4: roots instead of the slow pow
const uint VECTORS = CHANNELS / LANES;
layout(push_constant) uniform Push {
    uint pixels; // at least those of a subgroup
    float k, alpha, beta;
    uint relu; // of the gradient: 1: x is a ReLU's output, and dx is that of its input
    uint x_low, x_high, g_low, g_high; // device addresses
    uint digit[32]; // 0, 1, 2, ...
} push;
#include "vectors.glsl"

// The first float of a subgroup's pixels.
uint first_float() {
    return min(same(gl_WorkGroupID.x * (INVOCATIONS / LANES) + gl_SubgroupID, 4) * PIXELS, push.pixels - PIXELS) * CHANNELS;
}

float power(float d) { // d^-beta
    if (ROOTS) {
        float r = inversesqrt(d);
        return r * sqrt(r);
    }
    return pow(d, -push.beta);
}

// The values of the channels that lie k lanes behind, of three vectors side by side.
float shifted(float left, float middle, float right, int k) {
    float mine = 0.0;
    [[unroll]] for (int l = 0; l < int(LANES); l++) {
        int from = l + k;
        float other = from < 0 ? subgroupBroadcast(left, uint(from + int(LANES))) : from < int(LANES) ? subgroupBroadcast(middle, uint(from)) : subgroupBroadcast(right, uint(from - int(LANES)));
        mine = gl_SubgroupInvocationID == uint(l) ? other : mine;
    }
    return mine;
}

// Sums over the window of each channel of vector v.
float window(float values[VECTORS], uint v) {
    float sum = values[v], left = v == 0 ? 0.0 : values[max(v, 1) - 1], right = v == VECTORS - 1 ? 0.0 : values[min(v + 1, VECTORS - 1)];
    [[unroll]] for (int k = 1; k <= int(HALF_WINDOW); k++) sum += shifted(left, values[v], right, -k) + shifted(left, values[v], right, k);
    return sum;
}
