// Integer quotients without the integer divider, which software drivers run
// one lane at a time. inverse is 1/d rounded to float; one correction step makes
// the quotient exact for p < 2^31 and quotients below 2^22.
uint divide(uint p, uint d, float inverse) {
    uint q = uint(float(p) * inverse);
    int rest = int(p) - int(q * d);
    q += uint(rest >= int(d)) - uint(rest < 0);
    return q;
}

// A pixel of a map (n, y, x) from its flat index.
uvec3 pixel_of(uint p, uint height, uint width, float inverse_height, float inverse_width) {
    uint row = divide(p, width, inverse_width);
    uint n = divide(row, height, inverse_height);
    return uvec3(n, row - n * height, p - row * width);
}
