#version 450
// y = x, to measure how fast memory is.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict writeonly buffer Y { vec4 y[]; };
layout(push_constant) uniform Push { uint count; } push; // of vec4

void main() {
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    for (uint i = gl_GlobalInvocationID.x; i < push.count; i += stride) y[i] = x[i];
}
