// Sums that are cut into parts, each a workgroup's: a dense layer of few images has few
// outputs, but sums of thousands of products. Part t of all outputs lies behind that of
// t-1, and dense_sum.comp adds them in order.
layout(constant_id = 10) const uint PARTS = 1;

uint block() { return gl_WorkGroupID.z / PARTS; }
uint part() { return gl_WorkGroupID.z % PARTS; }

// The first vec4 of this part of a sum over `run` vec4s, which lie in pairs; that of the
// next part is where it ends.
uint part_begin(uint run, uint part) { return min(run, part * ((run / 2 + PARTS - 1) / PARTS) * 2); }

// Where y[z] of this part begins.
uint y_begin() { return (part() * (gl_NumWorkGroups.z / PARTS) + block()) * push.y_block; }
