package train

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"alexnet/net"
)

// A mixed run that is stopped and resumed ends with the bits and the log of one that
// was not; the loss scale doubles behind step 7, by a count that lies in the checkpoint.
func TestResumeInMixedPrecision(t *testing.T) {
	begin := net.LossScale{Scale: 1 << 10, Good: 1993}
	mixedRun := func(dir string, resume bool, stop int) {
		tr, err := start(t, tinyConfig(t, "precision=mixed"), dir, resume, devices(t, "1"), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		if !resume {
			if err := tr.Net.SetLossScale(begin); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		tr.OnProgress = func(p Progress) {
			if p.Step == stop {
				cancel()
			}
		}
		if err := tr.Run(ctx); err != nil && !(stop > 0 && errors.Is(err, ErrStopped)) {
			t.Fatal(err)
		}
	}
	whole, parts := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "parts")
	mixedRun(whole, false, 0)
	mixedRun(parts, false, 4)
	mixedRun(parts, true, 0)
	for _, step := range []int{6, 12} {
		if read(t, whole, "checkpoints", checkpointName(step)) != read(t, parts, "checkpoints", checkpointName(step)) {
			t.Errorf("the checkpoints of step %d differ", step)
		}
	}
	if a, b := steps(read(t, parts, "log.jsonl")), steps(read(t, whole, "log.jsonl")); a != b {
		t.Errorf("log of the resumed run:\n%s\nof the other:\n%s", a, b)
	}
	lines, _ := logged(t, whole)
	if lines[6]["scale"] != 1024.0 || lines[7]["scale"] != 2048.0 {
		t.Errorf("scales %v and %v at steps 7 and 8; expected 1024 and 2048", lines[6]["scale"], lines[7]["scale"])
	}
}

// Gradients that overflow do not stop a run: it says so, halves the scale and trains
// on. In float32 there is no scale, in the log or in checkpoints.
func TestOverflowInARun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	var messages []string
	tr, err := start(t, tinyConfig(t, "precision=mixed"), dir, false, devices(t, "1"), &messages)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if err := tr.Net.SetLossScale(net.LossScale{Scale: 1 << 22}); err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(messages, "\n"); !strings.Contains(all, "step 1: gradients times 4.194304e+06 overflowed and updated nothing; now 2.097152e+06") {
		t.Errorf("it said %q", all)
	}
	lines, _ := logged(t, dir)
	first, last := lines[0]["scale"].(float64), lines[11]["scale"].(float64)
	if first != 1<<22 || last >= 1<<22 || last < 1<<10 {
		t.Errorf("scale %g, at the end %g", first, last)
	}
	full := filepath.Join(t.TempDir(), "full")
	run(t, tinyConfig(t), full, false, devices(t, "1"))
	if text := read(t, full, "log.jsonl") + read(t, full, "checkpoints", checkpointName(12)); strings.Contains(text, `scale":`) || strings.Contains(text, `loss_scale`) {
		t.Error("a run in float32 has a loss scale")
	}
}

// Gradients that are infinite at any scale stop the run with a sentence.
func TestExplosionOfGradientsInMixed(t *testing.T) {
	tr, err := start(t, tinyConfig(t, "precision=mixed"), filepath.Join(t.TempDir(), "run"), false, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if err := tr.Net.SetLossScale(net.LossScale{Scale: 4}); err != nil {
		t.Fatal(err)
	}
	for _, p := range tr.Net.Params {
		factor := map[string]float32{"conv1.weight": 1e-4, "fc2.weight": 1e6, "fc3.weight": 1e6}[p.Name]
		values, err := tr.Net.Read(p, net.Value)
		if err != nil {
			t.Fatal(err)
		}
		for i := range values {
			values[i] *= factor // and biases 0
		}
		if err := tr.Net.Write(p, net.Value, values); err != nil {
			t.Fatal(err)
		}
	}
	wants(t, tr.Run(context.Background()), "NaN or Inf", "gradient of layer")
}

// A trace holds gradients of float32's size, be the scale at first too large.
func TestTraceInMixed(t *testing.T) {
	var traced []map[string][]float32
	for _, precision := range []string{"float32", "mixed"} {
		c := tinyConfig(t, "precision="+precision, "dropout=false")
		n, err := net.Build(c.Net, devices(t, "1"), net.Options{Batch: 2, Training: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Initialize(1); err != nil {
			t.Fatal(err)
		}
		if err := n.SetLossScale(net.LossScale{Scale: 1 << 24}); err != nil {
			t.Fatal(err)
		}
		images := make([]float32, 2*3*56*56)
		for i := range images {
			images[i] = float32(i%251) - 125
		}
		tensors, err := Trace(context.Background(), c, n, images, []int64{3, 4}, 2)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string][]float32{}
		for _, tensor := range tensors {
			all[tensor.Name] = tensor.Floats
		}
		traced = append(traced, all)
	}
	for name, want := range traced[0] {
		most, scale := 0.0, 0.0
		for i, v := range want {
			most, scale = math.Max(most, math.Abs(float64(traced[1][name][i]-v))), math.Max(scale, math.Abs(float64(v)))
		}
		if !(most <= 0.02*scale) {
			t.Errorf("%s differs by %.1e of its largest value", name, most/scale)
		}
	}
}
