// v = momentum * v - decay * rate * w - rate * g / scale;  w = w + v  (Krizhevsky 2012,
// 5) with gradients g that softmax.comp has scaled. Where CHECKED, nothing is done if
// finite.comp found some that overflowed, on any place.
layout(local_size_x = 64) in;
layout(constant_id = 0) const bool CHECKED = false;
#include "step.glsl"
layout(set = 0, binding = 1) restrict buffer W { vec4 w[]; };
layout(set = 0, binding = 2) restrict readonly buffer G { vec4 g[]; };
layout(set = 0, binding = 3) restrict buffer V { vec4 v[]; };
layout(set = 0, binding = 4) restrict readonly buffer Overflow { uint overflow[8]; };
layout(push_constant) uniform Push {
    uint count;  // floats, a multiple of 8
    uint factor; // index of the layer's factors
    uint bias;   // 1: the factors of biases
    uint w_low, w_high, g_low, g_high, v_low, v_high; // device addresses
} push;
#include "eights.glsl"

void main() {
    if (CHECKED) {
        uint any = 0;
        for (uint i = 0; i < 8; i++) any |= overflow[i];
        if (any != 0) return;
    }
    Factors f = now.factors[push.factor];
    float rate = now.rate * (push.bias == 1 ? f.bias_rate : f.rate);
    float decay = rate * now.decay * (push.bias == 1 ? f.bias_decay : f.decay), momentum = now.momentum;
    float gain = rate * now.unscale;
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint i = gl_GlobalInvocationID.x;
    if (i < push.count / 8) do {
        Eight w8, g8, v8;
        LOAD_ALL(w, g, v, i, w8, g8, v8)
        v8 = Eight(momentum * v8.a - decay * w8.a - gain * g8.a, momentum * v8.b - decay * w8.b - gain * g8.b);
        STORE(v, push.v_low, push.v_high, i, v8);
        STORE(w, push.w_low, push.w_high, i, Eight(w8.a + v8.a, w8.b + v8.b));
    } while ((i += stride) < push.count / 8);
}
