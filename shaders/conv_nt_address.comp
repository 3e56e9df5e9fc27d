#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_ballot : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_buffer_reference_uvec2 : require
// conv_nt.glsl's sum as outer products within a subgroup, for CPU drivers: one
// subgroup makes a tile of LANES*ROWS pixels by LANES*COLUMNS kernels. Lane l holds
// pixels l, l+LANES, ... and kernels l, l+LANES, ... (of an even number of COLUMNS two
// neighbours each: kernel_of); for every 8 channels it loads its rows and columns, then
// each row value is broadcast to all. Loads and stores by address become gathers and
// scatters without a bounds check, 64 bits at a time; there are no barriers and nothing
// is shared.
layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LANES = 8;
layout(constant_id = 1) const uint ROWS = 3;
layout(constant_id = 2) const uint COLUMNS = 3;
layout(set = 0, binding = 0) restrict readonly buffer X { u64vec4 x[]; };
layout(set = 0, binding = 1) restrict readonly buffer W { u64vec4 w[]; };
layout(set = 0, binding = 2) restrict readonly buffer Third { float third[]; };
layout(set = 0, binding = 3) restrict writeonly buffer Y { float y[]; };
#include "conv_nt.glsl"
#include "half.glsl"

// Channels that are summed apart, those of a kernel's row together: rounding
// errors grow with a sum's length, and 1728 products one by one lose twice as much.
const uint PART = 64;

layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float v[]; };
layout(buffer_reference, std430, buffer_reference_align = 8) buffer Pairs { uint64_t v[]; };
layout(buffer_reference, std430, buffer_reference_align = 32) readonly buffer Eights { u64vec4 v[]; };
u64vec4 load_x(uint i) { return Eights(uvec2(push.x_low, push.x_high)).v[i]; }
u64vec4 load_w(uint i) { return Eights(uvec2(push.w_low, push.w_high)).v[i]; }
const bool PAIRS = COLUMNS % 2 == 0; // a lane stores two neighbours at once

float part[LANES * ROWS * COLUMNS], sums[LANES * ROWS * COLUMNS]; // (row, column)

// Kernel j of a lane, counted from the tile's first.
uint kernel_of(uint j, uint lane) { return PAIRS ? LANES * 2 * (j / 2) + 2 * lane + j % 2 : LANES * j + lane; }

vec2 pair(uint64_t bits) { return uintBitsToFloat(unpack32(bits)); }

u64vec4 operands(u64vec4 v) {
    if (!HALF) return v;
    [[unroll]] for (uint i = 0; i < 4; i++) v[i] = pack64(floatBitsToUint(to_half(pair(v[i]))));
    return v;
}

// Rows whose sums stay in registers for all 8 channels, with what they are made of:
// a processor with vectors of 8 floats may have 16 registers, of 16 floats it has 32.
const uint GROUP = LANES == 16 ? 8 : COLUMNS <= 3 ? 4 : 2;

void multiply(u64vec4 a[ROWS], u64vec4 b[COLUMNS]) {
    [[unroll]] for (uint i = 0; i < ROWS; i++)
        [[unroll]] for (uint g = 0; g < LANES / GROUP; g++)
            [[unroll]] for (uint c = 0; c < 8; c++) {
                vec2 ac = pair(a[i][c / 2]);
                float own = c % 2 == 0 ? ac.x : ac.y;
                [[unroll]] for (uint l = 0; l < GROUP; l++) {
                    // A shuffle of 16 lanes would be slow.
                    float t = subgroupBroadcast(own, g * GROUP + l);
                    [[unroll]] for (uint j = 0; j < COLUMNS; j++) {
                        vec2 bc = pair(b[j][c / 2]);
                        part[(i * LANES + g * GROUP + l) * COLUMNS + j] += t * (c % 2 == 0 ? bc.x : bc.y);
                    }
                }
            }
}

void main() {
    uint lane = gl_SubgroupInvocationID, z = gl_WorkGroupID.z;
    uint m0 = gl_WorkGroupID.y * LANES * ROWS, k0 = gl_WorkGroupID.x * LANES * COLUMNS;
    uint C8 = push.in_channels / 8, M = pixels();
    uint run = push.sources * push.kernel_height * push.kernel_width * C8;

    [[unroll]] for (uint i = 0; i < LANES * ROWS * COLUMNS; i++) sums[i] = 0.0;
    uvec3 o[ROWS];
    [[unroll]] for (uint i = 0; i < ROWS; i++)
        o[i] = pixel_of(min(m0 + LANES * i + lane, M - 1), push.out_height, push.out_width, push.inverse_height, push.inverse_width);
    uint iw[COLUMNS];
    [[unroll]] for (uint j = 0; j < COLUMNS; j++)
        iw[j] = z * (push.w_block / 8) + min(k0 + kernel_of(j, lane), push.out_channels - 1) * run;

    uint source = 0;
    do {
        uint from = (quotient(z, push.groups) * push.x_block + source * push.x_source) / 8;
        uint r = 0;
        do {
            uint c0 = 0;
            do {
                [[unroll]] for (uint i = 0; i < LANES * ROWS * COLUMNS; i++) part[i] = 0.0;
                uint end = min(c0 + PART / 8, C8), s = 0;
                do {
                    uint ix[ROWS];
                    uint64_t inside[ROWS];
                    [[unroll]] for (uint i = 0; i < ROWS; i++) {
                        uint p = tap(o[i], r, s);
                        inside[i] = p == ~0u ? 0ul : ~0ul;
                        ix[i] = p == ~0u ? from : from + p * C8;
                    }
                    uint at = ((source * push.kernel_height + r) * push.kernel_width + s) * C8, c = c0;
                    do {
                        u64vec4 a[ROWS], b[COLUMNS];
                        [[unroll]] for (uint j = 0; j < COLUMNS; j++) b[j] = operands(load_w(iw[j] + at + c));
                        [[unroll]] for (uint i = 0; i < ROWS; i++) a[i] = operands(load_x(ix[i] + c) & inside[i]);
                        multiply(a, b);
                    } while (++c < end);
                } while (++s < push.kernel_width);
                [[unroll]] for (uint i = 0; i < LANES * ROWS * COLUMNS; i++) sums[i] += part[i];
                c0 = end;
            } while (c0 < C8);
        } while (++r < push.kernel_height);
    } while (++source < push.sources);

    uvec2 to = uvec2(push.y_low, push.y_high), mask = uvec2(push.mask_low, push.mask_high);
    float b[COLUMNS];
    [[unroll]] for (uint j = 0; j < COLUMNS; j++)
        b[j] = push.has_bias == 1 ? third[z * push.bias_block + min(k0 + kernel_of(j, lane), push.out_channels - 1)] : 0.0;
    [[unroll]] for (uint i = 0; i < LANES * ROWS; i++) {
        uint m = m0 + i;
        if (m < M) {
            uint iy = z * push.y_block + m * push.out_channels + k0;
            [[unroll]] for (uint j = 0; j < COLUMNS; j++) {
                if (k0 + kernel_of(j, lane) >= push.out_channels) continue;
                uint at = iy + kernel_of(j, lane);
                float value = finish(sums[i * COLUMNS + j], b[j]);
                if (!PAIRS) {
                    if (MASKED) value = Floats(mask).v[at] > 0.0 ? value : 0.0;
                    Floats(to).v[at] = value;
                } else if (j % 2 == 0) {
                    vec2 values = vec2(value, finish(sums[i * COLUMNS + j + 1], b[j + 1]));
                    if (MASKED) values = mix(vec2(0), values, greaterThan(pair(Pairs(mask).v[at / 2]), vec2(0)));
                    Pairs(to).v[at / 2] = pack64(floatBitsToUint(values));
                }
            }
        }
    }
}
