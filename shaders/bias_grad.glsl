// b[z][run][k] = sum over the pixels m of a run of y[z][m][k]: the gradient of a
// layer's biases before its runs are added. The same kernel adds them, as the pixels
// of a single run. y and b begin at floats of their buffers that are multiples of 8.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer Y { vec4 y[]; };
layout(set = 0, binding = 1) restrict writeonly buffer B { vec4 b[]; };
layout(push_constant) uniform Push {
    uint pixels, channels; // of one z
    uint runs, run_pixels;
    uint y_first, b_first, y_block, b_block; // floats
    float inverse_channels; // 1 / (channels / 8)
    uint y_low, y_high, b_low, b_high; // device addresses
} push;
#include "index.glsl"
#include "eights.glsl"

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
