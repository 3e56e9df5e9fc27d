#version 450
#extension GL_GOOGLE_include_directive : require
// The loss of an image is half the sum of the squares of its units' differences from
// targets. The gradient scale * (x - target) / valid goes to this device's own columns
// only; images beyond `valid` get zero.
layout(local_size_x = 32) in;
#include "step.glsl"
layout(set = 0, binding = 1) restrict readonly buffer X { float x[]; };        // (source, n, k)
layout(set = 0, binding = 2) restrict readonly buffer T { float t[]; };        // (n, unit)
layout(set = 0, binding = 3) restrict writeonly buffer Result { vec2 result[]; }; // loss, 0
layout(set = 0, binding = 4) restrict writeonly buffer G { float g[]; };       // (column, n, k)
#include "loss.glsl"

void main() {
    uint n = gl_WorkGroupID.x, id = gl_LocalInvocationID.x;
    bool counted = n < now.valid;
    float sum = 0.0;
    for (uint k = id; k < push.classes; k += 32) {
        float away = x[unit(n, k)] - t[n * push.classes + k];
        sum += away * away;
    }
    sum = reduce_sum(sum);
    if (id == 0) result[n] = vec2(counted ? 0.5 * sum : 0.0, 0.0);

    for (uint i = 0; i < push.own; i++) {
        uint column = push.column + i * push.columns;
        uint units = push.units + uint(column < push.extra), first = column * push.units + min(column, push.extra);
        for (uint c = id; c < push.channels; c += 32) {
            float v = 0.0;
            if (counted && c < units) v = (x[column * push.x_source + n * push.channels + c] - t[n * push.classes + first + c]) / float(now.valid) * now.scale;
            g[i * push.g_block + n * push.channels + c] = v;
        }
    }
}
