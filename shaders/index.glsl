#ifndef INDEX
#define INDEX
// Integer quotients without the integer divider, and without conversions of floats to
// unsigned integers: both run one lane at a time on software drivers. inverse is 1/d
// rounded to float. Of p < 2^31 the first quotient is at most 2^9 off, the second at
// most 1.
uint divide(uint p, uint d, float inverse) {
    uint q = uint(int(float(int(p)) * inverse));
    q += uint(int(float(int(p) - int(q * d)) * inverse));
    int rest = int(p) - int(q * d);
    q += uint(rest >= int(d)) - uint(rest < 0);
    return q;
}

uint quotient(uint p, uint d) { return divide(p, d, 1.0 / float(int(d))); }
uint remainder(uint p, uint d) { return p - quotient(p, d) * d; }

// A pixel of a map (n, y, x) from its flat index.
uvec3 pixel_of(uint p, uint height, uint width, float inverse_height, float inverse_width) {
    uint row = divide(p, width, inverse_width);
    uint n = divide(row, height, inverse_height);
    return uvec3(n, row - n * height, p - row * width);
}
#endif
