package safetensors

import (
	"math"
	"testing"
)

// Every float16 comes back, and a value between two goes to the nearer one, in the
// middle to the even one.
func TestHalf(t *testing.T) {
	for h := range 1 << 16 {
		v := fromHalf(uint16(h))
		if got := toHalf(v); v == v && got != uint16(h) {
			t.Fatalf("%#04x is %g and comes back as %#04x", h, v, got)
		}
		if v != v && toHalf(v)&0x7fff != 0x7e00 {
			t.Fatalf("%#04x is not a number and becomes %#04x", h, toHalf(v))
		}
	}
	for h := uint16(0); h < 0x7bff; h++ {
		low, high := fromHalf(h), fromHalf(h+1)
		middle := (low + high) / 2 // exact
		if want := h + h&1; toHalf(middle) != want || toHalf(-middle) != want|0x8000 {
			t.Fatalf("%g, between %#04x and the next, becomes %#04x", middle, h, toHalf(middle))
		}
		if got := toHalf(math.Nextafter32(middle, low)); got != h {
			t.Fatalf("just below the middle behind %#04x: %#04x", h, got)
		}
		if got := toHalf(math.Nextafter32(middle, high)); got != h+1 {
			t.Fatalf("just above the middle behind %#04x: %#04x", h, got)
		}
	}
	for v, want := range map[float32]uint16{65519: 0x7bff, 65520: 0x7c00, 1e30: 0x7c00, float32(math.Inf(-1)): 0xfc00, 1e-9: 0, 1: 0x3c00} {
		if got := toHalf(v); got != want {
			t.Errorf("%g becomes %#04x, want %#04x", v, got, want)
		}
	}
}
