package monitor

import (
	"math"
	"slices"
	"testing"
)

func TestStrongestMaps(t *testing.T) {
	maps := func(levels ...float32) (out []float32) {
		for _, v := range levels {
			out = append(out, v, v/2)
		}
		return out
	}
	nan := float32(math.NaN())
	for _, c := range []struct {
		name     string
		in, want []float32
		plane    int
	}{
		{"four of six, in their order", maps(5, 0, 1, 9, 2, 3), maps(5, 9, 2, 3), 2},
		{"below zero is dark", maps(-9, 1, 2, 3, 4), maps(1, 2, 3, 4), 2},
		{"not a number is dark", maps(nan, 1, 2, 3, 4), maps(1, 2, 3, 4), 2},
		{"fewer than a square", maps(1, 2, 3), maps(3), 2},
		{"units are all there", []float32{3, 1, 2}, []float32{3, 1, 2}, 1},
		{"nothing", nil, nil, 4},
	} {
		if got := StrongestMaps(c.in, c.plane); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if n := len(StrongestMaps(make([]float32, 192*9), 9)) / 9; n != MostMaps {
		t.Errorf("of 192 maps %d are shown, want %d", n, MostMaps)
	}
}
