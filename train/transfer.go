package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"alexnet/engine/whole"
	"alexnet/net"
	"alexnet/train/safetensors"
)

// Transfer is what a network took of a file of parameters.
type Transfer struct {
	Taken int // parameters of the network
	// Anew says in a line each which of the network's parameters were not taken and
	// why, Unused which of the file's.
	Anew, Unused []string
}

// ReadWeights sets a network's parameters from a safetensors file with PyTorch's names
// and layouts: an export, a checkpoint, or another program's. Parameters go by name and
// shape, a layer's weights and biases together; layers that the file does not have so
// keep what they have, and so does the last one if the file says that it tells other
// classes apart than those given (nil: any). That nothing fits is an error.
func ReadWeights(n *net.Net, path string, classes []string) (*Transfer, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	theirs, err := classesOf(f, path)
	if err != nil {
		return nil, err
	}
	out := &Transfer{}
	misfit := map[int]string{} // by layer: why it is not taken
	for _, p := range n.Params {
		if misfit[p.Layer] == "" && !slices.Equal(f.Shape(p.Name), p.Shape) {
			misfit[p.Layer] = "belongs to " + p.Name
		}
	}
	if last := n.Params[len(n.Params)-1].Layer; misfit[last] == "" && classes != nil && theirs != nil && !slices.Equal(classes, theirs) {
		misfit[last] = "of other classes there, " + some(theirs)
	}
	for _, p := range n.Params {
		if misfit[p.Layer] != "" {
			out.Anew = append(out.Anew, fmt.Sprintf("%s: %s: begins anew", p.Name, unlike(f.Shape(p.Name), p.Shape, misfit[p.Layer])))
			continue
		}
		values, err := f.Floats(p.Name)
		if err != nil {
			return nil, err
		}
		unfold(values, f.Metadata, p.Name)
		if err := n.Write(p, net.Value, values); err != nil {
			return nil, err
		}
		out.Taken++
	}
	if out.Taken == 0 {
		return nil, fmt.Errorf("train: nothing in %s fits the network: %s", path, some(out.Anew))
	}
	for _, name := range parameterNames(f) {
		if !slices.ContainsFunc(n.Params, func(p *net.Param) bool { return p.Name == name }) {
			out.Unused = append(out.Unused, fmt.Sprintf("%s: %s there, not here: left out", name, dimensions(f.Shape(name))))
		}
	}
	return out, nil
}

// unfold takes the factor of dropout out of weights of an export for PyTorch, which has
// multiplied them by it.
func unfold(values []float32, metadata map[string]string, name string) {
	layer, isWeight := strings.CutSuffix(name, ".weight")
	scale, err := strconv.ParseFloat(metadata[foldedKey+layer], 64)
	if !isWeight || err != nil || scale <= 0 {
		return
	}
	for i := range values {
		values[i] /= float32(scale)
	}
}

// classesOf are the classes of a checkpoint, whose data are verified, or an export, in
// label order; nil of other files.
func classesOf(f *safetensors.File, path string) ([]string, error) {
	if l := (&Loaded{Path: path, file: f}); f.Metadata[stateKey] != "" {
		if err := l.verify(); err != nil {
			return nil, fmt.Errorf("train: checkpoint %s: %w", path, err)
		}
		return l.Classes, nil
	}
	var out []string
	json.Unmarshal([]byte(f.Metadata[classesKey]), &out) // of other programs: whatever they have there
	return out, nil
}

// unlike says why a parameter is not taken: its shape, or what its layer lacks.
func unlike(there, here []int, misfit string) string {
	switch {
	case there == nil:
		return "not there, " + dimensions(here) + " here"
	case slices.Equal(there, here):
		return misfit
	}
	return dimensions(there) + " there, " + dimensions(here) + " here"
}

// dimensions writes a shape: "1000 x 4096".
func dimensions(shape []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", " x "), "[]")
}

// WeightsFile is the file of parameters that a path names: itself, or a run's newest
// checkpoint that verifies.
func WeightsFile(path string) (string, error) {
	if info, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("train: --weights: there is no %s: name a safetensors file, a checkpoint or a run directory", path)
	} else if err != nil {
		return "", fmt.Errorf("train: --weights: %s cannot be read: %w", path, whole.Cause(err))
	} else if info.IsDir() {
		l, _, err := FindCheckpoint(path)
		if err != nil {
			return "", err
		}
		l.Close()
		path = l.Path
	}
	return filepath.Abs(path)
}

// TakeWeights sets a network's parameters as ReadWeights does and says what was taken and
// what was not.
func TakeWeights(n *net.Net, path string, classes []string, say func(string)) error {
	took, err := ReadWeights(n, path, classes)
	if err != nil {
		return err
	}
	say(fmt.Sprintf("%d of %d parameters come from %s", took.Taken, len(n.Params), path))
	for _, line := range slices.Concat(took.Anew, took.Unused) {
		say("  " + line)
	}
	return nil
}
