#version 450
// Sets this place's word of the overflow buffer if a gradient is infinite or no
// number. The word is cleared before each step; sgd.glsl reads it.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer G { uvec4 g[]; };
layout(set = 0, binding = 1) restrict buffer Overflow { uint overflow[8]; };
layout(push_constant) uniform Push {
    uint count; // floats, a multiple of 4
    uint place;
} push;

void main() {
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint i = gl_GlobalInvocationID.x;
    bool bad = false;
    if (i < push.count / 4) do {
        uvec4 exponents = g[i] & 0x7F800000u;
        bad = bad || any(equal(exponents, uvec4(0x7F800000u)));
    } while ((i += stride) < push.count / 4);
    if (bad) atomicOr(overflow[push.place], 1u);
}
