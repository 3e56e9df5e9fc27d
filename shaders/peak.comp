#version 450
// The most multiply-adds that the device can do: each invocation runs 12 sums
// that wait for nothing but themselves, v <- v * factor + term, in registers:
// enough for the latency of the units, and with 16 lavapipe has none left.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict writeonly buffer Out { float out_values[]; };
layout(push_constant) uniform Push {
    uint rounds;        // of 16 multiply-adds a sum
    float factor, term; // not known to the compiler
} push;

// Written out: not every driver unrolls loops and keeps arrays in registers.
#define STEP(v) v = fma(v, factor, term)
#define EACH STEP(a); STEP(b); STEP(c);

void main() {
    vec4 factor = vec4(push.factor), term = vec4(push.term);
    vec4 a = vec4(gl_GlobalInvocationID.x) * factor, b = a + 1.0, c = a + 2.0;
    for (uint i = 0; i < push.rounds; i++) {
        EACH EACH EACH EACH
        EACH EACH EACH EACH
        EACH EACH EACH EACH
        EACH EACH EACH EACH
    }
    float sum = dot(a + b + c, vec4(1));
    // Never so, but the compiler cannot know: otherwise nothing would be computed.
    if (sum == push.term) out_values[gl_GlobalInvocationID.x] = sum;
}
