// What may change from step to step, in a buffer because recordings freeze push
// constants. Go's twin is shaders.Step; factors follow it, one a parameter pair
// or dropout layer, at the index that a kernel's push constants name.
struct Factors {
    float rate, bias_rate;   // on the solver's rate, for weights and biases
    float decay, bias_decay; // on the solver's weight decay
};
layout(set = 0, binding = 0) restrict readonly buffer StepBuffer {
    uint step;               // counts from 0; with the seed the source of all randomness
    uint seed_low, seed_high;
    uint valid;              // images of the batch that count
    float rate, momentum, decay;
    uint dropout;            // DROPOUT_*
    float scale, unscale;    // what gradients are multiplied by, a power of two, and 1/scale
    Factors factors[];
} now;

const uint DROPOUT_TRAIN = 0;    // zero with the layer's probability
const uint DROPOUT_TEST = 1;     // keep all, times 1 - probability
const uint DROPOUT_IDENTITY = 2; // leave alone
