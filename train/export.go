package train

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"alexnet/net"
	"alexnet/train/safetensors"
)

// Export writes a checkpoint's parameters as a safetensors file with PyTorch's
// names and layouts, without momentum. Its metadata hold what a forward pass
// needs beside them: dropout_test_scale (what a layer behind dropout multiplies
// its inputs by), lrn_n, lrn_k, lrn_alpha (not divided by n), lrn_beta, mean_rgb,
// input_scale (of pixels minus their mean) and the classes. Equal parameters give equal files.
//
// forPyTorch folds dropout_test_scale into the weights of the layers behind
// dropout, because torch.nn.Dropout scales in training instead (Krizhevsky 2012,
// section 4.2, scales in testing).
func (l *Loaded) Export(path string, forPyTorch bool) error {
	c, err := l.Config()
	if err != nil {
		return err
	}
	scales, err := dropoutScales(c.Net)
	if forPyTorch && err != nil {
		return fmt.Errorf("train: export for PyTorch: %w; export without it and scale by dropout_test_scale", err)
	}
	var tensors []safetensors.Tensor
	for _, name := range parameterNames(l.file) {
		values, err := l.file.Floats(name)
		if err != nil {
			return err
		}
		layer, isWeight := strings.CutSuffix(name, ".weight")
		if scale, behind := scales[layer]; forPyTorch && isWeight && behind {
			for i := range values {
				values[i] *= float32(scale)
			}
		}
		tensors = append(tensors, safetensors.Tensor{Name: name, Shape: l.file.Shape(name), Floats: values})
	}
	metadata, err := l.exportMetadata(c, scales, forPyTorch)
	if err != nil {
		return err
	}
	return WriteTensors(path, tensors, metadata)
}

func (l *Loaded) exportMetadata(c *Config, scales map[string]float64, forPyTorch bool) (map[string]string, error) {
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	metadata := map[string]string{"format": "pt", "input_scale": number(c.Scale), "dropout_test_scale": "1"}
	for _, scale := range scales {
		if !forPyTorch {
			metadata["dropout_test_scale"] = number(scale)
		}
	}
	for _, layer := range c.Net.Layers {
		if n, ok := layer.(net.LRN); ok {
			metadata["lrn_n"], metadata["lrn_k"] = strconv.Itoa(n.Size), number(n.K)
			metadata["lrn_alpha"], metadata["lrn_beta"] = number(n.Alpha), number(n.Beta)
		}
	}
	classes, err := json.Marshal(l.Classes)
	if err != nil {
		return nil, fmt.Errorf("train: export: %w", err)
	}
	metadata["classes"] = string(classes)
	mean, err := l.file.Floats(meanName)
	if err != nil {
		return nil, err
	}
	plane := len(mean) / 3
	var rgb []string
	for c := range 3 {
		total := 0.0
		for _, v := range mean[c*plane : (c+1)*plane] {
			total += float64(v)
		}
		rgb = append(rgb, number(total/float64(plane)))
	}
	metadata["mean_rgb"] = strings.Join(rgb, " ")
	return metadata, nil
}

// dropoutScales maps each conv or dense layer that reads the output of a dropout
// layer to what dropout multiplies by in testing. The error names a layer between
// the two that the factor cannot be moved across.
func dropoutScales(s net.Spec) (map[string]float64, error) {
	out := map[string]float64{}
	if !s.Dropout {
		return out, nil
	}
	var err error
	scale := 1.0
	for _, layer := range s.Layers {
		switch l := layer.(type) {
		case net.Dropout:
			scale *= 1 - l.Probability
		case net.Conv, net.Dense:
			if scale != 1 {
				out[l.LayerName()] = scale
			}
			scale = 1
		case net.Pool, net.Gather: // commute with a factor
		default:
			if scale != 1 && err == nil && layer.Kind() != string(net.ReLU) {
				err = fmt.Errorf("layer %s (%s) stands between dropout and the next weights, and dropout's factor does not pass it", l.LayerName(), l.Kind())
			}
		}
	}
	return out, err
}
