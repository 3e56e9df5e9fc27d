package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"testing"

	"alexnet/engine/enginetest"
)

// What make demo promises, after half of its steps already, on two devices: at most
// 5 % validation error and, in each column, kernels with structure.
func TestDemoLearnsKernels(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for minutes")
	}
	enginetest.Open(t)
	run := filepath.Join(t.TempDir(), "run")
	out, _ := alexnet(t, 0, "train", "demo", "--devices", "2", "--run", run, "--set", "solver.max_steps=800", "--set", "solver.milestones=[600,700]")
	var percent float64
	if found := regexp.MustCompile(`validation error: .*`).FindString(out); found == "" {
		t.Fatal(out)
	} else if _, err := fmt.Sscanf(found, "validation error: %f", &percent); err != nil || percent > 5 {
		t.Error(found, err)
	}
	lines := regexp.MustCompile(`column \d: .*`).FindAllString(out, -1)
	if len(lines) != 2 {
		t.Fatalf("figures of %d columns in\n%s", len(lines), out)
	}
	for _, line := range lines {
		var column, strong, all int
		var autocorrelation float64
		if _, err := fmt.Sscanf(line, "column %d: %d of %d kernels are strong; their neighbouring pixels correlate by %f", &column, &strong, &all, &autocorrelation); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if strong < 12 || autocorrelation < 0.5 {
			t.Error(line)
		}
	}
}
