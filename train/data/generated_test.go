package data

import (
	"crypto/sha256"
	"fmt"
	"testing"
)

// Runs and their figures depend on the generated images: a change of a bit
// must be meant.
func TestGeneratedGolden(t *testing.T) {
	const want = "bab7d13c70e0f923"
	h := sha256.New()
	set := NewGenerated(1, 20)
	pixels := make([]byte, GeneratedSize*GeneratedSize*3)
	for i := range set.Len() {
		if err := set.Pixels(i, pixels); err != nil {
			t.Fatal(err)
		}
		h.Write(pixels)
	}
	if got := fmt.Sprintf("%x", h.Sum(nil)[:8]); got != want {
		t.Errorf("images hash to %s, want %s", got, want)
	}
	if n := len(set.Classes()); n != 20 {
		t.Errorf("%d classes", n)
	}
}

func TestColourCarriesNoLuminance(t *testing.T) {
	for i := range 100 {
		c := chroma(float32(i)/100, 50)
		if s := c[0] + c[1] + c[2]; abs(s) > 1e-4 {
			t.Errorf("hue %d: channels sum to %v", i, s)
		}
	}
}

func BenchmarkGenerated(b *testing.B) {
	set := NewGenerated(1, 20000)
	pixels := make([]byte, GeneratedSize*GeneratedSize*3)
	for i := range b.N {
		set.Pixels(i%set.Len(), pixels)
	}
}
