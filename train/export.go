package train

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"alexnet/net"
	"alexnet/train/safetensors"
)

// foldedKey is where, with a layer's name behind it, an export for PyTorch tells the
// factor of dropout that its weights have already.
const foldedKey = "folded_dropout_test_scale."

// classesKey is where an export's metadata hold the names of its classes.
const classesKey = "classes"

// Export writes a checkpoint's parameters as a safetensors file with PyTorch's
// names and layouts, without momentum; of local layers, which PyTorch does not have,
// weights are (filter, y, x, channel, ky, kx) of output pixels y, x, and biases (filter,
// y, x). Its metadata hold what a forward pass
// needs beside them: dropout_test_scale (what a layer behind dropout multiplies
// its inputs by), lrn_n, lrn_k, lrn_alpha (not divided by n), lrn_beta, mean_rgb,
// input_scale (of pixels minus their mean) and the classes. Where layers differ, a key
// stands once a layer, as lrn_n.LAYER. Equal parameters give equal files.
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
	key := "dropout_test_scale."
	if forPyTorch {
		key = foldedKey
	}
	for layer, scale := range scales {
		metadata[key+layer] = number(scale)
	}
	for _, layer := range c.Net.Layers {
		if n, ok := layer.(net.LRN); ok {
			metadata["lrn_n."+n.Name], metadata["lrn_k."+n.Name] = strconv.Itoa(n.Size), number(n.K)
			metadata["lrn_alpha."+n.Name], metadata["lrn_beta."+n.Name] = number(n.Alpha), number(n.Beta)
		}
	}
	for _, key := range []string{"dropout_test_scale", "lrn_n", "lrn_k", "lrn_alpha", "lrn_beta"} {
		unite(metadata, key)
	}
	classes, err := json.Marshal(l.Classes)
	if err != nil {
		return nil, fmt.Errorf("train: export: %w", err)
	}
	metadata[classesKey] = string(classes)
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

// unite replaces "key.LAYER" by "key" if all layers have the same value.
func unite(metadata map[string]string, key string) {
	var layers []string
	values := map[string]bool{}
	for k, v := range metadata {
		if strings.HasPrefix(k, key+".") {
			layers = append(layers, k)
			values[v] = true
		}
	}
	if len(values) != 1 {
		return
	}
	metadata[key] = metadata[layers[0]]
	for _, k := range layers {
		delete(metadata, k)
	}
}

// dropoutScales maps each layer with weights that reads the output of a dropout
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
		case net.Conv, net.Local, net.Dense:
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
