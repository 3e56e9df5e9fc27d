package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"alexnet/net"
	"alexnet/train"
)

// TestBarWarnings: what is wrong is told where errors go.
func TestBarWarnings(t *testing.T) {
	var files [2]*os.File
	for i := range files {
		files[i] = created(t, filepath.Join(t.TempDir(), "out"))
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

// TestBarTuning: what is chosen is said to be remembered where it is, and otherwise why not:
// once, however many sums there are.
func TestBarTuning(t *testing.T) {
	const why = "kernels' choices cannot be remembered: x: is a directory"
	for _, c := range []struct {
		lost         error
		out, warning string
	}{
		{nil, "choosing kernels for this device (remembered for the next run)\n", ""},
		{errors.New(why), "choosing kernels for this device\n", "warning: " + why + "\n"},
	} {
		out, warnings := filepath.Join(t.TempDir(), "out"), filepath.Join(t.TempDir(), "warnings")
		b := newBar(created(t, out))
		b.warnings = created(t, warnings)
		tuning := b.tuning(t.Context())
		for i := range 3 {
			if err := tuning(net.Choosing{Number: i + 1, Layers: 3, Lost: c.lost}); err != nil {
				t.Error(err)
			}
			b.clear()
		}
		for path, want := range map[string]string{out: c.out, warnings: c.warning} {
			if got, err := os.ReadFile(path); err != nil || string(got) != want {
				t.Errorf("%q, %v, want %q", got, err, want)
			}
		}
	}
}

// created opens a file to be written, until the test ends.
func created(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// TestBarNumbers: a loss has four digits on the terminal, however large it is.
func TestBarNumbers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	out := created(t, path)
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
