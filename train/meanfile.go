package train

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"alexnet/engine/whole"
	"alexnet/train/data"
	"alexnet/train/safetensors"
)

// readMean reads a mean image (3, size, size) in red, green, blue and grey levels: from
// Caffe's binaryproto (blue, green, red), from a safetensors file, such as a pack's
// mean.safetensors or a checkpoint, or from float32 numbers alone, little-endian.
func readMean(path string, size int) ([]float32, error) {
	mean, err := meanIn(path)
	if err == nil {
		err = checkMean(mean, size)
	}
	if err != nil {
		return nil, fmt.Errorf("train: data.mean_file = %q: %w", path, err)
	}
	return mean, nil
}

func meanIn(path string) ([]float32, error) {
	if strings.HasSuffix(path, ".safetensors") {
		f, err := safetensors.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if f.Shape(meanName) != nil {
			return tensorMean(f, meanName)
		}
		return tensorMean(f, "mean")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, whole.Cause(err)
	}
	if strings.HasSuffix(path, ".binaryproto") {
		return blobMean(raw)
	}
	return floats(raw), nil
}

// tensorMean reads a tensor of shape (3, size, size), before which a 1 may stand: as many
// numbers in another order, such as (size, size, 3), would make a picture of noise.
func tensorMean(f *safetensors.File, name string) ([]float32, error) {
	mean, err := f.Floats(name)
	if err != nil {
		return nil, err
	}
	shape := f.Shape(name)
	image := shape
	if len(image) == 4 && image[0] == 1 {
		image = image[1:]
	}
	if len(image) != 3 || image[0] != 3 || image[1] != image[2] {
		return nil, fmt.Errorf("its tensor %s is %s; expected 3 x SIZE x SIZE: colours, rows, columns", name, dimensions(shape))
	}
	return mean, nil
}

// floats are float32 numbers, little-endian.
func floats(raw []byte) []float32 {
	out := make([]float32, len(raw)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return out
}

func checkMean(mean []float32, size int) error {
	if len(mean) != 3*size*size {
		side := int(math.Round(math.Sqrt(float64(len(mean)) / 3)))
		if 3*side*side != len(mean) {
			return fmt.Errorf("it holds %d numbers, which are no image of three colours", len(mean))
		}
		return fmt.Errorf("its image is %dx%[1]d and the recipe's are %dx%[2]d (data.size)", side, size)
	}
	for _, v := range mean {
		if !(v >= -1 && v <= 256) { // a little of rounding
			return fmt.Errorf("it holds %g, which is no grey level from 0 to 255", v)
		}
	}
	if most := slices.Max(mean); most <= 1 {
		return fmt.Errorf("its largest value is %g; expected grey levels from 0 to 255: multiply a mean from 0 to 1 by 255", most)
	}
	return nil
}

// blobMean reads Caffe's BlobProto: channels blue, green and red in field 5, "data", as
// packed or single float32 numbers.
func blobMean(raw []byte) ([]float32, error) {
	const dataField = 5
	broken := fmt.Errorf("it is no binaryproto, or damaged")
	var bgr []float32
	for len(raw) > 0 {
		key, n := binary.Uvarint(raw)
		if n <= 0 {
			return nil, broken
		}
		raw = raw[n:]
		length := uint64(0)
		switch key & 7 { // the wire type
		case 0:
			_, n := binary.Uvarint(raw)
			length = uint64(max(n, 0))
			if n <= 0 {
				return nil, broken
			}
		case 1:
			length = 8
		case 5:
			length = 4
		case 2:
			var n int
			if length, n = binary.Uvarint(raw); n <= 0 {
				return nil, broken
			}
			raw = raw[n:]
		default:
			return nil, broken
		}
		if length > uint64(len(raw)) {
			return nil, broken
		}
		if key>>3 == dataField && (key&7 == 2 || key&7 == 5) {
			bgr = append(bgr, floats(raw[:length])...)
		}
		raw = raw[length:]
	}
	plane := len(bgr) / 3
	if plane == 0 || len(bgr) != 3*plane {
		return nil, broken
	}
	return append(append(append([]float32{}, bgr[2*plane:]...), bgr[plane:2*plane]...), bgr[:plane]...), nil
}

// readColours reads principal components of colour: JSON of "stdevs", the standard
// deviations in grey levels, and "vecs", whose columns are the directions (rows red, green
// and blue), as the 2012 code had them.
func readColours(path string) (*data.ColourPCA, error) {
	var file struct {
		Deviations []float64   `json:"stdevs"`
		Vectors    [][]float64 `json:"vecs"`
	}
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	if err != nil {
		return nil, fmt.Errorf("train: data.colour_file = %q: %w", path, whole.Cause(err))
	}
	ok := len(file.Deviations) == 3 && len(file.Vectors) == 3
	for _, row := range file.Vectors {
		ok = ok && len(row) == 3
	}
	if !ok {
		return nil, fmt.Errorf("train: data.colour_file = %q: expected three \"stdevs\" and three rows of three \"vecs\"", path)
	}
	p := &data.ColourPCA{}
	for j, d := range file.Deviations {
		p.Deviation[j], p.Eigenvalue[j] = d, d*d/(255*255)
		length := 0.0
		for c := range 3 {
			p.Direction[j][c] = file.Vectors[c][j]
			length += file.Vectors[c][j] * file.Vectors[c][j]
		}
		if !(d >= 0) || math.Abs(length-1) > 1e-3 {
			return nil, fmt.Errorf("train: data.colour_file = %q: component %d is no unit vector, or has no deviation", path, j+1)
		}
	}
	return p, nil
}
