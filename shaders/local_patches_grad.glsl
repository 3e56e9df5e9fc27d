// The adjoint of local_patches.glsl: dx of a pixel is the sum of dp over the patches that
// hold it, in the order of their taps. MASKED: x is a ReLU's output, which the third
// buffer holds, and where it is not positive dx is zero.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer From { vec4 from[]; };
layout(set = 0, binding = 1) restrict writeonly buffer To { vec4 to[]; };
layout(set = 0, binding = 2) restrict readonly buffer Third { vec4 third[]; };
#include "local.glsl"
layout(constant_id = 0) const bool MASKED = false;
layout(constant_id = 1) const uint STRIDE = 1;

void main() {
    uint C8 = push.in_channels / 8, taps = push.kernel * push.kernel, z = gl_WorkGroupID.z;
    uint count = push.batch * push.in_height * push.in_width * C8;
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint i = gl_GlobalInvocationID.x;
    if (i < count) do {
        uint p = divide(i, C8, push.inverse_channels), c = i - p * C8;
        uvec3 x = pixel_of(p, push.in_height, push.in_width, 1.0 / float(int(push.in_height)), 1.0 / float(int(push.in_width)));
        Eight sum = Eight(vec4(0), vec4(0));
        uint r = 0, s = 0, tap = 0;
        do {
            uint y = x.y + push.pad - r, q = x.z + push.pad - s; // below 0 they are huge
            uint oy = y / STRIDE, ox = q / STRIDE;
            bool inside = oy * STRIDE == y && ox * STRIDE == q && oy < push.out_height && ox < push.out_width;
            uint m = (oy * push.out_width + ox) * push.batch + x.x;
            Eight v = LOAD(from, push.from_low, push.from_high, inside ? ((m * push.sources + z) * taps + tap) * C8 + c : 0);
            bvec4 counts = bvec4(inside);
            sum = Eight(sum.a + mix(vec4(0), v.a, counts), sum.b + mix(vec4(0), v.b, counts));
            s++;
            r += uint(s == push.kernel);
            s = s == push.kernel ? 0 : s;
        } while (++tap < taps);
        uint at = z * (push.x_block / 8) + i;
        if (MASKED) {
            Eight y = LOAD(third, push.third_low, push.third_high, at);
            sum = Eight(mix(vec4(0), sum.a, greaterThan(y.a, vec4(0))), mix(vec4(0), sum.b, greaterThan(y.b, vec4(0))));
        }
        STORE(to, push.to_low, push.to_high, at, sum);
    } while ((i += stride) < count);
}
