// What tiles in shared memory hold: operands in float32, or with FLOAT16 in float16,
// which halves the memory and what is read of it. Products and sums are float32.
#ifdef FLOAT16
#define TILE float16_t
#define TILE4 f16vec4
#include "float16.glsl"
f16vec4 tile4(vec4 v) { return to_float16(v); }
#else
#include "half.glsl"
#define TILE float
#define TILE4 vec4
vec4 tile4(vec4 v) { return operand(v); }
#endif
