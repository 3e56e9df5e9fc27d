package launch

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"path/filepath"

	"alexnet/engine/whole"
	"alexnet/train"
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
		for i, c := range k.ColumnFigures() {
			fmt.Printf("  column %d: %d of %d kernels strong, their median autocorrelation %.2f (noise 0.0); luminance %.4g, colour %.4g\n",
				i+1, c.Strong, c.Kernels, c.Autocorrelation, c.Luminance, c.Chroma)
		}
	}
	if v, ok := t.Last(); ok {
		fmt.Printf("validation error: %.1f %% (top-5: %.1f %%)\n", 100*v.Top1Error, 100*v.Top5Error)
	}
	fmt.Println("run:", dir)
	return nil
}

// WritePNG writes a picture to a file.
func WritePNG(path string, picture image.Image) error {
	return whole.Write(path, func(f *whole.File) error { return png.Encode(f, picture) })
}
