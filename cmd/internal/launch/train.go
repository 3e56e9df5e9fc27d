package launch

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"path/filepath"
	"slices"

	"alexnet/engine/whole"
	"alexnet/train"
	"alexnet/train/monitor"
)

// Train runs a trainer to its end, or until it is stopped, which is train.ErrStopped as
// from Trainer.Run, and sums up what was trained: it draws the first layer into the run's
// folder dir, and prints the kernels' figures and the validation error.
func Train(ctx context.Context, t *train.Trainer, dir string) error {
	err := t.Run(ctx)
	if err != nil && !errors.Is(err, train.ErrStopped) {
		return err
	}
	if failed := sumUp(t, dir); failed != nil {
		return failed
	}
	return err
}

func sumUp(t *train.Trainer, dir string) error {
	k, err := t.FirstKernels()
	if err != nil {
		return err
	}
	if k != nil {
		path := filepath.Join(dir, "kernels.png")
		if err := WritePNG(path, k.Picture(4)); err != nil {
			return err
		}
		fmt.Println("first-layer kernels:", path)
		for _, line := range kernelLines(k.ColumnFigures()) {
			fmt.Println(line)
		}
	}
	if v, ok := t.Last(); ok {
		fmt.Printf("validation error: %.1f %% (top-5: %.1f %%)\n", 100*v.Top1Error, 100*v.Top5Error)
	}
	fmt.Println("run:", dir)
	return nil
}

// kernelLines tell what the columns' kernels are like, or that they do not differ from the
// noise yet that they begin as.
func kernelLines(columns []monitor.ColumnFigures) (lines []string) {
	if !slices.ContainsFunc(columns, func(c monitor.ColumnFigures) bool { return !c.Noise() }) {
		return []string{"  still noise, as they began: train longer for patterns to show"}
	}
	for i, c := range columns {
		line := fmt.Sprintf("  column %d: still noise", i+1)
		if !c.Noise() {
			line = fmt.Sprintf("  column %d: %d of %d kernels are strong; their neighbouring pixels correlate by %.2f (0 is noise, 1 smooth); %.0f %% is colour",
				i+1, c.Strong, c.Kernels, c.Autocorrelation, 100*c.ColourShare())
		}
		lines = append(lines, line)
	}
	return lines
}

// WritePNG writes a picture to a file.
func WritePNG(path string, picture image.Image) error {
	return whole.Write(path, func(f *whole.File) error { return png.Encode(f, picture) })
}
