#include "index.glsl"
// Whether float i of the filters of a folded image (input.comp) lies beyond the
// kernel's edge, where weights stay zero.
bool beyond(uint i) {
    uint taps = quotient(i, push.channels), c = i - taps * push.channels, tap = remainder(taps, push.taps * push.taps);
    uint block = quotient(c, push.colours); // (dy, dx) of the pixel inside the block
    uint row = quotient(tap, push.taps), column = tap - row * push.taps, dy = quotient(block, max(1, push.fold)), dx = block - dy * push.fold;
    uint y = row * push.fold + dy, x = column * push.fold + dx;
    return block >= push.fold * push.fold || y >= push.kernel || x >= push.kernel;
}
