#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_ballot : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#extension GL_EXT_buffer_reference : require
// sgd.glsl's rule for CPU drivers, in one straight line.
layout(local_size_x_id = 2) in;
layout(constant_id = 0) const uint LANES = 8;
layout(constant_id = 1) const uint VECTORS = 32; // of a subgroup
layout(constant_id = 2) const uint INVOCATIONS = 128;
#include "step.glsl"
layout(set = 0, binding = 1) restrict buffer W { u64vec4 w[]; };
layout(set = 0, binding = 2) restrict readonly buffer G { float unused_g[]; };
layout(set = 0, binding = 3) restrict buffer V { u64vec4 v[]; };
layout(push_constant) uniform Push {
    uint w_low, w_high, g_low, g_high, v_low, v_high; // device addresses
    uint factor; // index of the layer's factors
    uint bias;   // 1: the factors of biases
    uint digit[32]; // 0, 1, 2, ...
} push;
#include "vectors.glsl"

void main() {
    Factors f = now.factors[push.factor];
    float rate = now.rate * (push.bias == 1 ? f.bias_rate : f.rate);
    float decay = rate * now.decay * (push.bias == 1 ? f.bias_decay : f.decay), momentum = now.momentum;
    float gain = rate * now.unscale;
    uint first = same(gl_WorkGroupID.x * (INVOCATIONS / LANES) + gl_SubgroupID, 4) * LANES * VECTORS;
    uint64_t at_w = address(push.w_low, push.w_high, first), at_g = address(push.g_low, push.g_high, first), at_v = address(push.v_low, push.v_high, first);
    [[unroll]] for (uint i = 0; i < VECTORS; i++) {
        float w1 = vector(at_w, i * LANES);
        float v1 = momentum * vector(at_v, i * LANES) - decay * w1 - gain * vector(at_g, i * LANES);
        [[unroll]] for (uint h = 0; h < LANES / 8; h++) {
            v[first / 8 + i * (LANES / 8) + h] = eight(v1, 8 * h);
            w[first / 8 + i * (LANES / 8) + h] = eight(w1 + v1, 8 * h);
        }
    }
}
