// g *= f'(x), in place, from the output y = f(x) alone; |tanh| needs x for the
// sign, and of a sigmoid rounded to a bit y tells too little. ReLU'(0) and |tanh|'(0)
// are 0.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict readonly buffer Y { vec4 y[]; };
layout(set = 0, binding = 2) restrict buffer G { vec4 g[]; };
layout(push_constant) uniform Push {
    uint count; // floats, a multiple of 8
    uint x_low, x_high, y_low, y_high, g_low, g_high; // device addresses
} push;
#include "activation.glsl"
#include "eights.glsl"

vec4 gradient(vec4 x, vec4 y, vec4 g) {
    if (FUNCTION == RELU) return mix(vec4(0), g, greaterThan(y, vec4(0)));
    if (FUNCTION == TANH) return g * (1.0 - y * y);
    if (FUNCTION == BINARY) y = 1.0 / (1.0 + exp(-x)); // the gradient ignores the rounding
    if (FUNCTION == SIGMOID || FUNCTION == BINARY) return g * (y * (1.0 - y));
    return g * (sign(x) * (1.0 - y * y));
}

void main() {
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint i = gl_GlobalInvocationID.x;
    if (i < push.count / 8) do {
        Eight y8 = LOAD(y, push.y_low, push.y_high, i), g8 = LOAD(g, push.g_low, push.g_high, i), x8 = y8;
        if (FUNCTION == ABSTANH || FUNCTION == BINARY) x8 = LOAD(x, push.x_low, push.x_high, i);
        STORE(g, push.g_low, push.g_high, i, Eight(gradient(x8.a, y8.a, g8.a), gradient(x8.b, y8.b, g8.b)));
    } while ((i += stride) < push.count / 8);
}
