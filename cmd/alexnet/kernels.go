package main

import (
	"fmt"
	"image/png"
	"os"

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
// are.
func describeKernels(k *monitor.Kernels) {
	for i, c := range k.ColumnFigures() {
		fmt.Printf("  column %d: %d of %d kernels strong, their median autocorrelation %.2f (noise 0.0); luminance %.4f, colour %.4f\n",
			i+1, c.Strong, c.Kernels, c.Autocorrelation, c.Luminance, c.Chroma)
	}
}
