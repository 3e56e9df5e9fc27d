#version 450
#extension GL_GOOGLE_include_directive : require
// One crop of each 8-bit image as the first layer wants it: crop at (x, y), minus
// the mean at the crop's own place, mirrored, plus a colour shift (Krizhevsky
// 2012, 4.1), times a scale, zero padding around it, and blocks of fold x fold pixels laid side
// by side in the channels (y, x, colour): a convolution of stride `fold` becomes
// one of stride 1. Channels beyond fold*fold*3 are zero.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer Pixels { uint pixels[]; }; // bytes (n, y, x, colour)
layout(set = 0, binding = 1) restrict readonly buffer Mean { float mean[]; };    // (y, x, colour)
struct Crop {
    uint x, y, mirror, unused;
    vec4 shift;
};
layout(set = 0, binding = 2) restrict readonly buffer Crops { Crop crops[]; };
layout(set = 0, binding = 3) restrict writeonly buffer Y { float y[]; };         // (n, h, w, c)
layout(push_constant) uniform Push {
    uint batch, size_height, size_width; // images as stored
    uint crop_height, crop_width;
    uint fold, pad;
    uint out_height, out_width, channels;
    uint colours; // 3
    float scale;  // of the result
    uint blocks;  // of `colours` channels that make a pixel's channels, the last one perhaps cut
    float inverse_blocks, inverse_height, inverse_width, inverse_fold; // 1 / blocks, out_height, out_width, fold
} push;
#include "index.glsl"

void main() {
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint count = push.batch * push.out_height * push.out_width * push.blocks;
    uint i = gl_GlobalInvocationID.x;
    if (i < count) do {
        uint p = divide(i, push.blocks, push.inverse_blocks), block = i - p * push.blocks;
        uvec3 o = pixel_of(p, push.out_height, push.out_width, push.inverse_height, push.inverse_width);
        uint row = divide(block, push.fold, push.inverse_fold);
        uint yy = o.y * push.fold + row - push.pad, xx = o.z * push.fold + block - row * push.fold - push.pad;
        bool inside = row < push.fold && yy < push.crop_height && xx < push.crop_width;
        uint place = 0;
        vec4 shift = vec4(0);
        if (inside) {
            Crop crop = crops[o.x];
            shift = crop.shift;
            uint sx = crop.x + (crop.mirror == 1 ? push.crop_width - 1 - xx : xx), sy = crop.y + yy;
            place = (sy * push.size_width + sx) * push.colours;
        }
        for (uint colour = 0; colour < push.colours; colour++) {
            uint c = block * push.colours + colour;
            if (c >= push.channels) break;
            float v = 0.0;
            if (inside) {
                uint at = o.x * push.size_height * push.size_width * push.colours + place + colour;
                v = float(pixels[at / 4] >> (8 * (at % 4)) & 255u) - mean[place + colour] + shift[colour];
                v *= push.scale;
            }
            y[p * push.channels + c] = v;
        }
    } while ((i += stride) < count);
}
