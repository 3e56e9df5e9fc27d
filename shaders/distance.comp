#version 450
#extension GL_EXT_control_flow_attributes : require
// d[q][n] = sum over c of (queries[q][c] - rows[n][c])^2: squared Euclidean distances,
// of which similar images have small ones (Krizhevsky 2012, section 6.1). As a sum of
// squares and not as |q|^2 - 2 q x + |x|^2, whose large terms cancel where a distance is
// small. All terms are positive and blocks of 64 are added by themselves, so that the
// relative error is at most (width / 64 + 32) * 2^-23 whatever the device's rounding.
layout(local_size_x = 64) in;
layout(constant_id = 0) const uint QUERIES = 4; // an invocation's, each with ROWS rows
layout(set = 0, binding = 0) restrict readonly buffer Q { vec4 q[]; };
layout(set = 0, binding = 1) restrict readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 2) restrict writeonly buffer D { float d[]; }; // (query, row)
layout(push_constant) uniform Push {
    uint queries, rows;
    uint width; // floats of a query and of a row, a multiple of 4
    uint first; // query
} push;

const uint ROWS = 4, BLOCK = 16; // vec4s

void main() {
    uint width = push.width / 4;
    uint row = ROWS * gl_GlobalInvocationID.x, query = push.first + QUERIES * gl_WorkGroupID.y;
    float total[QUERIES * ROWS];
    [[unroll]] for (uint k = 0; k < QUERIES * ROWS; k++) total[k] = 0.0;
    uint c = 0;
    do {
        float block[QUERIES * ROWS];
        [[unroll]] for (uint k = 0; k < QUERIES * ROWS; k++) block[k] = 0.0;
        uint end = min(c + BLOCK, width);
        do {
            vec4 a[QUERIES], b[ROWS];
            [[unroll]] for (uint i = 0; i < QUERIES; i++) a[i] = q[min(query + i, push.queries - 1) * width + c];
            [[unroll]] for (uint r = 0; r < ROWS; r++) b[r] = x[min(row + r, push.rows - 1) * width + c];
            [[unroll]] for (uint i = 0; i < QUERIES; i++)
                [[unroll]] for (uint r = 0; r < ROWS; r++) {
                    vec4 away = a[i] - b[r];
                    block[i * ROWS + r] += dot(away, away);
                }
        } while (++c < end);
        [[unroll]] for (uint k = 0; k < QUERIES * ROWS; k++) total[k] += block[k];
    } while (c < width);
    [[unroll]] for (uint i = 0; i < QUERIES; i++)
        [[unroll]] for (uint r = 0; r < ROWS; r++)
            if (query + i < push.queries && row + r < push.rows) d[(query + i) * push.rows + row + r] = total[i * ROWS + r];
}
