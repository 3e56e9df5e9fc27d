package main

import (
	"testing"

	"alexnet/train/safetensors"
)

// The export for PyTorch differs from the raw one by a factor of 0.5 in the
// weights behind dropout only.
func foldedBehindDropout(t *testing.T, raw, folded string) {
	t.Helper()
	a, err := safetensors.Open(raw)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := safetensors.Open(folded)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for key, want := range map[string]string{"dropout_test_scale": "0.5", "lrn_n": "5", "lrn_alpha": "0.0001"} {
		if a.Metadata[key] != want {
			t.Errorf("%s is %q in the raw export", key, a.Metadata[key])
		}
	}
	if b.Metadata["dropout_test_scale"] != "1" {
		t.Errorf("dropout_test_scale is %q in PyTorch's", b.Metadata["dropout_test_scale"])
	}
	for _, name := range a.Names() {
		x, err := a.Floats(name)
		if err != nil {
			t.Fatal(err)
		}
		y, err := b.Floats(name)
		if err != nil {
			t.Fatal(err)
		}
		factor := float32(1)
		if name == "fc5.weight" {
			factor = 0.5
		}
		for i := range x {
			if y[i] != x[i]*factor {
				t.Fatalf("%s[%d] is %v in the raw export, %v in PyTorch's", name, i, x[i], y[i])
			}
		}
	}
}
