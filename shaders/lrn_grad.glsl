// dx = g * d^-beta - 2 alpha beta x * sum over the window of g x d^-beta / d, of a
// ReLU's output with the ReLU's gradient. The scales d are computed again: to read
// them takes longer.
layout(local_size_x = 64) in;
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict readonly buffer G { vec4 g[]; };
layout(set = 0, binding = 2) restrict writeonly buffer DX { vec4 dx[]; };
#include "lrn.glsl"

// Four channels of i, or zeros where the pixel has none.
vec4 some_x(bool there, uint i) { return there ? LOAD4(x, push.x_low, push.x_high, i) : vec4(0); }
vec4 some_g(bool there, uint i) { return there ? LOAD4(g, push.g_low, push.g_high, i) : vec4(0); }

vec4 scale(vec4 left, vec4 middle, vec4 right) { return push.k + push.alpha * window4(left * left, middle * middle, right * right); }

vec4 ratio(vec4 g, vec4 x, vec4 d) { return g * (x * power(d)) / d; }

void main() {
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint i = gl_GlobalInvocationID.x;
    if (i < push.count / 8) do {
        bvec2 at = neighbours(i);
        Eight xi = LOAD(x, push.x_low, push.x_high, i), gi = LOAD(g, push.g_low, push.g_high, i);
        vec4 xl = some_x(at.x, 2 * i - 1), xr = some_x(at.y, 2 * i + 2), gl = some_g(at.x, 2 * i - 1), gr = some_g(at.y, 2 * i + 2);
        vec4 farther_left = vec4(0), farther_right = vec4(0); // in windows of the outer channels only
        if (HALF_WINDOW > 2) {
            farther_left = some_x(at.x, 2 * i - 2);
            farther_right = some_x(at.y, 2 * i + 3);
        }
        Eight d = Eight(scale(xl, xi.a, xi.b), scale(xi.a, xi.b, xr));
        Eight p = Eight(power(d.a), power(d.b));
        vec4 left = ratio(gl, xl, scale(farther_left, xl, xi.a)), right = ratio(gr, xr, scale(xi.b, xr, farther_right));
        Eight sum = window(left, Eight(gi.a * (xi.a * p.a) / d.a, gi.b * (xi.b * p.b) / d.b), right);
        float factor = 2.0 * push.alpha * push.beta;
        Eight value = Eight(gi.a * p.a - factor * xi.a * sum.a, gi.b * p.b - factor * xi.b * sum.b);
        if (push.relu == 1) value = Eight(mix(vec4(0), value.a, greaterThan(xi.a, vec4(0))), mix(vec4(0), value.b, greaterThan(xi.b, vec4(0))));
        STORE(dx, push.dx_low, push.dx_high, i, value);
    } while ((i += stride) < push.count / 8);
}
