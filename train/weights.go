package train

import (
	"context"
	"fmt"
	"os"

	"alexnet/engine/whole"
	"alexnet/net"
	"alexnet/train/safetensors"
)

// readParams reads an array of every parameter that has it, under a prefix.
func readParams(n *net.Net, prefix string, what net.What) ([]safetensors.Tensor, error) {
	var out []safetensors.Tensor
	for _, p := range n.Params {
		if p.Frozen && what != net.Value {
			continue
		}
		values, err := n.Read(p, what)
		if err != nil {
			return nil, err
		}
		out = append(out, safetensors.Tensor{Name: prefix + p.Name, Shape: p.Shape, Floats: values})
	}
	return out, nil
}

// Trace runs steps of training on one batch of preprocessed images, for
// comparison with other frameworks. It returns the losses of all steps, the first
// step's logits and gradients ("grad.NAME"), and the parameters after the last.
func Trace(ctx context.Context, c *Config, n *net.Net, images []float32, labels []int64, steps int) ([]safetensors.Tensor, error) {
	b := &net.Batch{Values: images, Labels: make([]int32, len(labels)), Valid: len(labels)}
	for i, l := range labels {
		if l < 0 || l >= int64(c.Net.Classes()) {
			return nil, fmt.Errorf("train: label %d is %d; the network has classes 0 to %d", i, l, c.Net.Classes()-1)
		}
		b.Labels[i] = int32(l)
	}
	schedule := NewSchedule(c.Solver)
	var out []safetensors.Tensor
	var losses []float32
	for step := range steps {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		r, err := n.TrainUnskipped(b, net.Solver{Step: step, Seed: c.Seed, Rate: schedule.Rate(step), Momentum: c.Solver.Momentum, Decay: c.Solver.Decay})
		if err != nil {
			return nil, err
		}
		losses = append(losses, float32(r.Mean()))
		if step > 0 {
			continue
		}
		logits, err := n.Logits(b.Valid)
		if err != nil {
			return nil, err
		}
		out = append(out, safetensors.Tensor{Name: "logits", Shape: []int{b.Valid, len(logits) / b.Valid}, Floats: logits})
		gradients, err := readParams(n, "grad.", net.Gradient)
		if err != nil {
			return nil, err
		}
		out = append(out, gradients...)
	}
	params, err := readParams(n, "", net.Value)
	if err != nil {
		return nil, err
	}
	out = append(out, params...)
	return append(out, safetensors.Tensor{Name: "loss", Shape: []int{steps}, Floats: losses}), nil
}

// SpareCheckpoint fails where a file that is to be written would replace a checkpoint, of
// which a run may have no other.
func SpareCheckpoint(path string) error {
	if f := openThere(path); f != nil {
		defer f.Close()
		if f.Metadata[stateKey] != "" {
			return fmt.Errorf("train: %s is a checkpoint of a run and is not replaced: name another file", path)
		}
	}
	return nil
}

// openThere opens the safetensors file that has a path; nil: there is none. It does not wait
// for the writer of a pipe.
func openThere(path string) *safetensors.File {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := safetensors.Open(path)
	if err != nil {
		return nil
	}
	return f
}

// WriteTensors writes a safetensors file, whole or not at all, and not in place of a
// checkpoint.
func WriteTensors(path string, tensors []safetensors.Tensor, metadata map[string]string) error {
	if err := SpareCheckpoint(path); err != nil {
		return err
	}
	err := whole.Write(path, func(f *whole.File) error { return safetensors.Write(f, tensors, metadata) })
	if err != nil {
		return fmt.Errorf("train: write %w", err)
	}
	return nil
}
