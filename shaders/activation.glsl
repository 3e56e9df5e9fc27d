layout(constant_id = 0) const uint FUNCTION = 0;
const uint RELU = 0, TANH = 1, SIGMOID = 2, ABSTANH = 3;

// Software drivers' tanh loses all digits near zero: the series is exact to
// float precision below 0.1.
vec4 tanh_exact(vec4 x) {
    vec4 s = x * x;
    vec4 near = x * (1.0 + s * (-1.0 / 3.0 + s * (2.0 / 15.0 + s * (-17.0 / 315.0))));
    return mix(tanh(clamp(x, -20.0, 20.0)), near, lessThan(abs(x), vec4(0.1)));
}
