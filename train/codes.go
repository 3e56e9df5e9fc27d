package train

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"alexnet/engine"
	"alexnet/net"
	"alexnet/net/nearest"
	"alexnet/train/safetensors"
)

// Codes are binary codes of a gallery's images, a row each, in a file together with the
// network that makes them.
type Codes struct {
	Rows
	nearest.Codes
	Path   string
	Recall Recall
}

// Recall is how well codes do in place of the features: of the ten images that are nearest
// to an image by features, how many are among the first so many by codes.
type Recall struct {
	Images int     `json:"images"` // of the gallery, each of which was looked for among the others
	At10   float64 `json:"at_10"`
	At100  float64 `json:"at_100"`
}

// recallNearest is how many of the nearest images count.
const recallNearest = 10

// Names in a file of codes, beside those of an index and the coder's parameters.
const (
	codesName   = "codes"          // (row, byte), the first unit in the lowest bit of the first byte
	meanOfCodes = "features.mean"  // (number)
	scaleName   = "features.scale" // (1)
	recipeKey   = "alexnet.recipe"
	recallKey   = "alexnet.recall"
	bitsKey     = "alexnet.bits"
)

// CheckBits fails where codes cannot have so many bits.
func CheckBits(bits int) error {
	if bits < 64 || bits > 1024 || bits%64 != 0 {
		return fmt.Errorf("codes of %d bits; expected a multiple of 64 up to 1024", bits)
	}
	return nil
}

// CodesPath is where codes of an index's images are kept: beside it.
func CodesPath(index string, bits int) string {
	return fmt.Sprintf("%s-%d.safetensors", strings.TrimSuffix(index, ".safetensors"), bits)
}

// MakeCodes makes codes of an index's rows, measures their recall on so many images, and
// keeps them in a file. onRows may be nil.
func MakeCodes(ctx context.Context, path string, c *Coder, x *Index, d *engine.Device, images int, onRows func(done, total int)) (*Codes, error) {
	out := &Codes{Rows: x.Rows, Codes: nearest.Codes{Words: c.Bits / 64}, Path: path}
	const part = 512 // rows at once
	for first := 0; first < len(x.Images); first += part {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		features := make([]float32, min(part, len(x.Images)-first)*x.Width)
		if err := x.Table().Read(first, features); err != nil {
			return nil, err
		}
		codes, err := c.Encode(features)
		if err != nil {
			return nil, err
		}
		out.Codes.Bits = append(out.Codes.Bits, codes...)
	}
	var err error
	if out.Recall, err = out.recall(ctx, x, d, images, onRows); err != nil {
		return nil, err
	}
	return out, out.write(c, x)
}

// recall looks for images of the index, spread over it, among the others.
func (c *Codes) recall(ctx context.Context, x *Index, d *engine.Device, images int, onRows func(done, total int)) (Recall, error) {
	rows := len(x.Images)
	r := Recall{Images: min(images, rows)}
	queries := make([]float32, r.Images*x.Width)
	of := func(i int) int { return i * rows / r.Images }
	for i := range r.Images {
		if err := x.row(of(i), queries[i*x.Width:(i+1)*x.Width]); err != nil {
			return r, err
		}
	}
	want, err := nearest.Search(ctx, d, x.Table(), queries, recallNearest+1, onRows)
	if err != nil {
		return r, err
	}
	for i, near := range want {
		own := of(i)
		near = others(near, own, recallNearest)
		byCode := others(c.Nearest(c.row(own), 10*recallNearest+1), own, 10*recallNearest)
		r.At10 += shared(near, byCode[:min(recallNearest, len(byCode))])
		r.At100 += shared(near, byCode)
	}
	r.At10, r.At100 = r.At10/float64(r.Images), r.At100/float64(r.Images)
	return r, nil
}

// row is the code of a row.
func (c *Codes) row(i int) []uint64 { return c.Codes.Bits[i*c.Words : (i+1)*c.Words] }

// others are the first rows but one of its own.
func others(rows []nearest.Row, own, most int) (out []nearest.Row) {
	for _, r := range rows {
		if r.Index != own && len(out) < most {
			out = append(out, r)
		}
	}
	return out
}

// shared is the share of rows that are among others, too.
func shared(rows, among []nearest.Row) float64 {
	in := map[int]bool{}
	for _, r := range among {
		in[r.Index] = true
	}
	n := 0
	for _, r := range rows {
		if in[r.Index] {
			n++
		}
	}
	return float64(n) / float64(max(1, len(rows)))
}

func (c *Codes) write(coder *Coder, x *Index) error {
	tensors, err := readParams(coder.net, "", net.Value)
	if err != nil {
		return err
	}
	of, err := json.Marshal(x.of)
	if err != nil {
		return fmt.Errorf("train: codes: %w", err)
	}
	recall, err := json.Marshal(c.Recall)
	if err != nil {
		return fmt.Errorf("train: codes: %w", err)
	}
	var codes []byte
	for _, w := range c.Codes.Bits {
		codes = binary.LittleEndian.AppendUint64(codes, w)
	}
	images := make([]int64, len(x.Images))
	for i, image := range x.Images {
		images[i] = int64(image)
	}
	tensors = append(tensors,
		safetensors.Tensor{Name: codesName, Shape: []int{len(images), 8 * c.Words}, Bytes: codes},
		safetensors.Tensor{Name: imagesName, Shape: []int{len(images)}, Ints: images},
		safetensors.Tensor{Name: meanOfCodes, Shape: []int{len(coder.mean)}, Floats: coder.mean},
		safetensors.Tensor{Name: scaleName, Shape: []int{1}, Floats: []float32{coder.scale}})
	return WriteTensors(c.Path, tensors, map[string]string{"format": "pt", indexMetadata: string(of), recallKey: string(recall),
		recipeKey: coder.Config.Text(), bitsKey: strconv.Itoa(coder.Bits)})
}

// ErrNoCodes: there is no file of codes, or it is of other images.
var ErrNoCodes = errors.New("there are none")

// OpenCodes opens the codes in a file, if they are of the checkpoint as it is, the images
// as they are and the layer, and makes the network that made them. The error wraps
// ErrNoCodes if they are not.
func OpenCodes(path string, l *Loaded, g *Gallery, f *Features, d *engine.Device, tuning func(net.Choosing) error) (*Codes, *Coder, error) {
	file, err := safetensors.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, ErrNoCodes
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrNoCodes, err)
	}
	defer file.Close()
	rows, ok := rowsIn(file, g, indexedOf(l, g, f))
	codes, bad := file.Bytes(codesName)
	bits, number := strconv.Atoi(file.Metadata[bitsKey])
	if !ok || bad != nil || number != nil || CheckBits(bits) != nil || len(codes) != bits/8*len(rows.Images) {
		return nil, nil, fmt.Errorf("%w: %s is of another checkpoint, of other images or of another layer", ErrNoCodes, path)
	}
	c := &Codes{Rows: rows, Codes: nearest.Codes{Words: bits / 64}, Path: path}
	for ; len(codes) > 0; codes = codes[8:] {
		c.Codes.Bits = append(c.Codes.Bits, binary.LittleEndian.Uint64(codes))
	}
	if err := json.Unmarshal([]byte(file.Metadata[recallKey]), &c.Recall); err != nil {
		return nil, nil, fmt.Errorf("train: %s: %w", path, err)
	}
	coder, err := openCoder(file, path, f.Width, bits, d, tuning)
	return c, coder, err
}

// openCoder makes the network that is in a file of codes.
func openCoder(file *safetensors.File, path string, width, bits int, d *engine.Device, tuning func(net.Choosing) error) (*Coder, error) {
	config, err := coderConfig(file.Metadata[recipeKey], width, bits, nil)
	if err != nil {
		return nil, err
	}
	c := &Coder{Config: config, Bits: bits}
	if c.mean, err = file.Floats(meanOfCodes); err != nil {
		return nil, err
	}
	scale, err := file.Floats(scaleName)
	if err != nil {
		return nil, err
	}
	c.scale = scale[0]
	if err := c.build(d, net.Options{Keep: true, Tuning: tuning}); err != nil {
		return nil, err
	}
	took, err := ReadWeights(c.net, path, nil)
	if err == nil && len(took.Anew) > 0 {
		err = fmt.Errorf("train: %s lacks parameters of its auto-encoder (%s): make the codes anew", path, some(took.Anew))
	}
	return c, err
}
