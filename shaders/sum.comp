#version 450
// The adjoint of a gather: y = sum over the reading columns j, in order, of
// x[row(j)][source]. Rows lie as the device got them; the order of the sum is
// that of the columns, whatever device they are on. RELU: y is the gradient of a
// ReLU's output, and becomes that of its input.
layout(local_size_x = 64) in;
layout(constant_id = 0) const bool RELU = false;
layout(set = 0, binding = 0) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) restrict writeonly buffer Y { vec4 y[]; };
layout(set = 0, binding = 2) restrict readonly buffer Mask { vec4 mask[]; }; // RELU: its output
layout(push_constant) uniform Push {
    uint count;           // floats of one source
    uint readers;         // columns that read
    uint rows;            // 4 bits a column: the row that it is in
    uint x_row, x_source; // floats from one row, one source to the next
    uint source;
} push;

void main() {
    uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
    uint i = gl_GlobalInvocationID.x;
    if (i < push.count / 4) do {
        vec4 sum = vec4(0);
        for (uint j = 0; j < push.readers; j++) {
            uint row = push.rows >> (4 * j) & 15u;
            sum += x[(row * push.x_row + push.source * push.x_source) / 4 + i];
        }
        y[i] = RELU ? mix(vec4(0), sum, greaterThan(mask[i], vec4(0))) : sum;
    } while ((i += stride) < push.count / 4);
}
