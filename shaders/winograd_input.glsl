// V = Bt d B of N x N tiles of the input that overlap, or with GRADIENT A dy At
// of M x M tiles of the output's gradient. Pixels outside the map are zero.
#include "winograd.glsl"
#include "winograd_map.glsl"
#include "winograd_side.glsl"

void main() {
    uint i = gl_GlobalInvocationID.x, z = gl_WorkGroupID.z, stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uvec2 from = uvec2(push.from_low, push.from_high), to = uvec2(push.to_low, push.to_high);
    if (i < tiles() * push.channels / 2) do {
        Tile t = tile_of(i);
        vec2 d[SIDE][SIDE], v[SIDE][N];
        [[unroll]] for (uint r = 0; r < SIDE; r++)
            [[unroll]] for (uint s = 0; s < SIDE; s++) {
                uint at = pixel(t, r, s);
                vec2 value = load(from, z * (push.map_block / 2) + (at == ~0u ? 0 : at));
                d[s][r] = at == ~0u ? vec2(0) : value;
            }
        [[unroll]] for (uint s = 0; s < SIDE; s++) TRANSFORM(d[s], v[s]);
        uint at = z * (push.tile_block / 2) + i, step = tiles() * push.channels / 2;
        [[unroll]] for (uint r = 0; r < N; r++) {
            vec2 row[SIDE], y[N];
            [[unroll]] for (uint s = 0; s < SIDE; s++) row[s] = v[s][r];
            TRANSFORM(row, y);
            [[unroll]] for (uint s = 0; s < N; s++) store(to, at + (r * N + s) * step, y[s]);
        }
    } while ((i += stride) < tiles() * push.channels / 2);
}
