package launch

import (
	"slices"
	"testing"

	"alexnet/train/monitor"
)

// Figures of kernels are told once there is more than noise in them.
func TestKernelLines(t *testing.T) {
	noise := monitor.ColumnFigures{Kernels: 48, Strong: 48, Autocorrelation: -0.01, Luminance: 6e-4, Chroma: 8e-4}
	learned := monitor.ColumnFigures{Kernels: 48, Strong: 33, Autocorrelation: 0.71, Luminance: 0.3, Chroma: 0.1}
	for _, c := range []struct {
		columns []monitor.ColumnFigures
		want    []string
	}{
		{[]monitor.ColumnFigures{noise, noise}, []string{"  still noise, as they began: train longer for patterns to show"}},
		{[]monitor.ColumnFigures{learned, noise}, []string{
			"  column 1: 33 of 48 kernels are strong; their neighbouring pixels correlate by 0.71 (0 is noise, 1 smooth); 25 % is colour",
			"  column 2: still noise",
		}},
	} {
		if got := kernelLines(c.columns); !slices.Equal(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
