// Pooling over kernel x kernel windows every `stride` pixels, no padding.
layout(constant_id = 0) const bool AVERAGE = false;
layout(constant_id = 1) const uint KERNEL = 3;
layout(constant_id = 2) const uint STRIDE = 2;
layout(push_constant) uniform Push {
    uint images, channels; // images over all columns; padded channels
    uint in_height, in_width, out_height, out_width;
    float inverse_height, inverse_width, inverse_channels; // of the map that is written, in blocks; of channels / 8
    uint x_low, x_high, y_low, y_high, at_low, at_high; // device addresses: of maps that are read and written, of maxima
} push;
#include "index.glsl"
#include "eights.glsl"
