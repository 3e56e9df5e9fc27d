// float16 of float32: what is too large becomes infinite. A conversion alone may round
// towards zero, and would hide an overflow from finite.comp.
f16vec4 to_float16(vec4 v) {
    float infinity = uintBitsToFloat(0x7F800000u);
    return f16vec4(mix(v, v * infinity, greaterThanEqual(abs(v), vec4(65520.0))));
}
