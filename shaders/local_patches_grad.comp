#version 450
#extension GL_GOOGLE_include_directive : require
#include "local_patches_grad.glsl"
