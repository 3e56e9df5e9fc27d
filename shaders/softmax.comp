#version 450
#extension GL_GOOGLE_include_directive : require
// Softmax over the gathered logits of all columns with the multinomial logistic
// loss. For each image: probabilities, loss -ln p[label], and the label's rank
// (how many classes score higher; equal ones count if their index is lower), from
// which top-1 and top-5 follow. The gradient scale * (p - [k = label]) / valid goes
// to this device's own columns only; images beyond `valid` get zero. Label ~0: none.
layout(local_size_x = 32) in;
#include "step.glsl"
layout(set = 0, binding = 1) restrict readonly buffer X { float x[]; };      // (source, n, k)
layout(set = 0, binding = 2) restrict readonly buffer Labels { uint labels[]; };
layout(set = 0, binding = 3) restrict writeonly buffer P { float p[]; };     // (n, class)
layout(set = 0, binding = 4) restrict writeonly buffer Result { vec2 result[]; }; // loss, rank
layout(set = 0, binding = 5) restrict writeonly buffer G { float g[]; };     // (column, n, k)
#include "loss.glsl"

shared uint counts[32];

float reduce_max(float v) {
    uint id = gl_LocalInvocationID.x;
    barrier();
    partial[id] = v;
    barrier();
    float most = partial[0];
    for (uint i = 1; i < 32; i++) most = max(most, partial[i]);
    return most;
}

uint reduce_count(uint v) {
    uint id = gl_LocalInvocationID.x;
    barrier();
    counts[id] = v;
    barrier();
    uint sum = 0;
    for (uint i = 0; i < 32; i++) sum += counts[i];
    return sum;
}

void main() {
    uint n = gl_WorkGroupID.x, id = gl_LocalInvocationID.x;
    float top = uintBitsToFloat(0xFF7FFFFFu); // lowest float
    for (uint k = id; k < push.classes; k += 32) top = max(top, x[unit(n, k)]);
    top = reduce_max(top);
    float sum = 0.0;
    for (uint k = id; k < push.classes; k += 32) sum += exp(x[unit(n, k)] - top);
    sum = reduce_sum(sum);
    for (uint k = id; k < push.classes; k += 32) p[n * push.classes + k] = exp(x[unit(n, k)] - top) / sum;

    uint label = labels[n];
    bool counted = n < now.valid && label < push.classes;
    float mine = label < push.classes ? x[unit(n, label)] : 0.0;
    uint higher = 0;
    for (uint k = id; k < push.classes; k += 32) {
        float v = x[unit(n, k)];
        higher += uint(v > mine || (v == mine && k < label));
    }
    higher = reduce_count(higher);
    if (id == 0) result[n] = counted ? vec2(log(sum) + top - mine, float(higher)) : vec2(0);

    for (uint i = 0; i < push.own; i++) {
        uint column = push.column + i * push.columns;
        uint units = push.units + uint(column < push.extra), first = column * push.units + min(column, push.extra);
        for (uint c = id; c < push.channels; c += 32) {
            float v = 0.0;
            if (counted && c < units) {
                float probability = exp(x[column * push.x_source + n * push.channels + c] - top) / sum;
                v = (probability - float(first + c == label)) / float(now.valid) * now.scale;
            }
            g[i * push.g_block + n * push.channels + c] = v;
        }
    }
}
