// One crop of each 8-bit image as the first layer wants it: crop at (x, y), minus
// the mean at the crop's own place, mirrored, plus a colour shift (Krizhevsky
// 2012, 4.1), times a scale, zero padding around it, and blocks of fold x fold pixels laid side
// by side in the channels (y, x, colour): a convolution of stride `fold` becomes
// one of stride 1. Channels beyond fold*fold*3 are zero. An invocation makes a row of
// a block.
layout(local_size_x = 64) in;
struct Crop {
    uint x, y, mirror, unused;
    vec4 shift;
};
layout(set = 0, binding = 0) restrict readonly buffer Pixels { uint pixels[]; }; // bytes (n, y, x, colour)
layout(set = 0, binding = 1) restrict readonly buffer Mean { float mean[]; };    // (y, x, colour)
layout(set = 0, binding = 2) restrict readonly buffer Crops { Crop crops[]; };
layout(set = 0, binding = 3) restrict writeonly buffer Y { float y[]; };         // (n, h, w, c)
layout(push_constant) uniform Push {
    uint batch, size_height, size_width; // images as stored
    uint crop_height, crop_width;
    uint fold, pad;
    uint out_height, out_width, channels;
    uint rows;   // of fold * 3 channels that make a pixel's channels, the last one perhaps cut
    float scale; // of the result
    float inverse_rows, inverse_height, inverse_width; // 1 / rows, out_height, out_width
    uint pixels_low, pixels_high, mean_low, mean_high, crops_low, crops_high, y_low, y_high; // device addresses, for the kernel that loads and stores by address
} push;
#include "index.glsl"

const uint COLOURS = 3;

#ifdef ADDRESS
layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float v[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) readonly buffer Words { uint v[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer CropsOf { Crop v[]; };
#define PIXELS(i) Words(uvec2(push.pixels_low, push.pixels_high)).v[i]
#define MEAN(i) Floats(uvec2(push.mean_low, push.mean_high)).v[i]
#define CROPS(i) CropsOf(uvec2(push.crops_low, push.crops_high)).v[i]
#define Y_AT(i) Floats(uvec2(push.y_low, push.y_high)).v[i]
#else
#define PIXELS(i) pixels[i]
#define MEAN(i) mean[i]
#define CROPS(i) crops[i]
#define Y_AT(i) y[i]
#endif

void main() {
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint count = push.batch * push.out_height * push.out_width * push.rows;
    uint image = push.size_height * push.size_width * COLOURS;
    uint i = gl_GlobalInvocationID.x;
    if (i < count) do {
        uint p = divide(i, push.rows, push.inverse_rows), row = i - p * push.rows;
        uvec3 o = pixel_of(p, push.out_height, push.out_width, push.inverse_height, push.inverse_width);
        uint yy = o.y * push.fold + row - push.pad;
        bool crossed = row < push.fold && yy < push.crop_height;
        Crop crop = CROPS(o.x);
        uint line = (crop.y + yy) * push.size_width + crop.x, c = row * push.fold * COLOURS, dx = 0;
        do {
            uint xx = o.z * push.fold + dx - push.pad;
            bool inside = crossed && xx < push.crop_width;
            uint place = inside ? (line + (crop.mirror == 1 ? push.crop_width - 1 - xx : xx)) * COLOURS : 0;
            [[unroll]] for (uint colour = 0; colour < COLOURS; colour++) {
                uint at = o.x * image + place + colour;
                float v = float(int(PIXELS(at / 4) >> (8 * (at % 4)) & 255u)) - MEAN(place + colour) + crop.shift[colour];
                if (c < push.channels) Y_AT(p * push.channels + c) = inside ? v * push.scale : 0.0;
                c++;
            }
        } while (++dx < push.fold);
    } while ((i += stride) < count);
}
