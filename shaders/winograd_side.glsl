// What winograd_input.glsl and winograd_input_straight.glsl transform, and by what.
#ifdef GRADIENT
#define TRANSFORM transform_gradient
const uint SIDE = M;
#else
#define TRANSFORM transform_input
const uint SIDE = N;
#endif
