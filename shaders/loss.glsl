// What kernels of losses share: the units of all columns, gathered, and the losses and
// gradients of one image a workgroup.
layout(push_constant) uniform Push {
    uint channels, classes;    // padded units of a column; units in all
    uint units, extra;         // units of a column; columns below extra have one more
    uint x_source, g_block;    // floats
    uint column, columns, own; // this device's columns: column + i * columns, i < own
} push;

shared float partial[32];

// Index of unit k's value inside x.
uint unit(uint n, uint k) {
    uint wide = push.extra * (push.units + 1); // units in the columns with one more
    uint source = k < wide ? k / (push.units + 1) : push.extra + (k - wide) / max(push.units, 1);
    uint first = source * push.units + min(source, push.extra);
    return source * push.x_source + n * push.channels + k - first;
}

float reduce_sum(float v) {
    uint id = gl_LocalInvocationID.x;
    barrier();
    partial[id] = v;
    barrier();
    float sum = 0.0;
    for (uint i = 0; i < 32; i++) sum += partial[i];
    return sum;
}
