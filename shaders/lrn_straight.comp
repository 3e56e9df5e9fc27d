#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_ballot : require
#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#extension GL_EXT_buffer_reference : require
// lrn_forward.glsl's rule for CPU drivers, in one straight line.
layout(set = 0, binding = 0) restrict readonly buffer X { float unused_x[]; };
layout(set = 0, binding = 1) restrict writeonly buffer Y { u64vec4 y8[]; };
#include "lrn_straight.glsl"

void main() {
    uint first = first_float();
    [[unroll]] for (uint p = 0; p < PIXELS; p++) {
        float x[VECTORS], squares[VECTORS];
        [[unroll]] for (uint v = 0; v < VECTORS; v++) {
            x[v] = vector(address(push.x_low, push.x_high, first), p * CHANNELS + v * LANES);
            squares[v] = x[v] * x[v];
        }
        [[unroll]] for (uint v = 0; v < VECTORS; v++) {
            float value = x[v] * power(push.k + push.alpha * window(squares, v));
            STORE_VECTOR(y8, first / 8 + (p * CHANNELS + v * LANES) / 8, value)
        }
    }
}
