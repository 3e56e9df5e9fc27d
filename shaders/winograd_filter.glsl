// The transforms between filters w[k][source][r][s][c] and U.
layout(set = 0, binding = 0) restrict readonly buffer From { uint64_t unused_from[]; };
layout(set = 0, binding = 1) restrict writeonly buffer To { uint64_t unused_to[]; };
layout(push_constant) uniform Push {
    uint kernels, sources, channels;
    uint rotated;         // 1: by half a turn, for the data gradient
    uint by_channel;      // 1: U[source][xi][c][k]
    uint runs, run_block; // partial sums of a gradient and the floats between them
    uint fold, kernel, taps, colours; // of a folded image's filters: see fold.glsl
    uint from_low, from_high, to_low, to_high; // device addresses
} push;
#include "index.glsl"
