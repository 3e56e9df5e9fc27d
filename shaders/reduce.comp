#version 450
#extension GL_GOOGLE_include_directive : require
// y[i] = sum over t of x[t * x_split + i], t in order: adds the runs of a weight
// or bias gradient, always in the same order. Where the first convolution reads
// its image folded (input.comp), taps beyond the kernel's edge are set to zero.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict writeonly buffer Y { vec4 y[]; };
layout(push_constant) uniform Push {
    uint count;             // floats
    uint splits, x_split;
    uint fold, kernel;      // fold 0: not folded; kernel: its true height and width
    uint taps;              // folded kernel's height and width
    uint channels, colours; // padded floats a tap; colours of a pixel
} push;

#include "fold.glsl"

void main() {
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint i = gl_GlobalInvocationID.x;
    if (i < push.count / 4) do {
        vec4 sum = x[i];
        for (uint t = 1; t < push.splits; t++) sum += x[t * (push.x_split / 4) + i];
        if (push.fold > 0)
            for (uint e = 0; e < 4; e++)
                if (beyond(4 * i + e)) sum[e] = 0.0;
        y[i] = sum;
    } while ((i += stride) < push.count / 4);
}
