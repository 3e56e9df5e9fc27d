#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_ballot : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#extension GL_EXT_buffer_reference : require
// copy.comp for CPU drivers, in one straight line.
layout(local_size_x_id = 2) in;
layout(constant_id = 0) const uint LANES = 8;
layout(constant_id = 1) const uint VECTORS = 32; // of a subgroup
layout(constant_id = 2) const uint INVOCATIONS = 128;
layout(set = 0, binding = 0) restrict readonly buffer X { float unused_x[]; };
layout(set = 0, binding = 1) restrict writeonly buffer Y { u64vec4 y[]; };
layout(push_constant) uniform Push {
    uint x_low, x_high; // device address
    uint digit[32]; // 0, 1, 2, ...
} push;
#include "vectors.glsl"

void main() {
    uint first = same(gl_WorkGroupID.x * (INVOCATIONS / LANES) + gl_SubgroupID, 4) * LANES * VECTORS;
    uint64_t at = address(push.x_low, push.x_high, first);
    [[unroll]] for (uint i = 0; i < VECTORS; i++) {
        float x = vector(at, i * LANES);
        STORE_VECTOR(y, first / 8 + i * (LANES / 8), x)
    }
}
