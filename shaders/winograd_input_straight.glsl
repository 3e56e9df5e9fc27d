// winograd_input.glsl in one straight line.
#include "winograd_straight.glsl"
#include "winograd_side.glsl"

void main() {
    Tile t = tile_of_subgroup();
    float d[SIDE][SIDE], v[SIDE][N];
    [[unroll]] for (uint r = 0; r < SIDE; r++)
        [[unroll]] for (uint s = 0; s < SIDE; s++) {
            uint y = t.row * M + r - push.pad, x = t.column * M + s - push.pad; // before the map they are huge
            bool inside = y < push.height && x < push.width;
            float value = vector(address(push.from_low, push.from_high, map_float(t, min(y, push.height - 1), min(x, push.width - 1))), 0);
            d[s][r] = inside ? value : 0.0;
        }
    [[unroll]] for (uint s = 0; s < SIDE; s++) TRANSFORM(d[s], v[s]);
    uint first = tile_float(t, 0) / 8, step = push.tiles * push.channels / 8;
    [[unroll]] for (uint r = 0; r < N; r++) {
        float row[SIDE], y[N];
        [[unroll]] for (uint s = 0; s < SIDE; s++) row[s] = v[s][r];
        TRANSFORM(row, y);
        [[unroll]] for (uint s = 0; s < N; s++) STORE_VECTOR(to8, first + (r * N + s) * step, y[s])
    }
}
