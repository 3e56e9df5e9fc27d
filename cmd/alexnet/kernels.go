package main

import (
	"fmt"
	"image/png"
	"math"
	"os"
	"slices"

	"alexnet/net"
	"alexnet/train"
	"alexnet/train/monitor"
)

// firstKernels reads the kernels of a network's first layer; nil if it is not a
// convolution.
func firstKernels(n *net.Net) (*monitor.Kernels, error) {
	conv, ok := n.Spec.Layers[0].(net.Conv)
	if !ok {
		return nil, nil
	}
	values, err := n.Read(n.Params[0], net.Value)
	if err != nil {
		return nil, err
	}
	return &monitor.Kernels{Values: values, Size: conv.Kernel, Columns: net.Deal(conv.Filters, n.Spec.Columns)}, nil
}

// writeKernels draws the first layer and describes each column's kernels.
func writeKernels(t *train.Trainer, path string) error {
	k, err := firstKernels(t.Net)
	if err != nil || k == nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := png.Encode(f, k.Picture(4)); err != nil {
		return err
	}
	fmt.Println("first-layer kernels:", path)
	describeKernels(k)
	return f.Close()
}

// describeKernels prints how strong, smooth and coloured each column's kernels
// are. A kernel counts from a fifth of the strongest one's norm on.
func describeKernels(k *monitor.Kernels) {
	figures := make([]monitor.Figures, k.Count())
	strongest := 0.0
	for i := range figures {
		figures[i] = k.Figures(i)
		strongest = math.Max(strongest, figures[i].Norm)
	}
	first := 0
	for column, n := range k.Columns {
		var smooth []float64
		luminance, chroma := 0.0, 0.0
		for _, f := range figures[first : first+n] {
			luminance, chroma = luminance+f.Luminance*f.Luminance, chroma+f.Chroma*f.Chroma
			if f.Norm >= strongest/5 {
				smooth = append(smooth, f.Autocorrelation)
			}
		}
		first += n
		slices.Sort(smooth)
		median := 0.0
		if len(smooth) > 0 {
			median = smooth[len(smooth)/2]
		}
		fmt.Printf("  column %d: %d of %d kernels strong, their median autocorrelation %.2f (noise 0.0); luminance %.4f, colour %.4f\n",
			column+1, len(smooth), n, median, math.Sqrt(luminance/float64(n)), math.Sqrt(chroma/float64(n)))
	}
}
