// Vectors of neighbouring floats for CPU drivers, in one straight line of code.
//
// Without a loop or a branch before it a software driver loads what lies at an
// address that it knows to be the same in all lanes once and not lane by lane, and makes
// neighbouring values that lanes pick by their number one load of a vector. It takes for
// the same in all lanes what is computed of push constants, also of one that is found by
// an index: push.digit[i] is i.

// Volatile, or a driver's compiler compares each load with all before it, for seconds.
layout(buffer_reference, std430, buffer_reference_align = 4) volatile buffer Row { float v[]; };

// A number that is the same in all lanes, in a way that a driver sees.
uint same(uint n, uint digits) {
    if (digits == 0) return 0; // n is
    uint sum = push.digit[n & 31];
    if (digits > 1) sum += 32 * push.digit[n >> 5 & 31];
    if (digits > 2) sum += 1024 * push.digit[n >> 10 & 31];
    if (digits > 3) sum += 32768 * push.digit[n >> 15 & 31];
    return sum;
}
uint64_t address(uint low, uint high, uint floats) { return pack64(uvec2(low, high)) + 4ul * uint64_t(floats); }
uint64_t after(uint64_t at, uint floats) { return at + 4ul * uint64_t(floats); }

// The LANES floats at an address: one load.
float vector(uint64_t row, uint at) {
    float mine = Row(row).v[at];
    [[unroll]] for (uint l = 1; l < LANES; l++) {
        float other = Row(row).v[at + l];
        mine = gl_SubgroupInvocationID == l ? other : mine;
    }
    return mine;
}

// The values of 8 lanes in each of all lanes. Processors with vectors of 16 floats store
// by lanes in instructions that take 30 cycles for 8 values. What all lanes store at one
// index of a binding is stored once, from the first lane: half of a vector takes ten.
u64vec4 eight(float value, uint lane) {
    u64vec4 all;
    [[unroll]] for (uint i = 0; i < 4; i++) {
        vec2 pair = vec2(subgroupBroadcast(value, lane + 2 * i), subgroupBroadcast(value, lane + 2 * i + 1));
        all[i] = pack64(floatBitsToUint(pair));
    }
    return all;
}

// A vector at an eighth of a buffer of u64vec4.
#define STORE_VECTOR(buffer, eighth, value) [[unroll]] for (uint h = 0; h < LANES / 8; h++) buffer[(eighth) + h] = eight(value, 8 * h);
