package net

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"strings"
	"testing"

	"alexnet/engine/enginetest"
)

var update = flag.Bool("update", false, "rewrite testdata/losses*.json")

// The losses of ten steps stay what they were when they were last looked at: a
// change of a kernel, of the order of sums, of first weights or of random numbers
// shows here, also one that the reference shares.
func TestGoldenLosses(t *testing.T) {
	goldenLosses(t, "testdata/losses.json", small())
	goldenLosses(t, "testdata/losses-local.json", localSpec())
}

func goldenLosses(t *testing.T, path string, spec Spec) {
	t.Helper()
	got, _ := train(t, spec, enginetest.Open(t, "1"), Options{Batch: 8}, 10, Solver{Rate: 0.02, Momentum: 0.9, Decay: 0.0005, Seed: 11})
	if *update {
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want []float64
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if math.Abs(got[i]/want[i]-1) > 1e-4 { // devices round and sum in other orders
			t.Errorf("%s: step %d: loss %v; expected %v", path, i, got[i], want[i])
		}
	}
}

// A second net computes by the first one's choices and times nothing.
func TestChoicesAreTaken(t *testing.T) {
	devices := enginetest.Open(t, "1")
	first, err := Build(small(), devices, Options{Batch: 4, Training: true})
	if err != nil {
		t.Fatal(err)
	}
	all := candidates(devices[0], ntCandidates)
	other := all[len(all)-1]
	choices := map[string]string{}
	for problem, name := range first.Choices() {
		if choices[problem] = name; strings.Contains(problem, " nt ") {
			choices[problem] = other
		}
	}
	second, err := Build(small(), devices, Options{Batch: 4, Training: true, Choices: choices, Tuning: func(c Choosing) error {
		t.Errorf("%s was tuned", c.Problem)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(second.Choices()) == 0 {
		t.Error("nothing was chosen")
	}
	for problem := range second.Choices() { // of what was tried and not taken it needs no choices
		if _, given := choices[problem]; !given {
			t.Errorf("%s was not among the choices given", problem)
		}
	}
	sums := 0
	for i := range second.Rows {
		o, ok := second.places[0].ops[i].(*productOp)
		if !ok || o.fast.forward != nil {
			continue
		}
		if sums++; o.names.forward != other {
			t.Errorf("layer %s: kernel %q, given %q", o.name, o.names.forward, other)
		}
	}
	if sums == 0 {
		t.Error("no layer is summed directly")
	}
}
