#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_ballot : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_buffer_reference_uvec2 : require
// conv_tn.glsl's sum within a subgroup, for CPU drivers: a tile of 8*ROWS
// kernels by LANES*2*PAIRS channels, LANES pixels at a time. Lane l loads 8*ROWS
// gradients of its own pixel and of every pixel in turn the
// 2*PAIRS channels that it sums. A pixel outside the map has gradient zero. Loads by
// address become gathers without a bounds check.
layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LANES = 8;
layout(constant_id = 1) const uint ROWS = 2;
layout(constant_id = 2) const uint PAIRS = 3;
layout(set = 0, binding = 0) restrict readonly buffer X { uint64_t x[]; };
layout(set = 0, binding = 1) restrict readonly buffer Y { u64vec4 y[]; };
layout(set = 0, binding = 2) restrict writeonly buffer W { float w[]; };
#include "conv_tn.glsl"
#include "half.glsl"

layout(buffer_reference, std430, buffer_reference_align = 8) buffer Pairs { uint64_t v[]; };
layout(buffer_reference, std430, buffer_reference_align = 32) readonly buffer Eights { u64vec4 v[]; };
uint64_t load_x(uint i) { return Pairs(uvec2(push.x_low, push.x_high)).v[i]; }
u64vec4 load_y(uint i) { return Eights(uvec2(push.y_low, push.y_high)).v[i]; }

vec2 pair(uint64_t bits) { return uintBitsToFloat(unpack32(bits)); }

u64vec4 operands(u64vec4 v) {
    if (!HALF) return v;
    [[unroll]] for (uint i = 0; i < 4; i++) v[i] = pack64(floatBitsToUint(to_half(pair(v[i]))));
    return v;
}

void main() {
    uint lane = gl_SubgroupInvocationID;
    uint tiles = (push.in_channels + LANES * 2 * PAIRS - 1) / (LANES * 2 * PAIRS);
    uint taps = quotient(gl_WorkGroupID.x, tiles);
    Share h = share_of(taps, gl_WorkGroupID.z);
    uint c0 = (gl_WorkGroupID.x - taps * tiles) * LANES * 2 * PAIRS + lane * 2 * PAIRS; // this lane's first channel
    uint k0 = gl_WorkGroupID.y * 8 * ROWS;
    uint from = x_begin(h) / 2, stride = push.x_pixel / 2;
    uint channel = min(c0, push.in_channels - 2 * PAIRS) / 2; // lanes past the end repeat the last pairs
    uint iy = y_begin(h) / 8, K8 = push.out_channels / 8;

    vec2 sums[8 * ROWS * PAIRS]; // (kernel, channel pair)
    [[unroll]] for (uint i = 0; i < 8 * ROWS * PAIRS; i++) sums[i] = vec2(0);
    uint m = h.first;
    if (m < h.last) do {
        uint mine = min(m + lane, h.last - 1);
        uint p = tap(pixel_of(mine, push.out_height, push.out_width, push.inverse_height, push.inverse_width), h.r, h.s);
        bool inside = p != ~0u && m + lane < h.last;
        uint64_t mask = inside ? ~0ul : 0ul;
        uint ix = inside ? from + p * stride : from;
        u64vec4 a[ROWS];
        [[unroll]] for (uint i = 0; i < ROWS; i++) a[i] = operands(load_y(iy + mine * K8 + min(k0 / 8 + i, K8 - 1)) & mask);
        vec2 b[LANES * PAIRS];
        [[unroll]] for (uint l = 0; l < LANES; l++) {
            uint at = subgroupBroadcast(ix, l) + channel;
            [[unroll]] for (uint j = 0; j < PAIRS; j++) b[l * PAIRS + j] = operand(pair(load_x(at + j)));
        }
        // Two kernels at a time: a pixel's channels are read once for both.
        [[unroll]] for (uint i = 0; i < ROWS; i++)
            [[unroll]] for (uint e = 0; e < 4; e++) {
                vec2 own = pair(a[i][e]);
                [[unroll]] for (uint l = 0; l < LANES; l++) {
                    vec2 t = vec2(subgroupBroadcast(own.x, l), subgroupBroadcast(own.y, l));
                    [[unroll]] for (uint j = 0; j < PAIRS; j++) {
                        sums[(i * 8 + 2 * e) * PAIRS + j] += t.x * b[l * PAIRS + j];
                        sums[(i * 8 + 2 * e + 1) * PAIRS + j] += t.y * b[l * PAIRS + j];
                    }
                }
            }
    } while ((m += LANES) < h.last);
    if (c0 >= push.in_channels) return;
    [[unroll]] for (uint i = 0; i < 8 * ROWS; i++) {
        if (k0 + i < push.rows) {
            uint iw = w_begin(h, k0 + i) + c0;
            [[unroll]] for (uint j = 0; j < PAIRS; j++)
                Pairs(uvec2(push.w_low, push.w_high)).v[iw / 2 + j] = pack64(floatBitsToUint(sums[i * PAIRS + j]));
        }
    }
}
