// float16s of float32s: what is too large becomes infinite. A conversion alone may round
// towards zero, and would hide an overflow from finite.comp. As hardly any value is that
// large, eight of them are looked at together.
f16vec4 to_float16(vec4 v) {
    float infinity = uintBitsToFloat(0x7F800000u);
    return f16vec4(mix(v, v * infinity, greaterThanEqual(abs(v), vec4(65520.0))));
}

void to_float16s(vec4 v, vec4 w, out f16vec4 a, out f16vec4 b) {
    vec4 most = max(abs(v), abs(w));
    if (max(max(most.x, most.y), max(most.z, most.w)) < 65520.0) {
        a = f16vec4(v);
        b = f16vec4(w);
    } else { // or not a number
        a = to_float16(v);
        b = to_float16(w);
    }
}
