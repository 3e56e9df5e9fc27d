layout(constant_id = 0) const uint FUNCTION = 0;
const uint RELU = 0, TANH = 1, SIGMOID = 2, ABSTANH = 3, BINARY = 4;

// tanh x = x P(x^2) / Q(x^2), a minimax fit of relative error 1e-9 where float32
// has not yet rounded tanh to 1; in float32 arithmetic the error is at most 4e-7, on
// every driver alike. Software drivers' own tanh loses all digits near zero.
vec4 tanh_exact(vec4 x) {
    x = clamp(x, -9.02, 9.02);
    vec4 s = x * x;
    vec4 p = (((5.076360927e-8 * s + 3.158947875e-5) * s + 4.008528642e-3) * s + 0.1378537958) * s + 0.9999999991;
    vec4 q = ((((7.374704501e-10 * s + 1.617516967e-6) * s + 4.207442695e-4) * s + 2.773758372e-2) * s + 0.4711871199) * s + 1.0;
    return clamp(x * (p / q), -1.0, 1.0);
}
