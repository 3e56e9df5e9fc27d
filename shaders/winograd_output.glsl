// y = At P A, plus the bias, with ReLU: M x M tiles of the output from products.
// MASKED: a data gradient of what is a ReLU's output. The third buffer holds this
// output then, and where it is not positive y is zero.
#include "winograd.glsl"
#include "winograd_map.glsl"
layout(set = 0, binding = 2) restrict readonly buffer Third { float unused_third[]; };

void main() {
    uint i = gl_GlobalInvocationID.x, stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uvec2 from = uvec2(push.from_low, push.from_high), to = uvec2(push.to_low, push.to_high), third = uvec2(push.third_low, push.third_high);
    uint step = tiles() * push.channels / 2;
    if (i < step) do {
        Tile t = tile_of(i);
        vec2 p[N][N], v[N][M];
        [[unroll]] for (uint r = 0; r < N; r++)
            [[unroll]] for (uint s = 0; s < N; s++) p[s][r] = load(from, i + (r * N + s) * step);
        vec2 bias = push.has_bias == 1 ? load(third, t.pair) : vec2(0);
        [[unroll]] for (uint s = 0; s < N; s++) transform_output(p[s], v[s]);
        [[unroll]] for (uint r = 0; r < M; r++) {
            vec2 row[N], y[M];
            [[unroll]] for (uint s = 0; s < N; s++) row[s] = v[s][r];
            transform_output(row, y);
            [[unroll]] for (uint s = 0; s < M; s++) {
                vec2 value = y[s] + bias;
                uint at = pixel(t, r, s);
                if (MASKED) value = mix(vec2(0), value, greaterThan(load(third, at == ~0u ? 0 : at), vec2(0)));
                if (at != ~0u) store(to, at, push.relu == 1 ? max(value, vec2(0)) : value);
            }
        }
    } while ((i += stride) < step);
}
