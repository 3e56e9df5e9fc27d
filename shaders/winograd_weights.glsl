// U[xi][k][source][c] = G w Gt, or by channel U[source][xi][c][k], of filters as they
// are or rotated by half a turn.
#include "winograd.glsl"
#include "winograd_filter.glsl"
layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float v[]; };

uint tap(uint r, uint s) {
    uint at = r * R + s;
    return push.rotated == 1 ? R * R - 1 - at : at;
}

void main() {
    uint i = gl_GlobalInvocationID.x, stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uvec2 from = uvec2(push.from_low, push.from_high), to = uvec2(push.to_low, push.to_high);
    uint count = push.kernels * push.sources * push.channels / 2, run = push.sources * R * R * push.channels;
    if (i < count) do {
        vec2 w[R][R], v[R][N];
        uint at, step;
        if (push.by_channel == 0) {
            uint ks = quotient(i, push.channels / 2), pair = i - ks * (push.channels / 2); // (kernel, source)
            [[unroll]] for (uint r = 0; r < R; r++)
                [[unroll]] for (uint s = 0; s < R; s++) w[s][r] = load(from, (ks * R * R + tap(r, s)) * (push.channels / 2) + pair);
            at = i;
            step = count;
        } else {
            uint row = quotient(i, push.kernels / 2), k = (i - row * (push.kernels / 2)) * 2;
            uint source = quotient(row, push.channels), c = row - source * push.channels;
            [[unroll]] for (uint r = 0; r < R; r++)
                [[unroll]] for (uint s = 0; s < R; s++) {
                    uint first = (source * R * R + tap(r, s)) * push.channels + c;
                    w[s][r] = vec2(Floats(from).v[k * run + first], Floats(from).v[(k + 1) * run + first]);
                }
            step = push.kernels * push.channels / 2;
            at = source * step * N * N + remainder(i, step);
        }
        [[unroll]] for (uint s = 0; s < R; s++) transform_weights(w[s], v[s]);
        [[unroll]] for (uint r = 0; r < N; r++) {
            vec2 row[R], y[N];
            [[unroll]] for (uint s = 0; s < R; s++) row[s] = v[s][r];
            transform_weights(row, y);
            [[unroll]] for (uint s = 0; s < N; s++) store(to, at + (r * N + s) * step, y[s]);
        }
    } while ((i += stride) < count);
}
