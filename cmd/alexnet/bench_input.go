package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"alexnet/train"
	"alexnet/train/data"
	"alexnet/train/pack"
)

const (
	inputBatch = 16              // small, so that workers end side by side
	inputTime  = 4 * time.Second // that the loader is watched for
)

// inputResult is what bench --input --json prints.
type inputResult struct {
	Recipe     string  `json:"recipe"`
	Dir        string  `json:"dir"`
	Images     int     `json:"images"` // of the set
	Size       int     `json:"size"`   // to which they are scaled
	Crop       int     `json:"crop"`
	Cores      int     `json:"cores"`
	Loaded     int     `json:"loaded"` // while it was measured
	Unreadable int     `json:"unreadable"`
	PerSecond  float64 `json:"images_per_second"`
	PerCore    float64 `json:"images_per_second_per_core"`
	Pixels     float64 `json:"pixels_mb_per_second"` // that it makes for the devices
}

// benchInput measures the loader with a worker on each core and nothing else to do.
func benchInput(ctx context.Context, dir, recipe string, set []string) (*inputResult, error) {
	c, err := train.LoadConfigFor(dir, recipe, set...)
	if err != nil {
		return nil, err
	}
	images, err := openInput(c)
	if err != nil {
		return nil, err
	}
	cores := runtime.GOMAXPROCS(0)
	loader, err := data.NewLoader(images, data.LoaderOptions{
		Batch: inputBatch, Crop: c.Crop, Train: true, Seed: c.Seed, MaxBad: 1, Workers: cores, Ahead: cores,
		Augment: data.Augment{RandomCrop: c.RandomCrop, Mirror: c.Mirror},
		OnBad:   func(_ int, err error) { fmt.Fprintln(os.Stderr, err) },
	})
	if err != nil {
		return nil, err
	}
	defer loader.Close()
	r := &inputResult{Recipe: c.Name, Dir: dir, Images: images.Len(), Size: c.Size, Crop: c.Crop, Cores: cores}
	took, err := r.watch(ctx, loader)
	if err != nil {
		return nil, err
	}
	r.Unreadable = loader.Bad()
	r.PerSecond = float64(r.Loaded) / took.Seconds()
	r.PerCore = r.PerSecond / float64(cores)
	r.Pixels = r.PerSecond * float64(3*c.Size*c.Size) / 1e6
	return r, nil
}

// openInput opens the photographs as a run would, of however many classes.
func openInput(c *train.Config) (data.Set, error) {
	if c.Set == "cifar10" {
		images, _, err := data.OpenCIFAR10(c.Dir)
		return images, err
	}
	if pack.Is(c.Dir) {
		sets, err := train.OpenTraining(c)
		if err != nil {
			return nil, err
		}
		return sets.Train, nil
	}
	f, err := data.OpenFolder(c.Dir, data.FolderOptions{Size: c.Size, Seed: c.Seed, Split: []string{}})
	if err != nil {
		return nil, err
	}
	return f.Train, nil
}

// watch counts images from batch to batch, once every worker has returned one.
func (r *inputResult) watch(ctx context.Context, loader *data.Loader) (time.Duration, error) {
	var start time.Time
	for i := 0; ; i++ {
		b, err := loader.Next(ctx)
		if err != nil {
			return 0, err
		}
		n := b.Valid
		b.Release()
		if i < 2*r.Cores {
			start = time.Now()
			continue
		}
		r.Loaded += n
		if took := time.Since(start); took >= inputTime && r.Loaded%(inputBatch*r.Cores) == 0 {
			return took, nil
		}
	}
}

func (r *inputResult) print(to io.Writer) {
	fmt.Fprintf(to, "%d images of %s, scaled to %d, crops of %d\n", r.Images, r.Dir, r.Size, r.Crop)
	fmt.Fprintf(to, "loader: %.1f images/s on %d cores, %.1f a core, %.1f MB/s of pixels\n", r.PerSecond, r.Cores, r.PerCore, r.Pixels)
	if r.Unreadable > 0 {
		fmt.Fprintf(to, "unreadable: %d\n", r.Unreadable)
	}
}
