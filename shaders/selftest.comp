#version 450
// Known to fail on some drivers: more than 65,535 loop iterations in one
// invocation (lavapipe of Mesa 22.3.6 ends them silently), and arithmetic that
// the kernels rely on.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer In { float values[]; };
layout(set = 0, binding = 1) restrict writeonly buffer Out { uint out_values[]; };
layout(push_constant) uniform Push { uint outer, inner; } push;
shared uint shared_values[64];

void main() {
    uint id = gl_LocalInvocationID.x;
    uint count = 0;
    for (uint i = 0; i < push.outer; i++)
        for (uint j = 0; j < push.inner; j++) count += uint(values[(i + j) % 64] < 1000.0);
    shared_values[id] = id * id;
    barrier();
    float v = values[id];
    out_values[id] = count;
    out_values[64 + id] = shared_values[63 - id];
    out_values[128 + id] = floatBitsToUint(sqrt(v * v) + 0.25 * v);
}
