// Package pack prepares image sets once for many runs: a folder of shards with images
// of one size, their index, checksums and statistics.
//
// A pack is a folder. pack.json describes it. A shard train-00000.tar is a plain tar as
// WebDataset reads it: of image 12345 of the part 00012345.jpg (or .ppm) and, in
// 00012345.cls, its label, a number from 0 on. Beside it lies its index
// train-00000.tsv: where each image begins, its bytes and their CRC-32C, label, the
// original's width and height, and its name. mean.safetensors is the mean image of the
// part that trains, skipped.txt lists what could not be read and links that are not
// followed, source.json says what all was prepared from.
package pack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"alexnet/engine/whole"
	"alexnet/train/data"
	"alexnet/train/safetensors"
)

// Files of a pack, and the folder that is there while it is made.
const (
	packName    = "pack.json"
	meanName    = "mean.safetensors"
	skippedName = "skipped.txt"
	workName    = "work"
)

// A shard is a tar of images and the index of what is in it.
const (
	tarExtension   = ".tar"
	indexExtension = ".tsv"
)

func shardName(part string, shard int) string { return fmt.Sprintf("%s-%05d", part, shard) }

const (
	format  = "alexnet pack"
	version = 1
)

// The parts of a pack, in their order.
const (
	Train = "train"
	Val   = "val"
	Test  = "test"
)

// Parts are the names of all.
var Parts = []string{Train, Val, Test}

// Encodings of a pack's images.
const (
	JPEG = "jpeg" // of some quality, colours at half the resolution (4:2:0)
	Raw  = "raw"  // PPM: pixels as they are
)

// Pack is a prepared set of images: what pack.json says.
type Pack struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Layout
	Split   string          `json:"split"` // what was asked for
	Seed    uint64          `json:"seed"`  // of the split
	Classes []string        `json:"classes"`
	Words   []string        `json:"words,omitempty"` // what the classes are, if that is known
	Parts   map[string]List `json:"parts"`
	// Colour is the analysis of the pixels of the part that trains; nil: it is empty.
	Colour *data.ColourPCA `json:"colour,omitempty"`
	// MeanHash is the SHA-256 of mean.safetensors.
	MeanHash string `json:"mean_sha256,omitempty"`

	dir string
}

// Layout is how images are stored.
type Layout struct {
	Size     int    `json:"size"`  // of the shorter side in pixels
	Whole    bool   `json:"whole"` // the whole image; otherwise the central square
	Encoding string `json:"encoding"`
	Quality  int    `json:"quality,omitempty"` // of JPEG
	Filter   string `json:"filter"`            // by which images were scaled
}

// List is a part of a pack.
type List struct {
	Images  int     `json:"images"`
	Skipped int     `json:"skipped"` // that could not be read
	Shards  []Shard `json:"shards"`
}

// Shard is a file of images.
type Shard struct {
	Name      string `json:"name"` // without .tar and .tsv
	Images    int    `json:"images"`
	Bytes     int64  `json:"bytes"`        // of the tar
	Hash      string `json:"sha256"`       // of the tar
	IndexHash string `json:"index_sha256"` // of the tsv
}

// Is says whether a folder holds a pack, or one that is being made, or what is left of one
// that lost its pack.json.
func Is(dir string) bool {
	return isFile(dir, packName) || unfinished(dir) || slices.ContainsFunc(Parts, func(part string) bool {
		first := shardName(part, 0)
		return isFile(dir, first+tarExtension) && isFile(dir, first+indexExtension)
	})
}

// unfinished says whether the pack in a folder is being made.
func unfinished(dir string) bool { return isFile(dir, workName, settingsName) }

func isFile(path ...string) bool {
	_, err := os.Stat(filepath.Join(path...))
	return err == nil
}

// Open reads what pack.json says. Errors say what to do.
func Open(dir string) (*Pack, error) {
	text, err := os.ReadFile(filepath.Join(dir, packName))
	if errors.Is(err, fs.ErrNotExist) {
		switch {
		case unfinished(dir):
			return nil, fmt.Errorf("pack: %s is not finished: go on with the command that began it", dir)
		case Is(dir):
			return nil, lacks(dir, packName)
		}
		return nil, fmt.Errorf("pack: %s holds no pack (%s): make one with alexnet prepare", dir, packName)
	}
	if err != nil {
		return nil, fmt.Errorf("pack: %s cannot be read: %w", filepath.Join(dir, packName), whole.Cause(err))
	}
	p := &Pack{dir: dir}
	if err := json.Unmarshal(text, p); err != nil || p.Format != format {
		return nil, fmt.Errorf("pack: %s is no description of a pack, or damaged: prepare it again", filepath.Join(dir, packName))
	}
	if p.Version != version {
		return nil, fmt.Errorf("pack: %s is of version %d and this program reads version %d: prepare it again", dir, p.Version, version)
	}
	if p.Size < 1 || len(p.Classes) == 0 {
		return nil, fmt.Errorf("pack: %s says nothing of its images: prepare it again", filepath.Join(dir, packName))
	}
	return p, nil
}

// Dir is the pack's folder.
func (p *Pack) Dir() string { return p.dir }

// Images are those of all parts.
func (p *Pack) Images() (n int) {
	for _, list := range p.Parts {
		n += list.Images
	}
	return n
}

// Skipped is the number of images of all parts that could not be read.
func (p *Pack) Skipped() (n int) {
	for _, list := range p.Parts {
		n += list.Skipped
	}
	return n
}

// Stats are the statistics of the part that trains, of its central squares; nil if it
// is empty.
func (p *Pack) Stats() (*data.Stats, error) {
	if p.Colour == nil {
		return nil, nil
	}
	path := filepath.Join(p.dir, meanName)
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, p.unreadable(path, err)
	}
	if checksum(file) != p.MeanHash {
		return nil, damaged(path)
	}
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	mean, err := f.Floats("mean")
	if err == nil && len(mean) != 3*p.Size*p.Size {
		err = damaged(path)
	}
	if err != nil {
		return nil, err
	}
	return &data.Stats{Images: p.Parts[Train].Images, Mean: mean, Colour: *p.Colour}, nil
}

// SkippedFile is the path of the list of images that could not be read.
func (p *Pack) SkippedFile() string { return filepath.Join(p.dir, skippedName) }

// writeMean writes the mean image and returns the file's hash.
func writeMean(dir string, mean []float32, size int) (string, error) {
	var b bytes.Buffer
	err := safetensors.Write(&b, []safetensors.Tensor{{Name: "mean", Shape: []int{3, size, size}, Floats: mean}}, nil)
	if err != nil {
		return "", err
	}
	done, err := writeFile(filepath.Join(dir, meanName), b.Bytes())
	return done.hash, err
}

func checksum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// unreadable is why one of the pack's files cannot be read.
func (p *Pack) unreadable(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return lacks(p.dir, filepath.Base(path))
	}
	return fmt.Errorf("pack: %s cannot be read: %w", path, whole.Cause(err))
}

func lacks(dir, name string) error {
	return fmt.Errorf("pack: %s is not whole, for %s is missing: copy the pack again, or remove it and prepare it again", dir, name)
}

func damaged(path string) error {
	return fmt.Errorf("pack: %s is not what was written (its checksum differs): copy it again or prepare the pack again", path)
}

// Verify reads every file of the pack and compares it with its checksum. progress, which
// may be nil, is called with the bytes read.
func (p *Pack) Verify(ctx context.Context, progress func(done, total int64)) error {
	var done, total int64
	for _, list := range p.Parts {
		for _, s := range list.Shards {
			total += s.Bytes
		}
	}
	for _, part := range Parts {
		for _, s := range p.Parts[part].Shards {
			if err := ctx.Err(); err != nil {
				return err
			}
			if _, err := p.Entries(s); err != nil {
				return err
			}
			if err := p.verify(p.tar(s), s.Hash); err != nil {
				return err
			}
			if done += s.Bytes; progress != nil {
				progress(done, total)
			}
		}
	}
	_, err := p.Stats()
	return err
}

func (p *Pack) verify(path, want string) error {
	f, err := os.Open(path)
	if err != nil {
		return p.unreadable(path, err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return p.unreadable(path, err)
	}
	if hex.EncodeToString(h.Sum(nil)) != want {
		return damaged(path)
	}
	return nil
}
