// Mixed precision (Spec.Precision) in kernels that compute in float32: the operands of
// a product are rounded to the nearest float16 where they are loaded and multiplied in
// float32, which is exact; sums are float32 as everywhere.
layout(constant_id = 8) const bool HALF = false;

// v + magic has its last digit where float16's would be: 10 digits behind the first,
// but steps of 2^-24 below 2^-14. packHalf2x16 rounds up on some drivers, down on
// others. What is too large becomes infinite, as it does in float16.
#define TO_HALF(FLOATS, UINTS) FLOATS to_half(FLOATS v) { \
    UINTS exponent = max(floatBitsToUint(v) & 0x7F800000u, UINTS(0x38800000u)); \
    precise FLOATS magic = uintBitsToFloat(exponent + 0x06C00000u); /* 1.5 * 2^(exponent + 13) */ \
    precise FLOATS rounded = (v + magic) - magic; \
    return mix(v * uintBitsToFloat(0x7F800000u), rounded, TO_HALF_FINITE(abs(v), FLOATS(65520.0))); \
}
#define TO_HALF_FINITE(a, b) a < b
TO_HALF(float, uint)
#undef TO_HALF_FINITE
#define TO_HALF_FINITE(a, b) lessThan(a, b)
TO_HALF(vec2, uvec2)
TO_HALF(vec4, uvec4)

#define OPERAND(FLOATS) FLOATS operand(FLOATS v) { return HALF ? to_half(v) : v; }
OPERAND(float)
OPERAND(vec2)
OPERAND(vec4)
