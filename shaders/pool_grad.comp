#version 450
#extension GL_GOOGLE_include_directive : require
// dx of a pixel = sum of the gradients of the windows it won (maximum) or its
// share of every window that holds it (mean), windows in row order.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer G { vec4 g[]; };
layout(set = 0, binding = 1) restrict readonly buffer At { uvec4 at[]; };
layout(set = 0, binding = 2) restrict writeonly buffer DX { vec4 dx[]; };
#include "pool.glsl"

void main() {
    uint C4 = push.channels / 4, count = push.images * push.in_height * push.in_width * C4;
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    for (uint i = gl_GlobalInvocationID.x; i < count; i += stride) {
        uint p = divide(i, C4, push.inverse_channels), c = i - p * C4;
        uvec3 o = pixel_of(p, push.in_height, push.in_width, push.inverse_height, push.inverse_width);
        // Windows oy with oy*stride <= y < oy*stride + kernel.
        uint y0 = o.y < push.kernel ? 0 : (o.y - push.kernel) / push.stride + 1;
        uint x0 = o.z < push.kernel ? 0 : (o.z - push.kernel) / push.stride + 1;
        uint y1 = min(o.y / push.stride + 1, push.out_height), x1 = min(o.z / push.stride + 1, push.out_width);
        vec4 sum = vec4(0);
        for (uint oy = y0; oy < y1; oy++)
            for (uint ox = x0; ox < x1; ox++) {
                uint from = ((o.x * push.out_height + oy) * push.out_width + ox) * C4 + c;
                uint place = (o.y - oy * push.stride) * push.kernel + o.z - ox * push.stride;
                if (AVERAGE) sum += g[from];
                else sum += mix(vec4(0), g[from], equal(at[from], uvec4(place)));
            }
        dx[i] = AVERAGE ? sum / float(push.kernel * push.kernel) : sum;
    }
}
