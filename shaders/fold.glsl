// Whether float i of the filters of a folded image (input.comp) lies beyond the
// kernel's edge, where weights stay zero.
bool beyond(uint i) {
    uint c = i % push.channels, tap = i / push.channels % (push.taps * push.taps);
    uint block = c / push.colours; // (dy, dx) of the pixel inside the block
    uint y = tap / push.taps * push.fold + block / push.fold, x = tap % push.taps * push.fold + block % push.fold;
    return block >= push.fold * push.fold || y >= push.kernel || x >= push.kernel;
}
