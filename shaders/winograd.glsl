// A convolution of stride 1 as products of transformed tiles: see
// internal/winograd for the formulas. Tiles of the map, transformed filters and
// products lie as
//
//   V[xi][tile][c]   U[xi][k][c]   P[xi][tile][k]
//
// with xi = (row, column) of the N x N products, tile = (image, ty, tx), and
// conv_nt.glsl or conv_tn.glsl makes a matrix product of each xi. An invocation
// transforms one tile or filter of two neighbouring channels. Maps and products
// are read and written through device addresses: these are gathers and scatters
// without bounds checks on a software driver. Processors transform maps by vectors
// instead: winograd_straight.glsl.
layout(local_size_x = 64) in;
layout(buffer_reference, std430, buffer_reference_align = 8) buffer Pairs { uint64_t v[]; };
#define VALUE vec2
#include "winograd_gen.glsl"

vec2 load(uvec2 address, uint i) { return uintBitsToFloat(unpack32(Pairs(address).v[i])); }
void store(uvec2 address, uint i, vec2 value) { Pairs(address).v[i] = pack64(floatBitsToUint(value)); }
