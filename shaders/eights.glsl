// Eight neighbouring floats of a buffer, the unit of the element-wise kernels:
// through the binding, or with ADDRESS through the buffer's device address, which
// makes one gather of 64 bits a lane of it on a software driver instead of a
// branch and a bounds check for every float.
struct Eight { vec4 a, b; };

#ifdef ADDRESS
layout(buffer_reference, std430, buffer_reference_align = 32) buffer Eights { u64vec4 v[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) buffer Fours { u64vec2 v[]; };
vec4 four(uint64_t x, uint64_t y) { return vec4(uintBitsToFloat(unpack32(x)), uintBitsToFloat(unpack32(y))); }
Eight load_eight(uvec2 address, uint i) {
    u64vec4 v = Eights(address).v[i];
    return Eight(four(v.x, v.y), four(v.z, v.w));
}
vec4 load_four(uvec2 address, uint i) {
    u64vec2 v = Fours(address).v[i];
    return four(v.x, v.y);
}
void store_eight(uvec2 address, uint i, Eight e) {
    uvec4 a = floatBitsToUint(e.a), b = floatBitsToUint(e.b);
    Eights(address).v[i] = u64vec4(pack64(a.xy), pack64(a.zw), pack64(b.xy), pack64(b.zw));
}
// Of three arrays in turn: a processor waits for their cache lines together.
void load_eights(uvec2 a, uvec2 b, uvec2 c, uint i, out Eight x, out Eight y, out Eight z) {
    u64vec4 p, q, r;
    p.x = Eights(a).v[i].x;
    q.x = Eights(b).v[i].x;
    r.x = Eights(c).v[i].x;
    p.y = Eights(a).v[i].y;
    q.y = Eights(b).v[i].y;
    r.y = Eights(c).v[i].y;
    p.z = Eights(a).v[i].z;
    q.z = Eights(b).v[i].z;
    r.z = Eights(c).v[i].z;
    p.w = Eights(a).v[i].w;
    q.w = Eights(b).v[i].w;
    r.w = Eights(c).v[i].w;
    x = Eight(four(p.x, p.y), four(p.z, p.w));
    y = Eight(four(q.x, q.y), four(q.z, q.w));
    z = Eight(four(r.x, r.y), four(r.z, r.w));
}
#define LOAD_ALL(a, b, c, i, x, y, z) load_eights(uvec2(push.a##_low, push.a##_high), uvec2(push.b##_low, push.b##_high), uvec2(push.c##_low, push.c##_high), i, x, y, z);
#define LOAD(buffer, low, high, i) load_eight(uvec2(low, high), i)
#define LOAD4(buffer, low, high, i) load_four(uvec2(low, high), i)
#define STORE(buffer, low, high, i, e) store_eight(uvec2(low, high), i, e)
#else
#define LOAD(buffer, low, high, i) Eight(buffer[2 * (i)], buffer[2 * (i) + 1])
#define LOAD_ALL(a, b, c, i, x, y, z) { x = LOAD(a, 0, 0, i); y = LOAD(b, 0, 0, i); z = LOAD(c, 0, 0, i); }
#define LOAD4(buffer, low, high, i) buffer[i]
#define STORE(buffer, low, high, i, e) { buffer[2 * (i)] = (e).a; buffer[2 * (i) + 1] = (e).b; }
#endif
