// dw = Gt dU G, with the runs of dU added in order.
#include "winograd.glsl"
#include "winograd_filter.glsl"
#include "fold.glsl"

void main() {
    uint i = gl_GlobalInvocationID.x, stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uvec2 from = uvec2(push.from_low, push.from_high), to = uvec2(push.to_low, push.to_high);
    uint step = push.kernels * push.sources * push.channels / 2;
    if (i < step) do {
        vec2 u[N][N], v[N][R];
        [[unroll]] for (uint r = 0; r < N; r++)
            [[unroll]] for (uint s = 0; s < N; s++) {
                vec2 sum = load(from, i + (r * N + s) * step);
                for (uint t = 1; t < push.runs; t++) sum += load(from, t * (push.run_block / 2) + i + (r * N + s) * step);
                u[s][r] = sum;
            }
        [[unroll]] for (uint s = 0; s < N; s++) transform_back(u[s], v[s]);
        uint ks = quotient(i, push.channels / 2), pair = i - ks * (push.channels / 2);
        [[unroll]] for (uint r = 0; r < R; r++) {
            vec2 row[N], y[R];
            [[unroll]] for (uint s = 0; s < N; s++) row[s] = v[s][r];
            transform_back(row, y);
            [[unroll]] for (uint s = 0; s < R; s++) {
                uint at = (ks * R * R + r * R + s) * (push.channels / 2) + pair;
                if (push.fold > 0) {
                    if (beyond(2 * at)) y[s].x = 0.0;
                    if (beyond(2 * at + 1)) y[s].y = 0.0;
                }
                store(to, at, y[s]);
            }
        }
    } while ((i += stride) < step);
}
