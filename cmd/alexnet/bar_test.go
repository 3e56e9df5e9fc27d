package main

import (
	"os"
	"path/filepath"
	"testing"

	"alexnet/train"
)

// TestBarWarnings: what is wrong is told where errors go.
func TestBarWarnings(t *testing.T) {
	var files [2]*os.File
	for i := range files {
		var err error
		if files[i], err = os.Create(filepath.Join(t.TempDir(), "out")); err != nil {
			t.Fatal(err)
		}
		defer files[i].Close()
	}
	b := newBar(files[0])
	b.warnings = files[1]
	b.message("step 3: Dropout off")
	b.message("warning: step 4: The loss has risen to 90.")
	for i, want := range []string{"step 3: Dropout off\n", "warning: step 4: The loss has risen to 90.\n"} {
		if got, err := os.ReadFile(files[i].Name()); err != nil || string(got) != want {
			t.Errorf("file %d has %q, %v", i, got, err)
		}
	}
}

// TestBarNumbers: a loss has four digits on the terminal, however large it is.
func TestBarNumbers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	for _, loss := range []float64{0.00123, 2.05234, 471234567} {
		b := newBar(out)
		b.progress(train.Progress{Step: 3, Steps: 3, Epoch: 0.5, Loss: loss, Rate: 1e-6, ImagesPerSecond: 28.4})
		b.validation(train.Validation{Step: 3, Loss: loss, Top1Error: 0.5, Top5Error: 0.25})
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const want = `step 3 of 3, epoch 0.50: loss 0.0012, rate 1e-6, 28 images/s
validation after step 3: loss 0.0012, top-1 error 50.0 %, top-5 error 25.0 %
step 3 of 3, epoch 0.50: loss 2.052, rate 1e-6, 28 images/s
validation after step 3: loss 2.052, top-1 error 50.0 %, top-5 error 25.0 %
step 3 of 3, epoch 0.50: loss 4.7e8, rate 1e-6, 28 images/s
validation after step 3: loss 4.7e8, top-1 error 50.0 %, top-5 error 25.0 %
`
	if string(got) != want {
		t.Errorf("it prints\n%swant\n%s", got, want)
	}
}
