// winograd_output.glsl in one straight line.
#include "winograd_straight.glsl"
layout(set = 0, binding = 2) restrict readonly buffer Third { float unused_third[]; };

void main() {
    Tile t = tile_of_subgroup();
    float p[N][N], v[N][M], mask[M][M];
    uint64_t from = address(push.from_low, push.from_high, tile_float(t, 0));
    [[unroll]] for (uint r = 0; r < N; r++)
        [[unroll]] for (uint s = 0; s < N; s++) p[s][r] = vector(after(from, (r * N + s) * push.tiles * push.channels), 0);
    // Where the map ends within a tile its last pixels are stored several times, from the
    // last on: at last their own value.
    uint at[M][M];
    [[unroll]] for (uint r = 0; r < M; r++)
        [[unroll]] for (uint s = 0; s < M; s++) {
            at[r][s] = map_float(t, min(t.row * M + r, push.height - 1), min(t.column * M + s, push.width - 1));
            if (MASKED) mask[r][s] = vector(address(push.third_low, push.third_high, at[r][s]), 0);
        }
    float bias = vector(address(push.third_low, push.third_high, push.has_bias == 1 ? t.channel : 0), 0);
    bias = mix(0.0, bias, push.has_bias == 1);
    [[unroll]] for (uint s = 0; s < N; s++) transform_output(p[s], v[s]);
    [[unroll]] for (uint i = 0; i < M; i++) {
        uint r = M - 1 - i;
        float row[N], y[M];
        [[unroll]] for (uint s = 0; s < N; s++) row[s] = v[s][r];
        transform_output(row, y);
        [[unroll]] for (uint j = 0; j < M; j++) {
            uint s = M - 1 - j;
            float value = y[s] + bias;
            if (MASKED) value = mask[r][s] > 0.0 ? value : 0.0;
            value = push.relu == 1 ? max(value, 0.0) : value;
            STORE_VECTOR(to8, at[r][s] / 8, value)
        }
    }
}
