#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
// The most multiply-adds by cooperative matrices that the device can do: each subgroup
// adds the products of matrices in registers to 8 sums, which wait for nothing but
// themselves.
layout(local_size_x_id = 1) in;
layout(constant_id = 0) const uint LANES = 32;
layout(constant_id = 1) const uint INVOCATIONS = 128; // LANES * 4
layout(constant_id = 2) const uint M = 16;
layout(constant_id = 3) const uint N = 16;
layout(constant_id = 4) const uint K = 16;
layout(set = 0, binding = 0) restrict writeonly buffer Out { float out_values[]; };
layout(push_constant) uniform Push {
    uint rounds;        // of 4 products a sum
    float factor, term; // not known to the compiler
} push;

#define SUM coopmat<float, gl_ScopeSubgroup, M, N, gl_MatrixUseAccumulator>
// Written out, as in peak.comp.
#define EACH a = coopMatMulAdd(x, y, a); b = coopMatMulAdd(x, y, b); c = coopMatMulAdd(x, y, c); d = coopMatMulAdd(x, y, d); \
             e = coopMatMulAdd(x, y, e); f = coopMatMulAdd(x, y, f); g = coopMatMulAdd(x, y, g); h = coopMatMulAdd(x, y, h);

shared float finished[4 * M * N];

void main() {
    coopmat<float16_t, gl_ScopeSubgroup, M, K, gl_MatrixUseA> x = coopmat<float16_t, gl_ScopeSubgroup, M, K, gl_MatrixUseA>(float16_t(push.factor));
    coopmat<float16_t, gl_ScopeSubgroup, K, N, gl_MatrixUseB> y = coopmat<float16_t, gl_ScopeSubgroup, K, N, gl_MatrixUseB>(float16_t(push.factor));
    float first = float(gl_SubgroupID); // no two sums begin alike
    SUM a = SUM(first), b = SUM(first + 0.1), c = SUM(first + 0.2), d = SUM(first + 0.3);
    SUM e = SUM(first + 0.4), f = SUM(first + 0.5), g = SUM(first + 0.6), h = SUM(first + 0.7);
    for (uint i = 0; i < push.rounds; i++) {
        EACH EACH EACH EACH
    }
    coopMatStore(((a + b) + (c + d)) + ((e + f) + (g + h)), finished, gl_SubgroupID * M * N, N, gl_CooperativeMatrixLayoutRowMajor);
    subgroupBarrier();
    float sum = finished[gl_SubgroupID * M * N + gl_SubgroupInvocationID % (M * N)];
    // Never so, but the compiler cannot know: otherwise nothing would be computed.
    if (sum == push.term) out_values[gl_GlobalInvocationID.x] = sum;
}
