package train

import (
	"math"
	"testing"

	"alexnet/train/monitor"
)

func TestRateChange(t *testing.T) {
	for _, c := range []struct {
		from, to float64
		short    string
	}{
		{0.01, 0.001, "rate ÷ 10"}, {0.01, 0.0042, "rate 0.0042"}, {1e-5, 2.5e-6, "rate ÷ 4"}, {1e-5, 3e-6, "rate 3e-6"}, {0.001, 0.01, "rate × 10"}, {0.01, 0.004, "rate 0.004"},
		{0.01, 0.01, ""}, {0.001, 0.0012, ""}, {math.NaN(), 0.01, ""}, {0.01, math.NaN(), ""},
	} {
		is, short := RateDrops(c.from, c.to), ""
		if is {
			short, _ = monitor.RateChange(c.from, c.to)
		}
		if short != c.short || is != (c.short != "") {
			t.Errorf("%g to %g: %q, %v; want %q", c.from, c.to, short, is, c.short)
		}
	}
}

func TestShort(t *testing.T) {
	for v, want := range map[float64]string{4.71e8: "4.7e8", 12345: "12345", 99.96: "100.0", 2.0523: "2.05", 0.02: "0.02", 0.0012345: "0.00123", 0: "0", 1e-7: "1e-7", math.Inf(1): "+Inf"} {
		if got := short(v); got != want {
			t.Errorf("%g is %q, want %q", v, got, want)
		}
	}
}

func TestCheckpointEvent(t *testing.T) {
	for bytes, want := range map[int64]string{0: "Checkpoint of step 1,000 written", 2036712: "Checkpoint of step 1,000 written (2.0 MB)", 487_654_321: "Checkpoint of step 1,000 written (488 MB)"} {
		if got := CheckpointEvent(1000, 1, bytes).Text; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
