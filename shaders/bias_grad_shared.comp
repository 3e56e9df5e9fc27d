#version 450
#extension GL_GOOGLE_include_directive : require
// bias_grad.glsl's sums for GPUs: a workgroup has a run and up to 32 vec4s of channels.
// Its invocations stand in rows of these and take the run's pixels in turns; then the
// first row adds what the rows below it have.
layout(local_size_x = 256) in;
#include "bias_grad.glsl"

const uint COLUMNS = 32;
shared vec4 sums[256];

void main() {
    uint C4 = push.channels / 4, first = gl_WorkGroupID.y * COLUMNS, columns = min(C4 - first, COLUMNS);
    uint id = gl_LocalInvocationID.x, rows = 256 / columns, row = id / columns, column = first + id % columns;
    uint from = (push.y_first + gl_WorkGroupID.z * push.y_block) / 4 + column;
    uint run = gl_WorkGroupID.x, begin = run * push.run_pixels, end = min(begin + push.run_pixels, push.pixels);
    vec4 sum = vec4(0);
    if (row < rows)
        for (uint m = begin + row; m < end; m += rows) sum += y[from + m * C4];
    sums[id] = sum;
    barrier();
    if (row > 0) return;
    for (uint i = 1; i < rows; i++) sum += sums[id + i * columns];
    b[(push.b_first + gl_WorkGroupID.z * push.b_block) / 4 + run * C4 + column] = sum;
}
