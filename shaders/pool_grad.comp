#version 450
#extension GL_GOOGLE_include_directive : require
#include "pool_grad.glsl"
