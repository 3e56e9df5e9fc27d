// The transforms between maps and tiles.
layout(constant_id = 9) const bool MASKED = false; // of outputs
layout(set = 0, binding = 0) restrict readonly buffer From { uint64_t unused_from[]; };
layout(set = 0, binding = 1) restrict writeonly buffer To { uint64_t unused_to[]; };
layout(push_constant) uniform Push {
    uint images, height, width, channels; // of the map
    uint tile_rows, tile_columns; // of an image
    uint pad;             // rows and columns of zeros before the map
    uint map_block;       // floats from one z of the map to the next
    uint tile_block;      // floats from one z of tiles to the next
    uint has_bias, relu;  // of the output
    float inverse_channels, inverse_rows, inverse_columns; // 1 / (channels / 2), 1 / tile_rows, 1 / tile_columns
    uint from_low, from_high, to_low, to_high, third_low, third_high; // device addresses; the third's is the output's bias or mask
} push;
#include "index.glsl"

uint tiles() { return push.images * push.tile_rows * push.tile_columns; }

// The tile of an invocation: its channel pair, its flat number and its place.
struct Tile { uint pair, number; uvec3 at; };

Tile tile_of(uint i) {
    Tile t;
    t.number = divide(i, push.channels / 2, push.inverse_channels);
    t.pair = i - t.number * (push.channels / 2);
    t.at = pixel_of(t.number, push.tile_rows, push.tile_columns, push.inverse_rows, push.inverse_columns);
    return t;
}

// Index of a pixel's channel pair in the map; ~0 outside.
uint pixel(Tile t, uint r, uint s) {
    uint y = t.at.y * M + r - push.pad, x = t.at.z * M + s - push.pad;
    return y < push.height && x < push.width ? ((t.at.x * push.height + y) * push.width + x) * (push.channels / 2) + t.pair : ~0u;
}

