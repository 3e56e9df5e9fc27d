package train

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"strings"

	"alexnet/net"
	"alexnet/train/monitor"
	"alexnet/train/safetensors"
)

// ReadShot reads a first layer's kernels out of a checkpoint or a snapshot; weight is
// their name. Nil if there are none of three colours.
func ReadShot(path, weight string, columns int) (*monitor.Shot, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	shape := f.Shape(weight)
	if len(shape) != 4 || shape[1] != 3 || shape[2] != shape[3] || shape[0]*shape[2] == 0 {
		return nil, nil
	}
	values, err := f.Floats(weight)
	if err != nil {
		return nil, err
	}
	k := &monitor.Kernels{Values: values, Size: shape[2], Columns: net.Deal(shape[0], columns)}
	out := &monitor.Shot{Kernels: k, Figures: k.ColumnFigures()}
	if velocity, err := f.Floats(momentumPrefix + weight); err == nil && len(velocity) == len(values) {
		out.Velocity = velocity
	}
	return out, nil
}

// NewPast is the snapshot of a step for those who look back.
func NewPast(path string, step int, epoch float64, columns int) *monitor.Past {
	return &monitor.Past{Step: step, Epoch: epoch, Look: func() (*monitor.Views, error) {
		v, err := readViews(path, columns)
		switch {
		case errors.Is(err, os.ErrNotExist):
			return nil, fmt.Errorf("The snapshot of step %s is no longer there.", monitor.Count(step))
		case errors.Is(err, errNoMaps):
			return nil, fmt.Errorf("The snapshot of step %s keeps no maps.", monitor.Count(step))
		case err != nil:
			return nil, fmt.Errorf("The snapshot of step %s is damaged and is left out.", monitor.Count(step))
		}
		v.Step = step
		return v, nil
	}}
}

var errNoMaps = errors.New("train: a snapshot without maps")

// readViews reads the maps of a snapshot, after its checksum.
func readViews(path string, columns int) (*monitor.Views, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f.Data()); err != nil {
		return nil, err
	}
	if fmt.Sprintf("%x", hash.Sum(nil)) != f.Metadata["sha256"] {
		return nil, errors.New("its data do not match their checksum")
	}
	if f.Shape(imageName) == nil {
		return nil, errNoMaps
	}
	var note snapshotNote
	if err := json.Unmarshal([]byte(f.Metadata[snapshotKey]), &note); err != nil {
		return nil, err
	}
	v := &monitor.Views{Maps: monitor.Maps{Title: note.Title, Label: note.Label}, Layers: map[string]monitor.Outputs{}}
	if v.Image, err = readImage(f); err != nil {
		return nil, err
	}
	probabilities, err := f.Floats(probabilitiesName)
	if err != nil {
		return nil, err
	}
	v.Prediction = guesses(probabilities, mostGuesses)
	for _, name := range f.Names() {
		if layer, is := strings.CutPrefix(name, mapsPrefix); is {
			if v.Layers[layer], err = readOutputs(f, name, columns); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

func readImage(f *safetensors.File) (*image.RGBA, error) {
	shape := f.Shape(imageName)
	pixels, err := f.Bytes(imageName)
	if err != nil {
		return nil, err
	}
	if len(shape) != 3 || shape[2] != 3 || len(pixels) == 0 {
		return nil, fmt.Errorf("its image is %v", shape)
	}
	out := image.NewRGBA(image.Rect(0, 0, shape[1], shape[0]))
	for i := range shape[0] * shape[1] {
		copy(out.Pix[4*i:], pixels[3*i:][:3])
		out.Pix[4*i+3] = 255
	}
	return out, nil
}

// readOutputs reads a layer's maps and deals them to the columns.
func readOutputs(f *safetensors.File, name string, columns int) (monitor.Outputs, error) {
	shape := f.Shape(name)
	values, err := f.Floats(name)
	if err != nil {
		return monitor.Outputs{}, err
	}
	if len(shape) != 3 || len(values) == 0 || shape[0] < columns {
		return monitor.Outputs{}, fmt.Errorf("its tensor %s is %v", name, shape)
	}
	out := monitor.Outputs{H: shape[1], W: shape[2]}
	for _, units := range net.Deal(shape[0], columns) {
		n := units * out.H * out.W
		out.Columns = append(out.Columns, values[:n:n])
		values = values[n:]
	}
	return out, nil
}
