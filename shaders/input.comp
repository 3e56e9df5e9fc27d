#version 450
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
} push;

void main() {
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint count = push.batch * push.out_height * push.out_width * push.channels;
    for (uint i = gl_GlobalInvocationID.x; i < count; i += stride) {
        uint c = i % push.channels, p = i / push.channels;
        uint ox = p % push.out_width, oy = p / push.out_width % push.out_height, n = p / push.out_width / push.out_height;
        uint colour = c % push.colours, block = c / push.colours;
        uint yy = oy * push.fold + block / push.fold - push.pad, xx = ox * push.fold + block % push.fold - push.pad;
        float v = 0.0;
        if (block < push.fold * push.fold && yy < push.crop_height && xx < push.crop_width) {
            Crop crop = crops[n];
            uint sx = crop.x + (crop.mirror == 1 ? push.crop_width - 1 - xx : xx), sy = crop.y + yy;
            uint place = (sy * push.size_width + sx) * push.colours + colour;
            uint at = n * push.size_height * push.size_width * push.colours + place;
            v = float(pixels[at / 4] >> (8 * (at % 4)) & 255u) - mean[place] + crop.shift[colour];
            v *= push.scale;
        }
        y[i] = v;
    }
}
