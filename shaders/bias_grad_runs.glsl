// bias_grad.glsl's sums, one invocation for 8 channels of a run.
layout(local_size_x = 64) in;
#include "bias_grad.glsl"

void main() {
    uint C8 = push.channels / 8, z = gl_WorkGroupID.z;
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint i = gl_GlobalInvocationID.x;
    if (i < push.runs * C8) do {
        uint run = divide(i, C8, push.inverse_channels);
        uint from = (push.y_first + z * push.y_block) / 8 + (i - run * C8);
        Eight sum = Eight(vec4(0), vec4(0));
        uint m = run * push.run_pixels, t = 0;
        do { // as often in every run, though the last may be shorter: SwiftShader adds wrongly otherwise
            Eight v = LOAD(y, push.y_low, push.y_high, from + min(m, push.pixels - 1) * C8);
            bvec4 inside = bvec4(m++ < push.pixels);
            sum = Eight(sum.a + mix(vec4(0), v.a, inside), sum.b + mix(vec4(0), v.b, inside));
        } while (++t < push.run_pixels);
        STORE(b, push.b_low, push.b_high, (push.b_first + z * push.b_block) / 8 + i, sum);
    } while ((i += stride) < push.runs * C8);
}
