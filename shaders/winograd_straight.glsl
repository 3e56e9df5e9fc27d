// The transforms of winograd.glsl between maps and tiles for CPU drivers, in one straight
// line (vectors.glsl): a subgroup transforms a tile of as many neighbouring channels as it
// has lanes. The last ones make again what those before them make where there are too few
// channels or tiles.
layout(local_size_x_id = 1) in;
layout(constant_id = 0) const uint LANES = 8;
layout(constant_id = 1) const uint INVOCATIONS = 128;
layout(constant_id = 2) const bool MASKED = false; // of outputs
layout(set = 0, binding = 0) restrict readonly buffer From { uint64_t unused_from[]; };
layout(set = 0, binding = 1) restrict writeonly buffer To { u64vec4 to8[]; };
layout(push_constant) uniform Push {
    uint tiles, height, width, channels; // of all images; of the map
    uint tile_rows, tile_columns; // of an image
    uint pad;             // rows and columns of zeros before the map
    uint map_block;       // floats from one z of the map to the next
    uint tile_block;      // floats from one z of tiles to the next
    uint has_bias, relu;  // of the output
    uint vectors;         // of a tile's channels
    float inverse_vectors, inverse_rows, inverse_columns; // 1 / vectors, 1 / tile_rows, 1 / tile_columns
    uint from_low, from_high, to_low, to_high, third_low, third_high; // device addresses; the third's is the output's bias or mask
    uint digit[32]; // 0, 1, 2, ...
} push;
#define VALUE float
#include "winograd_gen.glsl"
#include "index.glsl"
#include "vectors.glsl"

// What a subgroup transforms: its first channel, the tile's number and place, and z.
struct Tile { uint channel, number, image, row, column, z; };

Tile tile_of_subgroup() {
    uint n = min(gl_WorkGroupID.x * (INVOCATIONS / LANES) + gl_SubgroupID, push.tiles * push.vectors - 1);
    uint number = divide(n, push.vectors, push.inverse_vectors);
    uvec3 at = pixel_of(number, push.tile_rows, push.tile_columns, push.inverse_rows, push.inverse_columns);
    Tile t;
    t.channel = min(same(n - number * push.vectors, 2) * LANES, push.channels - LANES);
    t.image = same(at.x, 2);
    t.row = same(at.y, 2);
    t.column = same(at.z, 2);
    t.number = (t.image * push.tile_rows + t.row) * push.tile_columns + t.column;
    t.z = same(gl_WorkGroupID.z, 2);
    return t;
}

// The first float of a tile's product xi.
uint tile_float(Tile t, uint xi) { return t.z * push.tile_block + (xi * push.tiles + t.number) * push.channels + t.channel; }

// The first float of a pixel of a map.
uint map_float(Tile t, uint y, uint x) { return t.z * push.map_block + ((t.image * push.height + y) * push.width + x) * push.channels + t.channel; }
